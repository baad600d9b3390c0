"""The leaky integrate-and-fire neuron for synaptic conductances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV, nS, pA, pF
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.integration import rk4
from spikeloom.neurons.membrane import check_above, fire, refractory_steps


@final
class ConductanceLIF(Neuron):
    r"""Leaky integrate-and-fire neuron whose input may depend on its potential (NEST's ``iaf_cond_*``).

    .. math:: C \dot v = g_L (E_L - v) + i(v, t) + i_e, \qquad
              v \ge \theta \Rightarrow \text{spike},\; v \leftarrow v_{reset}

    after which the membrane stays at ``v_reset`` for ``t_ref``. The input ``i`` [pA] is whatever its synapses make of
    ``v``: sums of :math:`g_k (E_k - v)`, for one. Spikes are found at the end of a step. The defaults are those of the
    benchmark networks with conductances (Brette et al. 2007, doi:10.1007/s10827-007-0038-6; Vogels & Abbott 2005,
    doi:10.1523/JNEUROSCI.3508-05.2005). One step is one Runge-Kutta step, of fourth order: at 0.1 ms, and with a
    membrane that conductances make as fast as 1 ms, the error is below 0.0001 mV.
    """

    c_m: Parameter = parameter(default=200 * pF, unit="pF", positive=True, doc="membrane capacitance C")
    g_l: Parameter = parameter(default=10 * nS, unit="nS", positive=True, doc="leak conductance")
    e_l: Parameter = parameter(default=-60 * mV, unit="mV", doc="reversal potential of the leak")
    theta: Parameter = parameter(default=-50 * mV, unit="mV", doc="firing threshold")
    v_reset: Parameter = parameter(default=-60 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=5 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "held": "steps"}

    def check(self) -> None:
        check_above(self, "theta", ("v_reset",))

    def initial(self) -> dict[str, Any]:
        return {"v": self.e_l, "held": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "dt": dt,
            "leak": self.g_l / self.c_m,
            "per_c": 1 / self.c_m,
            "rest": self.e_l,
            "theta": self.theta,
            "v_reset": self.v_reset,
            "hold": refractory_steps(self.t_ref, dt),
            "i_e": self.i_e,
        }

    def options(self) -> dict[str, bool]:
        return {"refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(current, v, held, dt, leak, per_c, rest, theta, v_reset, hold, i_e, *, refractory):
        (integrated,) = rk4(lambda y, s: (leak * (rest - y[0]) + per_c * (current(y[0], s) + i_e),), (v,), dt)
        return fire(v, integrated, held, theta, v_reset, hold, False, refractory)
