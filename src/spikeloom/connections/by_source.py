# pyright: basic
"""From the sources of each target to the targets of each source: how an event-driven engine reads synapses.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError

_SHORT = 24  # rows up to this length are sorted by insertion
_NOTHING = {"weight": np.empty(0, np.float32), "delay": np.empty(0, np.uint8)}


@dataclasses.dataclass(frozen=True)
class Outgoing:
    """The synapses of each source onto some targets: those of source s are places ``starts[s]`` ... ``starts[s + 1]``
    of the other arrays, ordered by (delay, target), equal ones as they came.

    A synapse takes 2 bytes for its target (4 if there are more than 65,536), 4 for its weight in float32, 1 for a delay
    of at most 255 steps: 7 bytes. Weights or delays that are all equal need no array: 2 or 3 bytes then.
    """

    starts: NDArray[np.int64]
    """Where each source begins, and where the last one ends."""
    targets: NDArray[Any]
    """Index of the target, from the first target of the incoming lists on: uint16, or int32 for more than 65,536."""
    weights: NDArray[Any] | None
    delays: NDArray[Any] | None
    """In steps."""

    @property
    def nbytes(self) -> int:
        """Memory of all arrays."""
        return sum(a.nbytes for a in (self.starts, self.targets, self.weights, self.delays) if a is not None)


def outgoing(
    offsets: NDArray[np.int64],
    source: NDArray[np.int32],
    sources: int,
    weight: NDArray[Any] | None = None,
    delay: NDArray[Any] | None = None,
) -> Outgoing:
    """The outgoing lists of ``sources`` sources, from incoming lists (:meth:`Connection.incoming`) and what belongs to
    each synapse in them.

    Two passes in compiled code that lets other threads run. While they run there are the incoming lists (4 bytes a
    synapse, its weight and its delay), the result, 8 bytes for each source, and the largest source's synapses once
    more: about twice the result.

    Args:
        offsets: where the synapses of each target begin, and where the last one's end.
        source: the source of each synapse.
        sources: how many sources there are.
        weight: float32 or float64, one for each synapse; None if they are kept elsewhere, as one number.
        delay: uint8 or uint16 [steps], one for each synapse; None as above.

    Raises:
        InvalidValueError: arrays of another type or length, or a source that does not exist.
    """
    size = int(offsets[-1])
    _fits(source, "source", size, (np.int32,))
    arrays: dict[str, NDArray[Any]] = dict(_NOTHING)
    for name, array, kinds in (("weight", weight, (np.float32, np.float64)), ("delay", delay, (np.uint8, np.uint16))):
        if array is not None:
            _fits(array, name, size, kinds)
            arrays[name] = np.ascontiguousarray(array)
    cursor = np.zeros(sources + 1, np.int64)
    if not _count(source, cursor):
        raise InvalidValueError(f"a source lies outside 0 to {sources - 1}")
    np.cumsum(cursor, out=cursor)
    starts = cursor.copy()
    targets = np.empty(size, np.uint16 if offsets.size - 1 <= 2**16 else np.int32)
    weights = np.empty(0 if weight is None else size, arrays["weight"].dtype)
    delays = np.empty(0 if delay is None else size, arrays["delay"].dtype)
    _scatter(offsets, source, cursor, arrays["weight"], arrays["delay"], targets, weights, delays)
    if delay is not None:
        _by_delay(starts, targets, weights, delays)
    return Outgoing(starts, targets, None if weight is None else weights, None if delay is None else delays)


def _fits(array: NDArray[Any], name: str, size: int, kinds: tuple[type, ...]) -> None:
    if array.shape != (size,) or array.dtype not in kinds:
        allowed = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidValueError(
            f"{name} must be {size} values of {allowed}, one for each synapse; given {array.dtype}, {array.shape}"
        )


@numba.njit(cache=True, nogil=True)
def _count(source, counts):
    """counts[s + 1] += the number of synapses of s; false if a source lies outside."""
    last = counts.size - 2
    for i in range(source.size):
        if source[i] < 0 or source[i] > last:
            return False
        counts[source[i] + 1] += 1
    return True


@numba.njit(cache=True, nogil=True)
def stable_order(keys, size):
    """The order that sorts whole numbers from 0 to size - 1, equal ones as they came: a counting sort."""
    cursor = np.zeros(size + 1, np.int64)
    order = np.empty(keys.size, np.int64)
    for i in range(keys.size):
        cursor[keys[i] + 1] += 1
    for k in range(size):
        cursor[k + 1] += cursor[k]
    for i in range(keys.size):
        order[cursor[keys[i]]] = i
        cursor[keys[i]] += 1
    return order


@numba.njit(cache=True, nogil=True)
def _scatter(offsets, source, cursor, weight, delay, targets, weights, delays):
    """Writes each synapse to the next free place of its source."""
    for j in range(offsets.size - 1):
        for i in range(offsets[j], offsets[j + 1]):
            k = cursor[source[i]]
            cursor[source[i]] = k + 1
            targets[k] = j
            if weight.size:
                weights[k] = weight[i]
            if delay.size:
                delays[k] = delay[i]


@numba.njit(cache=True, nogil=True)
def _by_delay(starts, targets, weights, delays):
    """Sorts the synapses of each source by delay, stably: by insertion if they are few, else by counting, a byte of
    the delay at a time.
    """
    largest = 0
    for s in range(starts.size - 1):
        largest = max(largest, starts[s + 1] - starts[s])
    other_targets, other_delays = np.empty(largest, targets.dtype), np.empty(largest, delays.dtype)
    other_weights = np.empty(largest if weights.size else 0, weights.dtype)
    counts = np.empty(256, np.int64)
    for s in range(starts.size - 1):
        start, stop = starts[s], starts[s + 1]
        if stop - start <= _SHORT:
            _insert(start, stop, targets, weights, delays)
            continue
        least, most = np.int64(delays[start]), np.int64(delays[start])
        for i in range(start, stop):
            delay = np.int64(delays[i])
            least, most = min(least, delay), max(most, delay)
        span, shift = most - least, 0
        while span >> shift > 0:
            counts[:] = 0
            for i in range(start, stop):
                counts[((np.int64(delays[i]) - least) >> shift) & 255] += 1
            total = 0
            for digit in range(256):
                counts[digit], total = total, total + counts[digit]
            for i in range(start, stop):
                digit = ((np.int64(delays[i]) - least) >> shift) & 255
                k = counts[digit]
                counts[digit] = k + 1
                other_targets[k], other_delays[k] = targets[i], delays[i]
                if weights.size:
                    other_weights[k] = weights[i]
            for i in range(stop - start):
                targets[start + i], delays[start + i] = other_targets[i], other_delays[i]
                if weights.size:
                    weights[start + i] = other_weights[i]
            shift += 8


@numba.njit(cache=True, nogil=True)
def _insert(start, stop, targets, weights, delays):
    for i in range(start + 1, stop):
        delay, target, k = delays[i], targets[i], i
        weight = weights[i] if weights.size else 0.0
        while k > start and delays[k - 1] > delay:
            delays[k], targets[k] = delays[k - 1], targets[k - 1]
            if weights.size:
                weights[k] = weights[k - 1]
            k -= 1
        delays[k], targets[k] = delay, target
        if weights.size:
            weights[k] = weight
