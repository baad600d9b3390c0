"""The derivative of the fast sigmoid (SuperSpike)."""

from __future__ import annotations

from typing import final

from spikeloom.core.language import abs
from spikeloom.core.parameters import parameter
from spikeloom.surrogates.base import Surrogate


@final
class FastSigmoid(Surrogate):
    r"""Derivative of the fast sigmoid u / (1 + slope |u|): SuperSpike's surrogate, with unbounded support.

    .. math:: h(u) = height / (1 + slope\,|u|)^2

    Zenke & Ganguli 2018 (doi:10.1162/neco_a_01086).
    """

    slope: float = parameter(default=25.0, unit="1/mV", positive=True, doc="steepness")
    height: float = parameter(default=1.0, unit="1/mV", positive=True, doc="value at the threshold")

    @staticmethod
    def bump(u, slope, height):
        width = 1.0 + slope * abs(u)
        return height / (width * width)
