"""The three things that a dense connection does with events, as compiled functions.

Each adds in the order of the events, one after another, so a sum does not depend on how it is unrolled or divided.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros as _trailing_zeros

BLOCK = 32
"""Steps whose gradients go to the weights together: their vectors fit the first-level cache, their marks a word."""


@njit
def _first(mark):
    """The lowest bit that is set."""
    return _trailing_zeros(mark)  # pyright: ignore[reportCallIssue] - an intrinsic: the compiler gives the other argument


@njit(nogil=True, cache=True, error_model="numpy")
def gather(x, indices, start, stop, weight):
    """``x += sum of weight[i]`` over the events ``indices[start:stop]``: what the spikes of a step add."""
    n = x.shape[0]
    k = start
    while k + 4 <= stop:
        a, b, c, d = weight[indices[k]], weight[indices[k + 1]], weight[indices[k + 2]], weight[indices[k + 3]]
        for j in range(n):
            x[j] = (((x[j] + a[j]) + b[j]) + c[j]) + d[j]
        k += 4
    while k < stop:
        a = weight[indices[k]]
        for j in range(n):
            x[j] += a[j]
        k += 1


@njit(nogil=True, cache=True, error_model="numpy")
def copy_row(row, values):
    """``row = values``; an assignment of slices would compile for seconds, for the error that it might raise."""
    for j in range(values.shape[0]):
        row[j] = values[j]


@njit(nogil=True, cache=True, error_model="numpy")
def add_row(row, g):
    """``row += g``."""
    for j in range(g.shape[0]):
        row[j] += g[j]


@njit(nogil=True, cache=True, error_model="numpy")
def scatter(gradient, indices, offsets, row, begin, end, g, marks):
    """``gradient[i] += g[k]`` for each event i of step ``row + k``, ``begin <= k < end``: :func:`gather` backwards.

    Up to :data:`BLOCK` steps at once: where events are many and rows long, a source's row of the gradient is read and
    written once for all its events of the block, found by the bits of ``marks`` (zeros; one word for each source).
    """
    n = gradient.shape[1]
    if n < 64 or offsets[row + end] - offsets[row + begin] < marks.shape[0]:
        for k in range(begin, end):
            for e in range(offsets[row + k], offsets[row + k + 1]):
                add_row(gradient[indices[e]], g[k])
        return
    for k in range(begin, end):
        bit = np.uint32(1) << np.uint32(k)
        for e in range(offsets[row + k], offsets[row + k + 1]):
            i = indices[e]
            if marks[i] & bit:  # the same source twice in one step
                add_row(gradient[i], g[k])
            marks[i] |= bit
    for i in range(marks.shape[0]):
        mark = marks[i]
        if mark == np.uint32(0):
            continue
        marks[i] = np.uint32(0)
        target = gradient[i]
        while mark & (mark - np.uint32(1)):
            a = g[_first(mark)]
            mark &= mark - np.uint32(1)
            b = g[_first(mark)]
            mark &= mark - np.uint32(1)
            if mark & (mark - np.uint32(1)):
                c = g[_first(mark)]
                mark &= mark - np.uint32(1)
                d = g[_first(mark)]
                mark &= mark - np.uint32(1)
                for j in range(n):
                    target[j] = (((target[j] + a[j]) + b[j]) + c[j]) + d[j]
            else:
                for j in range(n):
                    target[j] = (target[j] + a[j]) + b[j]
        if mark != np.uint32(0):
            add_row(target, g[_first(mark)])


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def pull(weight_row, g):
    """``sum_j weight_row[j] g[j]``: the gradient of :func:`gather` in one spike."""
    total = g.dtype.type(0.0)
    for j in range(g.shape[0]):
        total += weight_row[j] * g[j]
    return total
