"""One update of synapses: what is lost, and what is made. Pure functions of arrays and of a place in random streams."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.random import stream

Places: TypeAlias = NDArray[np.int64]
"""Places for synapses at each neuron."""


def places(number: NDArray[np.float64]) -> Places:
    """How many synapses so many elements hold."""
    return np.floor(number).astype(np.int64)


def taken(ends: NDArray[Any], neurons: int) -> Places:
    """How many synapses each neuron has, whose ends these are."""
    return np.bincount(ends, minlength=neurons)


def kept(ends: NDArray[Any], room: Places, random: np.random.Generator) -> NDArray[np.bool_]:
    """Which synapses stay when each neuron has ``room`` for so many: those that go are chosen at random.

    >>> kept(np.array([0, 0, 0, 1]), np.array([2, 5]), stream(0, "example")).sum()
    np.int64(3)
    """
    lot = random.random(ends.size)
    order = np.lexsort((lot, ends))  # by neuron, and in random order within it
    sorted_ends = ends[order]
    rank = np.arange(ends.size) - np.searchsorted(sorted_ends, sorted_ends)
    stays = np.empty(ends.size, np.bool_)
    stays[order] = rank < room[sorted_ends]
    return stays


def paired(
    axons: Places, dendrites: Places, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """New synapses between vacant places, as sources and targets: both are shuffled, and what is left over stays.

    >>> paired(np.array([0, 2, 0]), np.array([1]), stream(0, "example"))
    (array([1]), array([0]))
    """
    source = random.permutation(np.repeat(np.arange(axons.size), axons))
    target = random.permutation(np.repeat(np.arange(dendrites.size), dendrites))
    many = min(source.size, target.size)
    return source[:many], target[:many]


def rewired(
    source: NDArray[np.int64],
    target: NDArray[np.int64],
    axons: NDArray[np.float64],
    dendrites: NDArray[np.float64],
    seed: int,
    name: str,
    update: int,
    own: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """The synapses of one kind after an update: those that stay, in their order, and then the new ones.

    Axons lose theirs first; what that leaves too many at a dendrite goes then (as in NEST).

    Args:
        source, target: the ends of each synapse.
        axons, dendrites: elements of each neuron.
        seed, name, update: the place in the random streams.
        own: the place of each axon's own neuron among the dendrites, -1 if it has none there; a pair that would make
            a synapse of a neuron onto itself is left vacant then.

    Returns:
        Sources, targets, and which of the old ones stayed.
    """
    stays = np.ones(source.size, np.bool_)
    for side, ends, number in (("axons", source, axons), ("dendrites", target, dendrites)):
        random = stream(seed, f"structure {name}/{side}", update)
        left = np.flatnonzero(stays)
        stays[left[~kept(ends[left], places(number), random)]] = False
    source, target = source[stays], target[stays]
    free = [
        np.maximum(places(number) - taken(ends, number.size), 0)
        for ends, number in ((source, axons), (target, dendrites))
    ]
    new_source, new_target = paired(free[0], free[1], stream(seed, f"structure {name}/pairs", update))
    if own is not None:
        others = own[new_source] != new_target
        new_source, new_target = new_source[others], new_target[others]
    return np.concatenate([source, new_source]), np.concatenate([target, new_target]), stays
