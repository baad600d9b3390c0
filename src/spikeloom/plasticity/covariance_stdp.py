"""A window of spike timing whose drift is the covariance."""

from __future__ import annotations

from typing import final

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, second
from spikeloom.plasticity.base import Filtered, Plasticity, Trace
from spikeloom.plasticity.bounds import BOUNDS
from spikeloom.plasticity.rates import change


@final
class CovarianceSTDP(Plasticity):
    r"""The covariance rule in spikes: pairs that are closer than chance has it grow a synapse.

    .. math:: \langle \dot w \rangle = \eta \int W(s)\, C(s)\, ds, \qquad
              W(s) = \frac{1}{2\tau} e^{-|s| / \tau} - \frac{1}{2\tau_{mean}} e^{-|s| / \tau_{mean}}

    with s = t_post - t_pre and the correlation C(s) = <S_pre(t) S_post(t + s)> [1/ms^2] (Kempter, Gerstner & van Hemmen
    1999, doi:10.1103/PhysRevE.59.4498): at each spike the trace of the other side counts less its running mean. The
    window has the area 0, so rates alone change nothing, and common changes of rates that are slower than ``tau`` and
    faster than ``tau_mean`` drift by eta times their covariance (Sejnowski 1977, doi:10.1007/BF00275079). Two spikes in
    one step are a pair where there is no dendritic delay (see ``site``); where there is one they are none, and the
    area is short of 0 by dt (1 / tau - 1 / tau_mean) / 2.
    """

    eta: float = parameter(
        default=0.1, unit="ms", doc="change in each ms per squared rate; of the range or the weight's unit"
    )
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of the window")
    tau_mean: float = parameter(default=1 * second, unit="ms", positive=True, doc="time constant of the running means")
    mu: float = parameter(default=1.0, minimum=0, doc="power, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")

    def check(self) -> None:
        self.check_bounds()
        if self.tau_mean <= self.tau:
            raise InvalidValueError(
                f"CovarianceSTDP(tau={self.tau:g}, tau_mean={self.tau_mean:g}) is not possible; allowed: a tau_mean "
                "longer than tau, such as tau_mean=1 * second"
            )

    def traces(self) -> dict[str, Trace | Filtered]:
        return {
            "pre": Trace("pre", self.tau, jump=0.5 / self.tau),
            "pre_mean": Trace("pre", self.tau_mean, jump=0.5 / self.tau_mean),
            "post": Trace("post", self.tau, jump=0.5 / self.tau),
            "post_mean": Trace("post", self.tau_mean, jump=0.5 / self.tau_mean),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta, "mu": self.mu}

    @staticmethod
    def on_pre(w, post, post_mean, eta, low, high, mu, *, bounds):
        return change(w, eta * (post - post_mean), low, high, mu, bounds=bounds)

    @staticmethod
    def on_post(w, pre, pre_mean, eta, low, high, mu, *, bounds):
        return change(w, eta * (pre - pre_mean), low, high, mu, bounds=bounds)
