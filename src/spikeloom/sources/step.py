"""A current that is switched on and off."""

from __future__ import annotations

from typing import final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, pA
from spikeloom.sources.base import Source, middles


@final
class Step(Source):
    r"""A constant current between two times.

    .. math:: i(t) = amplitude \quad (start \le t < stop), \qquad 0 \text{ otherwise}
    """

    amplitude: float = parameter(default=100 * pA, unit="pA", doc="current while it is on")
    start: float = parameter(default=0 * ms, unit="ms", minimum=0, doc="when it is switched on")
    stop: float = parameter(default=1e12 * ms, unit="ms", positive=True, doc="when it is switched off")

    def check(self) -> None:
        if self.stop <= self.start:
            raise InvalidValueError(f"Step(start={self.start:g}, stop={self.stop:g}): allowed: stop > start")

    def current(self, first: int, steps: int, dt: float, neurons: int) -> np.ndarray:
        t = middles(first, steps, dt)
        return np.where((t >= self.start) & (t < self.stop), self.amplitude, 0.0)[:, None]
