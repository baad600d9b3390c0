"""Sources that list their events: when they come, how many, and the same ones however a run is cut into calls."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.registry import members
from spikeloom.core.spikes import Spikes
from spikeloom.sources import InhomogeneousPoisson, Poisson, Regular, Sine, Source, SpikeList
from spikeloom.units import Hz, ms

NEURONS = 7
SOURCES: dict[str, Source] = {
    "poisson": InhomogeneousPoisson(rates=[50.0 * Hz, 0.0, 700.0 * Hz], times=[0.0, 3.03, 9.0]),
    "periodic": InhomogeneousPoisson(rates=[300.0 * Hz, 20.0 * Hz], times=[0.41, 1.7], period=2.9),
    "dense": InhomogeneousPoisson(rates=[20_000.0 * Hz], times=[1.0]),
    "per neuron": InhomogeneousPoisson(
        rates=np.outer([1.0, 3.0], [0.0, 0.1, 2.0, 0.5, 0.0, 0.0, 0.0]), times=[0.0, 2.05], period=4.0
    ),
    "regular": Regular(interval=0.7, start=0.33),
    "staggered": Regular(interval=1.3, stagger=0.1),
    "listed": SpikeList(times=[0.0, 0.1, 0.1, 0.19, 5.0, 5.0, 7.3], neurons=[3, 6, 0, 6, 2, 2, 1]),
    "of all": SpikeList(times=[0.0, 0.1, 0.13, 3.0]),
    "empty": SpikeList(times=[], neurons=[]),
}
each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())


def dense(events: tuple[np.ndarray, np.ndarray], neurons: int) -> np.ndarray:
    """Counts (steps, neurons); checks what every list of events promises on the way."""
    offsets, index = events
    assert (offsets.dtype, index.dtype) == (np.int64, np.int32)
    assert offsets[0] == 0
    assert offsets[-1] == index.size
    assert index.size == 0 or 0 <= index.min() <= index.max() < neurons
    place = np.repeat(np.arange(offsets.size - 1), np.diff(offsets)) * neurons + index
    assert (np.diff(place) >= 0).all()
    return np.bincount(place, minlength=(offsets.size - 1) * neurons).reshape(-1, neurons)


@each_source
@settings(max_examples=30)
@given(
    first=st.integers(0, 10**6) | st.integers(0, 60),
    cuts=st.lists(st.integers(0, 120), max_size=4),
    dt=st.sampled_from([0.1, 0.25, 0.3, 1.0, 5.0]),
)
def test_it_does_not_matter_how_a_run_is_cut(source: Source, first: int, cuts: list[int], dt: float) -> None:
    whole = dense(source.events(first, 120, dt, NEURONS, 9), NEURONS)
    at = [0, *sorted(cuts), 120]
    parts = [dense(source.events(first + a, b - a, dt, NEURONS, 9), NEURONS) for a, b in itertools.pairwise(at)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@each_source
def test_a_description_gives_the_same_events(source: Source) -> None:
    again = type(source).from_values(json.loads(json.dumps(source.describe())))
    assert again.describe() == source.describe()
    assert repr(again) == repr(source)
    found = source.events(0, 200, 0.1, NEURONS, 4)
    for a, b in zip(again.events(0, 200, 0.1, NEURONS, 4), found, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (found[1].size > 0) == (source is not SOURCES["empty"])


def test_who_lists_events_says_so() -> None:
    listed = {name for name, kind in members("spikeloom.sources", Source).items() if kind.listed}
    assert listed == {"InhomogeneousPoisson", "Regular", "SpikeList"}
    for name in listed:
        kind = members("spikeloom.sources", Source)[name]
        assert kind.gives_events
        assert not kind.gives_current
    for source in (Poisson(), Sine()):
        with pytest.raises(NotImplementedError, match=f"{type(source).__name__} lists no events"):
            source.events(0, 1, 0.1, 1, 0)


# -------------------------------------------------------------------------------------------------------------- Poisson
def integral(times: list[float], rates: list[float], period: float, dt: float, steps: int) -> np.ndarray:
    """The mean number of events in each step, by the middles of ten thousand parts of it."""
    t = (np.arange(steps * 10_000) + 0.5) * dt / 10_000 % period
    piece = np.searchsorted(times, t, side="right") - 1
    return np.where(piece < 0, 0.0, np.array(rates)[piece]).reshape(steps, -1).mean(axis=1) * dt


@pytest.mark.parametrize("dt", [0.1, 0.7, 6.0])
@pytest.mark.parametrize("period", [np.inf, 2.9])
def test_poisson_counts_have_the_mean_of_the_integral_and_its_variance(dt: float, period: float) -> None:
    """Of 20,000 neurons in each step, rates changing within steps: within 4 standard errors."""
    times, rates, steps, neurons = [0.42, 1.33, 2.2], [0.05, 0.9, 0.0], 32, 20_000
    again = None if period == np.inf else period
    source = InhomogeneousPoisson(rates=rates, times=times, period=again)
    counts = dense(source.events(0, steps, dt, neurons, 11), neurons)
    mean = integral(times, rates, period, dt, steps)
    assert (mean == 0).any() == (dt < 6 or again is None)
    assert not counts[mean == 0].any()
    counts, mean = counts[mean > 0], mean[mean > 0]
    assert (np.abs(counts.mean(axis=1) - mean) < 4 * (mean / neurons) ** 0.5).all()
    spread = ((mean + 2 * mean**2) / neurons) ** 0.5  # the standard error of the variance of Poisson numbers
    assert (np.abs(counts.var(axis=1) - mean) < 4 * spread).all()


@pytest.mark.parametrize("mean", [0.02, 0.8, 30.0])
def test_poisson_counts_have_the_distribution_of_poisson(mean: float) -> None:
    source = InhomogeneousPoisson(rates=[mean], times=[0.0])
    counts = dense(source.events(3, 400, 1.0, 50, 12), 50)
    found = np.bincount(counts.ravel())
    expected = stats.poisson.pmf(np.arange(found.size), mean) * counts.size
    few = expected < 5
    found, expected = np.append(found[~few], found[few].sum()), np.append(expected[~few], 0)
    expected[-1] = counts.size - expected.sum()
    keep = expected > 1e-6
    assert stats.chisquare(found[keep], expected[keep]).pvalue > 1e-4
    centred = counts - counts.mean()
    error = 4 / counts.size**0.5
    for shifted in (centred[1:] * centred[:-1], centred[:, 1:] * centred[:, :-1]):  # steps, neurons: independent
        assert abs(shifted.mean() / counts.var()) < error


def test_each_neuron_has_its_own_rate_and_zero_is_silence() -> None:
    rates = np.array([[0.0, 0.2, 3.0, 0.0], [0.0, 0.4, 0.0, 0.7]])
    source = InhomogeneousPoisson(rates=rates, times=[0.0, 250.0])
    counts = dense(source.events(0, 5000, 0.1, 4, 13), 4).reshape(2, 2500, 4).sum(axis=1)
    assert (np.abs(counts - 250 * rates) <= 4 * (250 * rates) ** 0.5).all()


def test_a_rate_for_each_step_and_other_keys() -> None:
    rates = 500 * Hz * (1 + np.sin(np.arange(1000) / 50))
    source = InhomogeneousPoisson(rates=rates, times=np.arange(1000) * 0.1)
    one, other = (dense(source.events(0, 1000, 0.1, 400, key), 400) for key in (1, 2**64 - 1))
    expected = rates * 0.1 * 400
    for counts in (one, other):
        z = (counts.sum(axis=1) - expected) / expected.clip(1) ** 0.5
        assert abs(z.mean()) < 4 / 1000**0.5
    product = (one - expected[:, None] / 400) * (other - expected[:, None] / 400)
    assert abs(product.mean()) < 4 * product.std() / product.size**0.5


def test_more_events_than_there_was_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SOURCES["per neuron"]
    found = source.events(0, 300, 0.1, NEURONS, 1)
    assert found[1].size > 64
    monkeypatch.setattr(InhomogeneousPoisson, "_until", lambda self, time: 0.0)
    for a, b in zip(source.events(0, 300, 0.1, NEURONS, 1), found, strict=True):
        np.testing.assert_array_equal(a, b)


# ------------------------------------------------------------------------------------------------- regular, spike lists
@given(
    interval=st.integers(1, 300),
    start=st.integers(0, 200),
    stagger=st.integers(0, 30),
    step=st.sampled_from([1, 5, 10, 25, 100]),
    first=st.integers(0, 50),
)
def test_regular_events_are_in_their_steps(interval: int, start: int, stagger: int, step: int, first: int) -> None:
    """All numbers are hundredths of a ms, so that the expected step is a division of whole numbers."""
    source = Regular(interval=interval / 100, start=start / 100, stagger=stagger / 100)
    found = dense(source.events(first, 40, step / 100, 5, 0), 5)
    expected = np.zeros((first + 40, 5), int)
    for j in range(5):
        at = np.arange(start + j * stagger, (first + 40) * step, interval) // step
        expected[:, j] = np.bincount(at, minlength=first + 40)
    np.testing.assert_array_equal(found, expected[first:])


def test_a_rate_that_no_step_divides_stays_exact() -> None:
    source = Regular(interval=1 / (30 * Hz))
    at = np.flatnonzero(dense(source.events(0, 10_000_000, 0.1, 1, 0), 1)[:, 0])
    assert at.size == 30_000
    np.testing.assert_array_equal(at, np.arange(30_000) * 10_000 // 30)


@given(data=st.data(), dt=st.sampled_from([0.1, 0.25, 1.0]))
def test_a_list_is_in_the_steps_in_which_spikes_are(data: st.DataObject, dt: float) -> None:
    many = data.draw(st.integers(0, 30))
    times = sorted(data.draw(st.lists(st.integers(0, 999), min_size=many, max_size=many)))
    neurons = data.draw(st.lists(st.integers(0, 4), min_size=many, max_size=many))
    source = SpikeList(times=np.array(times) / 100, neurons=neurons)
    spikes = Spikes.from_times(np.array(times) / 100, np.array(neurons, int), shape=(100, 1, 5), dt=dt)
    for events in (source.events(0, 100, dt, 5, 0), SpikeList.from_spikes(spikes).events(0, 100, dt, 5, 0)):
        assert Spikes(*events, shape=(100, 1, 5), dt=dt) == spikes


def test_spikes_of_one_sample_and_of_another_step() -> None:
    spikes = Spikes.from_events([0, 3, 7], [1, 0, 1], [0, 1, 1], shape=(10, 2, 2), dt=0.1)
    counts = dense(SpikeList.from_spikes(spikes, sample=1).events(0, 20, 0.05, 2, 0), 2)
    np.testing.assert_array_equal(np.argwhere(counts), [[6, 0], [14, 1]])
    coarse = dense(SpikeList.from_spikes(spikes, sample=1).events(0, 2, 1.0, 2, 0), 2)
    np.testing.assert_array_equal(coarse, [[1, 1], [0, 0]])


def test_what_is_given_is_copied() -> None:
    times, rates = np.array([0.0, 1.0]), np.array([1.0, 2.0])
    sources = [SpikeList(times=times, neurons=np.array([0, 1])), InhomogeneousPoisson(rates=rates, times=times)]
    before = [s.describe() for s in sources]
    times[:], rates[:] = 7.0, -1.0
    assert [s.describe() for s in sources] == before


# ------------------------------------------------------------------------------------------------------------ bad input
@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: SpikeList(), r"SpikeList needs times; write SpikeList\(times="),
        (lambda: SpikeList(times=[-1.0], neurons=[0]), r"times\[0\] is -1 ms; allowed: >= 0 ms"),
        (lambda: SpikeList(times=[1.0, 0.5], neurons=[0, 0]), r"times\[1\] is 0\.5 ms after 1 ms.*np\.argsort"),
        (lambda: SpikeList(times=[1.0, np.nan], neurons=[0, 0]), r"must be finite; nan stands at event 1"),
        (lambda: SpikeList(times=[[1.0]], neurons=[0]), r"shape \(1, 1\); allowed: one-dimensional"),
        (lambda: SpikeList(times=[1.0, 2.0], neurons=[0]), r"2 times and 1 neurons; allowed: one neuron for each"),
        (lambda: SpikeList(times=[1.0], neurons=[0.5]), r"whole numbers; SpikeList: neurons\[0\] is 0\.5"),
        (lambda: SpikeList(times=[1.0], neurons=[-1]), r"neurons\[0\] is -1"),
        (lambda: SpikeList(times=[1.0], neurons=[7]).events(0, 1, 0.1, 7, 0), r"neurons\[0\] is 7; allowed is 0 to 6"),
        (lambda: SpikeList.from_spikes([1.0]), r"from_spikes\(list\): give Spikes"),  # pyright: ignore
        (
            lambda: SpikeList.from_spikes(Spikes.from_dense(np.ones((2, 3, 1)), dt=1.0), sample=3),
            r"sample=3 is not there; allowed: 0 to 2",
        ),
        (lambda: InhomogeneousPoisson(rates=[1.0]), r"needs rates and when each begins; write"),
        (lambda: InhomogeneousPoisson(rates=[1.0, 2.0], times=[0.0]), r"shape \(2,\), and times \(1,\)"),
        (lambda: InhomogeneousPoisson(rates=[], times=[]), r"shape \(0,\)"),
        (lambda: InhomogeneousPoisson(rates=np.ones((1, 0)), times=[0.0]), r"none are possible"),
        (lambda: InhomogeneousPoisson(rates=[-5 * Hz], times=[0.0]), r"rates: -5 Hz is not possible; allowed: >= 0"),
        (lambda: InhomogeneousPoisson(rates=[np.inf], times=[0.0]), r"must be finite; inf stands at time 0, neuron 0"),
        (lambda: InhomogeneousPoisson(rates=[1.0], times=[-1.0]), r"times\[0\] is -1 ms; allowed: ascending, from 0"),
        (lambda: InhomogeneousPoisson(rates=[1.0, 2.0], times=[3.0, 3.0]), r"times\[1\] is 3 ms after 3 ms"),
        (lambda: InhomogeneousPoisson(rates=[1.0], times=[5.0], period=5 * ms), r"period=5\): allowed: > 5 ms"),
        (lambda: InhomogeneousPoisson(rates=[1.0], times=[5.0], period=-1), r"above 0; given -1"),
        (
            lambda: InhomogeneousPoisson(rates=np.ones((1, 3)), times=[0.0]).events(0, 1, 0.1, 4, 0),
            r"for 3 neurons, and the population has 4",
        ),
        (lambda: Regular(interval=0.0), r"Regular\(interval=0\).*> 0"),
        (lambda: Regular(start=-1.0), r"Regular\(start=-1\)"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(make: Any, match: str) -> None:
    with pytest.raises(InvalidValueError, match=match):
        make()
