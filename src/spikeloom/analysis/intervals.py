"""The time between the spikes of a neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.window import Window, window
from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes


def isi(
    spikes: Spikes, *, neuron: int | None = None, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> NDArray[np.float64]:
    """Interspike intervals: (K,), ms; neuron after neuron, in the order of time. Empty where no neuron fires twice.

    (Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86596-2.)

    Args:
        spikes: what was recorded.
        neuron: of which neuron; None: of all of them, one after another.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample, window or neuron that is not there.

    >>> isi(Spikes.from_times([1.0, 4.0, 6.0, 9.5], [0, 2, 0, 0], shape=(100, 1, 3), dt=0.1))
    array([5. , 3.5])
    """
    part = window(spikes, sample, start, stop)
    interval, owner = intervals(part)
    if neuron is not None:
        if whole(neuron, "neuron", minimum=0) >= part.neurons:
            raise InvalidValueError(f"neuron={neuron} is not there; allowed is 0 to {part.neurons - 1}")
        interval = interval[owner == neuron]
    return interval * part.dt


def intervals(part: Window) -> tuple[NDArray[Any], NDArray[Any]]:
    """All intervals in steps, and the neuron of each: both (K,), neuron after neuron, in the order of time."""
    place, first = part.by_neuron()
    owner = np.repeat(np.arange(part.neurons, dtype=np.int32), np.diff(first))
    same = owner[1:] == owner[:-1]
    return np.diff(place)[same], owner[1:][same]
