"""Auto- and cross-correlograms: how many spikes follow a spike, at which lag."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.window import Window, window
from spikeloom.core.arrays import positive, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes

Unit = Literal["rate", "count"]
Correlogram = tuple[NDArray[np.float64], NDArray[np.float64]]


def autocorrelogram(
    spikes: Spikes,
    bin: float,
    max_lag: float,
    *,
    neuron: int | None = None,
    unit: Unit = "rate",
    corrected: bool = False,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> Correlogram:
    r"""Each neuron's spikes against its own, pooled over the neurons: lags (ms) and values, both (2 L + 1,).

    .. math:: C(l) = \sum_i \sum_b n_i(b)\, n_i(b + l)

    where n_i(b) counts in bins, without the pair of a spike with itself. ``unit="count"`` gives C; ``"rate"`` the rate
    of a neuron at the given lag after one of its own spikes (Hz), which compares each lag with the bins that have a
    partner: C(l) / (spikes x bin) x bins / (bins - |l|). ``corrected`` subtracts what the same numbers of spikes would
    give if they were thrown at random: a Poisson process is flat, at its rate or at 0. (Perkel, Gerstein & Moore 1967,
    doi:10.1016/S0006-3495(67)86596-2.)

    Values are 0 (count) or nan (rate) where no neuron fires.

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        max_lag: the lags go from -max_lag to max_lag, ms; rounded down to whole bins.
        neuron: of which neuron; None: of all of them, pooled.
        unit: ``"rate"`` (Hz) or ``"count"`` (pairs of spikes).
        corrected: whether chance is subtracted.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample, window or neuron that is not there, a bin or lag that does not fit, another unit.

    >>> clock = Spikes.from_times([0.0, 2.0, 4.0, 6.0], [0] * 4, shape=(8, 1, 1), dt=1.0)
    >>> autocorrelogram(clock, bin=1.0, max_lag=3.0, unit="count")[1]
    array([0., 3., 0., 0., 0., 3., 0.])
    """
    part = window(spikes, sample, start, stop)
    width, bins = part.bins(bin)
    lags = _lags(max_lag, width * part.dt, bins)
    place, first = part.by_neuron(width)
    if neuron is not None:
        _check_neuron(neuron, part, "neuron")
        place = place[first[neuron] : first[neuron + 1]]
        first = np.array([0, place.size])
    number = np.diff(first).astype(np.float64)
    half = _own_lags(place, first, lags)
    pairs = np.concatenate([half[:0:-1], half])
    chance = float((number * (number - 1)).sum()) / bins**2
    return _scaled(pairs, number.sum(), chance, lags, bins, width * part.dt, unit, corrected)


def cross_correlogram(
    first: Spikes,
    second: Spikes,
    bin: float,
    max_lag: float,
    *,
    neurons: tuple[int, int] | None = None,
    unit: Unit = "rate",
    corrected: bool = False,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> Correlogram:
    r"""Spikes of ``second`` around those of ``first``: lags (ms) and values, both (2 L + 1,).

    .. math:: C(l) = \sum_b n_1(b)\, n_2(b + l)

    where n(b) counts in bins. At positive lags ``second`` fires later. ``unit="count"`` gives C; ``"rate"`` the rate of
    ``second`` at the given lag after a spike of ``first`` (Hz), which compares each lag with the bins that have a
    partner: C(l) / (spikes of first x bin) x bins / (bins - |l|). ``corrected`` subtracts what the same numbers of
    spikes would give if they were thrown at random: independent processes are flat, at the rate of ``second`` or at 0.
    (Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86597-4.)

    Values are 0 (count) or nan (rate) where ``first`` is silent. For a train against itself see
    :func:`autocorrelogram`, which leaves out the pair of a spike with itself.

    Args:
        first: what was recorded.
        second: another recording, or the same; T and dt must agree.
        bin: a whole number of steps, ms.
        max_lag: the lags go from -max_lag to max_lag, ms; rounded down to whole bins.
        neurons: one neuron of ``first`` and one of ``second``; None: all neurons of each, as if they were one.
        unit: ``"rate"`` (Hz) or ``"count"`` (pairs of spikes).
        corrected: whether chance is subtracted.
        sample: which sample of both batches.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: recordings that do not fit together; a sample, window or neuron that is not there; a bin or
            lag that does not fit; another unit.

    >>> first = Spikes.from_times([1.0, 5.0], [0, 0], shape=(10, 1, 1), dt=1.0)
    >>> second = Spikes.from_times([3.0, 7.0], [0, 0], shape=(10, 1, 1), dt=1.0)
    >>> cross_correlogram(first, second, bin=1.0, max_lag=3.0, unit="count")
    (array([-3., -2., -1.,  0.,  1.,  2.,  3.]), array([0., 1., 0., 0., 0., 2., 0.]))
    """
    from scipy.signal import correlate

    parts = window(first, sample, start, stop), window(second, sample, start, stop)
    if (first.shape[0], first.dt) != (second.shape[0], second.dt):
        raise InvalidValueError(f"first and second must agree in T and dt; given {first} and {second}")
    width, bins = parts[0].bins(bin)
    lags = _lags(max_lag, width * first.dt, bins)
    if neurons is not None and (not isinstance(neurons, (tuple, list)) or len(neurons) != 2):
        raise InvalidValueError(f"neurons must be a pair: one of first, one of second; given {neurons!r}")
    before, after = (_train(part, width, bins, neurons and neurons[i]) for i, part in enumerate(parts))
    full = correlate(after, before, mode="full", method="fft")  # lag l stands at bins - 1 + l
    pairs = np.rint(full[bins - 1 - lags : bins + lags]) + 0.0  # counts are whole numbers; no -0
    chance = float(before.sum() * after.sum()) / bins**2
    return _scaled(pairs, float(before.sum()), chance, lags, bins, width * first.dt, unit, corrected)


def _own_lags(place: NDArray[Any], first: NDArray[Any], lags: int) -> NDArray[np.float64]:
    """Ordered pairs of different spikes of the same neuron at the lags 0 ... ``lags``: (lags + 1,).

    Each spike against its next, then against the one after that, and so on, until none is near enough; all spikes at
    once, so the passes are as many as spikes of a neuron fit into the longest lag.
    """
    end = np.repeat(first[1:], np.diff(first))
    near = np.arange(place.size)
    found = np.zeros(lags + 1)
    for ahead in range(1, place.size):
        near = near[near + ahead < end[near]]
        lag = place[near + ahead] - place[near]
        inside = lag <= lags
        near = near[inside]
        if not near.size:
            break
        found += np.bincount(lag[inside], minlength=lags + 1)
    found[0] *= 2
    return found


def _train(part: Window, width: int, bins: int, neuron: int | None) -> NDArray[np.float64]:
    """Counts of one neuron, or of all, in bins: (bins,)."""
    if neuron is None:
        return np.diff(part.offsets[: bins * width + 1 : width]).astype(np.float64)
    _check_neuron(neuron, part, "neurons")
    step = np.searchsorted(part.offsets, np.flatnonzero(part.indices == neuron), side="right") - 1
    return np.bincount(step[step < bins * width] // width, minlength=bins).astype(np.float64)


def _lags(max_lag: float, length: float, bins: int) -> int:
    """``max_lag`` in whole bins of ``length`` ms."""
    lags = math.floor(positive(max_lag, "max_lag", "max_lag=50 * ms") / length + 1e-9)
    if not 1 <= lags < bins:
        raise InvalidValueError(
            f"max_lag={max_lag:g} ms must be at least a bin ({length:g} ms) and shorter than what is looked at "
            f"({bins * length:g} ms)"
        )
    return lags


def _scaled(
    pairs: NDArray[np.float64],
    number: float,
    chance: float,
    lags: int,
    bins: int,
    length: float,
    unit: str,
    corrected: bool,
) -> Correlogram:
    """Counted pairs in the wanted unit; ``chance`` is the number expected in each bin that has a partner."""
    if unit not in ("rate", "count"):
        raise InvalidValueError(f"unit must be 'rate' (Hz) or 'count' (pairs of spikes); given {unit!r}")
    lag = np.arange(-lags, lags + 1)
    partners = bins - np.abs(lag)
    values = pairs - chance * partners if corrected else pairs
    if unit == "rate":
        values = values * (bins / partners) / (number * length / 1e3) if number else np.full(lag.size, np.nan)
    return np.multiply(lag, length, dtype=np.float64), values


def _check_neuron(neuron: object, part: Window, name: str) -> None:
    if whole(neuron, name, minimum=0) >= part.neurons:
        raise InvalidValueError(f"{name}={neuron} is not there; allowed is 0 to {part.neurons - 1}")
