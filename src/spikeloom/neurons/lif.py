"""The leaky integrate-and-fire neuron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import expm1
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import GOhm, ms, mV, pA
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.membrane import check_threshold, fire, refractory_steps


@final
class LIF(Neuron):
    r"""Leaky integrate-and-fire neuron.

    .. math:: \tau_m \dot v = v_{rest} - v + R\,(i + i_e), \qquad
              v \ge \theta \Rightarrow \text{spike},\; v \leftarrow v_{reset}

    then the membrane stays where it is for ``t_ref``. With ``input="delta"`` (the default) an arriving weight is a jump
    of ``v`` [mV]; with ``"current"`` it is a current ``i`` [pA] held over the step. ``reset="subtract"`` takes
    ``theta - v_reset`` off instead of setting ``v_reset``. Integrated exactly over a step of constant input
    (Rotter & Diesmann 1999, doi:10.1007/s004220050570). No gradient flows through the reset (Zenke & Vogels 2021,
    doi:10.1162/neco_a_01367). The default threshold of 1 above a rest of 0 suits machine learning.
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    theta: Parameter = parameter(default=1 * mV, unit="mV", doc="firing threshold")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    v_reset: Parameter = parameter(default=0 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=0 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )
    resistance: Parameter = parameter(default=1 * GOhm, unit="GOhm", positive=True, doc="membrane resistance R")
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")
    reset: str = parameter(default="value", choices=("value", "subtract"), doc="how a spike resets the membrane")
    input: str = parameter(default="delta", choices=("delta", "current"), doc="what an arriving weight is")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "held": "steps"}

    def check(self) -> None:
        check_threshold(self)

    def initial(self) -> dict[str, Any]:
        return {"v": self.v_rest, "held": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        exponent = -dt / self.tau_m
        return {
            "leak": -expm1(exponent),
            "gain": 1.0 if self.input == "delta" else self.resistance * -expm1(exponent),
            "rest": self.v_rest + self.resistance * self.i_e,
            "theta": self.theta,
            "v_reset": self.v_reset,
            "hold": refractory_steps(self.t_ref, dt),
        }

    def options(self) -> dict[str, bool]:
        return {"subtract": self.reset == "subtract", "refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(x, v, held, leak, gain, rest, theta, v_reset, hold, *, subtract, refractory):
        # The change of v, not what is left of it: so rounding does not add up where steps are short.
        integrated = v + leak * (rest - v) + gain * x
        s, v, held = fire(v, integrated, held, theta, v_reset, hold, subtract, refractory)
        return s, v, held
