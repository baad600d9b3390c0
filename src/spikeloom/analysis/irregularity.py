"""How irregular the spikes of a neuron are: 0 for a clock, 1 for a Poisson process."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.intervals import intervals
from spikeloom.analysis.window import Window, window
from spikeloom.core.arrays import whole
from spikeloom.core.spikes import Spikes


def cv(
    spikes: Spikes, *, minimum: int = 3, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> NDArray[np.float64]:
    r"""Coefficient of variation of the interspike intervals of each neuron: (N,), no unit.

    .. math:: CV = \sigma(I) / \langle I \rangle

    0 for a clock, 1 for a Poisson process, 1 / sqrt(k) for a gamma process of order k; rate changes raise it. The
    variance has the number of intervals in its denominator, and long intervals do not fit into a short recording: with
    few spikes the CV comes out too small. (Softky & Koch 1993, doi:10.1523/JNEUROSCI.13-01-00334.1993.)

    Args:
        spikes: what was recorded.
        minimum: a neuron with fewer spikes gets nan; at least 3.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a minimum below 3.

    >>> times = [1.0, 2.0, 4.0, 5.0, 7.0]
    >>> cv(Spikes.from_times(times, [0] * 5, shape=(100, 1, 2), dt=0.1))
    array([0.33333333,        nan])
    """
    least = whole(minimum, "minimum", minimum=3)
    part = window(spikes, sample, start, stop)
    interval, owner = intervals(part)
    mean = _mean(interval, owner, part)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _enough(np.sqrt(_mean((interval - mean[owner]) ** 2, owner, part)) / mean, part, least)


def mean_cv(
    spikes: Spikes, *, minimum: int = 3, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> float:
    """The mean of :func:`cv` over the neurons with at least ``minimum`` spikes: no unit; nan if there are none.

    (As in Potjans & Diesmann 2014, figure 6, doi:10.1093/cercor/bhs358.)

    Args:
        spikes: what was recorded.
        minimum: a neuron with fewer spikes is left out; at least 3.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: as :func:`cv`.
    """
    values = cv(spikes, minimum=minimum, sample=sample, start=start, stop=stop)
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def cv2(
    spikes: Spikes, *, minimum: int = 3, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> NDArray[np.float64]:
    r"""CV2 of each neuron, from neighbouring intervals, so that slow changes of the rate matter little: (N,), no unit.

    .. math:: CV_2 = \left\langle \frac{2\,|I_{k+1} - I_k|}{I_{k+1} + I_k} \right\rangle_k

    0 for a clock, 1 for a Poisson process. (Holt, Softky, Koch & Douglas 1996, doi:10.1152/jn.1996.75.5.1806.)

    Args:
        spikes: what was recorded.
        minimum: a neuron with fewer spikes gets nan; at least 3.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: as :func:`cv`.
    """
    least = whole(minimum, "minimum", minimum=3)
    part = window(spikes, sample, start, stop)
    contrast, owner = _contrasts(part)
    return _enough(_mean(2 * contrast, owner, part), part, least)


def local_variation(
    spikes: Spikes, *, minimum: int = 3, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> NDArray[np.float64]:
    r"""Local variation LV of each neuron, from neighbouring intervals: (N,), no unit.

    .. math:: LV = \left\langle 3 \left( \frac{I_k - I_{k+1}}{I_k + I_{k+1}} \right)^2 \right\rangle_k

    0 for a clock, 1 for a Poisson process, 3 / (2 k + 1) for a gamma process of order k, whose intervals may drift.
    (Shinomoto, Shima & Tanji 2003, doi:10.1162/089976603322518759.)

    Args:
        spikes: what was recorded.
        minimum: a neuron with fewer spikes gets nan; at least 3.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: as :func:`cv`.
    """
    least = whole(minimum, "minimum", minimum=3)
    part = window(spikes, sample, start, stop)
    contrast, owner = _contrasts(part)
    return _enough(_mean(3 * contrast**2, owner, part), part, least)


def _contrasts(part: Window) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """|I' - I| / (I' + I) of neighbouring intervals of a neuron, and that neuron; 0 where both are 0 steps long."""
    interval, owner = intervals(part)
    same = owner[1:] == owner[:-1]
    before, after = interval[:-1][same], interval[1:][same]
    return np.abs(after - before) / np.maximum(after + before, 1), owner[1:][same]


def _mean(values: NDArray[Any], owner: NDArray[Any], part: Window) -> NDArray[np.float64]:
    """The mean of the values of each neuron; nan where there are none."""
    number = np.bincount(owner, minlength=part.neurons)
    with np.errstate(invalid="ignore"):
        return np.bincount(owner, values, minlength=part.neurons) / number


def _enough(values: NDArray[np.float64], part: Window, least: int) -> NDArray[np.float64]:
    """``values``, and nan for the neurons with fewer than ``least`` spikes."""
    return np.where(np.bincount(part.indices, minlength=part.neurons) >= least, values, np.nan)
