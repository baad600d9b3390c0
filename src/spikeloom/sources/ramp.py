"""A current that rises."""

from __future__ import annotations

from typing import final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, pA
from spikeloom.sources.base import Source, middles


@final
class Ramp(Source):
    r"""A current that goes from one value to another in a straight line, and keeps each before and after.

    .. math:: i(t) = first + (last - first)\,\mathrm{clip}\left(\frac{t - start}{stop - start}, 0, 1\right)
    """

    first: float = parameter(default=0 * pA, unit="pA", doc="current until the start")
    last: float = parameter(default=100 * pA, unit="pA", doc="current from the stop on")
    start: float = parameter(default=0 * ms, unit="ms", minimum=0, doc="where the ramp begins")
    stop: float = parameter(default=1000 * ms, unit="ms", positive=True, doc="where the ramp ends")

    def check(self) -> None:
        if self.stop <= self.start:
            raise InvalidValueError(f"Ramp(start={self.start:g}, stop={self.stop:g}): allowed: stop > start")

    def current(self, first: int, steps: int, dt: float, neurons: int) -> np.ndarray:
        part = np.clip((middles(first, steps, dt) - self.start) / (self.stop - self.start), 0, 1)
        return (self.first + (self.last - self.first) * part)[:, None]
