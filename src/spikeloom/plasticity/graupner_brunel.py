"""The calcium rule of plasticity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.language import exp, log, maximum, normal, where
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, second
from spikeloom.plasticity.base import Plasticity
from spikeloom.plasticity.calcium import follow, settle, spread, time_above

POTENTIALS, EFFICACIES = ("double-well", "none"), ("linear", "two-state")


@final
class GraupnerBrunel(Plasticity):
    r"""The calcium rule: spikes of both sides leave calcium in the synapse, and how long it is high decides.

    .. math:: \tau \dot\rho = -\rho\,(1 - \rho)\,(\tfrac12 - \rho) + \gamma_p (1 - \rho)\,\Theta(c - \theta_p)
              - \gamma_d\,\rho\,\Theta(c - \theta_d)
              + \sigma \sqrt{\tau}\,\sqrt{\Theta(c - \theta_d) + \Theta(c - \theta_p)}\;\xi(t)

    .. math:: \tau_{Ca} \dot c = -c, \qquad c \leftarrow c + C_{pre} \text{ a time D after a spike of the source},\quad
              c \leftarrow c + C_{post} \text{ at a spike of the target}

    (Graupner & Brunel 2012, doi:10.1073/pnas.1109359109, equations 1 and 2; the defaults are their set DP.) The weight
    is w_min + rho (w_max - w_min), or for ``efficacy="two-state"`` w_max where rho is above 1/2 and w_min elsewhere:
    that is where it ends. A synapse begins with ``rho_0`` and ``calcium`` 0, whatever its weight; its weight follows
    rho from its first event on.

    Nothing is stepped: from event to event the times above the thresholds are known in closed form, the drift is
    linear, and with its noise a Gaussian whose mean and variance are exact. The potential (the cubic term) has an
    exact flow of its own. The two are split in Strang's way, half of the potential before and half after each time
    above a threshold: an error of the third order in that time over tau. ``potential="none"`` leaves the cubic term
    out, as the paper's analytic result does. ``site="axon"`` lets the target's calcium rise without the delay of the
    projection, which then adds to D.
    A record of rho between events has noise of its own for the time since the last one; it leaves no trace.
    """

    tau_ca: float = parameter(default=20 * ms, unit="ms", positive=True, doc="decay of calcium")
    c_pre: float = parameter(default=1.0, minimum=0, doc="calcium from a spike of the source")
    c_post: float = parameter(default=2.0, minimum=0, doc="calcium from a spike of the target")
    theta_d: float = parameter(default=1.0, positive=True, doc="calcium above which the synapse is depressed")
    theta_p: float = parameter(default=1.3, positive=True, doc="calcium above which it is potentiated")
    gamma_d: float = parameter(default=200.0, positive=True, doc="rate of depression")
    gamma_p: float = parameter(default=321.808, positive=True, doc="rate of potentiation")
    sigma: float = parameter(default=2.8284, minimum=0, doc="noise")
    tau: float = parameter(default=150 * second, unit="ms", positive=True, doc="time constant of rho")
    d: float = parameter(default=13.7 * ms, unit="ms", minimum=0, doc="delay D of the source's calcium, in whole steps")
    rho_0: float = parameter(default=0.0, minimum=0, maximum=1, doc="rho at the beginning")
    potential: str = parameter(default="double-well", choices=POTENTIALS, doc="whether rho has two stable states")
    efficacy: str = parameter(default="linear", choices=EFFICACIES, doc="how the weight follows rho")

    synapse: ClassVar[Mapping[str, str]] = {"calcium": "1", "rho": "1"}

    @property
    def lag(self) -> float:
        return self.d

    def initial(self) -> dict[str, float]:
        return {"calcium": 0.0, "rho": self.rho_0}

    def constants(self, dt: float) -> dict[str, float]:
        return {
            "tau_ca": self.tau_ca,
            "c_pre": self.c_pre,
            "c_post": self.c_post,
            "theta_d": self.theta_d,
            "theta_p": self.theta_p,
            "depress": self.gamma_d / self.tau,
            "potentiate": self.gamma_p / self.tau,
            "noise": self.sigma**2 / (2 * self.tau),
            "per_tau": 1 / self.tau,
        }

    @staticmethod
    def between(elapsed, calcium, rho, tau_ca, theta_d, theta_p, depress, potentiate, noise, per_tau, *, potential):
        above_d = time_above(calcium, theta_d, tau_ca, elapsed)
        above_p = time_above(calcium, theta_p, tau_ca, elapsed)
        above = maximum(above_d, above_p)
        if potential == "double-well":
            rho = settle(rho, 0.5 * above * per_tau)
        variance = spread(above_d, above_p, depress, potentiate, noise)
        deviation = exp(0.5 * log(maximum(variance, 1e-300)))
        rho = follow(rho, above_d, above_p, depress, potentiate) + deviation * normal()
        if potential == "double-well":
            rho = settle(rho, (elapsed - 0.5 * above) * per_tau)
        return calcium * exp(-elapsed / tau_ca), rho

    @staticmethod
    def on_pre(w, calcium, rho, c_pre, low, high, *, efficacy):
        return weight(rho, low, high, efficacy), calcium + c_pre, rho

    @staticmethod
    def on_post(w, calcium, rho, c_post, low, high, *, efficacy):
        return weight(rho, low, high, efficacy), calcium + c_post, rho


def weight(rho, low, high, efficacy):
    """What a synapse of efficacy ``rho`` is worth."""
    if efficacy == "two-state":
        return where(rho > 0.5, high, low)
    return low + rho * (high - low)
