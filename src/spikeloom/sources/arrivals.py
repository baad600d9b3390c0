# pyright: basic
"""Compiled: Poisson events, step by step. Every random number is looked up by (key, step, place), none drawn in turn.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from spikeloom.core.philox import philox4x32
from spikeloom.core.samplers import unit

_TAG = np.uint64(0x61727276)  # the counter word that keeps these numbers apart from others of the same key
_LOW, _32, _ONE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(1)


@numba.njit(cache=True, nogil=True)
def fill_poisson(
    key: np.uint64,
    first: int,
    dt: float,
    times: NDArray[np.float64],
    upto: NDArray[np.float64],
    period: float,
    neurons: int,
    offsets: NDArray[np.int64],
    index: NDArray[np.int32],
) -> None:
    """The events of the steps from ``first`` on; ``offsets`` says how many, and holds where each begins afterwards.

    From ``times[i]`` to the next one, neurons have the rates whose sums ``upto[i]`` are: the rate of all up to and with
    each neuron (times, neurons), or the one rate of every neuron (times, 1). After ``period`` they begin anew.

    A step is cut where rates change. In each part the neurons lie one after another on a line, each as long as its mean
    number of events, and points of unit density are laid on the line, with exponential gaps; a point is an event of the
    neuron on which it falls. So the numbers are exact for any mean, neurons come in order, and a part costs one random
    number more than it has events, however many neurons there are.

    Writes ``offsets`` and as much as ``index`` holds; the end of ``offsets`` says how much there is.
    """
    k0, k1 = key & _LOW, key >> _32
    same = upto.shape[1] == 1
    size = 0
    offsets[0] = 0
    for i in range(offsets.size - 1):
        step = np.uint64(first + i)
        begin = size
        phase, left = (first + i) * dt, dt
        if phase >= period:
            phase = min(max(phase - math.floor(phase / period) * period, 0.0), period)
        parts, block, gap, spare = 0, np.uint64(0), 0.0, 0.0
        while left > 0.0:
            if phase >= period:
                phase = 0.0
            piece = np.searchsorted(times, phase, side="right") - 1
            end = times[piece + 1] if piece + 1 < times.size else period
            length = min(end - phase, left)
            phase = end if length < left else phase
            left -= length
            if piece < 0 or upto[piece, -1] == 0.0:
                continue
            parts += 1
            rates = upto[piece]
            total = rates[-1] * length * (neurons if same else 1)
            place = 0.0
            while True:
                if block & _ONE == np.uint64(0):
                    w0, w1, w2, w3 = philox4x32(block >> _ONE, step & _LOW, step >> _32, _TAG, k0, k1)
                    gap, spare = -math.log(unit(w0, w1)), -math.log(unit(w2, w3))
                else:
                    gap = spare
                block += _ONE
                place += gap
                if place >= total:
                    break
                if same:
                    j = min(np.int64(place / (rates[0] * length)), neurons - 1)
                else:
                    j = min(np.searchsorted(rates, place / length, side="right"), neurons - 1)
                    while j > 0 and rates[j] == rates[j - 1]:  # rounded beyond the last that has a rate
                        j -= 1
                if size < index.size:
                    index[size] = j
                size += 1
        if parts > 1:
            index[begin : min(size, index.size)].sort()
        offsets[i + 1] = size
