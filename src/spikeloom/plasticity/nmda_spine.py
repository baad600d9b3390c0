"""The NMDA receptor as a coincidence detector, in a spine of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import exp, maximum, where
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, mV
from spikeloom.plasticity.base import Plasticity, Trace
from spikeloom.plasticity.calcium import follow, time_above


@final
class NMDASpine(Plasticity):
    r"""Calcium enters a spine where glutamate is bound *and* the membrane is depolarised, and stays in that spine.

    .. math:: \dot c = J\,g\,B(u)\,[E_{Ca} - u]_+ - c / \tau_{Ca}, \qquad
              B(u) = \frac{1}{1 + [\mathrm{Mg}]\,e^{-0.062 u} / 3.57}

    .. math:: \dot w = (w_{max} - w)\,\Theta(c - \theta_p) / \tau_p - (w - w_{min})\,\Theta(c - \theta_d) / \tau_d

    g is the part of the receptors that have glutamate bound: 1 at a spike of the source, then it decays. B is what
    magnesium leaves open (Jahr & Stevens 1990, doi:10.1523/JNEUROSCI.10-09-03178.1990). The potential of the spine is
    the target's v, and after a spike of the target, which neurons without a spike's shape do not show, it is
    ``bap`` mV more, decaying. Much calcium potentiates, less depresses (Lisman 1989, doi:10.1073/pnas.86.23.9574;
    Shouval, Bear & Cooper 2002, doi:10.1073/pnas.152343099). Each synapse is a spine with calcium of its own: the
    neighbour on the same dendrite sees the same potential, but without glutamate it takes in nothing, and keeps its
    weight to the bit.

    Calcium enters in steps (Euler, first order) while u is above ``u_open``; below it the block is taken as complete:
    at -60 mV 8 % are open. It decays exactly, and what it does to the weight from event to event (a spike of the
    source, or a depolarised step) is in closed form.
    """

    tau_glutamate: float = parameter(default=50 * ms, unit="ms", positive=True, doc="how long glutamate stays bound")
    tau_ca: float = parameter(default=20 * ms, unit="ms", positive=True, doc="decay of calcium in the spine")
    influx: float = parameter(default=1e-3, unit="1/(ms mV)", minimum=0, doc="J, of receptors all bound and open")
    e_ca: float = parameter(default=130 * mV, unit="mV", doc="reversal potential of calcium")
    magnesium: float = parameter(default=1.0, unit="mM", minimum=0, doc="concentration of magnesium outside")
    u_open: float = parameter(default=-60 * mV, unit="mV", doc="potential below which nothing enters")
    bap: float = parameter(default=0 * mV, unit="mV", minimum=0, doc="what a spike of the target adds to u")
    tau_bap: float = parameter(default=10 * ms, unit="ms", positive=True, doc="how long that stays")
    theta_d: float = parameter(default=0.3, positive=True, doc="calcium above which a synapse is depressed")
    theta_p: float = parameter(default=0.6, positive=True, doc="calcium above which it is potentiated")
    tau_d: float = parameter(default=4000 * ms, unit="ms", positive=True, doc="time constant of depression")
    tau_p: float = parameter(default=1000 * ms, unit="ms", positive=True, doc="time constant of potentiation")

    synapse: ClassVar[Mapping[str, str]] = {"calcium": "1"}
    reads: ClassVar[tuple[str, ...]] = ("v",)

    def check(self) -> None:
        self.check_bounds()
        if self.theta_p < self.theta_d:
            raise InvalidValueError(
                f"NMDASpine(theta_d={self.theta_d:g}, theta_p={self.theta_p:g}): potentiation needs more calcium than "
                "depression; give theta_p >= theta_d"
            )

    def traces(self) -> dict[str, Any]:
        return {
            "glutamate": Trace("pre", self.tau_glutamate, nearest=True),
            "spiked": Trace("post", self.tau_bap, nearest=True, jump=self.bap),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return {
            "influx_dt": self.influx * dt,
            "e_ca": self.e_ca,
            "magnesium": self.magnesium,
            "u_open": self.u_open,
            "tau_ca": self.tau_ca,
            "theta_d": self.theta_d,
            "theta_p": self.theta_p,
            "depress": 1 / self.tau_d,
            "potentiate": 1 / self.tau_p,
        }

    @staticmethod
    def gate(v, spiked, u_open):
        return v + spiked - u_open

    @staticmethod
    def on_step(w, calcium, glutamate, v, spiked, influx_dt, e_ca, magnesium):
        u = v + spiked
        return w, calcium + influx_dt * glutamate * unblocked(u, magnesium) * maximum(e_ca - u, 0.0)

    @staticmethod
    def on_pre(w, calcium):
        return w

    @staticmethod
    def between(elapsed, w, calcium, tau_ca, theta_d, theta_p, depress, potentiate, low, high):
        above_d = time_above(calcium, theta_d, tau_ca, elapsed)
        above_p = time_above(calcium, theta_p, tau_ca, elapsed)
        moved = low + (high - low) * follow((w - low) / (high - low), above_d, above_p, depress, potentiate)
        return where(above_d > 0, moved, w), calcium * exp(-elapsed / tau_ca)


def unblocked(u, magnesium=1.0):
    """The part of the NMDA receptors that magnesium [mM] leaves open at the potential ``u`` [mV].

    >>> round(unblocked(-70.0), 5), round(unblocked(0.0), 5)
    (0.04447, 0.78118)
    """
    return 1.0 / (1.0 + magnesium / 3.57 * exp(-0.062 * u))
