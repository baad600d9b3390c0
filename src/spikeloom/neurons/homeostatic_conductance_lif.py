"""The integrate-and-fire neuron for conductances that moves its threshold until it fires at a target rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import Hz, ms, mV, nS, pA, pF
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.homeostatic_lif import moved
from spikeloom.neurons.integration import rk4
from spikeloom.neurons.membrane import check_above, fire, refractory_steps


@final
class HomeostaticConductanceLIF(Neuron):
    r"""``ConductanceLIF`` with intrinsic plasticity: its threshold moves slowly towards a target rate.

    .. math:: C \dot v = g_L (E_L - v) + i(v, t) + i_e, \qquad v \ge \theta + h \Rightarrow \text{spike},\;
              v \leftarrow v_{reset}, \qquad \dot h = \eta \Big( \sum_k \delta(t - t_k) - \nu^* \Big)

    The threshold does what that of ``HomeostaticLIF`` does (Lazar, Pipa & Triesch 2009,
    doi:10.3389/neuro.10.023.2009), the membrane what that of ``ConductanceLIF`` does: one step is one Runge-Kutta step,
    of fourth order.
    """

    c_m: Parameter = parameter(default=200 * pF, unit="pF", positive=True, doc="membrane capacitance C")
    g_l: Parameter = parameter(default=10 * nS, unit="nS", positive=True, doc="leak conductance")
    e_l: Parameter = parameter(default=-60 * mV, unit="mV", doc="reversal potential of the leak")
    theta: Parameter = parameter(default=-50 * mV, unit="mV", doc="firing threshold at the beginning")
    lowest: Parameter = parameter(default=-59 * mV, unit="mV", smooth=False, doc="lowest threshold")
    highest: Parameter = parameter(default=0 * mV, unit="mV", smooth=False, doc="highest threshold")
    eta: Parameter = parameter(default=0.1 * mV, unit="mV", minimum=0, doc="rise of the threshold at each spike")
    target: Parameter = parameter(default=5 * Hz, unit="Hz", positive=True, doc="target rate nu*")
    v_reset: Parameter = parameter(default=-60 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=5 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "h": "mV", "held": "steps"}

    def check(self) -> None:
        check_above(self, "theta", ("v_reset",))
        check_above(self, "lowest", ("v_reset",), what="lowest threshold")
        check_above(self, "highest", ("lowest",), what="highest threshold")

    def initial(self) -> dict[str, Any]:
        return {"v": self.e_l, "h": 0.0, "held": 0.0}

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
            "eta": self.eta,
            "sink": self.eta * self.target * dt,
            "least": self.lowest - self.theta,
            "most": self.highest - self.theta,
        }

    def options(self) -> dict[str, bool]:
        return {"refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(
        current, v, h, held, dt, leak, per_c, rest, theta, v_reset, hold, i_e, eta, sink, least, most, *, refractory
    ):
        (integrated,) = rk4(lambda y, s: (leak * (rest - y[0]) + per_c * (current(y[0], s) + i_e),), (v,), dt)
        s, v, held = fire(v, integrated, held, theta + h, v_reset, hold, False, refractory)
        return s, v, moved(h, s, eta, sink, least, most), held
