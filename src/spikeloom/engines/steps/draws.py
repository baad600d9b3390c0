"""Random numbers within a step: a function of key, step and neuron, whoever asks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spikeloom.core.philox import philox4x32
from spikeloom.engines.cpu.compiled import compiled

_LOW, _32, _FINE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(24)
GUIDE = 256
"""Entries of the table that says where to begin the search: one for each value of a number's leading 8 bits."""


def poisson_table(mean: float) -> tuple[Any, Any]:
    """Where a 32-bit number u means at least k + 1 events (u >= bounds[k]), and a guide to the first k to look at.

    Exact but for the tail beyond a probability of 2**-32. ``mean`` at most :data:`MOST`: more is the sum of several.
    """
    bounds: list[int] = []
    probability, total, k = math.exp(-mean), 0.0, 0
    while total < 1 - 2.0**-33 and len(bounds) < 500:
        total += probability
        bounds.append(min(2**32 - 1, round(total * 2**32)))
        k += 1
        probability *= mean / k
    bounds.append(2**33)
    found = np.array(bounds, np.uint64)
    return found, np.searchsorted(found, np.arange(GUIDE, dtype=np.uint64) << _FINE, side="right").astype(np.int32)


MOST = 64.0
"""Events per step from one table."""


def scratch() -> Any:
    """The scratch of :func:`add_poisson`."""
    return np.empty((4, 64), np.uint64)


@compiled(cache=True)
def add_poisson(row, weight, bounds, guide, key, step, draw, first, words):
    """``row[j] += weight * (events of neuron first + j)``; ``first`` is a multiple of 4, four neurons share a draw.

    ``words`` (4, some) is scratch: the numbers are made for many neurons together, eight in a register, and then looked
    up one by one.
    """
    n = row.shape[0]
    k0, k1 = key & _LOW, key >> _32
    s = np.uint64(step)
    s0, s1 = s & _LOW, s >> _32
    d = np.uint64(draw)
    groups = (n + 3) // 4
    g = 0
    while g < groups:
        many = min(words.shape[1], groups - g)
        base = np.uint64(first // 4 + g)
        for i in range(many):
            w0, w1, w2, w3 = philox4x32(base + np.uint64(i), d, s0, s1, k0, k1)
            words[0, i], words[1, i], words[2, i], words[3, i] = w0, w1, w2, w3
        for i in range(many):
            at = 4 * (g + i)
            for lane in range(min(4, n - at)):
                u = words[lane, i]
                k = guide[u >> _FINE]
                while u >= bounds[k]:
                    k += 1
                row[at + lane] += weight * k
        g += many


@compiled(cache=True)
def fill_uniform(row, key, step, draw, first):
    """``row[j]`` = a number in [0, 1) for neuron ``first + j``, a multiple of 2."""
    n = row.shape[0]
    k0, k1 = key & _LOW, key >> _32
    s = np.uint64(step)
    d = np.uint64(draw)
    for g in range((n + 1) // 2):
        w0, w1, w2, w3 = philox4x32(np.uint64(first // 2 + g), d, s & _LOW, s >> _32, k0, k1)
        row[2 * g] = np.float64(((w0 << _32) | w1) >> np.uint64(11)) * 2.0**-53
        if 2 * g + 1 < n:
            row[2 * g + 1] = np.float64(((w2 << _32) | w3) >> np.uint64(11)) * 2.0**-53


@compiled(cache=True)
def fill_normal(row, key, step, draw, first):
    """``row[j]`` = a standard normal number for neuron ``first + j``, a multiple of 2 (Box & Muller 1958)."""
    n = row.shape[0]
    k0, k1 = key & _LOW, key >> _32
    s = np.uint64(step)
    d = np.uint64(draw)
    for g in range((n + 1) // 2):
        w0, w1, w2, w3 = philox4x32(np.uint64(first // 2 + g), d, s & _LOW, s >> _32, k0, k1)
        u = (np.float64(((w0 << _32) | w1) >> np.uint64(11)) + 0.5) * 2.0**-53
        angle = 2.0 * math.pi * np.float64(((w2 << _32) | w3) >> np.uint64(11)) * 2.0**-53
        radius = math.sqrt(-2.0 * math.log(u))
        row[2 * g] = radius * math.cos(angle)
        if 2 * g + 1 < n:
            row[2 * g + 1] = radius * math.sin(angle)


@compiled(cache=True)
def uniform_at(key, step, index, draw):
    """A number in [0, 1), a function of all four."""
    i, s = np.uint64(index), np.uint64(step)
    c1 = (i >> _32) | (np.uint64(draw) << np.uint64(16))
    w0, w1, _, _ = philox4x32(i & _LOW, c1, s & _LOW, s >> _32, key & _LOW, key >> _32)
    return np.float64(((w0 << _32) | w1) >> np.uint64(11)) * 2.0**-53


@compiled(cache=True)
def normal_at(key, step, index, draw):
    """A standard normal number, a function of all four (Box & Muller 1958)."""
    i, s = np.uint64(index), np.uint64(step)
    c1 = (i >> _32) | (np.uint64(draw) << np.uint64(16))
    w0, w1, w2, w3 = philox4x32(i & _LOW, c1, s & _LOW, s >> _32, key & _LOW, key >> _32)
    u = (np.float64(((w0 << _32) | w1) >> np.uint64(11)) + 0.5) * 2.0**-53
    angle = 2.0 * math.pi * np.float64(((w2 << _32) | w3) >> np.uint64(11)) * 2.0**-53
    return math.sqrt(-2.0 * math.log(u)) * math.cos(angle)
