"""A window of spike timing whose drift is the correlation."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Filtered, Plasticity, Trace
from spikeloom.plasticity.bounds import BOUNDS, grow


@final
class CorrelationSTDP(Plasticity):
    r"""Hebb's rule in spikes: every pair grows a synapse, so a weight drifts with the correlation of both trains.

    .. math:: \langle \dot w \rangle = \eta \int W(s)\, C(s)\, ds, \qquad
              W(s) = \frac{1}{2\tau} e^{-|s| / \tau} \text{ (symmetric)}, \quad
              W(s) = \frac{1}{\tau} e^{-s / \tau},\ s \ge 0 \text{ (causal)}

    with s = t_post - t_pre and the correlation C(s) = <S_pre(t) S_post(t + s)> [1/ms^2] (Kempter, Gerstner & van Hemmen
    1999, doi:10.1103/PhysRevE.59.4498). The window has the area 1: trains that know nothing of each other drift by eta
    times the product of their rates, as in Hebb's rule. Two spikes in one step are a pair where there is no dendritic
    delay (see ``site``).
    """

    eta: float = parameter(
        default=0.1, unit="ms", doc="change in each ms per squared rate; of the range or the weight's unit"
    )
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of the window")
    window: str = parameter(default="symmetric", choices=("symmetric", "causal"), doc="which pairs count")
    mu: float = parameter(default=1.0, minimum=0, doc="power, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")

    def traces(self) -> dict[str, Trace | Filtered]:
        jump = (0.5 if self.window == "symmetric" else 1.0) / self.tau
        return {"pre": Trace("pre", self.tau, jump=jump), "post": Trace("post", self.tau, jump=jump)}

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta, "mu": self.mu}

    @staticmethod
    def on_pre(w, post, eta, low, high, mu, *, bounds, window):
        return grow(w, eta * post, low, high, mu, bounds=bounds) if window == "symmetric" else w

    @staticmethod
    def on_post(w, pre, eta, low, high, mu, *, bounds):
        return grow(w, eta * pre, low, high, mu, bounds=bounds)
