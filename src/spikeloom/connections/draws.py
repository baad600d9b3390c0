# pyright: basic
"""Compiled: which sources a target gets. Every random number is looked up by (key, neuron, place), none drawn in turn.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from spikeloom.connections.sort import sort_row
from spikeloom.core.philox import philox4x32
from spikeloom.core.samplers import unit

PER_TARGET, PER_SOURCE, PER_PAIR = np.uint64(0x696E), np.uint64(0x6F7574), np.uint64(0x70616972)
"""Counter words that keep the three kinds of draws apart under the same key."""

_LOW, _32, _ZERO, _TWO32 = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(0), np.uint64(2**32)


@numba.njit(cache=True, nogil=True)
def _words(words, neuron, tag, k0, k1):
    """Fills ``words`` (a whole number of blocks of four) with random 32-bit words: those of blocks 0, 1, ..."""
    for block in range(words.size // 4):
        w0, w1, w2, w3 = philox4x32(np.uint64(block) & _LOW, neuron, _ZERO, tag, k0, k1)
        words[4 * block] = w0
        words[4 * block + 1] = w1
        words[4 * block + 2] = w2
        words[4 * block + 3] = w3


@numba.njit(cache=True, nogil=True)
def _spare(place, neuron, tag, k0, k1):
    """The word to take for the ``place``-th one that was refused."""
    return philox4x32(place, neuron, np.uint64(1), tag, k0, k1)[0]


@numba.njit(cache=True, nogil=True)
def pick(row, number, me, repeated, words, marks, neuron, tag, k0, k1):
    """Fills ``row`` with numbers drawn uniformly from 0 ... number - 1 without ``me`` (-1: with all), unsorted.

    A word becomes a number by multiplying and shifting, with the few words refused that would favour some numbers
    (Lemire 2019, doi:10.1145/3230636). Without repetition, by Floyd's method (Bentley & Floyd 1987,
    doi:10.1145/30401.315746); ``marks`` is false everywhere, before and after.
    """
    size = row.size
    bound = number - 1 if me >= 0 else number
    _words(words[: 4 * ((size + 3) // 4)], neuron, tag, k0, k1)
    refused = _ZERO
    for i in range(size):
        top = np.uint64(bound if repeated else bound - size + i + 1)
        product = np.uint64(words[i]) * top
        if (product & _LOW) < top:
            least = (_TWO32 - top) % top
            while (product & _LOW) < least:
                product = _spare(refused, neuron, tag, k0, k1) * top
                refused += np.uint64(1)
        chosen = np.int64(product >> _32)
        if not repeated:
            if marks[chosen]:
                chosen = np.int64(top) - 1
            marks[chosen] = True
        row[i] = chosen
    if not repeated:
        for i in range(size):
            marks[row[i]] = False
    if me >= 0:
        for i in range(size):
            row[i] += row[i] >= me


@numba.njit(cache=True, nogil=True)
def _largest(offsets):
    largest = 0
    for j in range(offsets.size - 1):
        largest = max(largest, offsets[j + 1] - offsets[j])
    return largest


@numba.njit(cache=True, nogil=True)
def given_indegree(key, first, offsets, sources, no_self, repeated, out):
    """Each target's sources, ascending: as many as ``offsets`` leaves room for."""
    k0, k1 = key & _LOW, key >> _32
    largest = _largest(offsets)
    words = np.empty(4 * ((largest + 3) // 4), np.uint32)
    other, counts = np.empty(largest, np.int32), np.empty(256, np.int64)
    marks = np.zeros(0 if repeated else sources, np.bool_)
    for j in range(offsets.size - 1):
        row, target = out[offsets[j] : offsets[j + 1]], first + j
        me = target if no_self else -1
        pick(row, sources, me, repeated, words, marks, np.uint64(target), PER_TARGET, k0, k1)
        sort_row(row, other, counts, sources)


@numba.njit(cache=True, nogil=True)
def given_outdegree(key, first, last, sources, targets, degree, no_self, repeated, filling, cursor, out):
    """Draws the targets of every source. ``filling``: writes the source to the next free place (``cursor``) of each
    target in [first, last); else only counts them there. Sources come in order, so that rows are ascending.
    """
    k0, k1 = key & _LOW, key >> _32
    words, row = np.empty(4 * ((degree + 3) // 4), np.uint32), np.empty(degree, np.int32)
    marks = np.zeros(0 if repeated else targets, np.bool_)
    for source in range(sources):
        me = source if no_self else -1
        pick(row, targets, me, repeated, words, marks, np.uint64(source), PER_SOURCE, k0, k1)
        for i in range(degree):
            target = row[i]
            if first <= target < last:
                if filling:
                    out[cursor[target - first]] = source
                cursor[target - first] += 1


@numba.njit(cache=True, nogil=True)
def given_probability(key, first, sources, no_self, scale, offsets, out):
    """Each pair with the same probability p, by drawing how many pairs are left out until the next (geometric).

    ``scale`` is 1 / log(1 - p). Writes ``offsets`` and as much as ``out`` holds; the end of ``offsets`` says how much
    there is.
    """
    k0, k1 = key & _LOW, key >> _32
    available = sources - 1 if no_self else sources
    size = 0
    offsets[0] = 0
    for j in range(offsets.size - 1):
        target = first + j
        at, block = -1, _ZERO
        while at < available:
            w0, w1, w2, w3 = philox4x32(block, np.uint64(target), _ZERO, PER_PAIR, k0, k1)
            block += np.uint64(1)
            for half in range(2):
                u = unit(w0, w1) if half == 0 else unit(w2, w3)
                gap = math.log(u) * scale
                if gap >= available - 1 - at:
                    at = available
                    break
                at += 1 + np.int64(gap)
                if size < out.size:
                    out[size] = at + 1 if no_self and at >= target else at
                size += 1
        offsets[j + 1] = size
