"""The triangle."""

from __future__ import annotations

from typing import final

from spikeloom.core.language import abs, maximum
from spikeloom.core.parameters import parameter
from spikeloom.core.units import mV
from spikeloom.surrogates.base import Surrogate


@final
class Triangle(Surrogate):
    r"""Triangle of compact support.

    .. math:: h(u) = height \cdot \max(0,\, 1 - |u| / width)

    Bellec et al. 2020 (doi:10.1038/s41467-020-17236-y) use height 0.3 and the threshold as width.
    """

    width: float = parameter(default=1 * mV, unit="mV", positive=True, doc="half-width of the support")
    height: float = parameter(default=1.0, unit="1/mV", positive=True, doc="value at the threshold")

    @property
    def support(self) -> float:
        return self.width

    @staticmethod
    def bump(u, width, height):
        return height / width * maximum(0.0, width - abs(u))
