"""The Hodgkin-Huxley neuron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import abs, exp, expm1, maximum, spike, where
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV, nS, pA, pF
from spikeloom.neurons.base import Neuron
from spikeloom.neurons.integration import at_any_time, rk4
from spikeloom.neurons.membrane import refractory_steps

PIECES = 4
SQUID, TRAUB_MILES = "hodgkin-huxley", "traub-miles"


@final
class HodgkinHuxley(Neuron):
    r"""Hodgkin-Huxley neuron: sodium and potassium channels make the spike (NEST's ``hh_psc_alpha``, bar its synapses).

    .. math:: C \dot v = g_{Na} m^3 h\,(E_{Na} - v) + g_K n^4 (E_K - v) + g_L (E_L - v) + i + i_e, \qquad
              \dot x = \alpha_x(v) (1 - x) - \beta_x(v)\,x \quad (x = m, h, n)

    with the rates of Hodgkin & Huxley (1952, doi:10.1113/jphysiol.1952.sp004764) for a rest of ``v_t``, or, for
    ``kinetics="traub-miles"``, those of hippocampal pyramidal cells (Traub & Miles 1991, doi:10.1017/CBO9780511895401,
    as modified by Brette et al. 2007, doi:10.1007/s10827-007-0038-6, appendix 2). Input is a current ``i`` [pA];
    parameters and the definition of a spike are NEST's: the first step after which the membrane falls, at ``theta`` or
    above, and ``t_ref`` or more after the last spike; nothing is reset. It begins at ``v_t``. One step is four
    Runge-Kutta steps of fourth order: at 0.1 ms the error is below 0.01 mV, in the middle of a spike too; in the much
    steeper spikes of ``"traub-miles"`` below 0.3 mV, which is a microsecond. It is made for steps up to 0.1 ms: longer
    ones, and a current that takes the membrane below -120 mV, make it unstable.
    """

    c_m: Parameter = parameter(default=100 * pF, unit="pF", positive=True, doc="membrane capacitance C")
    g_na: Parameter = parameter(default=12000 * nS, unit="nS", positive=True, doc="sodium peak conductance")
    g_k: Parameter = parameter(default=3600 * nS, unit="nS", positive=True, doc="potassium peak conductance")
    g_l: Parameter = parameter(default=30 * nS, unit="nS", positive=True, doc="leak conductance")
    e_na: Parameter = parameter(default=50 * mV, unit="mV", doc="sodium reversal potential")
    e_k: Parameter = parameter(default=-77 * mV, unit="mV", doc="potassium reversal potential")
    e_l: Parameter = parameter(default=-54.402 * mV, unit="mV", doc="reversal potential of the leak")
    theta: Parameter = parameter(default=0 * mV, unit="mV", doc="potential that a spike must have reached")
    t_ref: Parameter = parameter(
        default=2 * ms, unit="ms", minimum=0, smooth=False, doc="least time between spikes, rounded up to whole steps"
    )
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")
    v_t: Parameter = parameter(default=-65 * mV, unit="mV", doc="potential from which the rates are counted")
    kinetics: str = parameter(default=SQUID, choices=(SQUID, TRAUB_MILES), doc="whose rates the gates have")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "m": "1", "h": "1", "n": "1", "held": "steps"}

    def initial(self) -> dict[str, Any]:
        m, h, n = (a / (a + b) for a, b in rates(self.v_t, self.v_t, self.kinetics == TRAUB_MILES))
        return {"v": self.v_t, "m": m, "h": h, "n": n, "held": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "dt": dt,
            "per_c": 1 / self.c_m,
            "g_na": self.g_na,
            "g_k": self.g_k,
            "g_l": self.g_l,
            "e_na": self.e_na,
            "e_k": self.e_k,
            "e_l": self.e_l,
            "theta": self.theta,
            "hold": refractory_steps(self.t_ref, dt),
            "i_e": self.i_e,
            "v_t": self.v_t,
        }

    def options(self) -> dict[str, bool]:
        return {"traub_miles": self.kinetics == TRAUB_MILES}

    @staticmethod
    def step(
        current, v, m, h, n, held, dt, per_c, g_na, g_k, g_l, e_na, e_k, e_l, theta, hold, i_e, v_t, *, traub_miles
    ):
        given = at_any_time(current)

        def slopes(state, s):
            v, m, h, n = state
            channels = g_na * m * m * m * h * (e_na - v) + g_k * (n * n) * (n * n) * (e_k - v) + g_l * (e_l - v)
            gates = (a * (1.0 - x) - b * x for x, (a, b) in zip((m, h, n), rates(v, v_t, traub_miles), strict=True))
            return per_c * (channels + given(v, s) + i_e), *gates

        after, m, h, n = rk4(slopes, (v, m, h, n), dt, pieces=PIECES)
        fired = where(held > 0, 0.0, where(after < v, spike(after - theta), 0.0))
        return fired, after, m, h, n, where(fired > 0, hold, maximum(held - 1.0, 0.0))


def rates(v: Any, v_t: Any = -65.0, traub_miles: bool = False) -> tuple[tuple[Any, Any], ...]:
    """The rates at which the gates m, h and n open and close [1/ms], in the step language."""
    u = v - v_t
    if traub_miles:
        return (
            (1.28 * linoid((u - 13.0) / 4.0), 1.4 * linoid((u - 40.0) / -5.0)),
            (0.128 * exp((u - 17.0) / -18.0), 4.0 / (1.0 + exp((u - 40.0) / -5.0))),
            (0.16 * linoid((u - 15.0) / 5.0), 0.5 * exp((u - 10.0) / -40.0)),
        )
    return (
        (linoid((u - 25.0) / 10.0), 4.0 * exp(u / -18.0)),
        (0.07 * exp(u / -20.0), 1.0 / (1.0 + exp((u - 30.0) / -10.0))),
        (0.1 * linoid((u - 10.0) / 10.0), 0.125 * exp(u / -80.0)),
    )


def linoid(z: Any) -> Any:
    """z / (1 - e^-z), which is 1 at z = 0; below |z| = 1e-6 taken there, an error of 5e-7."""
    z = where(abs(z) < 1e-6, 1e-6, z)
    return z / -expm1(-z)
