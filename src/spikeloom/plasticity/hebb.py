"""Hebb's rule."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Filtered, Plasticity, Trace
from spikeloom.plasticity.bounds import BOUNDS
from spikeloom.plasticity.rates import change, rates


@final
class Hebb(Plasticity):
    r"""What is active together is connected more strongly.

    .. math:: \frac{dw}{dt} = \eta\, x\, (y - \theta)

    ``x`` and ``y`` are the analog values of both sides; of neurons that spike their rates [1/ms], estimated over
    ``tau``. With theta = 0 it is Hebb's (1949, doi:10.4324/9781410612403): nothing shrinks, and weights run away. With
    theta > 0 what is active shrinks where the target is not (Gerstner, Kistler, Naud & Paninski 2014, ch. 19,
    doi:10.1017/CBO9781107447615); y = theta is a fixed point that holds nothing: above it weights run away, below it
    the target falls silent. ``bounds`` as in :mod:`spikeloom.plasticity.bounds`.
    """

    eta: float = parameter(
        default=1e-3, minimum=0, doc="learning rate, in each ms; of the range, or of the weight's unit"
    )
    theta: float = parameter(default=0.0, doc="activity of the target below which weights shrink")
    tau: float = parameter(
        default=20 * ms, unit="ms", positive=True, doc="time over which rates of spikes are estimated"
    )
    mu: float = parameter(default=1.0, minimum=0, doc="power, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")

    analog: ClassVar[bool] = True

    def traces(self) -> dict[str, Trace | Filtered]:
        return rates(self.tau)

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta * dt, "theta": self.theta, "mu": self.mu}

    @staticmethod
    def on_step(w, x, y, eta, theta, low, high, mu, *, bounds):
        return change(w, eta * x * (y - theta), low, high, mu, bounds=bounds)
