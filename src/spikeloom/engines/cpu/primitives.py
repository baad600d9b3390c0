"""The three things that a dense connection does with events, as compiled functions.

Each adds in the order of the events, one after another, so a sum does not depend on how it is unrolled or divided.
"""

from __future__ import annotations

from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def gather(x, indices, start, stop, weight):
    """``x += sum of weight[i]`` over the events ``indices[start:stop]``: what the spikes of one step add to the targets."""
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
def scatter(gradient, indices, start, stop, g):
    """``gradient[i] += g`` for the events ``indices[start:stop]``: the gradient of :func:`gather` in its weights."""
    n = g.shape[0]
    for k in range(start, stop):
        row = gradient[indices[k]]
        for j in range(n):
            row[j] += g[j]


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def pull(weight_row, g):
    """``sum_j weight_row[j] g[j]``: the gradient of :func:`gather` in one spike."""
    total = weight_row[0] * g[0]
    for j in range(1, g.shape[0]):
        total += weight_row[j] * g[j]
    return total
