"""How often neurons fire, and how that changes with time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.window import window
from spikeloom.core.spikes import Spikes


def rates(spikes: Spikes, *, sample: int = 0, start: float = 0.0, stop: float | None = None) -> NDArray[np.float64]:
    r"""Mean firing rate of each neuron: (N,), Hz; 0 where a neuron is silent.

    .. math:: r_i = n_i / (t_{stop} - t_{start})

    (Spike-count rate: Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, section 7.2,
    doi:10.1017/CBO9781107447615.)

    Args:
        spikes: what was recorded.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there.

    >>> rates(Spikes.from_times([1.0, 4.0, 6.0], [0, 0, 2], shape=(100, 1, 3), dt=0.1))
    array([200.,   0., 100.])
    """
    part = window(spikes, sample, start, stop)
    count = np.bincount(part.indices, minlength=part.neurons)
    return np.multiply(count, 1e3 / (part.steps * part.dt), dtype=np.float64)


def population_rate(
    spikes: Spikes, bin: float, *, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Mean rate of the population in bins of ``bin`` ms: the bins' centres (ms) and the rates (Hz), both (bins,).

    .. math:: A(t) = \frac{1}{N\, \Delta t} \sum_i n_i(t, t + \Delta t)

    (Population activity: Gerstner et al. 2014, section 7.2, doi:10.1017/CBO9781107447615.) What is left at the end
    and fills no bin is not counted.

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        sample: which sample of the batch.
        start: ms that are left out at the beginning; the bins' times still count from the recording's beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a bin that does not fit.

    >>> population_rate(Spikes.from_times([1.0, 4.0, 6.0], [0, 0, 2], shape=(100, 1, 3), dt=0.1), bin=5.0)
    (array([2.5, 7.5]), array([133.33333333,  66.66666667]))
    """
    part = window(spikes, sample, start, stop)
    width, bins = part.bins(bin)
    length = width * part.dt
    count = np.diff(part.offsets[: bins * width + 1 : width])
    time = part.first * part.dt + (np.arange(bins, dtype=np.float64) + 0.5) * length
    return time, np.multiply(count, 1e3 / (part.neurons * length), dtype=np.float64)
