"""The rule of Bienenstock, Cooper and Munro."""

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
class BCM(Plasticity):
    r"""Growth above a threshold of the target's activity, shrinking below it; the threshold follows the activity.

    .. math:: \frac{dw}{dt} = \eta\, x\, y\, (y - \theta), \qquad
              \tau_\theta \frac{d\theta}{dt} = \frac{y^2}{y_0} - \theta

    (Bienenstock, Cooper & Munro 1982, doi:10.1523/JNEUROSCI.02-01-00032.1982; theta = E[y^2] is that of Intrator &
    Cooper 1992, doi:10.1016/S0893-6080(05)80003-6.) The target becomes selective: of linearly independent patterns one
    is answered by y = y_0 / p, where p is how often it comes, the others by 0. That is stable while the threshold is
    faster than the weights, eta y_0 tau_theta \|x\|^2 < 1. ``x`` and ``y`` are the analog values of both sides; of
    neurons that spike their rates [1/ms], estimated over ``tau``. In a step the threshold is that of the steps before.
    """

    eta: float = parameter(
        default=1e-4, minimum=0, doc="learning rate, in each ms; of the range, or of the weight's unit"
    )
    tau_theta: float = parameter(default=1 * second, unit="ms", positive=True, doc="time constant of the threshold")
    y_0: float = parameter(default=1.0, positive=True, doc="activity that is its own threshold")
    begin: float = parameter(default=0.0, minimum=0, doc="threshold with which a run begins")
    tau: float = parameter(
        default=20 * ms, unit="ms", positive=True, doc="time over which rates of spikes are estimated"
    )
    mu: float = parameter(default=1.0, minimum=0, doc="power, for bounds='power'")
    bounds: str = parameter(default="none", choices=BOUNDS, doc="how a change depends on the weight")

    analog: ClassVar[bool] = True
    synapse: ClassVar[Mapping[str, str]] = {"theta": "y"}

    def traces(self) -> dict[str, Trace | Filtered]:
        return rates(self.tau)

    def constants(self, dt: float) -> dict[str, float]:
        return {
            "eta": self.eta * dt,
            "follow": -math.expm1(-dt / self.tau_theta),
            "inverse": 1 / self.y_0,
            "mu": self.mu,
        }

    def initial(self) -> dict[str, float]:
        return {"theta": self.begin}

    @staticmethod
    def on_step(w, theta, x, y, eta, follow, inverse, low, high, mu, *, bounds):
        grown = change(w, eta * x * y * (y - theta), low, high, mu, bounds=bounds)
        return grown, theta + follow * (y * y * inverse - theta)
