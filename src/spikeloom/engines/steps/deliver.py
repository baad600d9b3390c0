"""Spikes on their way: from the lists of those who fired to the rings of those who will receive.

A ring (slots, ports) is added to in the order of the spikes, and within a source in that of its synapses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeloom.engines.steps.operation import Operation

ALIKE = """
for t in range(steps):
    line = ring[(now + t + delay) % ring.shape[0]]
    for e in range(offsets[now - origin[0] + t], offsets[now - origin[0] + t + 1]):
        i = index[e]
        for k in range(starts[i], starts[i + 1]):
            line[targets[k]] += weight
"""
"""All with the same weight and delay."""

WEIGHTS = """
for t in range(steps):
    line = ring[(now + t + delay) % ring.shape[0]]
    for e in range(offsets[now - origin[0] + t], offsets[now - origin[0] + t + 1]):
        i = index[e]
        for k in range(starts[i], starts[i + 1]):
            line[targets[k]] += weights[k]
"""
"""With a weight for each synapse."""

EACH = """
for t in range(steps):
    for e in range(offsets[now - origin[0] + t], offsets[now - origin[0] + t + 1]):
        i = index[e]
        k, last = starts[i], starts[i + 1]
        while k < last:
            delay = delays[k]
            line = ring[(now + t + delay) % ring.shape[0]]
            while k < last and delays[k] == delay:
                line[targets[k]] += weights[k]
                k += 1
"""
"""With a weight and a delay for each synapse, which are in the order of their delays."""

POUR = """
for t in range(steps):
    line = ring[(now + t) % ring.shape[0]]
    for e in range(offsets[now - origin[0] + t], offsets[now - origin[0] + t + 1]):
        j = index[e]
        if j >= first and j < last:
            line[port + j - first] += weight
"""
"""Events that a source lists for each neuron."""


def delivery(starts: Any, targets: Any, weights: Any, delays: Any, events: dict[str, Any], ring: Any) -> Operation:
    """The operation for synapses that stay as they are: ``weights`` and ``delays`` [steps] may be single numbers."""
    values = {"ring": ring, **events, "starts": starts, "targets": targets}
    if not isinstance(weights, np.ndarray):
        return Operation("deliver", "the delivery of spikes", ALIKE, {**values, "weight": weights, "delay": delays})
    if not isinstance(delays, np.ndarray):
        return Operation("deliver", "the delivery of spikes", WEIGHTS, {**values, "weights": weights, "delay": delays})
    return Operation("deliver", "the delivery of spikes", EACH, {**values, "weights": weights, "delays": delays})


def pouring(weight: float, port: int, first: int, last: int, events: dict[str, Any], ring: Any) -> Operation:
    """The operation that brings listed events to neurons ``first`` to ``last`` - 1, whose port this is."""
    values = {"ring": ring, **events, "weight": weight, "port": port, "first": first, "last": last}
    return Operation("pour", "events of a source", POUR, values)
