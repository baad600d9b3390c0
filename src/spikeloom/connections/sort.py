# pyright: basic
"""Compiled: sorting one row of small whole numbers, faster than comparing them.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.
"""

from __future__ import annotations

import numba

SHORT = 24
"""Rows up to this length are sorted by insertion."""


@numba.njit(cache=True, nogil=True)
def _by_digit(source, target, counts, shift, size):
    """Stable: ``target`` becomes ``source`` in the order of its digit ``(x >> shift) % size``; size is a power of 2."""
    mask = size - 1
    counts[:size] = 0
    for i in range(source.size):
        counts[(source[i] >> shift) & mask] += 1
    total = 0
    for digit in range(size):
        counts[digit], total = total, total + counts[digit]
    for i in range(source.size):
        digit = (source[i] >> shift) & mask
        target[counts[digit]] = source[i]
        counts[digit] += 1


@numba.njit(cache=True, nogil=True)
def sort_row(row, other, counts, stop):
    """Sorts ``row``, whose numbers lie in 0 ... stop - 1. Scratch: ``other`` as long as the row, ``counts`` of 256."""
    if row.size <= SHORT:
        for i in range(1, row.size):
            value, k = row[i], i
            while k > 0 and row[k - 1] > value:
                row[k] = row[k - 1]
                k -= 1
            row[k] = value
        return
    bits = 1
    while stop - 1 >> bits > 0:
        bits += 1
    passes = (bits + 7) // 8
    width = (bits + passes - 1) // passes
    spare = other[: row.size]
    for i in range(passes):
        if i % 2 == 0:
            _by_digit(row, spare, counts, i * width, 1 << width)
        else:
            _by_digit(spare, row, counts, i * width, 1 << width)
    if passes % 2 == 1:
        row[:] = spare
