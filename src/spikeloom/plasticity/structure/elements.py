"""What grows: synaptic elements of populations, and the kinds of synapses that are made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, final

from spikeloom.core.arrays import positive
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.plasticity.structure.calcium import Calcium
from spikeloom.plasticity.structure.curves import GaussianGrowth

AXON, DENDRITE = "axon", "dendrite"
"""The two sides of a synapse."""


@final
class Elements(Model):
    r"""The synaptic elements of one kind at each neuron of a population: a number z that grows and shrinks.

    .. math:: \dot z = \nu f(Ca), \qquad z \ge 0

    Its whole part is the number of places for synapses: axonal boutons or dendritic spines. (Butz & van Ooyen 2013,
    doi:10.1371/journal.pcbi.1003259; NEST's ``SynapticElement``.)
    """

    curve: Any = parameter(
        default=GaussianGrowth(), family="spikeloom.plasticity.structure", doc="the growth curve f, with the target"
    )
    rate: float = parameter(default=1e-4, unit="1/ms", minimum=0, doc="nu: growth where the curve is at its highest")
    initial: float = parameter(default=0.0, minimum=0, doc="vacant elements in the beginning")
    loss: float = parameter(
        default=0.1, minimum=0, maximum=1, doc="part of what stays vacant that is lost at each update"
    )


@final
@dataclasses.dataclass(frozen=True, kw_only=True)
class Growing:
    """A kind of synapse that grows: from the axonal elements of some populations to the dendritic ones of others.

    For each pair of populations the network has a projection that begins with the synapses it has (there may be
    none: ``Pairs(source=[], target=[])``), and says weight, delay and synaptic current of those to come. It is called
    ``"source->target"``, or ``"source->target suffix"``.

    Args:
        axons: elements of the populations that the synapses come from, by name.
        dendrites: elements of the populations that they lead to, by name.
        suffix: end of the projections' names, after a space; without it they have their usual names.
        autapses: whether a neuron may make synapses onto itself.
    """

    axons: Mapping[str, Elements]
    dendrites: Mapping[str, Elements]
    suffix: str = ""
    autapses: bool = True

    def __post_init__(self) -> None:
        for side in ("axons", "dendrites"):
            given = getattr(self, side)
            if not isinstance(given, Mapping) or not given or not all(isinstance(e, Elements) for e in given.values()):
                raise InvalidValueError(
                    f"Growing({side}={given!r}): give the elements of each population, such as "
                    f'{side}={{"exc": Elements(rate=1e-4)}}'
                )

    def projections(self) -> dict[str, tuple[str, str]]:
        """Source and target of each projection that grows, by its name."""
        end = f" {self.suffix}" if self.suffix else ""
        return {f"{a}->{d}{end}": (a, d) for a in self.axons for d in self.dendrites}

    def sides(self) -> dict[tuple[str, str], Elements]:
        """The elements by (side, population)."""
        axons = {(AXON, name): e for name, e in self.axons.items()}
        return axons | {(DENDRITE, name): e for name, e in self.dendrites.items()}


@final
@dataclasses.dataclass(frozen=True, kw_only=True)
class Structure:
    r"""Growth and pruning of synapses, so that every neuron comes to fire at its target rate.

    Calcium tells each neuron how much it fires; where that is too little it grows synaptic elements, where it is too
    much it loses them. Every ``interval``, slow beside the changes of weights,

    1. elements that are gone (more synapses than the whole part of z) take synapses with them, chosen at random;
    2. vacant axonal and dendritic elements of a kind are shuffled, and paired: new synapses;
    3. of what stays vacant a part is lost.

    (Butz & van Ooyen 2013, doi:10.1371/journal.pcbi.1003259; Diaz-Pier, Naveau, Butz-Ostendorf & Morrison 2016,
    doi:10.3389/fnana.2016.00057, for NEST's.) :func:`spikeloom.engines.grow` runs a network with it.

    Args:
        kinds: the kinds of synapses that grow, by a name of their own.
        interval: time between two updates [ms].
        calcium: how firing is measured.
    """

    kinds: Mapping[str, Growing]
    interval: float = 1 * second
    calcium: Calcium = dataclasses.field(default_factory=Calcium)

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval", positive(self.interval, "Structure: interval", "interval=1 * second"))
        if not isinstance(self.kinds, Mapping) or not self.kinds:
            raise InvalidValueError(
                f"Structure(kinds={self.kinds!r}): give the kinds of synapses by name, such as "
                '{"excitatory": Growing(axons={"exc": Elements()}, dendrites={"exc": Elements()})}'
            )
        for name, kind in self.kinds.items():
            if not isinstance(kind, Growing) or any(c in name for c in "./"):
                raise InvalidValueError(
                    f"Structure: {name!r} is {kind!r}; give a Growing, under a name without '.' or '/'"
                )
        if not isinstance(self.calcium, Calcium):
            raise InvalidValueError(f"Structure(calcium={self.calcium!r}): give a Calcium(tau=10 * second, beta=0.001)")

    def projections(self) -> dict[str, tuple[str, str]]:
        """Source and target of each projection that grows, by its name.

        Raises:
            InvalidValueError: two kinds grow the same projection.
        """
        found: dict[str, tuple[str, str]] = {}
        for name, kind in self.kinds.items():
            for projection, pair in kind.projections().items():
                if projection in found:
                    raise InvalidValueError(
                        f"{projection!r} would belong to two kinds, {name!r} among them; give the kind a suffix: "
                        "Growing(..., suffix='2') grows projections called 'source->target 2'"
                    )
                found[projection] = pair
        return found

    def populations(self) -> list[str]:
        """The populations with elements, each once."""
        return list(dict.fromkeys(name for kind in self.kinds.values() for _, name in kind.sides()))
