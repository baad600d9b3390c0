"""Deep R: gradient descent that rewires a network while it learns, with the same number of connections at all times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import torch

from spikeloom.core.errors import InvalidValueError, UnsupportedError, unknown_name
from spikeloom.engines import Engine
from spikeloom.learning.decoders import Decoder
from spikeloom.learning.gradient_learner import GradientLearner
from spikeloom.learning.learner import Batch, Learner, Outcome
from spikeloom.learning.rewiring import Wiring
from spikeloom.learning.rules.base import Rule
from spikeloom.learning.rules.surrogate_gradient import SurrogateGradient
from spikeloom.network import Network


def _gradient() -> SurrogateGradient:
    return SurrogateGradient(optimizer="adam", learning_rate=1e-2)


@final
@dataclass(frozen=True, kw_only=True)
class DeepR(Rule):
    r"""Gradient descent on few connections, which are replaced as they wither: rewiring at constant connectivity.

    A connection has a sign s that never changes, and a strength :math:`\theta`; active ones weigh
    :math:`w = s\,\theta`, dormant ones nothing. After each step along the gradient

    .. math:: \theta \leftarrow \theta - \eta\,\frac{\partial E}{\partial \theta} - \eta\,\alpha
              + \sqrt{2 \eta T}\; \mathcal{N}(0, 1)

    those with :math:`\theta < 0` become dormant, and as many dormant ones, chosen at random, become active with
    :math:`\theta = 0`. Dormant connections get neither gradient nor noise. (Bellec, Kappel, Maass & Legenstein 2018,
    "Deep Rewiring: Training very sparse deep networks", ICLR, arXiv:1711.05136, algorithm 1.)

    Args:
        gradient: the step along the gradient, with its learning rate :math:`\eta`; with the optimiser ``"sgd"`` it is
            that of the equation. Optimisers that evaluate a step several times (LBFGS) are not possible.
        connectivity: the part of the connections that is active, of all projections, or by their names; projections
            that are not named stay as they are, and learn by the gradient alone.
        l1: :math:`\alpha`, by which connections wither.
        temperature: T, of the random walk.
        rewiring: without it the connections stay those of the beginning, and learn by the gradient alone: the fixed
            random mask that rewiring has to beat.

    Raises:
        InvalidValueError: a setting out of its range or of the wrong kind.
    """

    gradient: SurrogateGradient = field(default_factory=_gradient)
    connectivity: float | Mapping[str, float] = 0.05
    l1: float = 1e-5
    temperature: float = 1e-5
    rewiring: bool = True

    name: ClassVar[str] = "deep-r"

    def __post_init__(self) -> None:
        if not isinstance(self.gradient, SurrogateGradient):
            raise InvalidValueError(
                f"DeepR(gradient={self.gradient!r}): give the step along the gradient: SurrogateGradient(learning_rate="
                "1e-2)"
            )
        given = self.connectivity
        for value in given.values() if isinstance(given, Mapping) else [given]:
            if not (_number(value) and 0 < value <= 1):
                raise InvalidValueError(
                    f"DeepR(connectivity={given!r}) is not possible; allowed: a part of the connections, > 0 and <= 1, "
                    "or such by projection: {'input->hidden': 0.05}"
                )
        for key in ("l1", "temperature"):
            if not (_number(getattr(self, key)) and 0 <= getattr(self, key) < math.inf):
                raise InvalidValueError(
                    f"DeepR({key}={getattr(self, key)!r}) is not possible; allowed: a finite number >= 0"
                )
        if not isinstance(self.rewiring, bool):
            raise InvalidValueError(f"DeepR(rewiring={self.rewiring!r}) is not possible; allowed: True or False")

    @property
    def decoder(self) -> Decoder:  # pyright: ignore[reportIncompatibleVariableOverride]
        """How the network's output is read."""
        return self.gradient.decoder

    def learner(self, net: Network, engine: Engine, steps: int) -> RewiringLearner:
        trainable = [name for name, weight in net.weights.items() if weight.requires_grad]
        given = self.connectivity
        shares = dict(given) if isinstance(given, Mapping) else dict.fromkeys(trainable, given)
        for name in shares:
            if name not in trainable:
                raise unknown_name("projection with weights to train", name, trainable)
        inner = self.gradient.learner(net, engine, steps)
        if inner.needs_closure:
            raise UnsupportedError(
                f"DeepR cannot rewire within a step of {type(inner.optimizer).__name__}, which evaluates it several "
                "times; take optimizer='sgd' or 'adam'"
            )
        wirings = {name: Wiring(net.weights[name], share, net.seed, name) for name, share in shares.items()}  # pyright: ignore[reportArgumentType]
        return RewiringLearner(inner, wirings, self)

    def describe(self) -> dict[str, Any]:
        connectivity = self.connectivity
        return {
            "class": type(self).__name__,
            "gradient": self.gradient.describe(),
            "connectivity": dict(connectivity) if isinstance(connectivity, Mapping) else connectivity,
            "l1": self.l1,
            "temperature": self.temperature,
            "rewiring": self.rewiring,
        }

    @classmethod
    def from_settings(cls, description: Mapping[str, Any]) -> Self:
        settings = {k: v for k, v in description.items() if k != "class"}
        return cls(**{**settings, "gradient": SurrogateGradient.from_settings(settings["gradient"])})


@final
class RewiringLearner(Learner):
    """What :class:`DeepR` makes: a learner by gradients, and the wiring of the projections that it rewires.

    ``replaced`` counts the connections that were replaced in the last step.
    """

    def __init__(self, inner: GradientLearner, wirings: Mapping[str, Wiring], rule: DeepR) -> None:
        self.inner, self.wirings, self.rule = inner, dict(wirings), rule
        self.replaced = 0
        inner.optimizer.register_step_pre_hook(self._mask)

    def _mask(self, *_: Any) -> None:
        for wiring in self.wirings.values():
            wiring.mask_gradient()

    def step(self, batch: Batch, step: int) -> Outcome:
        outcome = self.inner.step(batch, step)
        rates = {id(p): group["lr"] for group in self.inner.optimizer.param_groups for p in group["params"]}
        self.replaced = 0
        for wiring in self.wirings.values():
            wiring.hold()
            if self.rule.rewiring:
                rate = float(rates[id(wiring.weight)])
                noise = math.sqrt(2 * rate * self.rule.temperature)
                self.replaced += wiring.rewire(step, rate * self.rule.l1, noise, self._memory(wiring.weight))
        return outcome

    def _memory(self, weight: torch.nn.Parameter) -> list[torch.Tensor]:
        """What the optimiser remembers of each of these weights."""
        remembered = self.inner.optimizer.state.get(weight, {}).values()
        return [v for v in remembered if isinstance(v, torch.Tensor) and v.shape == weight.shape]

    def state(self) -> Any:
        return {"inner": self.inner.state(), "wiring": {name: w.state() for name, w in self.wirings.items()}}

    def restore(self, state: Any) -> None:
        self.inner.restore(state["inner"])
        for name, wiring in self.wirings.items():
            wiring.restore(state["wiring"][name])


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
