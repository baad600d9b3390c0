"""The adaptive exponential integrate-and-fire neuron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import where
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV, nS, pA, pF
from spikeloom.neurons import upswing
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.membrane import check_above, fire_within, refractory_steps


@final
class AdEx(Neuron):
    r"""Adaptive exponential integrate-and-fire neuron (NEST's ``aeif_*``, without its synapses).

    .. math:: C \dot v = g_L (E_L - v) + g_L \Delta_T\,e^{(v - v_T) / \Delta_T} - w + i + i_e, \qquad
              \tau_w \dot w = a\,(v - E_L) - w

    .. math:: v \ge v_{peak} \Rightarrow \text{spike},\; v \leftarrow v_{reset},\; w \leftarrow w + b

    after which the membrane stays at ``v_reset`` for ``t_ref`` while ``w`` goes on (Brette & Gerstner 2005,
    doi:10.1152/jn.00686.2005). Input is a current ``i`` [pA]; the defaults are NEST's. The membrane spikes at the
    moment at which it reaches ``v_peak``, within a step too, and begins anew from there. One step is one Runge-Kutta
    step, of fourth order, in a variable that straightens the upswing (:mod:`spikeloom.neurons.upswing`); the rest of a
    step after a spike is of second order. At 0.1 ms the error is below 0.01 mV.
    """

    c_m: Parameter = parameter(default=281 * pF, unit="pF", positive=True, doc="membrane capacitance C")
    g_l: Parameter = parameter(default=30 * nS, unit="nS", positive=True, doc="leak conductance")
    e_l: Parameter = parameter(default=-70.6 * mV, unit="mV", doc="reversal potential of the leak")
    v_t: Parameter = parameter(default=-50.4 * mV, unit="mV", doc="threshold of the upswing v_T")
    delta_t: Parameter = parameter(default=2 * mV, unit="mV", positive=True, doc="sharpness of the upswing")
    a: Parameter = parameter(default=4 * nS, unit="nS", doc="adaptation to the membrane potential")
    b: Parameter = parameter(default=80.5 * pA, unit="pA", doc="rise of the adaptation current at a spike")
    tau_w: Parameter = parameter(default=144 * ms, unit="ms", positive=True, doc="time constant of the adaptation")
    v_peak: Parameter = parameter(default=0 * mV, unit="mV", doc="potential at which an upswing is a spike")
    v_reset: Parameter = parameter(default=-60 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=0 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "w": "pA", "held": "steps"}

    def check(self) -> None:
        check_above(self, "v_peak", ("v_t", "v_reset", "e_l"), "peak")

    def initial(self) -> dict[str, Any]:
        return {"v": self.e_l, "w": 0.0, "held": 0.0}

    def threshold(self) -> Any:
        return self.v_peak

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "dt": dt,
            "leak": self.g_l / self.c_m,
            "per_c": 1 / self.c_m,
            "rest": self.e_l,
            "v_t": self.v_t,
            "delta": self.delta_t,
            "top": exponential((self.v_t - self.v_peak) / self.delta_t),
            "follow": self.a / self.tau_w,
            "forget": 1 / self.tau_w,
            "b": self.b,
            "v_reset": self.v_reset,
            "hold": refractory_steps(self.t_ref, dt),
            "i_e": self.i_e,
        }

    def options(self) -> dict[str, bool]:
        return {"refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(
        current, v, w, held,
        dt, leak, per_c, rest, v_t, delta, top, follow, forget, b, v_reset, hold, i_e, *, refractory,
    ):  # fmt: skip
        membrane = upswing.Membrane(v_t, delta, leak, top, v_reset)
        s, below, after = membrane.step(
            lambda y, s: (leak * (rest - y[0]) + per_c * (current(y[0], s) + i_e - y[1]),),
            lambda y, s: (follow * (y[0] - rest) - forget * y[1],),
            v, (w,), (follow,), (b,), dt,
            free=where(held > 0, 0.0, 1.0) if refractory else 1.0,
            moving=where(hold > 0, 0.0, 1.0) if refractory else 1.0,
        )  # fmt: skip
        s, v, held = fire_within(s, v, below[0], after[0], held, hold, refractory)
        return s, v, where(s > 0, after[1], below[1]), held
