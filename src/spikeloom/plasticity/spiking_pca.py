"""Principal components in spikes."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, second
from spikeloom.plasticity.base import Filtered, Plasticity, Trace


@final
class SpikingPCA(Plasticity):
    r"""Oja's rule in spikes: pairs of spikes, and a decay with the squared rate of the target.

    .. math:: \Delta w = \eta\,(x - \alpha\, r\, w) \text{ at a spike of the target}, \qquad
              \Delta w = -\eta\, a_-\, y \text{ at a spike of the source}

    x, y and r are traces of the source, the target and, slower, the target again, in units of a rate [1/ms], before the
    spike. Spikes of the target come at the rate nu, so the decay is eta alpha nu^2 w: the homeostasis that turns
    Hebb's rule into Oja's (1982, doi:10.1007/BF00275687; Gerstner & Kistler 2002, ch. 11,
    doi:10.1017/CBO9780511815706). The weights w onto a linear Poisson neuron that fires with probability g w for each
    arriving spike turn to the principal eigenvector of

    .. math:: Q_{ij} = (1 - a_-)\, \nu_i \nu_j + \int_0^\infty \frac{e^{-s / \tau_+}}{\tau_+}\, C_{ij}(s)\, ds

    with C the covariance of the inputs' trains (Kempter, Gerstner & van Hemmen 1999, doi:10.1103/PhysRevE.59.4498), and
    grow to the length at which the output fires at (g lambda / alpha)^(1/2), for the eigenvalue lambda. With
    a_minus = 1 the window is balanced, and mean rates do not count: principal components of the covariance.
    """

    eta: float = parameter(default=0.01, unit="ms", doc="learning rate")
    a_minus: float = parameter(
        default=1.0, minimum=0, doc="area of the window's side that shrinks; of the one that grows"
    )
    alpha: float = parameter(default=1.0, positive=True, doc="decay")
    tau_plus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of growth")
    tau_minus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of shrinking")
    tau_rate: float = parameter(
        default=1 * second, unit="ms", positive=True, doc="time over which the rate is estimated"
    )
    bounds: str = parameter(default="none", choices=("none", "hard"), doc="whether weights are cut off at the bounds")

    def traces(self) -> dict[str, Trace | Filtered]:
        return {
            "pre": Trace("pre", self.tau_plus, jump=1 / self.tau_plus),
            "post": Trace("post", self.tau_minus, jump=1 / self.tau_minus),
            "rate": Trace("post", self.tau_rate, jump=1 / self.tau_rate),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta, "a_minus": self.a_minus, "alpha": self.alpha}

    @staticmethod
    def on_pre(w, post, eta, a_minus):
        return w - eta * a_minus * post

    @staticmethod
    def on_post(w, pre, rate, eta, alpha):
        return w + eta * (pre - alpha * rate * w)
