"""The derivative of the logistic sigmoid."""

from __future__ import annotations

from typing import final

from spikeloom.core.language import abs, exp
from spikeloom.core.parameters import parameter
from spikeloom.surrogates.base import Surrogate


@final
class SigmoidDerivative(Surrogate):
    r"""Derivative of the logistic sigmoid :math:`\sigma(slope\,u)`, with unbounded support, scaled to its ``height``.

    .. math:: h(u) = height \cdot 4\,\sigma(slope\,u)\,(1 - \sigma(slope\,u))

    With ``height = slope / 4`` it is the derivative itself. Zenke & Vogels 2021 (doi:10.1162/neco_a_01367) compare it.
    """

    slope: float = parameter(default=4.0, unit="1/mV", positive=True, doc="steepness")
    height: float = parameter(default=1.0, unit="1/mV", positive=True, doc="value at the threshold")

    @staticmethod
    def bump(u, slope, height):
        # In exp(-|slope u|) nothing overflows, however far from the threshold.
        e = exp(-(slope * abs(u)))
        return height * (4.0 * e / ((1.0 + e) * (1.0 + e)))
