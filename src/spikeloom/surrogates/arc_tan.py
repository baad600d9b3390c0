"""The derivative of the arc tangent."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.surrogates.base import Surrogate


@final
class ArcTan(Surrogate):
    r"""Derivative of an arc tangent, with unbounded support.

    .. math:: h(u) = height / (1 + (\tfrac{\pi}{2}\, alpha\, u)^2)

    Fang et al. 2021 (doi:10.1109/ICCV48922.2021.00266), there with height alpha / 2 and alpha = 2.
    """

    alpha: float = parameter(default=2.0, unit="1/mV", positive=True, doc="steepness")
    height: float = parameter(default=1.0, unit="1/mV", positive=True, doc="value at the threshold")

    @staticmethod
    def bump(u, alpha, height):
        x = 1.5707963267948966 * alpha * u
        return height / (1.0 + x * x)
