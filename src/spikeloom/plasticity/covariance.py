"""The covariance rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, second
from spikeloom.plasticity.base import Filtered, Plasticity, Trace
from spikeloom.plasticity.bounds import BOUNDS
from spikeloom.plasticity.rates import change, rates


@final
class Covariance(Plasticity):
    r"""Hebb's rule of deviations from the mean: a weight drifts with the covariance of both sides.

    .. math:: \frac{dw}{dt} = \eta\, (x - \langle x \rangle)(y - \langle y \rangle), \qquad
              \tau_{mean} \frac{d\langle x \rangle}{dt} = x - \langle x \rangle

    (Sejnowski 1977, doi:10.1007/BF00275079.) ``x`` and ``y`` are the analog values of both sides; of neurons that
    spike their rates [1/ms], estimated over ``tau``. In a step the means are those of the steps before. The mean drift
    is eta cov(x, y) (1 + k / (2 - k)) for samples that are independent from step to step, k = 1 - exp(-dt / tau_mean):
    running means fluctuate together, too.
    """

    eta: float = parameter(
        default=1e-3, minimum=0, doc="learning rate, in each ms; of the range, or of the weight's unit"
    )
    tau_mean: float = parameter(default=1 * second, unit="ms", positive=True, doc="time constant of the running means")
    begin_x: float = parameter(default=0.0, doc="mean of x with which a run begins")
    begin_y: float = parameter(default=0.0, doc="mean of y with which a run begins")
    tau: float = parameter(
        default=20 * ms, unit="ms", positive=True, doc="time over which rates of spikes are estimated"
    )
    mu: float = parameter(default=1.0, minimum=0, doc="power, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")

    analog: ClassVar[bool] = True
    synapse: ClassVar[Mapping[str, str]] = {"mean_x": "x", "mean_y": "y"}

    def traces(self) -> dict[str, Trace | Filtered]:
        return rates(self.tau)

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta * dt, "follow": -math.expm1(-dt / self.tau_mean), "mu": self.mu}

    def initial(self) -> dict[str, float]:
        return {"mean_x": self.begin_x, "mean_y": self.begin_y}

    @staticmethod
    def on_step(w, mean_x, mean_y, x, y, eta, follow, low, high, mu, *, bounds):
        u, v = x - mean_x, y - mean_y
        return change(w, eta * u * v, low, high, mu, bounds=bounds), mean_x + follow * u, mean_y + follow * v
