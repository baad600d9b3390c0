"""A current that was recorded."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from spikeloom.core.arrays import to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.sources.base import Source, middles


@final
class Recorded(Source):
    r"""Plays a recorded current: value k from k ``interval`` on; nothing before the first and after the last.

    .. math:: i(t) = values_{\lfloor t / interval \rfloor}

    ``values`` [pA] has the shape (times,), the same for all neurons, or (times, neurons).
    """

    values_: Any = parameter(default=None, unit="pA", doc="the current, (times,) or (times, neurons)")
    interval: float = parameter(default=1 * ms, unit="ms", positive=True, doc="time between two values")

    def __post_init__(self) -> None:
        if self.values_ is None:
            raise InvalidValueError("Recorded needs a current; write Recorded(values_=array, interval=0.1 * ms)")
        array = to_numpy(self.values_, "Recorded: values_").astype(np.float64)
        if array.ndim not in (1, 2) or array.size == 0 or not np.isfinite(array).all():
            raise InvalidValueError(
                f"Recorded: values_ has shape {array.shape}; allowed: finite numbers, (times,) or (times, neurons)"
            )
        object.__setattr__(self, "values_", array[:, None] if array.ndim == 1 else array)
        if not self.interval > 0:
            raise InvalidValueError(f"Recorded(interval={self.interval!r}) is not possible; allowed: > 0 ms")

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        return {"class": "Recorded", "values_": self.values_.tolist(), "interval": self.interval}

    def __repr__(self) -> str:
        return f"Recorded({len(self.values_)} values, interval={self.interval:g})"

    def current(self, first: int, steps: int, dt: float, neurons: int) -> np.ndarray:
        if self.values_.shape[1] not in (1, neurons):
            raise InvalidValueError(
                f"Recorded: the current is for {self.values_.shape[1]} neurons, and the population has {neurons}"
            )
        k = np.floor(middles(first, steps, dt) / self.interval).astype(np.int64)
        inside = k < len(self.values_)
        return np.where(inside[:, None], self.values_[np.minimum(k, len(self.values_) - 1)], 0.0)
