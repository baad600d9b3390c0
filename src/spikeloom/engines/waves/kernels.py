"""First spikes of a convolution or a pooling from those of its source; compiled, the work follows the spikes.

The spikes of a layer are ``times`` (channels, rows, columns): the step of the neuron's only spike, or ``SILENT``.
"""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import Convolution, Pooling

SILENT: Final = np.iinfo(np.int16).max
"""The time of a neuron that does not fire: later than any step."""


def convolved(
    times: NDArray[np.int16], weight: NDArray[np.float64], connection: Convolution, theta: float, steps: int
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """First spikes of the targets of ``connection``, and how high their membranes were then (0 where none fired).

    ``weight`` has the weights of the connection, of which the targets' channels come last: (C, K, K, channels).
    """
    channels, rows, columns = connection.target_shape
    potential = np.zeros((rows, columns, channels))
    fired = np.full((rows, columns, channels), SILENT, np.int16)
    height = np.zeros((rows, columns, channels))
    order = np.argsort(times, axis=None, kind="stable")[: np.count_nonzero(times < steps)]
    channel, row, column = (axis.astype(np.int32) for axis in np.unravel_index(order, times.shape))
    step = times.reshape(-1)[order]
    stride, padding = connection.stride, connection.padding
    _convolve(step, channel, row, column, weight, stride, padding, theta, potential, fired, height)
    return np.ascontiguousarray(fired.transpose(2, 0, 1)), np.ascontiguousarray(height.transpose(2, 0, 1))


def pooled(times: NDArray[np.int16], connection: Pooling) -> NDArray[np.int16]:
    """First spikes of the targets of ``connection``: the first one of each window."""
    fired = np.full(connection.target_shape, SILENT, np.int16)
    _pool(times, connection.kernel, connection.stride or connection.kernel, connection.padding, fired)
    return fired


def arranged(weight: Any) -> NDArray[np.float64]:
    """Weights (channels, C, K, K) of a convolution as :func:`convolved` takes them."""
    return np.ascontiguousarray(np.asarray(weight, np.float64).transpose(1, 2, 3, 0))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _convolve(step, channel, row, column, weight, stride, padding, theta, potential, fired, height):
    rows, columns, channels = potential.shape
    side = weight.shape[1]
    touched = np.zeros((rows, columns), np.bool_)
    at_row, at_column = np.empty(rows * columns, np.int32), np.empty(rows * columns, np.int32)
    begin = 0
    while begin < step.size:
        end, many = begin, 0
        while end < step.size and step[end] == step[begin]:  # all spikes of one step, before anybody fires
            for i in range(side):
                y, rest = divmod(row[end] + padding - i, stride)
                if rest != 0 or y < 0 or y >= rows:
                    continue
                for j in range(side):
                    x, rest = divmod(column[end] + padding - j, stride)
                    if rest != 0 or x < 0 or x >= columns:
                        continue
                    for o in range(channels):
                        potential[y, x, o] += weight[channel[end], i, j, o]
                    if not touched[y, x]:
                        touched[y, x] = True
                        at_row[many], at_column[many] = y, x
                        many += 1
            end += 1
        for k in range(many):
            y, x = at_row[k], at_column[k]
            touched[y, x] = False
            for o in range(channels):
                if potential[y, x, o] >= theta and fired[y, x, o] == SILENT:
                    fired[y, x, o] = step[begin]
                    height[y, x, o] = potential[y, x, o]
        begin = end


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _pool(times, side, stride, padding, fired):
    channels, rows, columns = fired.shape
    for c in range(channels):
        for y in range(rows):
            for x in range(columns):
                first = SILENT
                for i in range(max(0, y * stride - padding), min(times.shape[1], y * stride - padding + side)):
                    for j in range(max(0, x * stride - padding), min(times.shape[2], x * stride - padding + side)):
                        first = min(first, times[c, i, j])
                fired[c, y, x] = first
