"""How ``Spikes`` are made: arrays checked and brought into rows, in a few linear passes over the events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, in_range, integers, to_numpy, whole
from spikeloom.core.errors import InvalidValueError

Shape = tuple[int, int, int]
Rows = tuple[NDArray[np.int64], NDArray[np.int32]]  # offsets (B * T + 1,), indices (E,)


def checked_shape(shape: Sequence[int]) -> Shape:
    """(T, B, N) as ints: T and N at least 1, B at least 0."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 3:
        raise InvalidValueError(f"shape must be (T, B, N): steps, samples, neurons; given {shape!r}")
    sizes = zip(("T", "B", "N"), shape, (1, 0, 1), strict=True)
    t, b, n = (whole(size, f"{name} of shape {tuple(shape)}", minimum=least) for name, size, least in sizes)
    if t * b * n >= 2**62 or n >= 2**31:
        raise InvalidValueError(f"shape {(t, b, n)} is too large: N must stay below 2**31 and T * B * N below 2**62")
    return t, b, n


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where rows of these lengths begin, and where the last one ends."""
    offsets = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def rows_from_dense(array: object) -> tuple[Rows, Shape]:
    """Rows of the non-zero entries of an array (T, B, N) of counts."""
    dense = to_numpy(array, "array")
    if dense.ndim != 3:
        raise InvalidValueError(
            f"array must have the axes (T, B, N): steps, samples, neurons; its shape is {dense.shape}"
        )
    t, b, n = checked_shape(dense.shape)
    dense = np.ascontiguousarray(dense)
    place = np.flatnonzero(dense != 0)
    row, neuron = np.divmod(place, n)  # this row counts t * B + b: steps outside, samples inside
    neuron = neuron.astype(np.int32)
    if dense.dtype.kind != "b":
        count = dense.reshape(-1)[place]
        count = count.astype(np.float64) if dense.dtype.kind == "f" else count  # float16 ends before 2**31
        bad = ~((count > 0) & (count < 2**31) & (count == np.floor(count)))
        if bad.any():
            at = np.unravel_index(int(place[bad.argmax()]), dense.shape)
            raise InvalidValueError(
                f"array must hold spike counts, whole numbers from 0 up; it has {dense[at]} at step {at[0]}, sample "
                f"{at[1]}, neuron {at[2]}. Analog input needs no Spikes: pass the array itself, or a Current"
            )
        if (count > 1).any():
            times = count.astype(np.int64)
            row, neuron = np.repeat(row, times), np.repeat(neuron, times)
    # From (t, b) to (b, t) order in linear time: each row moves as a block to where the new order wants it.
    length = np.bincount(row, minlength=t * b)
    offsets = offsets_of(length.reshape(t, b).T.reshape(-1))
    shift = offsets[:-1].reshape(b, t).T.reshape(-1) - (np.cumsum(length) - length)
    indices = np.empty(neuron.size, np.int32)
    indices[np.arange(neuron.size) + shift[row]] = neuron
    return (offsets, indices), (t, b, n)


def rows_from_events(step: object, neuron: object, sample: object, shape: Shape, sort: bool) -> Rows:
    """Rows of events given one by one, in the order of (sample, step) unless ``sort``."""
    t, b, n = shape
    steps, neurons = integers(step, "step"), integers(neuron, "neuron")
    if sample is None and b != 1:
        raise InvalidValueError(f"shape {shape} has {b} samples: say which one each event belongs to with sample=[...]")
    samples = np.zeros(steps.size, np.int64) if sample is None else integers(sample, "sample")
    if not steps.size == neurons.size == samples.size:
        raise InvalidValueError(
            f"step, neuron and sample need one entry per event; given {steps.size}, {neurons.size} and {samples.size}"
        )
    in_range(steps, t, "step", f"T = {t} in shape {shape}")
    in_range(neurons, n, "neuron", f"N = {n} in shape {shape}")
    in_range(samples, b, "sample", f"B = {b} in shape {shape}")
    row = samples.astype(np.int64) * t + steps.astype(np.int64)
    falls = row[1:] < row[:-1]
    if not sort and falls.any():
        at = int(falls.argmax()) + 1
        raise InvalidValueError(
            f"events must be in the order of (sample, step), but event {at} (sample {samples[at]}, step {steps[at]}) "
            f"follows event {at - 1} (sample {samples[at - 1]}, step {steps[at - 1]}); sort=True sorts them"
        )
    key = row * n + neurons.astype(np.int64)
    if (key[1:] < key[:-1]).any():  # the order within a row means nothing, so it is put right without a word
        row, neurons = np.divmod(np.sort(key), n)
    return offsets_of(np.bincount(row, minlength=b * t)), neurons.astype(np.int32)


def steps_of_times(times: object, steps: int, dt: float) -> NDArray[np.int64]:
    """The step of ``dt`` ms that each time (ms) falls into; rounding of up to 1e-9 of a step is forgiven."""
    time = to_numpy(times, "times")
    if time.ndim != 1:
        raise InvalidValueError(f"times must be one-dimensional; given shape {time.shape}")
    time = time.astype(np.float64)
    finite(time, "times", ("event",))
    exact = time / dt
    nearest = np.rint(exact)
    step = np.where(np.abs(exact - nearest) <= 1e-9 * np.maximum(np.abs(nearest), 1), nearest, np.floor(exact))
    outside = (step < 0) | (step >= steps)
    if outside.any():
        at = int(outside.argmax())
        raise InvalidValueError(
            f"times[{at}] is {time[at]:g} ms; allowed is [0, {steps * dt:g}) ms: {steps} steps of {dt:g} ms"
        )
    return step.astype(np.int64)


def check_rows(offsets: NDArray[np.int64], indices: NDArray[Any], t: int, b: int) -> None:
    """Checks that ``offsets`` divides ``indices`` into B * T rows, each ascending."""
    if offsets.size != b * t + 1:
        raise InvalidValueError(f"offsets must have B * T + 1 = {b * t + 1} entries; given {offsets.size}")
    if offsets[0] != 0 or offsets[-1] != indices.size:
        raise InvalidValueError(
            f"offsets must begin at 0 and end at {indices.size}, the number of events; not {offsets[0]}, {offsets[-1]}"
        )
    falls = offsets[1:] < offsets[:-1]
    if falls.any():
        at = int(falls.argmax()) + 1
        raise InvalidValueError(f"offsets must not fall; offsets[{at}] is {offsets[at]} after {offsets[at - 1]}")
    unsorted = np.zeros(indices.size + 1, np.bool_)
    unsorted[1:-1] = indices[1:] < indices[:-1]
    unsorted[offsets] = False  # the first event of a row may be smaller than the last of the row before
    if unsorted.any():
        at = int(unsorted.argmax())
        sample, step = divmod(int(np.searchsorted(offsets, at, side="right")) - 1, t)
        raise InvalidValueError(
            f"events must ascend within a row, but event {at} (neuron {indices[at]}) follows event {at - 1} (neuron "
            f"{indices[at - 1]}) in sample {sample}, step {step}; Spikes.from_events(..., sort=True) sorts them"
        )


def chosen(samples: object, count: int) -> NDArray[np.int64]:
    """The sample numbers that an index, an array of them, a mask or a slice of ``count`` samples means."""
    index: Any = samples
    if not isinstance(samples, slice):
        array = np.asarray(samples)
        if array.ndim > 1:
            raise InvalidValueError(f"samples must be one-dimensional; given shape {array.shape}")
        index = array if array.size else array.astype(np.int64)  # an empty list shows no integers, yet means none
    try:
        return np.atleast_1d(np.arange(count)[index])
    except IndexError as error:
        raise InvalidValueError(f"samples must be indices, a mask or a slice of {count} samples: {error}") from None
