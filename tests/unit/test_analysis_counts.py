"""Windows, rates, counts and Fano factors: equal to what a dense array says, and to closed forms."""

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
from tests.unit.trains import clocks, cut, nothing, renewal, single

PER_NEURON: list[tuple[Any, dict[str, Any]]] = [
    (analysis.rates, {}),
    (analysis.isi, {}),
    (analysis.cv, {}),
    (analysis.cv2, {}),
    (analysis.local_variation, {}),
    (analysis.fano, {"bin": 2.0}),
    (analysis.counts, {"bin": 2.0}),
    (analysis.population_counts, {"bin": 2.0}),
    (analysis.population_fano, {"bin": 2.0}),
    (analysis.mean_cv, {}),
    (analysis.correlations, {"bin": 2.0}),
    (analysis.mean_correlation, {"bin": 2.0}),
    (analysis.spike_synchrony, {"bin": 2.0}),
    (analysis.population_rate, {"bin": 2.0}),
    (analysis.power_spectrum, {"bin": 1.0, "segment": 4.0}),
    (analysis.peak_frequency, {"bin": 1.0, "segment": 4.0, "band": (100, 500)}),
    (analysis.autocorrelogram, {"bin": 1.0, "max_lag": 3.0}),
]
each_function = pytest.mark.parametrize(("function", "given_"), PER_NEURON, ids=[f.__name__ for f, _ in PER_NEURON])


def same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------- windows
@each_function
@settings(max_examples=25)
@given(case=cut(least=8))
def test_a_window_is_the_recording_cut_out(function: Any, given_: dict[str, Any], case: Any) -> None:
    counts, sample, start, stop = case
    spikes = Spikes.from_dense(counts, dt=1.0)
    alone = spikes.select(sample).window(start, stop)
    ours, theirs = function(spikes, **given_, sample=sample, start=start, stop=stop), function(alone, **given_)
    if function is analysis.population_rate:  # its times count from the beginning of the recording
        same(ours[0] - start, theirs[0])
        ours, theirs = ours[1], theirs[1]
    same(ours, theirs)


@given(cut())
def test_a_window_needs_no_multiples_of_the_step(case: Any) -> None:
    """Spikes at times in [start, stop): 0.3 ms is step 3 of dt = 0.1 ms, whatever 0.3 / 0.1 is."""
    counts, sample, start, stop = case
    spikes = Spikes.from_dense(counts, dt=0.1)
    expected = counts[start:stop, sample].sum(axis=0)
    for early, late in ((0.1 * start, 0.1 * stop), (0.1 * start - 0.04, 0.1 * stop - 0.04)):
        found = analysis.population_counts(spikes, 0.1, sample=sample, start=max(early, 0.0), stop=late)
        assert found.sum() == expected.sum()


@each_function
def test_wrong_windows_are_refused(function: Any, given_: dict[str, Any]) -> None:
    spikes = clocks(5, neurons=3, steps=40)
    for wrong in (
        {"sample": 1}, {"sample": -1}, {"sample": 0.5}, {"start": -1.0}, {"start": 40.0}, {"start": 20.0, "stop": 20.0},
        {"stop": 41.0}, {"stop": float("nan")}, {"start": "0"}, {"start": None},
    ):  # fmt: skip
        with pytest.raises(InvalidValueError, match=r"sample|start|stop"):
            function(spikes, **given_, **wrong)
    with pytest.raises(InvalidValueError, match="must be a Spikes object; given ndarray"):
        function(np.zeros((40, 1, 3)), **given_)
    with pytest.raises(InvalidValueError, match="sample=0 is not there"):
        function(spikes.select([]), **given_)


@pytest.mark.parametrize("bin", [0.0, -1.0, float("inf"), "1", 1.5, 2.25, 41.0, True])
@pytest.mark.parametrize(
    "function",
    [
        analysis.counts, analysis.population_counts, analysis.population_rate, analysis.fano, analysis.population_fano,
        analysis.correlations, analysis.mean_correlation, analysis.spike_synchrony, analysis.power_spectrum,
    ],
)  # fmt: skip
def test_wrong_bins_are_refused(function: Any, bin: Any) -> None:
    with pytest.raises(InvalidValueError, match="bin"):
        function(clocks(5, neurons=3, steps=40), bin)


def test_the_error_names_bins_that_fit() -> None:
    with pytest.raises(InvalidValueError, match=r"bin=0.25 ms is no whole number of steps of 0.1 ms.* 0.2 and 0.3 ms"):
        analysis.counts(renewal(1, rate=10, neurons=1, duration=10, seed=0), 0.25)


# ------------------------------------------------------------------------------------------------- rates and counts
@given(cut(least=6), st.integers(1, 6))
def test_counts_are_sums_over_a_dense_array(case: Any, width: int) -> None:
    counts, sample, start, stop = case
    bins = (stop - start) // width
    dense = counts[start : start + bins * width, sample].reshape(bins, width, -1).sum(axis=1)
    at: dict[str, Any] = {"sample": sample, "start": 0.5 * start, "stop": 0.5 * stop}
    spikes, length = Spikes.from_dense(counts, dt=0.5), 0.5 * width
    assert np.array_equal(analysis.counts(spikes, length, **at), dense)
    assert np.array_equal(analysis.population_counts(spikes, length, **at), dense.sum(axis=1))
    assert analysis.counts(spikes, length, **at).sum() == dense.sum()  # no spike is lost or counted twice
    order = list(range(counts.shape[2]))[::-1]
    assert np.array_equal(analysis.counts(spikes, length, neurons=order, **at), dense[:, order])
    time, rate = analysis.population_rate(spikes, length, **at)
    same(rate, dense.mean(axis=1) / (length / second))
    same(time, 0.5 * start + length * (np.arange(bins) + 0.5))
    same(analysis.rates(spikes, **at), counts[start:stop, sample].sum(axis=0) / (0.5 * (stop - start) / second))


def test_rates_of_the_whole_are_those_of_spikes() -> None:
    spikes = renewal(1, rate=20, neurons=5, duration=2 * second, seed=1)
    same(analysis.rates(spikes), spikes.rate()[0])


@pytest.mark.parametrize("neurons", [[3], [-1], [0, 0], [0.5], [[0]], "a"])
def test_wrong_neurons_are_refused(neurons: Any) -> None:
    for function in (analysis.counts, analysis.correlations):
        with pytest.raises(InvalidValueError, match="neurons"):
            function(clocks(5, neurons=3, steps=40), 2.0, neurons=neurons)


# ------------------------------------------------------------------------------------------------------------- Fano
@given(cut(least=8), st.integers(1, 4))
def test_fano_factors_are_those_of_a_dense_array(case: Any, width: int) -> None:
    counts, sample, start, stop = case
    bins = (stop - start) // width
    dense = counts[start : start + bins * width, sample].reshape(bins, width, -1).sum(axis=1)
    at: dict[str, Any] = {"sample": sample, "start": start, "stop": stop}
    spikes, total = Spikes.from_dense(counts, dt=1.0), dense.sum(axis=1)
    with np.errstate(invalid="ignore"):
        same(analysis.fano(spikes, width * 1.0, **at), dense.var(axis=0, ddof=1) / dense.mean(axis=0))
        same(analysis.population_fano(spikes, width * 1.0, **at), total.var(ddof=1) / total.mean())


def test_fano_factors_of_known_processes() -> None:
    """Poisson: 1. A clock whose period divides the bin: 0. A gamma process of order k over long bins: 1 / k."""
    poisson = renewal(1, rate=20, neurons=200, duration=20 * second, seed=2)
    assert abs(analysis.fano(poisson, 100 * ms).mean() - 1) < 0.03  # its standard error is 0.007
    assert abs(analysis.population_fano(poisson, 5 * ms) - 1) < 0.1  # 0.022
    assert analysis.fano(clocks(5, neurons=4, steps=100), 10.0).tolist() == [0, 0, 0, 0]
    regular = renewal(4, rate=20, neurons=200, duration=20 * second, seed=3)
    # Var = m / k + (1 - 1 / k^2) / 6 for a mean of m spikes (Cox 1962, Renewal Theory, section 4.5)
    assert abs(analysis.fano(regular, 1 * second).mean() - (1 / 4 + (1 - 1 / 16) / 6 / 20)) < 0.03


def test_neurons_that_fire_together_raise_the_fano_factor_of_the_population() -> None:
    """The sum of n equal trains has n^2 times the variance and n times the mean."""
    one = renewal(1, rate=20, neurons=1, duration=5 * second, seed=4)
    seven = Spikes.from_events(one.step.repeat(7), np.tile(np.arange(7), len(one)), shape=(50_000, 1, 7), dt=one.dt)
    assert analysis.population_fano(seven, 3 * ms) == pytest.approx(7 * analysis.population_fano(one, 3 * ms))


# -------------------------------------------------------------------------------------------------- too few spikes
def test_without_spikes() -> None:
    empty = nothing()
    assert analysis.rates(empty).tolist() == [0, 0, 0]
    assert analysis.population_rate(empty, 10.0)[1].tolist() == [0, 0, 0, 0]
    assert analysis.counts(empty, 20.0).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert np.isnan(analysis.fano(empty, 10.0)).tolist() == [True] * 3
    assert np.isnan(analysis.population_fano(empty, 10.0))


def test_with_one_spike_or_one_bin() -> None:
    one = single()
    same(analysis.fano(one, 10.0), [np.nan, 1.0, np.nan])  # counts 1, 0, 0, 0: mean 1/4, variance 1/4
    assert np.isnan(analysis.fano(one, 40.0)).all()
    assert np.isnan(analysis.population_fano(one, 40.0))
