"""Spikes on their way: from the lists of those who fired to the rings of those who will receive."""

from __future__ import annotations

from spikeloom.engines.cpu.compiled import compiled


@compiled(cache=True)
def deliver_alike(ring, now, steps, offsets, index, starts, targets, weight, delay):
    """Add ``weight`` for every synapse of every spike of ``steps`` steps from ``now`` on, all with the same ``delay``.

    ``ring`` (slots, ports) is added to in the order of the spikes, and within a source in that of its synapses.
    """
    slots = ring.shape[0]
    for t in range(steps):
        row = ring[(now + t + delay) % slots]
        for e in range(offsets[t], offsets[t + 1]):
            i = index[e]
            for k in range(starts[i], starts[i + 1]):
                row[targets[k]] += weight


@compiled(cache=True)
def deliver_weights(ring, now, steps, offsets, index, starts, targets, weights, delay):
    """The same with a weight for each synapse."""
    slots = ring.shape[0]
    for t in range(steps):
        row = ring[(now + t + delay) % slots]
        for e in range(offsets[t], offsets[t + 1]):
            i = index[e]
            for k in range(starts[i], starts[i + 1]):
                row[targets[k]] += weights[k]


@compiled(cache=True)
def deliver_each(ring, now, steps, offsets, index, starts, targets, weights, delays):
    """The same with a weight and a delay for each synapse, which are in the order of their delays."""
    slots = ring.shape[0]
    for t in range(steps):
        for e in range(offsets[t], offsets[t + 1]):
            i = index[e]
            k, last = starts[i], starts[i + 1]
            while k < last:
                delay = delays[k]
                row = ring[(now + t + delay) % slots]
                while k < last and delays[k] == delay:
                    row[targets[k]] += weights[k]
                    k += 1


@compiled(cache=True)
def deliver_scaled(ring, now, steps, offsets, index, starts, targets, weights, delays, factors):
    """The same with a factor for each spike."""
    slots = ring.shape[0]
    for t in range(steps):
        for e in range(offsets[t], offsets[t + 1]):
            i = index[e]
            factor = factors[e - offsets[0]]
            for k in range(starts[i], starts[i + 1]):
                ring[(now + t + delays[k]) % slots, targets[k]] += factor * weights[k]
