"""How far the spike counts of two neurons go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.binned import counts
from spikeloom.analysis.window import window
from spikeloom.core.arrays import whole
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes


def correlations(
    spikes: Spikes,
    bin: float,
    *,
    neurons: Sequence[int] | NDArray[np.integer] | None = None,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> NDArray[np.float64]:
    r"""Spike-count correlation of every pair of neurons: (N, N) or (len(neurons), len(neurons)), no unit.

    .. math:: \rho_{ij} = \mathrm{Cov}(n_i, n_j) / \sqrt{\mathrm{Var}(n_i)\, \mathrm{Var}(n_j)}

    over the counts in bins of ``bin`` ms (Pearson's coefficient). nan where one of the two counts is the same in all
    bins, as that of a silent neuron. (Cohen & Kohn 2011, doi:10.1038/nn.2842.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        neurons: the numbers of the neurons that are compared, each once; None: all.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample, window or neuron that is not there, a bin that does not fit.
    """
    number = counts(spikes, bin, neurons=neurons, sample=sample, start=start, stop=stop).astype(np.float64)
    number -= number.mean(axis=0)
    length = np.sqrt((number**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        number /= np.where(length > 1e-9, length, np.nan)
    return np.clip(number.T @ number, -1.0, 1.0)


def mean_correlation(
    spikes: Spikes,
    bin: float,
    *,
    neurons: int = 200,
    seed: int = 0,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> float:
    """The mean of :func:`correlations` over all pairs of ``neurons`` neurons drawn from those that fire: no unit.

    All that fire, if they are fewer. nan if no pair has a correlation. (Cohen & Kohn 2011, doi:10.1038/nn.2842.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        neurons: how many are drawn, without repetition; at least 2.
        seed: of the draw.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: as :func:`correlations`, or ``neurons`` below 2.
    """
    wanted = whole(neurons, "neurons", minimum=2)
    part = window(spikes, sample, start, stop)
    fire = np.flatnonzero(np.bincount(part.indices, minlength=part.neurons))
    if fire.size > wanted:
        fire = np.sort(stream(seed, "mean_correlation").choice(fire, wanted, replace=False))
    matrix = correlations(spikes, bin, neurons=fire, sample=sample, start=start, stop=stop)
    pairs = matrix[np.triu_indices(fire.size, 1)]
    known = pairs[np.isfinite(pairs)]
    return float(known.mean()) if known.size else float("nan")
