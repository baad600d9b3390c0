"""The part of a recording that is looked at: one sample of the batch, from ``start`` up to ``stop``."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import positive, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes


@final
@dataclass(frozen=True)
class Window:
    """The events of one sample from step ``first`` on; row t holds ``indices[offsets[t]:offsets[t + 1]]``.

    Attributes:
        offsets: (steps + 1,) where the events of each step begin, from 0 up.
        indices: (E,) the neuron of each event; a view of the spikes' own array.
        neurons: N.
        first: the step of the recording with which the window begins.
        dt: length of a step, ms.
    """

    offsets: NDArray[np.int64]
    indices: NDArray[np.int32]
    neurons: int
    first: int
    dt: float

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.offsets.size - 1

    def bins(self, bin: object) -> tuple[int, int]:
        """Steps in a bin of ``bin`` ms, and how many whole bins there are; what is left at the end is not counted.

        Raises:
            InvalidValueError: the bin is no whole number of steps, or longer than the window.
        """
        length = positive(bin, "bin", "bin=1 * ms")
        exact = length / self.dt
        width = max(1, round(exact))
        if abs(exact - width) > 1e-6 * width:
            near = max(1, math.floor(exact))
            raise InvalidValueError(
                f"bin={length:g} ms is no whole number of steps of {self.dt:g} ms; possible are, for example, "
                f"{near * self.dt:g} and {(near + 1) * self.dt:g} ms"
            )
        if width > self.steps:
            raise InvalidValueError(f"bin={length:g} ms is longer than the {self.steps * self.dt:g} ms looked at")
        return width, self.steps // width

    def by_neuron(self, width: int = 1) -> tuple[NDArray[Any], NDArray[Any]]:
        """Events neuron after neuron, in bins of ``width`` steps: ``(place, first)``.

        Neuron i fired in the bins ``place[first[i]:first[i + 1]]``, which ascend; a bin of two events stands twice.
        """
        from scipy.sparse import csr_array

        bins = self.steps // width
        offsets = self.offsets[: bins * width + 1 : width]
        indices = self.indices[: offsets[-1]]
        ones = np.ones(indices.size, np.int8)
        # From rows of steps to columns of neurons: a counting sort, linear in the events.
        columns = csr_array((ones, indices, offsets), shape=(bins, self.neurons)).tocsc()
        return columns.indices, columns.indptr


def window(spikes: object, sample: int = 0, start: float = 0.0, stop: float | None = None) -> Window:
    """The events of ``sample`` at times in [start, stop) ms; ``stop=None`` is the end of the recording.

    Raises:
        InvalidValueError: no ``Spikes``, a sample that is not there, or not 0 <= start < stop <= T dt.
    """
    if not isinstance(spikes, Spikes):
        raise InvalidValueError(
            f"spikes must be a Spikes object; given {type(spikes).__name__}. "
            "Write Spikes.from_times(times, neuron, shape=(steps, 1, neurons), dt=0.1 * ms)"
        )
    t, b, n = spikes.shape
    if whole(sample, "sample", minimum=0) >= b:
        raise InvalidValueError(f"sample={sample} is not there; {spikes} has {b} samples, counted from 0")
    begin, end = _step(start, "start", spikes), t if stop is None else _step(stop, "stop", spikes)
    if not 0 <= begin < end <= t:
        given = f"start={start:g}" if stop is None else f"start={start:g}, stop={stop:g}"
        raise InvalidValueError(f"a window needs 0 <= start < stop <= {t * spikes.dt:g} ms; given {given}")
    offsets = spikes.offsets[sample * t + begin : sample * t + end + 1]
    indices = spikes.indices[offsets[0] : offsets[-1]]
    return Window(offsets - offsets[0], indices, n, begin, spikes.dt)


def _step(time: object, name: str, spikes: Spikes) -> int:
    """The first step that begins at ``time`` ms or later; rounding of up to 1e-9 of a step is forgiven."""
    if not isinstance(time, numbers.Real) or isinstance(time, bool) or not math.isfinite(time):
        raise InvalidValueError(f"{name} must be a finite time in ms; given {time!r}. Write {name}=500 * ms")
    exact = float(time) / spikes.dt
    nearest = round(exact)
    return nearest if abs(exact - nearest) <= 1e-9 * max(abs(nearest), 1) else math.ceil(exact)
