"""The leaky integrate-and-fire neuron with escape noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import exp, expm1, maximum, minimum, spike, uniform, where
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import GOhm, Hz, ms, mV, pA
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.membrane import after_spike, refractory_steps


@final
class StochasticLIF(Neuron):
    r"""Leaky integrate-and-fire neuron that fires by chance, the more likely the nearer it is to threshold.

    .. math:: \tau_m \dot v = v_{rest} - v + R\,(i + i_e), \qquad
              P(\text{spike in } dt) = 1 - e^{-\rho\,dt}, \quad \rho = \rho_\theta\,e^{(v - \theta) / \Delta}

    after which ``v`` is set to ``v_reset`` and stays for ``t_ref``. Escape noise: Plesser & Gerstner 2000
    (doi:10.1162/089976600300015835); Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, ch. 9
    (doi:10.1017/CBO9781107447615). The membrane is integrated exactly.
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    theta: Parameter = parameter(default=1 * mV, unit="mV", doc="potential at which the rate is rate_theta")
    softness: Parameter = parameter(default=0.1 * mV, unit="mV", positive=True, doc="Delta, width of the threshold")
    rate_theta: Parameter = parameter(default=100 * Hz, unit="Hz", positive=True, doc="rate at the threshold")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    v_reset: Parameter = parameter(default=0 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=0 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )
    resistance: Parameter = parameter(default=1 * GOhm, unit="GOhm", positive=True, doc="membrane resistance R")
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")
    input: str = parameter(default="delta", choices=("delta", "current"), doc="what an arriving weight is")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "held": "steps"}
    random: ClassVar[bool] = True

    def initial(self) -> dict[str, Any]:
        return {"v": self.v_rest, "held": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        exponent = -dt / self.tau_m
        return {
            "decay": exponential(exponent),
            "gain": 1.0 if self.input == "delta" else self.resistance * -expm1(exponent),
            "rest": self.v_rest + self.resistance * self.i_e,
            "theta": self.theta,
            "sharp": 1 / self.softness,
            "hazard": self.rate_theta * dt,
            "v_reset": self.v_reset,
            "hold": refractory_steps(self.t_ref, dt),
        }

    def options(self) -> dict[str, bool]:
        return {"refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(x, v, held, decay, gain, rest, theta, sharp, hazard, v_reset, hold, *, refractory):
        integrated = rest + decay * (v - rest) + gain * x
        # e^50 times any rate is a spike: beyond it exp could only overflow.
        chance = -expm1(-(hazard * exp(minimum(sharp * (integrated - theta), 50.0))))
        s = spike(chance - uniform())
        if refractory:
            integrated = where(held > 0, v, integrated)
            s = where(held > 0, 0.0, s)
            held = where(s > 0, hold, maximum(held - 1.0, 0.0))
        return s, after_spike(s, integrated, theta, v_reset, False), held
