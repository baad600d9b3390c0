"""What a dense connection does with events, as compiled functions, beside the sums over rows in :mod:`.rows`.

Each adds in the order of the events, one after another, so a sum does not depend on how it is unrolled or divided.
"""

from __future__ import annotations

from spikeloom.engines.cpu.compiled import compiled
from spikeloom.engines.cpu.lists import list_marked
from spikeloom.engines.cpu.rows import add_rows, spread_row

BLOCK = 128
"""Steps whose gradients go to the weights together; longer blocks would leave the second-level cache."""

NARROW = 64
"""Targets up to which the gradients of all neurons may be multiplied at once (see :func:`all_at_once`)."""


SHORT = 64
"""Targets below which a row of a gradient is written as fast as an event is sorted."""


@compiled()
def copy_row(row, values):
    """``row = values``; an assignment of slices would compile for seconds, for the error that it might raise."""
    for j in range(values.shape[0]):
        row[j] = values[j]


@compiled()
def add_row(row, g):
    """``row += g``."""
    for j in range(g.shape[0]):
        row[j] += g[j]


@compiled()
def all_at_once(neurons, visited, targets):
    """Whether a product with the weights of all ``neurons`` costs less than one with each that is ``visited``.

    All together take a multiplication for every sixteenth neuron and target, two in a cycle; each alone takes one for
    every sixteenth target and about eight cycles for the sum across its register.
    """
    return targets <= NARROW and 2 * neurons * targets < 3 * visited * (targets + NARROW * 2)


@compiled()
def start_list(marks, like, index, totals):
    """List the neurons that are marked in ``index``, with zeros in ``totals``; how many."""
    count = list_marked(marks, like, index)
    for k in range(count):
        totals[k] = 0
    return count


@compiled()
def scatter(gradient, indices, offsets, row, begin, end, g, ends, order):
    """``gradient[i] += g[k]`` for each event i of step ``row + k``, ``begin <= k < end``: the way to the weights.

    Where events are many they are sorted by their source, and each source's row of the gradient is read and written
    once. ``ends`` has room for one number more than there are sources, ``order`` for all the events.
    """
    sources = gradient.shape[0]
    first, last = offsets[row + begin], offsets[row + end]
    if last - first < sources or gradient.shape[1] < SHORT:
        for k in range(begin, end):
            spread_row(gradient, indices, offsets[row + k], offsets[row + k + 1], g[k])
        return
    for i in range(sources + 1):
        ends[i] = 0
    for e in range(first, last):
        ends[indices[e] + 1] += 1
    for i in range(sources):
        ends[i + 1] += ends[i]
    for k in range(begin, end):
        for e in range(offsets[row + k], offsets[row + k + 1]):
            i = indices[e]
            order[ends[i]] = k
            ends[i] += 1
    start = ends[sources] - ends[sources]
    for i in range(sources):
        if ends[i] > start:
            add_rows(gradient[i], gradient[i], order, start, ends[i], g)
        start = ends[i]
