"""Sanger's rule, the generalised Hebbian algorithm."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Filtered, Plasticity, Trace
from spikeloom.plasticity.rates import rates


@final
class Sanger(Plasticity):
    r"""Oja's rule for several targets, each of which sees what those before it left: principal components in order.

    .. math:: \frac{dw_i}{dt} = \eta\, y_i \Big(x - \sum_{j \le i} y_j w_j\Big)

    (Sanger 1989, doi:10.1016/0893-6080(89)90044-0.) Target i of a population finds the i-th eigenvector of E[x x^T], of
    length 1. ``x`` and ``y`` are the analog values of both sides; of neurons that spike their rates [1/ms], estimated
    over ``tau``. The sum runs along the synapses of each source, in the order of their targets, so such a projection
    has one delay and runs on one thread. A learning rate that changes: see :class:`~spikeloom.plasticity.Oja`.
    """

    eta: float = parameter(default=1e-3, minimum=0, doc="learning rate, in each ms")
    tau: float = parameter(
        default=20 * ms, unit="ms", positive=True, doc="time over which rates of spikes are estimated"
    )
    bounds: str = parameter(default="none", choices=("none", "hard"), doc="whether weights are cut off at the bounds")

    analog: ClassVar[bool] = True

    def traces(self) -> dict[str, Trace | Filtered]:
        return rates(self.tau)

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta * dt}

    @staticmethod
    def on_step(w, x, y, carry, eta):
        carry = carry + y * w
        return w + eta * y * (x - carry), carry
