"""Convolutional layers that learn without labels, one after the other, by competition."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, final

from spikeloom.connections import Convolution
from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines import Engine, Record
from spikeloom.engines.waves import Stack, WaveEngine
from spikeloom.learning.competitive_learner import CompetitiveLearner
from spikeloom.learning.decoders import Decoder, LastPotential, decoder_from_description
from spikeloom.learning.learner import Batch
from spikeloom.learning.rules.base import Rule
from spikeloom.network import Network
from spikeloom.plasticity import OrderSTDP

EACH = {"winners": 1, "radius": 0, "passes": 1, "double_every": 0}
"""Settings that may be one for each layer that learns, and the least that they may be."""


@final
@dataclass(frozen=True, kw_only=True)
class Competitive(Rule):
    """Winners learn: features without labels, layer after layer, and a linear read-out of the last one.

    For a stack of convolutions and poolings whose neurons fire once in a sample, with a dense projection onto a
    read-out. Each convolution that has a ``rule`` (:class:`~spikeloom.plasticity.OrderSTDP`) is shown all samples, one
    after the other, while the layers below it stay as they are. In one sample, of all neurons at one place the first
    to fire silences those of the other maps; then the first ``winners`` neurons of the layer learn, each of another
    map and more than ``radius`` places from the others, and all of their map with them, as they share the weights
    (Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018, doi:10.1016/j.neunet.2017.12.005). In one more pass over the
    data nobody inhibits anybody, and a support vector machine on who fired in the last layer becomes the read-out.

    Training and test are computed by the :class:`~spikeloom.engines.waves.WaveEngine`, whichever engine is asked for:
    the same spikes as step by step, in less time; results and run folders name that engine. ``epochs`` is the sum of
    ``passes`` and 1. What a pass of features tells as its loss is how far the weights are from having settled at their
    bounds (the mean of w (1 - w)); its accuracy is 0, as there is no read-out yet.

    Args:
        winners: how many neurons learn from a sample, one number or one for each layer that learns.
        radius: how many rows and columns around a winner nobody else may win.
        passes: how often each layer is shown all samples.
        double_every: the amplitudes of a layer's OrderSTDP double after so many samples, until the larger one is
            ``fastest``; 0: they stay as they are.
        fastest: largest amplitude.
        strength: C, what errors of the read-out cost (:func:`~spikeloom.learning.linear_readout.linear_readout`).
        decoder: how the read-out is read.

    Raises:
        InvalidValueError: a setting out of its range.
    """

    winners: int | Sequence[int] = 5
    radius: int | Sequence[int] = 2
    passes: int | Sequence[int] = 1
    double_every: int | Sequence[int] = 500
    fastest: float = 0.15
    strength: float = 2.4
    decoder: Decoder = field(default_factory=LastPotential)

    name: ClassVar[str] = "competitive"

    def __post_init__(self) -> None:
        for key, least in EACH.items():
            given = getattr(self, key)
            each = given if isinstance(given, (tuple, list)) else (given,)
            checked = tuple(whole(n, f"Competitive: {key}", minimum=least) for n in each)
            object.__setattr__(self, key, checked if isinstance(given, (tuple, list)) else checked[0])
        for key in ("fastest", "strength"):
            value = getattr(self, key)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (number and 0 < value <= (1.0 if key == "fastest" else sys.float_info.max)):
                allowed = "a number above 0" + (", at most 1" if key == "fastest" else "")
                raise InvalidValueError(f"Competitive({key}={value!r}) is not possible; allowed: {allowed}")
        if not isinstance(self.decoder, Decoder):
            raise InvalidValueError(f"Competitive: {self.decoder!r} is no decoder; write decoder=LastPotential()")

    def learner(self, net: Network, engine: Engine, steps: int) -> CompetitiveLearner:
        stack = Stack.of(net)
        learning = [layer for layer in stack.layers if layer.plastic]
        if not learning or any(not isinstance(layer.connection, Convolution) for layer in learning):
            raise InvalidValueError(
                "Competitive needs a convolution that learns: connect(..., Convolution(...), rule=OrderSTDP())"
            )
        if stack.readout is None:
            raise InvalidValueError(
                "Competitive needs a read-out: net.population('readout', LeakyIntegrator(tau_m=1e9 * second), classes) "
                "and connect the last layer to it"
            )
        each = {key: self._each(key, len(learning)) for key in EACH}
        for layer, double in zip(learning, each["double_every"], strict=True):
            if double and not isinstance(layer.projection.rule, OrderSTDP):
                raise InvalidValueError(
                    f"Competitive(double_every={double}) doubles the amplitudes of OrderSTDP; "
                    f"{layer.projection.name!r} learns by {type(layer.projection.rule).__name__}: give double_every=0"
                )
        epochs = sum(each["passes"]) + 1
        if steps % epochs:
            raise InvalidValueError(
                f"Competitive(passes={self.passes}) of {len(learning)} layers, and one pass for the read-out, take "
                f"epochs={epochs}; give train that"
            )
        return CompetitiveLearner(net, stack, **each, fastest=self.fastest, strength=self.strength, steps=steps)

    def computes(self, engine: Engine) -> Engine:
        return WaveEngine()

    def respond(self, net: Network, engine: Engine, batch: Batch, record: Sequence[str]) -> Record:
        return self.computes(engine).run(net, batch.inputs, record=record)

    def _each(self, key: str, layers: int) -> tuple[int, ...]:
        """A setting for each of the layers that learn."""
        given = getattr(self, key)
        if isinstance(given, int):
            return (given,) * layers
        if len(given) != layers:
            raise InvalidValueError(
                f"Competitive({key}={given}) must have one number for each of the {layers} layers that learn"
            )
        return tuple(given)

    def describe(self) -> dict[str, Any]:
        described = {f.name: getattr(self, f.name) for f in fields(self)}
        described = {k: list(v) if isinstance(v, tuple) else v for k, v in described.items()}
        return {"class": type(self).__name__, **described, "decoder": self.decoder.describe()}

    @classmethod
    def from_settings(cls, description: Mapping[str, Any]) -> Self:
        settings: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in description.items() if k != "class"
        }
        settings["decoder"] = decoder_from_description(settings["decoder"])
        return cls(**settings)
