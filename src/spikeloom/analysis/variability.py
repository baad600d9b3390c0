"""How much spike counts vary around their mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.binned import moments, population_counts
from spikeloom.analysis.window import window
from spikeloom.core.spikes import Spikes


def fano(
    spikes: Spikes, bin: float, *, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> NDArray[np.float64]:
    r"""Fano factor of each neuron's count in bins of ``bin`` ms: (N,), no unit.

    .. math:: F_i = \mathrm{Var}(n_i) / \langle n_i \rangle

    1 for a Poisson process, 0 for a clock whose period divides the bin; for a renewal process it approaches CV^2 as
    bins grow long. The variance is the unbiased one. nan for a silent neuron, and where there are fewer than two bins.
    (Fano 1947, doi:10.1103/PhysRev.72.26; Nawrot et al. 2008, doi:10.1016/j.jneumeth.2007.10.013.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a bin that does not fit.

    >>> fano(Spikes.from_times([1.0, 4.0, 6.0], [0, 0, 2], shape=(100, 1, 3), dt=0.1), bin=5.0)
    array([ 2., nan,  1.])
    """
    part = window(spikes, sample, start, stop)
    mean, variance = moments(part, *part.bins(bin))
    with np.errstate(invalid="ignore"):
        return variance / mean


def population_fano(
    spikes: Spikes, bin: float, *, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> float:
    """Fano factor of the count of all neurons together in bins of ``bin`` ms: no unit.

    1 for independent Poisson processes; neurons that fire together raise it, up to their number. nan without a spike
    and where there are fewer than two bins. (A measure of synchrony as in Potjans & Diesmann 2014,
    doi:10.1093/cercor/bhs358, who take bins of 3 ms.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a bin that does not fit.
    """
    count = population_counts(spikes, bin, sample=sample, start=start, stop=stop)
    return float(count.var(ddof=1) / count.mean()) if count.size > 1 and count.any() else float("nan")
