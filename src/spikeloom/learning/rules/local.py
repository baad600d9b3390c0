"""Rules of plasticity at work: the network learns by itself while it is shown samples, and labels come last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import Engine, Record
from spikeloom.learning.decoders import Decoder, LastPotential, decoder_from_description
from spikeloom.learning.learner import Batch
from spikeloom.learning.local_learner import LocalLearner
from spikeloom.learning.presentation import Presentation, merged
from spikeloom.learning.readouts import KINDS
from spikeloom.learning.rules.base import Rule
from spikeloom.network import Network
from spikeloom.network.frozen import frozen
from spikeloom.network.parts import Projection

EXAMPLE = "net.connect(pixels, exc, rule=spikeloom.plasticity.DiehlCookSTDP())"


@final
@dataclass(frozen=True, kw_only=True)
class Local(Rule):
    """Unsupervised learning by the rules of the network's own projections (``connect(..., rule=...)``).

    Samples are shown one after the other, ``batch_size`` of them in one run of the step-by-step engine, each followed
    by a ``rest``; time, state and learning go on from batch to batch. Only the last population looks at labels: its
    weights are found from how the population before it responded. (Diehl & Cook 2015,
    doi:10.3389/fncom.2015.00099.) In validation and test nothing learns, and each sample begins anew.

    Args:
        rest: time without input after each sample [ms].
        fewest: a sample to which the population before the last one responds with fewer spikes is shown again, after
            the others of its batch, if the encoder can show it more strongly (``PoissonRate`` can); 0 for never.
        stronger: by which part of its first strength, each time.
        tries: how often at most.
        readout: ``"labels"`` gives each neuron the class to which it responded most, and asks for the class whose
            neurons respond most on average; ``"proportions"`` lets each spike speak for all classes to which its neuron
            responds, each in its proportion; ``"linear"`` is ridge regression on the numbers of spikes.
        over: about how many of the last training samples the read-out is found from: older ones count less and less,
            by exp(-age / over).
        decoder: from the output to scores.

    Raises:
        InvalidValueError: a setting out of its range or of the wrong kind.
    """

    rest: float = 150 * ms
    fewest: int = 5
    stronger: float = 0.5
    tries: int = 20
    readout: str = "labels"
    over: float = 10_000
    decoder: Decoder = field(default_factory=LastPotential)

    name: ClassVar[str] = "stdp"

    def __post_init__(self) -> None:
        for key, least in (("rest", 0.0), ("stronger", 0.0), ("over", 1.0)):
            value = getattr(self, key)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (number and least <= value < float("inf")):
                raise InvalidValueError(
                    f"Local({key}={value!r}) is not possible; allowed: a finite number >= {least:g}"
                )
            object.__setattr__(self, key, float(value))
        whole(self.fewest, "Local: fewest", minimum=0)
        whole(self.tries, "Local: tries", minimum=0)
        if self.readout not in KINDS:
            raise InvalidValueError(f"Local(readout={self.readout!r}) is not possible; allowed: {', '.join(KINDS)}")
        if not isinstance(self.decoder, Decoder):
            raise InvalidValueError(
                f"Local: {self.decoder!r} is no decoder; write decoder=spikeloom.learning.LastPotential()"
            )

    @property
    def presentation(self) -> Presentation:
        """How samples are shown."""
        return Presentation(self.fewest, self.stronger, self.tries)

    def learner(self, net: Network, engine: Engine, steps: int) -> LocalLearner:
        if engine.name != "steps":
            raise UnsupportedError(
                f"engine {engine.name!r} runs layer by layer, and Local() learns step by step; take engine='steps'"
            )
        read = readout_of(net)
        plastic = [p for p in net.projections.values() if p.rule is not None]
        if not plastic:
            raise InvalidValueError(f"Local() trains projections that have a rule, and there is none: {EXAMPLE}")
        return LocalLearner(
            net,
            engine,
            read,
            rest=round(self.rest / net.dt),
            presentation=self.presentation,
            readout=KINDS[self.readout](net.size(read.source), net.size(read.target), self.over),
        )

    def respond(self, net: Network, engine: Engine, batch: Batch, record: Sequence[str]) -> Record:
        still, counts = frozen(net), f"{readout_of(net).source}.count"
        keys = tuple(dict.fromkeys((*record, counts)))
        seen: list[tuple[Record, NDArray[np.int64]]] = []

        def once(inputs: Spikes, which: NDArray[np.int64]) -> NDArray[Any]:
            seen.append((engine.run(still, inputs, record=keys), which))
            return seen[-1][0][counts].sum(1).numpy()

        self.presentation.show(batch, once)
        return merged(seen, keys)

    def describe(self) -> dict[str, Any]:
        described = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"class": type(self).__name__, **described, "decoder": self.decoder.describe()}

    @classmethod
    def from_settings(cls, description: Mapping[str, Any]) -> Self:
        settings = {k: v for k, v in description.items() if k != "class"}
        return cls(**{**settings, "decoder": decoder_from_description(settings["decoder"])})


def readout_of(net: Network) -> Projection:
    """The projection onto the last population, whose weights are found from labels.

    Raises:
        InvalidValueError: there is none, there are several, or it learns by a rule of its own.
    """
    found = net.incoming(net.output)
    spiking = net.populations[net.output].neuron.spiking
    if len(found) != 1 or found[0].rule is not None or found[0].name not in net.weights or spiking:
        what = f"{net.output!r} fires" if spiking else f"there are {', '.join(p.name for p in found) or 'none'}"
        raise InvalidValueError(
            "Local() reads classes from the last population, a LeakyIntegrator(tau_m=1e7 * ms) with one neuron for "
            f"each class, by one projection Dense() without a rule; {what}. See spikeloom.network.diehl_cook"
        )
    return found[0]
