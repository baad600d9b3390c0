"""How fast synaptic elements grow, and where they shrink, as a function of calcium."""

from __future__ import annotations

import abc
import math
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)

PIECE: Final = 1 / 8
"""Length of the pieces over which a curve is integrated, in time constants of calcium."""


class GrowthCurve(Model, abc.ABC):
    r"""Base of the curves f of :math:`dz/dt = \nu f(Ca)`: 1 where growth is fastest, 0 where elements stay."""

    @abc.abstractmethod
    def __call__(self, calcium: Any) -> Any:
        """The value at this much calcium."""

    def integral(self, calcium: NDArray[np.float64], time: NDArray[np.float64], tau: float) -> NDArray[np.float64]:
        r""":math:`\int_0^t f(Ca\, e^{-s/\tau})\, ds` for each pair of ``calcium`` and ``time``: over ``time`` ms in
        which the neuron is silent. By quadrature (8 points for each eighth of ``tau``), to rounding.
        """
        calcium, time = np.broadcast_arrays(np.asarray(calcium, np.float64), np.asarray(time, np.float64))
        total, piece = np.zeros(time.shape), PIECE * tau
        for k in range(max(1, math.ceil(float(time.max(initial=0.0)) / piece))):
            begin, end = np.minimum(k * piece, time), np.minimum((k + 1) * piece, time)
            middle, half = (begin + end) / 2, (end - begin) / 2
            for node, weight in zip(_NODES, _WEIGHTS, strict=True):
                total += weight * half * self(calcium * np.exp(-(middle + node * half) / tau))
        return total


@final
class LinearGrowth(GrowthCurve):
    r"""Growth in proportion to what is missing of the target.

    .. math:: f(Ca) = 1 - Ca / \epsilon

    Integrated in closed form: :math:`t - Ca\, (\tau / \epsilon)(1 - e^{-t/\tau})` (Butz & van Ooyen 2013,
    doi:10.1371/journal.pcbi.1003259; NEST's ``linear`` growth curve).
    """

    eps: float = parameter(default=0.7, positive=True, doc="the target: calcium at which elements stay")

    def __call__(self, calcium: Any) -> Any:
        return 1 - calcium / self.eps

    def integral(self, calcium: NDArray[np.float64], time: NDArray[np.float64], tau: float) -> NDArray[np.float64]:
        return time + calcium * (tau / self.eps) * np.expm1(-time / tau)


@final
class GaussianGrowth(GrowthCurve):
    r"""Growth between two amounts of calcium, loss outside of them.

    .. math:: f(Ca) = 2 e^{-((Ca - \xi) / \zeta)^2} - 1, \qquad
              \xi = \frac{\eta + \epsilon}{2}, \quad \zeta = \frac{\epsilon - \eta}{2 \sqrt{\ln 2}}

    It is 0 at ``eta`` and at ``eps``, which is the stable one of the two: the target (Butz & van Ooyen 2013,
    doi:10.1371/journal.pcbi.1003259; NEST's ``gaussian`` growth curve, which takes Euler steps).
    """

    eta: float = parameter(default=0.1, minimum=0, doc="calcium from which on elements grow")
    eps: float = parameter(default=0.7, positive=True, doc="the target: calcium above which elements are lost")

    def check(self) -> None:
        if self.eta >= self.eps:
            raise InvalidValueError(
                f"GaussianGrowth(eta={self.eta:g}, eps={self.eps:g}) grows nowhere; allowed: eta < eps"
            )

    def __call__(self, calcium: Any) -> Any:
        width = (self.eps - self.eta) / (2 * math.sqrt(math.log(2)))
        return 2 * np.exp(-(((calcium - (self.eta + self.eps) / 2) / width) ** 2)) - 1
