"""What sources of given times share: the step of a time, and events in the order of step and neuron."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.events import offsets_of, steps_of_times
from spikeloom.sources.base import Events

_NO_END = 2**62


def steps_of(times: NDArray[np.float64], dt: float) -> NDArray[np.int64]:
    """The step of ``dt`` ms that each time >= 0 falls into, by the rule of :class:`~spikeloom.core.spikes.Spikes`: a
    time within 1e-9 of a step's beginning counts as that beginning.
    """
    return steps_of_times(times, _NO_END, dt)


def by_step(step: NDArray[np.int64], neuron: NDArray[np.int64], first: int, steps: int) -> Events:
    """Those events that lie in the steps from ``first`` on, in the order of step and neuron."""
    inside = (step >= first) & (step < first + steps)
    step, neuron = step[inside] - first, neuron[inside]
    order = np.lexsort((neuron, step))
    return offsets_of(np.bincount(step, minlength=steps)), neuron[order].astype(np.int32)


def at_every(step: NDArray[np.int64], neurons: int, first: int, steps: int) -> Events:
    """As :func:`by_step`, for steps at which every one of ``neurons`` neurons has an event."""
    everyone = np.arange(neurons, dtype=np.int64)
    return by_step(np.repeat(step, neurons), np.tile(everyone, step.size), first, steps)
