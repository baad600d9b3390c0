"""Correlograms and spike-count correlations, against sums over dense arrays and closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom import analysis
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from tests.unit.trains import clocks, dense, nothing, renewal, single


def pairs(before: np.ndarray, after: np.ndarray, lags: int) -> np.ndarray:
    """C(l) = sum over b of before(b) after(b + l), the slow way."""
    bins = range(len(before))
    return np.array(
        [sum(before[b] * after[b + l] for b in bins if b + l in bins) for l in range(-lags, lags + 1)], np.float64
    )


def binned(counts: np.ndarray, width: int) -> np.ndarray:
    bins = len(counts) // width
    return counts[: bins * width].reshape(bins, width, -1).sum(axis=1)


# ------------------------------------------------------------------------------------------------------ correlograms
@given(dense(least=6), st.integers(1, 3), st.data())
def test_autocorrelograms_are_sums_over_a_dense_array(counts: np.ndarray, width: int, data: st.DataObject) -> None:
    bins = counts.shape[0] // width
    lags = data.draw(st.integers(1, bins - 1))
    sample = data.draw(st.integers(0, counts.shape[1] - 1))
    spikes, trains = Spikes.from_dense(counts, dt=0.5), binned(counts[:, sample], width).T
    own = np.array([pairs(train, train, lags) for train in trains])
    own[:, lags] -= trains.sum(axis=1)  # a spike and itself
    length = 0.5 * width
    at: dict[str, Any] = {"bin": length, "max_lag": lags * length, "sample": sample}
    lag, found = analysis.autocorrelogram(spikes, unit="count", **at)
    assert np.allclose(lag, length * np.arange(-lags, lags + 1))
    assert np.array_equal(found, own.sum(axis=0))
    for i, expected in enumerate(own):
        assert np.array_equal(analysis.autocorrelogram(spikes, unit="count", neuron=i, **at)[1], expected)


@settings(max_examples=50)
@given(dense(least=6), st.integers(1, 3), st.data())
def test_cross_correlograms_are_sums_over_a_dense_array(counts: np.ndarray, width: int, data: st.DataObject) -> None:
    bins = counts.shape[0] // width
    lags = data.draw(st.integers(1, bins - 1))
    sample = data.draw(st.integers(0, counts.shape[1] - 1))
    i, j = (data.draw(st.integers(0, counts.shape[2] - 1)) for _ in range(2))
    first, second = Spikes.from_dense(counts, dt=0.5), Spikes.from_dense(counts[::-1], dt=0.5)
    before, after = binned(counts[:, sample], width), binned(counts[::-1, sample], width)
    at: dict[str, Any] = {"bin": 0.5 * width, "max_lag": 0.5 * width * lags, "sample": sample, "unit": "count"}
    found = analysis.cross_correlogram(first, second, **at)[1]
    assert np.array_equal(found, pairs(before.sum(axis=1), after.sum(axis=1), lags))
    found = analysis.cross_correlogram(first, second, neurons=(i, j), **at)[1]
    assert np.array_equal(found, pairs(before[:, i], after[:, j], lags))


def test_a_shifted_copy_gives_a_peak_at_the_shift() -> None:
    one = renewal(1, rate=10, neurons=1, duration=50 * second, seed=7)
    kept = one.step < one.shape[0] - 70
    shape = (one.shape[0], 1, 1)
    early = Spikes.from_events(one.step[kept], one.neuron[kept], shape=shape, dt=one.dt)
    late = Spikes.from_events(one.step[kept] + 70, one.neuron[kept], shape=shape, dt=one.dt)
    lag, count = analysis.cross_correlogram(early, late, bin=1 * ms, max_lag=30 * ms, unit="count")
    assert lag[count.argmax()] == 7
    assert count.max() >= kept.sum()
    lag, rate = analysis.cross_correlogram(early, late, bin=1 * ms, max_lag=30 * ms, corrected=True)
    away = lag != 7
    assert rate[~away][0] == pytest.approx(1000, rel=0.02)  # one spike in each bin of 1 ms
    assert abs(rate[away].mean()) < 1.5
    mirrored = analysis.cross_correlogram(late, early, bin=1 * ms, max_lag=30 * ms, unit="count")[1]
    assert np.array_equal(mirrored, count[::-1])


def test_independent_poisson_processes_are_flat_at_chance() -> None:
    """Each lag is a Poisson number around chance; corrected and in units of its standard deviation, a normal one."""
    spikes = renewal(1, rate=20, neurons=200, duration=10 * second, seed=8)
    at: dict[str, Any] = {"bin": 1 * ms, "max_lag": 80 * ms}
    for found in (
        lambda **more: analysis.autocorrelogram(spikes, **at, **more),
        lambda **more: analysis.cross_correlogram(spikes, spikes, neurons=(3, 4), **at, **more),
    ):
        lag, count = found(unit="count")
        corrected = found(unit="count", corrected=True)[1]
        side = lag > 0  # an autocorrelogram says everything twice
        score = corrected[side] / np.sqrt((count - corrected)[side])
        assert abs(score.mean()) < 0.5
        assert 0.6 < score.std() < 1.5
    _, rate = analysis.autocorrelogram(spikes, **at)
    assert rate == pytest.approx(np.full(len(rate), 20.0), rel=0.1)


def test_a_clock_comes_back_after_each_period() -> None:
    spikes = clocks(5, neurons=5, steps=1000)
    lag, rate = analysis.autocorrelogram(spikes, bin=1.0, max_lag=12.0)
    assert np.flatnonzero(rate).tolist() == [2, 7, 17, 22]
    assert lag[[2, 7, 17, 22]].tolist() == [-10, -5, 5, 10]
    assert rate[[2, 7, 17, 22]] == pytest.approx(1000.0)  # surely within a bin of 1 ms, edges accounted for


def test_correlograms_of_too_few_spikes() -> None:
    one, none = single(), nothing()
    for few in (one, none):
        assert analysis.autocorrelogram(few, 1.0, 3.0, unit="count")[1].tolist() == [0] * 7
        assert analysis.autocorrelogram(few, 1.0, 3.0, unit="count", corrected=True)[1].tolist() == [0] * 7
        assert analysis.cross_correlogram(few, none, 1.0, 3.0, unit="count")[1].tolist() == [0] * 7
    assert np.isnan(analysis.autocorrelogram(none, 1.0, 3.0)[1]).all()
    assert np.isnan(analysis.cross_correlogram(none, one, 1.0, 3.0)[1]).all()
    assert analysis.cross_correlogram(one, one, 1.0, 1.0)[1].tolist() == [0, 1000, 0]


def test_wrong_correlograms_are_refused() -> None:
    spikes = clocks(5, neurons=3, steps=40)
    for wrong, what in (
        ({"bin": 1.5}, "bin"), ({"max_lag": 0.5}, "max_lag"), ({"max_lag": 40.0}, "max_lag"),
        ({"max_lag": -1.0}, "max_lag"), ({"unit": "Hz"}, "unit must be 'rate'"),
    ):  # fmt: skip
        given_: dict[str, Any] = {"bin": 1.0, "max_lag": 5.0} | wrong
        with pytest.raises(InvalidValueError, match=what):
            analysis.autocorrelogram(spikes, **given_)
        with pytest.raises(InvalidValueError, match=what):
            analysis.cross_correlogram(spikes, spikes, **given_)
    for neuron in (3, -1, 1.5):
        bad: Any = neuron
        with pytest.raises(InvalidValueError, match="neuron"):
            analysis.autocorrelogram(spikes, 1.0, 5.0, neuron=bad)
        with pytest.raises(InvalidValueError, match="neurons"):
            analysis.cross_correlogram(spikes, spikes, 1.0, 5.0, neurons=(0, bad))
    triple: Any = (0, 1, 2)
    with pytest.raises(InvalidValueError, match="neurons must be a pair"):
        analysis.cross_correlogram(spikes, spikes, 1.0, 5.0, neurons=triple)
    with pytest.raises(InvalidValueError, match="agree in T and dt"):
        analysis.cross_correlogram(spikes, clocks(5, neurons=3, steps=40, dt=0.5), 1.0, 5.0)
    with pytest.raises(InvalidValueError, match="agree in T and dt"):
        analysis.cross_correlogram(spikes, clocks(5, neurons=3, steps=41), 1.0, 5.0)


# ----------------------------------------------------------------------------------------- spike-count correlation
@given(dense(least=4), st.integers(1, 2))
def test_correlations_are_pearsons(counts: np.ndarray, width: int) -> None:
    spikes, trains = Spikes.from_dense(counts, dt=1.0), binned(counts[:, 0], width)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.atleast_2d(np.corrcoef(trains.T))
    found = analysis.correlations(spikes, width * 1.0)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    off = expected[np.triu_indices(len(expected), 1)]
    mean = analysis.mean_correlation(spikes, width * 1.0)
    np.testing.assert_allclose(mean, np.nanmean(off) if np.isfinite(off).any() else np.nan, atol=1e-9)


def test_a_common_source_correlates_by_its_share_of_the_rate() -> None:
    """n_i = common + own, all Poisson: rho = common / (common + own) = 5 / 20."""
    neurons, duration = 60, 60 * second
    own = renewal(1, rate=15, neurons=neurons, duration=duration, seed=9)
    common = renewal(1, rate=5, neurons=1, duration=duration, seed=10)
    spikes = Spikes.from_events(
        np.concatenate([own.step, np.repeat(common.step, neurons)]),
        np.concatenate([own.neuron, np.tile(np.arange(neurons), len(common))]),
        shape=own.shape, dt=own.dt, sort=True,
    )  # fmt: skip
    assert analysis.mean_correlation(spikes, 20 * ms) == pytest.approx(0.25, abs=0.03)
    assert abs(analysis.mean_correlation(own, 20 * ms)) < 0.01


def test_the_sample_of_neurons_depends_on_the_seed_alone() -> None:
    spikes = renewal(1, rate=20, neurons=50, duration=2 * second, seed=11)
    first, again, other = (analysis.mean_correlation(spikes, 20 * ms, neurons=10, seed=s) for s in (0, 0, 1))
    assert first == again != other
    every = analysis.correlations(spikes, 20 * ms)[np.triu_indices(50, 1)].mean()
    assert analysis.mean_correlation(spikes, 20 * ms, neurons=50) == pytest.approx(every)


def test_correlations_of_too_few_spikes() -> None:
    for few in (nothing(), single()):
        assert np.isnan(analysis.correlations(few, 5.0)[0]).all()
        assert np.isnan(analysis.mean_correlation(few, 5.0))
    assert analysis.correlations(single(), 5.0)[1, 1] == pytest.approx(1.0)
    for neurons in (1, 0, 2.5):
        wrong: Any = neurons
        with pytest.raises(InvalidValueError, match="neurons must be a whole number, at least 2"):
            analysis.mean_correlation(single(), 5.0, neurons=wrong)
