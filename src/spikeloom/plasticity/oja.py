"""Oja's rule."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Filtered, Plasticity, Trace
from spikeloom.plasticity.rates import rates


@final
class Oja(Plasticity):
    r"""Hebb's rule with a decay that holds the length of the weights: a linear target finds the principal component.

    .. math:: \frac{dw}{dt} = \eta\, y\, (x - \alpha\, y\, w)

    (Oja 1982, doi:10.1007/BF00275687.) With y = w x the weights of a target turn to the principal eigenvector of
    E[x x^T], of length alpha^(-1/2). ``x`` and ``y`` are the analog values of both sides; of neurons that spike their
    rates [1/ms], estimated over ``tau``. A learning rate that changes over time, eta(t), is the same as a constant one
    and samples times sqrt(eta(t) / eta). ``bounds="hard"`` keeps weights between w_min and w_max.
    """

    eta: float = parameter(default=1e-3, minimum=0, doc="learning rate, in each ms")
    alpha: float = parameter(default=1.0, positive=True, doc="decay; the inverse of the squared length of the weights")
    tau: float = parameter(
        default=20 * ms, unit="ms", positive=True, doc="time over which rates of spikes are estimated"
    )
    bounds: str = parameter(default="none", choices=("none", "hard"), doc="whether weights are cut off at the bounds")

    analog: ClassVar[bool] = True

    def traces(self) -> dict[str, Trace | Filtered]:
        return rates(self.tau)

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta * dt, "alpha": self.alpha}

    @staticmethod
    def on_step(w, x, y, eta, alpha):
        return w + eta * y * (x - alpha * y * w)
