"""The boxcar."""

from __future__ import annotations

from typing import final

from spikeloom.core.language import abs, where
from spikeloom.core.parameters import parameter
from spikeloom.core.units import mV
from spikeloom.surrogates.base import Surrogate


@final
class Boxcar(Surrogate):
    r"""Boxcar of compact support: constant near the threshold, zero elsewhere.

    .. math:: h(u) = height \;\text{ where } |u| < width, \text{ else } 0

    Esser et al. 2016 (doi:10.1073/pnas.1604850113) and Wu et al. 2018 (doi:10.3389/fnins.2018.00331) train with it.
    """

    width: float = parameter(default=0.5 * mV, unit="mV", positive=True, doc="half-width of the support")
    height: float = parameter(default=1.0, unit="1/mV", positive=True, doc="value inside")

    @property
    def support(self) -> float:
        return self.width

    @staticmethod
    def bump(u, width, height):
        return where(abs(u) < width, height, 0.0)
