"""The leaky integrate-and-fire neuron with an exponential synaptic current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.numerics import exponential, exponential_difference
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import GOhm, ms, mV, pA
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.membrane import check_threshold, fire, refractory_steps


@final
class CubaLIF(Neuron):
    r"""Leaky integrate-and-fire neuron with an exponential synaptic current (NEST's ``iaf_psc_exp``).

    .. math:: \tau_m \dot v = v_{rest} - v + R\,(i + i_e), \quad \tau_s \dot i = -i + \tau_s \sum_k w_k\,\delta(t - t_k)

    An arriving weight is a jump of ``i`` [pA]. At ``v >= theta`` the neuron fires, is reset, and its membrane rests for
    ``t_ref`` while the current goes on. Both equations are integrated exactly together (Rotter & Diesmann 1999,
    doi:10.1007/s004220050570), at ``tau_s = tau_m`` too. No gradient flows through the reset.
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    tau_s: Parameter = parameter(default=5 * ms, unit="ms", positive=True, doc="time constant of the synaptic current")
    theta: Parameter = parameter(default=1 * mV, unit="mV", doc="firing threshold")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    v_reset: Parameter = parameter(default=0 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=0 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )
    resistance: Parameter = parameter(default=1 * GOhm, unit="GOhm", positive=True, doc="membrane resistance R")
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")
    reset: str = parameter(default="value", choices=("value", "subtract"), doc="how a spike resets the membrane")

    state: ClassVar[Mapping[str, str]] = {"i": "pA", "v": "mV", "held": "steps"}

    def check(self) -> None:
        check_threshold(self)

    def initial(self) -> dict[str, Any]:
        return {"i": 0.0, "v": self.v_rest, "held": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        membrane, synapse = dt / self.tau_m, dt / self.tau_s
        return {
            "decay_i": exponential(-synapse),
            "decay": exponential(-membrane),
            "drive": self.resistance * membrane * exponential_difference(membrane, synapse),
            "rest": self.v_rest + self.resistance * self.i_e,
            "theta": self.theta,
            "v_reset": self.v_reset,
            "hold": refractory_steps(self.t_ref, dt),
        }

    def options(self) -> dict[str, bool]:
        return {"subtract": self.reset == "subtract", "refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(x, i, v, held, decay_i, decay, drive, rest, theta, v_reset, hold, *, subtract, refractory):
        integrated = rest + decay * (v - rest) + drive * i
        s, v, held = fire(v, integrated, held, theta, v_reset, hold, subtract, refractory)
        return s, decay_i * i + x, v, held
