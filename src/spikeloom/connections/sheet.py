# pyright: basic
"""Compiled: which sources a target on a sheet gets, more likely the nearer they are.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from spikeloom.connections.draws import PER_PAIR, PER_TARGET
from spikeloom.connections.sort import sort_row
from spikeloom.core.philox import philox4x32
from spikeloom.core.samplers import unit

GAUSSIAN, EXPONENTIAL, BOX = range(3)

_LOW, _32, _ZERO = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(0)


@numba.njit(cache=True, nogil=True)
def _kernel(shape, scale, dx, dy):
    """The kernel at a displacement; it is 1 at 0."""
    square = dx * dx + dy * dy
    if shape == GAUSSIAN:
        return math.exp(-0.5 * square / (scale * scale))
    if shape == EXPONENTIAL:
        return math.exp(-math.sqrt(square) / scale)
    return 1.0 if square <= scale * scale * (1 + 1e-12) else 0.0  # what lies on the rim, but for rounding, is inside


@numba.njit(cache=True, nogil=True)
def _apart(a, b, period):
    """The distance of two coordinates; ``period`` 0 is none."""
    d = abs(a - b)
    return min(d, period - d) if period > 0 else d


@numba.njit(cache=True, nogil=True)
def _reach(a, low, high, period):
    """The distance of a coordinate from an interval."""
    return 0.0 if low <= a <= high else min(_apart(a, low, period), _apart(a, high, period))


@numba.njit(cache=True, nogil=True)
def _smallest(values, place):
    """The value at ``place`` if ``values`` were sorted, which it reorders (Hoare 1961, doi:10.1145/366622.366647)."""
    low, high = 0, values.size - 1
    while low < high:
        pivot, i, j = values[(low + high) // 2], low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i, j = i + 1, j - 1
        if j < place < i:
            break
        low, high = (low, j) if place <= j else (i, high)
    return values[place]


@numba.njit(cache=True, nogil=True)
def mean_kernel(shape, scale, source, target, period, chosen, no_self):
    """The kernel's sum over all sources, on average over the ``chosen`` targets."""
    total = 0.0
    for t in chosen:
        for s in range(source.shape[0]):
            if not (no_self and s == t):
                dx, dy = _apart(source[s, 0], target[t, 0], period[0]), _apart(source[s, 1], target[t, 1], period[1])
                total += _kernel(shape, scale, dx, dy)
    return total / chosen.size


@numba.njit(cache=True, nogil=True)
def by_probability(
    key, first, shape, scale, peak, source, target, period, no_self, starts, members, corners, offsets, out
):
    """Each pair with the probability peak * kernel(distance), independently.

    Sources are kept in cells: those of cell c are ``members[starts[c]:starts[c + 1]]``, inside the rectangle
    ``corners[c]`` (left, right, bottom, top). The nearest point of the rectangle gives the highest probability there;
    with it the cell is crossed in geometric leaps, and where one lands, its true probability over that one decides.
    Writes ``offsets`` and as much as ``out`` holds; the end of ``offsets`` says how much there is.
    """
    k0, k1 = key & _LOW, key >> _32
    other, counts = np.empty(source.shape[0], np.int32), np.empty(256, np.int64)
    size = 0
    offsets[0] = 0
    for j in range(offsets.size - 1):
        t = first + j
        x, y, block = target[t, 0], target[t, 1], _ZERO
        for c in range(starts.size - 1):
            nearest_x = _reach(x, corners[c, 0], corners[c, 1], period[0])
            nearest_y = _reach(y, corners[c, 2], corners[c, 3], period[1])
            most = peak * _kernel(shape, scale, nearest_x, nearest_y)
            if most <= 0.0:
                continue
            leap = -0.0 if most >= 1.0 else 1.0 / math.log1p(-most)
            at, stop = starts[c] - 1, starts[c + 1]
            while True:
                w0, w1, w2, w3 = philox4x32(block, np.uint64(t), np.uint64(2), PER_PAIR, k0, k1)
                block += np.uint64(1)
                u = unit(w0, w1)
                if u <= 1.0 - (stop - 1 - at) * most:  # so u <= (1 - most)**(stop - 1 - at), without a logarithm
                    break
                gap = math.log(u) * leap
                if gap >= stop - 1 - at:
                    break
                at += 1 + np.int64(gap)
                s = members[at]
                dx, dy = _apart(source[s, 0], x, period[0]), _apart(source[s, 1], y, period[1])
                if unit(w2, w3) * most < peak * _kernel(shape, scale, dx, dy) and not (no_self and s == t):
                    if size < out.size:
                        out[size] = s
                    size += 1
        offsets[j + 1] = size
        if size <= out.size:
            sort_row(out[offsets[j] : size], other, counts, source.shape[0])


@numba.njit(cache=True, nogil=True)
def by_indegree(key, first, last, shape, scale, degree, source, target, period, no_self, repeated, out):
    """``degree`` sources for each target, drawn one after the other with probabilities proportional to the kernel.

    With repetition, from the running sum of the kernel. Without, a source that has been drawn leaves; the ``degree``
    smallest of E / kernel, with E exponential and one for each source, are such a draw (Efraimidis & Spirakis 2006,
    doi:10.1016/j.ipl.2005.11.003). Returns the first target that has too few sources in reach and their number, or -1.
    """
    k0, k1 = key & _LOW, key >> _32
    sources = source.shape[0]
    sums, near, keys = np.empty(sources), np.empty(sources, np.int32), np.empty(0 if repeated else sources)
    other, counts = np.empty(degree, np.int32), np.empty(256, np.int64)
    for j in range(last - first):
        t = first + j
        row, total, found = out[j * degree : (j + 1) * degree], 0.0, 0
        for s in range(sources):
            dx, dy = _apart(source[s, 0], target[t, 0], period[0]), _apart(source[s, 1], target[t, 1], period[1])
            weight = 0.0 if no_self and s == t else _kernel(shape, scale, dx, dy)
            if weight > 0.0:
                total += weight
                near[found] = s
                sums[found] = total if repeated else weight
                found += 1
        if found < (min(degree, 1) if repeated else degree):
            return t, found
        for block in range(((degree if repeated else found) + 1) // 2):
            w0, w1, w2, w3 = philox4x32(np.uint64(block), np.uint64(t), np.uint64(2), PER_TARGET, k0, k1)
            for half in range(2):
                i, u = 2 * block + half, unit(w0, w1) if half == 0 else unit(w2, w3)
                if not repeated:
                    if i < found:
                        keys[i] = -math.log(u) / sums[i]
                elif i < degree:
                    low, high = 0, found - 1
                    while low < high:
                        middle = (low + high) // 2
                        if sums[middle] > u * total:
                            high = middle
                        else:
                            low = middle + 1
                    row[i] = near[low]
        if not repeated and degree > 0:
            limit, n = _smallest(keys[:found].copy(), degree - 1), 0
            for equal in range(2):
                for i in range(found):
                    if n < degree and (keys[i] == limit if equal else keys[i] < limit):
                        row[n] = near[i]
                        n += 1
        sort_row(row, other, counts, sources)
    return -1, 0
