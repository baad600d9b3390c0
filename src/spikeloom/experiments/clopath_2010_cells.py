"""The cells of the voltage rule's published programs, whose spikes have a height and a length; and the rule on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import exp, maximum, minimum, where
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV
from spikeloom.neurons import Neuron
from spikeloom.neurons.integration import rk4
from spikeloom.plasticity import Clopath, Plasticity
from spikeloom.plasticity.base import Filtered, Trace

REST, V_T_REST, C_M, G_L, DELTA_T = -70.6, -50.4, 281.0, 30.0, 2.0  # mV, mV, pF, nS, mV
A, B, TAU_W = 4.0, 0.0805, 144.0  # nS, pA (0.0805 in both programs; the paper's table has nA), ms
AFTER, TAU_AFTER = 400.0, 40.0  # the current after a spike, pA and ms
TAU_V_T = 50.0  # ms
PIECES = 4


@final
class AuthorsCell(Neuron):
    """``aEIF.m`` of ModelDB 144566, line by line: an Euler step of 1 ms. A spike is 29.4 mV, then 32.862 mV, then over.

    Its input is a current [pA] over the step. Written by C. Clopath for doi:10.1038/nn.2479.
    """

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "w": "pA", "after": "pA", "v_t": "mV", "phase": "1"}

    def initial(self) -> dict[str, Any]:
        return {"v": REST, "w": 0.0, "after": 0.0, "v_t": V_T_REST, "phase": 0.0}

    def constants(self, dt: float) -> dict[str, Any]:
        return {"dt": dt}

    @staticmethod
    def step(x, v, w, after, v_t, phase, dt):
        reset = phase > 1.5
        v, w = where(reset, REST + 15.0 + 6.0984, v), where(reset, w + B, w)
        after, v_t, phase = where(reset, AFTER, after), where(reset, V_T_REST + 20.0, v_t), where(reset, 0.0, phase)
        upswing = G_L * DELTA_T * exp((v - v_t) / DELTA_T)
        risen = v + dt * (1.0 / C_M) * (-G_L * (v - REST) + upswing - w + after + x)
        adapted = w + dt * (1.0 / TAU_W) * (A * (v - REST) - w)
        second = phase > 0.5
        fires = where(second, 0.0, where(risen > 20.0, 1.0, 0.0))
        v = where(second, 29.4 + 3.462, where(fires > 0, 29.4, risen))
        after, v_t = after - dt * after / TAU_AFTER, dt * V_T_REST / TAU_V_T + (1.0 - dt / TAU_V_T) * v_t
        return fires, v, where(second, w, adapted), after, v_t, where(second, 2.0, fires)


@final
class NestCell(Neuron):
    r"""NEST's ``aeif_psc_delta_clopath`` with a clamp, without refractoriness; and its two low-pass filters of v.

    .. math:: C \dot v = g_L (E_L - v) + g_L \Delta_T\,e^{(v - v_T) / \Delta_T} - w + z, \qquad
              \tau_w \dot w = a\,(v - E_L) - w, \qquad \tau_z \dot z = -z, \qquad \tau_T \dot v_T = v_{rest} - v_T

    A spike holds v at ``v_peak`` and w still, and when it is over v is ``v_reset``. Arriving weights are jumps [mV].
    The upswing from eight ``Delta_T`` above v_T takes 3e-3 ms and less: it counts for the filters only; from lower down
    a spike comes at the end of the step. Runge-Kutta steps of fourth order, four to a step.
    """

    v_peak: Parameter = parameter(default=33 * mV, unit="mV", doc="potential of a spike")
    v_reset: Parameter = parameter(default=-49.6 * mV, unit="mV", doc="potential after a spike")
    t_clamp: Parameter = parameter(default=2 * ms, unit="ms", positive=True, doc="length of a spike")
    tau_minus: Parameter = parameter(default=10 * ms, unit="ms", positive=True, doc="low-pass of v")
    tau_plus: Parameter = parameter(default=7 * ms, unit="ms", positive=True, doc="low-pass of v")

    state: ClassVar[Mapping[str, str]] = {
        "v": "mV", "w": "pA", "z": "pA", "v_t": "mV", "u_minus": "mV", "u_plus": "mV", "held": "steps",
    }  # fmt: skip

    def initial(self) -> dict[str, Any]:
        return {"v": REST, "w": 0.0, "z": 0.0, "v_t": V_T_REST, "u_minus": REST, "u_plus": REST, "held": 0.0}

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "dt": dt,
            "per_minus": 1 / self.tau_minus,
            "per_plus": 1 / self.tau_plus,
            "v_peak": self.v_peak,
            "v_reset": self.v_reset,
            "hold": round(self.t_clamp / dt),
        }

    @staticmethod
    def step(x, v, w, z, v_t, u_minus, u_plus, held, dt, per_minus, per_plus, v_peak, v_reset, hold):
        at_once = where(held > 0, 0.0, where(v > v_t + 8.0 * DELTA_T, 1.0, 0.0))
        free = where(held + at_once > 0, 0.0, 1.0)
        early, top = exp(minimum((v_t - v) / DELTA_T, 0.0)), exp((v_t - v_peak) / DELTA_T)
        lack = at_once * (C_M / G_L) * ((v_peak - v) * early - DELTA_T * (early - top))
        u_minus, u_plus = u_minus - per_minus * lack, u_plus - per_plus * lack
        w, z, v_t = w + B * at_once, where(at_once > 0, AFTER, z), where(at_once > 0, 30.4, v_t)
        v = where(free > 0, v, v_peak)

        def slopes(y, s):
            v, w, z, v_t, u_minus, u_plus = y
            upswing = G_L * DELTA_T * exp(minimum((minimum(v, v_peak) - v_t) / DELTA_T, 8.0))
            return (
                free / C_M * (G_L * (REST - v) + upswing - w + z),
                free / TAU_W * (A * (v - REST) - w),
                -z / TAU_AFTER,
                (V_T_REST - v_t) / TAU_V_T,
                per_minus * (v - u_minus),
                per_plus * (v - u_plus),
            )

        v, w, z, v_t, u_minus, u_plus = rk4(slopes, (v, w, z, v_t, u_minus, u_plus), dt, pieces=PIECES)
        v = v + free * x
        late = where(free > 0, where(v >= v_peak, 1.0, 0.0), 0.0)
        w, z, v_t = w + B * late, where(late > 0, AFTER, z), where(late > 0, 30.4, v_t)
        over = where(held > 0.5, where(held < 1.5, v_reset, v_peak), v_peak)
        v = where(free > 0, where(late > 0, v_peak, v), over)
        held = where(at_once + late > 0, hold, maximum(held - 1.0, 0.0))
        return at_once + late, v, w, z, v_t, u_minus, u_plus, held


@final
class ClopathOfCell(Plasticity):
    """The texts of ``Clopath``, on the low-passed potentials that a ``NestCell`` integrates, as NEST's cells do."""

    bounds: str = parameter(default="hard", choices=("hard", "none"), doc="as in Clopath")
    a_ltd: float = parameter(default=14e-5, unit="1/mV", doc="amplitude of depression")
    a_ltp: float = parameter(default=8e-5, unit="1/mV2", doc="amplitude of potentiation")
    late_minus: float = parameter(default=4.1 * ms, unit="ms", doc="how late u_minus is read")
    late_plus: float = parameter(default=4.0 * ms, unit="ms", doc="how late u_plus is read")

    reads: ClassVar[tuple[str, ...]] = ("v",)

    def traces(self) -> dict[str, Any]:
        now = 1e-9 * ms  # a low-pass that lets all pass: only the delay is left
        return {
            "x_bar": Trace("pre", 15 * ms, jump=1 / (15 * ms)),
            "u_minus": Filtered("u_minus", now, self.late_minus),
            "u_plus": Filtered("u_plus", now, self.late_plus),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return Clopath(a_ltd=self.a_ltd, a_ltp=self.a_ltp).constants(dt)

    def options(self) -> dict[str, Any]:
        return {"homeostasis": "none"}

    on_pre = staticmethod(Clopath.on_pre)
    gate = staticmethod(Clopath.gate)
    on_step = staticmethod(Clopath.on_step)


def as_euler(tau: float, dt: float) -> float:
    """The time constant whose exponential decay over ``dt`` is 1 - dt / tau, the factor of an Euler step."""
    return -dt / math.log1p(-dt / tau)
