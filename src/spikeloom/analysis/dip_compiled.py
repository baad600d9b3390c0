# pyright: basic
"""The dip of sorted values, compiled; :mod:`spikeloom.analysis.dip` calls it.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.

Hartigan 1985, "Algorithm AS 217: computation of the dip statistic to test for unimodality", doi:10.2307/2347485.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def dip_of(x):
    """The dip of ``x``, sorted, of two values or more."""
    n = x.size
    if x[0] == x[n - 1]:
        return 1.0 / (2 * n)
    before, after = _minorant(x), _majorant(x)
    low, high, dip = 0, n - 1, 1.0  # the dip in units of 1 / (2 n)
    left, right = np.empty(n, np.int64), np.empty(n, np.int64)
    while True:
        many_left = _chain(left, high, low, before)
        many_right = _chain(right, low, high, after)
        d, a, b = _farthest(x, left, many_left, right, many_right)
        if d < dip:
            break
        for j in range(a, many_left - 1):
            dip = max(dip, _away(x, left[j + 1], left[j], 1.0))
        for j in range(b, many_right - 1):
            dip = max(dip, _away(x, right[j], right[j + 1], -1.0))
        if low == left[a] and high == right[b]:
            break
        low, high = left[a], right[b]
    return dip / (2 * n)


@numba.njit(cache=True, nogil=True)
def _minorant(x):
    """For each point the one before it on the greatest convex minorant of the points up to it."""
    before = np.zeros(x.size, np.int64)
    for j in range(1, x.size):
        before[j] = j - 1
        while True:
            b = before[j]
            c = before[b]
            if b == 0 or (x[j] - x[b]) * (b - c) < (x[b] - x[c]) * (j - b):
                break
            before[j] = c
    return before


@numba.njit(cache=True, nogil=True)
def _majorant(x):
    """For each point the one after it on the least concave majorant of the points from it on."""
    last = x.size - 1
    after = np.full(x.size, last, np.int64)
    for k in range(last - 1, -1, -1):
        after[k] = k + 1
        while True:
            b = after[k]
            c = after[b]
            if b == last or (x[k] - x[b]) * (b - c) < (x[b] - x[c]) * (k - b):
                break
            after[k] = c
    return after


@numba.njit(cache=True, nogil=True)
def _chain(found, begin, end, to):
    """The points from ``begin`` to ``end``, each followed by what ``to`` says; returns how many."""
    found[0] = begin
    many = 1
    while found[many - 1] != end:
        found[many] = to[found[many - 1]]
        many += 1
    return many


@numba.njit(cache=True, nogil=True)
def _farthest(x, left, many_left, right, many_right):
    """The largest distance of the two hulls, and where in each of them the modal interval begins and ends."""
    a, b = many_left - 1, many_right - 1
    if many_left == 2 and many_right == 2:
        return 1.0, a, b
    i, k, d = many_left - 2, 1, 0.0
    while True:
        p, q = left[i], right[k]
        if p > q:
            c = left[i + 1]
            away = (q - c + 1) - (x[q] - x[c]) * (p - c) / (x[p] - x[c])
            k += 1
            if away >= d:
                d, a, b = away, i + 1, k - 1
        else:
            c = right[k - 1]
            away = (x[p] - x[c]) * (q - c) / (x[q] - x[c]) - (p - c - 1)
            i -= 1
            if away >= d:
                d, a, b = away, i + 1, k
        i, k = max(i, 0), min(k, many_right - 1)
        if left[i] == right[k]:
            return d, a, b


@numba.njit(cache=True, nogil=True)
def _away(x, begin, end, side):
    """How far the points between two neighbours on a hull lie from it: below it or (``side=-1``) above."""
    most = 1.0
    if end - begin > 1 and x[end] != x[begin]:
        slope = (end - begin) / (x[end] - x[begin])
        for j in range(begin, end + 1):
            most = max(most, side * (j - begin - (x[j] - x[begin]) * slope) + 1.0)
    return most
