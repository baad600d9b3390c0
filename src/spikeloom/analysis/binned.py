"""Spikes counted in bins of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.window import Window, window
from spikeloom.core.arrays import in_range, integers
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes


def counts(
    spikes: Spikes,
    bin: float,
    *,
    neurons: Sequence[int] | NDArray[np.integer] | None = None,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> NDArray[np.int64]:
    """Spikes of each neuron in each bin: (bins, N), or (bins, len(neurons)).

    What is left at the end and fills no bin is not counted. The array is dense: for large populations choose
    ``neurons``. (The count statistics that build on it: Gruen & Rotter 2010, doi:10.1007/978-1-4419-5675-0.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        neurons: the numbers of the neurons that are counted, each once; None: all.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample, window or neuron that is not there, a bin that does not fit.

    >>> counts(Spikes.from_times([1.0, 4.0, 6.0], [0, 0, 2], shape=(100, 1, 3), dt=0.1), bin=5.0)
    array([[2, 0, 0],
           [0, 0, 1]])
    """
    part = window(spikes, sample, start, stop)
    width, bins = part.bins(bin)
    offsets = part.offsets[: bins * width + 1 : width]
    neuron = part.indices[: offsets[-1]].astype(np.int64)
    place = np.repeat(np.arange(bins), np.diff(offsets))
    columns = part.neurons
    if neurons is not None:
        wanted = chosen_neurons(neurons, columns)
        column = np.full(columns, -1)
        column[wanted] = np.arange(wanted.size)
        neuron = column[neuron]
        seen = neuron >= 0
        neuron, place, columns = neuron[seen], place[seen], wanted.size
    return np.bincount(place * columns + neuron, minlength=bins * columns).reshape(bins, columns)


def population_counts(
    spikes: Spikes, bin: float, *, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> NDArray[np.int64]:
    """Spikes of all neurons together in each bin: (bins,).

    What is left at the end and fills no bin is not counted. (Gruen & Rotter 2010, doi:10.1007/978-1-4419-5675-0.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a bin that does not fit.
    """
    part = window(spikes, sample, start, stop)
    width, bins = part.bins(bin)
    return np.diff(part.offsets[: bins * width + 1 : width])


def chosen_neurons(neurons: object, n: int) -> NDArray[np.int64]:
    """``neurons`` as an array of different numbers from 0 to n - 1.

    Raises:
        InvalidValueError: they are not.
    """
    wanted = integers(neurons, "neurons").astype(np.int64)
    in_range(wanted, n, "neurons", f"N = {n}")
    if np.unique(wanted).size < wanted.size:
        raise InvalidValueError("neurons must not name a neuron twice; see np.unique")
    return wanted


def moments(part: Window, width: int, bins: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance over the bins (n - 1 in the denominator) of each neuron's count: both (N,), from the events.

    The variance is nan where there is only one bin.
    """
    place, first = part.by_neuron(width)
    total = np.diff(first).astype(np.float64)
    begins = np.ones(place.size, np.bool_)  # of a run: the events of one neuron in one bin
    begins[1:] = place[1:] != place[:-1]
    begins[first[:-1][total > 0]] = True
    at = np.flatnonzero(begins)
    neuron = np.repeat(np.arange(part.neurons), np.diff(first))[at]
    length = np.diff(at, append=place.size).astype(np.float64)
    squares = np.bincount(neuron, length * length, minlength=part.neurons)
    mean = total / bins
    if bins < 2:
        return mean, np.full(part.neurons, np.nan)
    return mean, (squares - total * mean) / (bins - 1)
