"""Backpropagation through time, with a surrogate for the derivative of the spike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, final

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.registry import find
from spikeloom.engines import Engine
from spikeloom.engines.base import refuses_graph
from spikeloom.learning import optimizers, schedules
from spikeloom.learning.decoders import Decoder, MaxPotential, decoder_from_description
from spikeloom.learning.gradient_learner import GradientLearner
from spikeloom.learning.optimizers import OptimizerLike
from spikeloom.learning.regularisers import Regulariser, regulariser_from_description
from spikeloom.learning.rules.base import Rule
from spikeloom.network import Network
from spikeloom.network.frozen import resting
from spikeloom.surrogates import Surrogate, Triangle


@final
@dataclass(frozen=True, kw_only=True)
class SurrogateGradient(Rule):
    r"""Backpropagation through time with a surrogate derivative in place of the derivative of the spike.

    .. math:: \frac{\partial S}{\partial v} := h(v - \theta), \qquad
        L = -\log \frac{e^{z_y}}{\sum_k e^{z_k}} + \sum \text{regularisers}

    (Neftci, Mostafa & Zenke 2019, doi:10.1109/MSP.2019.2931595; Bellec et al. 2018, arXiv:1803.09574.) ``z`` are
    the decoder's scores and ``y`` the label. Projections with a rule of plasticity rest: their weights take part as
    they are, and are left to :class:`Local`; one network may be trained by both, one after the other.

    Args:
        surrogate: the derivative h of the spike.
        decoder: from the output to scores.
        optimizer: the name of any optimiser of ``torch.optim``, or a function from parameters to one.
        learning_rate: of an optimiser given by name; at least 0.
        weight_decay: of an optimiser given by name; at least 0.
        schedule: how the learning rate goes over the training: ``"constant"``, ``"linear"`` or ``"cosine"``.
        warmup: share of the training, 0 to 1, over which the learning rate first rises from near 0.
        label_smoothing: share of the target, 0 to 1, that is spread over all classes (Szegedy et al. 2016,
            doi:10.1109/CVPR.2016.308).
        regularisers: penalties on the activity of the hidden populations.

    Raises:
        InvalidValueError: a setting out of its range or of the wrong kind.
        UnknownNameError: no optimiser or schedule of that name.
    """

    surrogate: Surrogate = field(default_factory=Triangle)
    decoder: Decoder = field(default_factory=MaxPotential)
    optimizer: OptimizerLike = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup: float = 0.0
    label_smoothing: float = 0.0
    regularisers: Sequence[Regulariser] = ()

    name: ClassVar[str] = "surrogate"

    def __post_init__(self) -> None:
        object.__setattr__(self, "regularisers", tuple(self.regularisers))
        for what, kind, example in (
            (self.surrogate, Surrogate, "surrogate=spikeloom.surrogates.Triangle()"),
            (self.decoder, Decoder, "decoder=spikeloom.learning.MaxPotential()"),
            *((r, Regulariser, "regularisers=[spikeloom.learning.RateAbove(limit=10)]") for r in self.regularisers),
        ):
            if not isinstance(what, kind):
                raise InvalidValueError(f"SurrogateGradient: {what!r} is no {kind.__name__.lower()}; write {example}")
        for key, below in (("learning_rate", None), ("weight_decay", None), ("warmup", 1.0), ("label_smoothing", 1.0)):
            value = getattr(self, key)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (number and 0 <= value < (float("inf") if below is None else below)):
                allowed = "a finite number >= 0" + (f" and < {below:g}" if below is not None else "")
                raise InvalidValueError(f"SurrogateGradient({key}={value!r}) is not possible; allowed: {allowed}")
        if isinstance(self.optimizer, str):
            optimizers.kind_of(self.optimizer)
        elif not callable(self.optimizer):
            raise InvalidValueError(
                f"SurrogateGradient(optimizer={self.optimizer!r}): give a name, such as 'adam', or a function"
            )
        schedules.factor(self.schedule, 0, 1)

    def runs(self, net: Network) -> Network:
        return resting(net)

    def learner(self, net: Network, engine: Engine, steps: int) -> GradientLearner:
        plastic = [n for n, p in net.projections.items() if p.rule is not None and n in net.weights]
        held = [net.weights[n] for n in plastic]
        net = self.runs(net)
        if not engine.learns:
            reason = refuses_graph(net)
            raise UnsupportedError(
                f"engine {engine.name!r} has no gradients"
                + ("; take engine='cpu'" if reason is None else f", and no other engine can run this network: {reason}")
            )
        optimizer = optimizers.make(self.optimizer, net, self.learning_rate, self.weight_decay)
        return GradientLearner(
            net,
            engine,
            optimizer,
            surrogate=self.surrogate,
            decoder=self.decoder,
            regularisers=self.regularisers,
            label_smoothing=self.label_smoothing,
            held=held,
            rate=lambda step: schedules.factor(self.schedule, step, steps, self.warmup),
        )

    def describe(self) -> dict[str, Any]:
        described = {f.name: getattr(self, f.name) for f in fields(self)}
        described |= {
            "surrogate": self.surrogate.describe(),
            "decoder": self.decoder.describe(),
            "optimizer": optimizers.describe(self.optimizer),
            "regularisers": [r.describe() for r in self.regularisers],
        }
        return {"class": type(self).__name__, **described}

    @classmethod
    def from_settings(cls, description: Mapping[str, Any]) -> Self:
        settings = {k: v for k, v in description.items() if k != "class"}
        if ":" in settings["optimizer"]:
            raise UnsupportedError(
                f"this training used an optimiser made by the Python function {settings['optimizer']}; go on from "
                "Python, "
                "with spikeloom.train(..., out=..., resume=True)"
            )
        surrogate = settings["surrogate"]
        settings["surrogate"] = find("spikeloom.surrogates", Surrogate, surrogate["class"]).from_values(surrogate)
        settings["decoder"] = decoder_from_description(settings["decoder"])
        settings["regularisers"] = tuple(regulariser_from_description(r) for r in settings["regularisers"])
        return cls(**settings)
