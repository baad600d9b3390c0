"""A sine current."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from spikeloom.core.parameters import parameter
from spikeloom.core.units import Hz, pA
from spikeloom.sources.base import Source, middles


@final
class Sine(Source):
    r"""A sine around an offset.

    .. math:: i(t) = offset + amplitude \sin(2 \pi f t + \varphi)
    """

    amplitude: float = parameter(default=100 * pA, unit="pA", doc="amplitude")
    frequency: float = parameter(default=10 * Hz, unit="Hz", positive=True, doc="frequency f")
    offset: float = parameter(default=0 * pA, unit="pA", doc="mean")
    phase: float = parameter(default=0.0, unit="rad", doc="phase at the beginning")

    def current(self, first: int, steps: int, dt: float, neurons: int) -> np.ndarray:
        angle = 2 * math.pi * self.frequency * middles(first, steps, dt) + self.phase
        return (self.offset + self.amplitude * np.sin(angle))[:, None]
