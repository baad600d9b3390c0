"""Interspike intervals and their irregularity, against closed forms and a loop over neurons."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from spikeloom import analysis
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import second
from tests.unit.trains import clocks, dense, nothing, renewal, single

MEASURES = [analysis.cv, analysis.cv2, analysis.local_variation]


def slowly(steps: np.ndarray) -> tuple[list[float], float, float, float]:
    """Intervals, CV, CV2 and LV of one neuron, from the formulas of the papers."""
    interval = np.diff(steps).astype(float)
    contrast = np.array([abs(b - a) / (a + b) if a + b else 0.0 for a, b in itertools.pairwise(interval)])
    mean = interval.mean() if interval.size else 0.0
    known = steps.size > 2
    return (
        interval.tolist(),
        float(interval.std() / mean) if known and mean else np.nan,
        float(2 * contrast.mean()) if known else np.nan,
        float(3 * (contrast**2).mean()) if known else np.nan,
    )


@given(dense())
def test_each_neuron_by_itself(counts: np.ndarray) -> None:
    spikes = Spikes.from_dense(counts, dt=0.5)
    for sample in range(counts.shape[1]):
        every = [slowly(np.repeat(np.arange(len(c)), c)) for c in counts[:, sample].T]
        lists = [analysis.isi(spikes, neuron=i, sample=sample).tolist() for i in range(counts.shape[2])]
        assert lists == [[0.5 * i for i in interval] for interval, *_ in every]
        assert analysis.isi(spikes, sample=sample).tolist() == list(itertools.chain(*lists))
        for measure, expected in zip(MEASURES, list(zip(*every))[1:]):
            np.testing.assert_allclose(measure(spikes, sample=sample), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("order", "cv", "local"), [(1, 1.0, 1.0), (4, 0.5, 1 / 3), (0.5, np.sqrt(2), 1.5), (9, 1 / 3, 3 / 19)]
)
def test_gamma_processes(order: float, cv: float, local: float) -> None:
    """CV = 1 / sqrt(k), LV = 3 / (2 k + 1); order 1 is Poisson (Shinomoto et al. 2003)."""
    spikes = renewal(order, rate=20, neurons=200, duration=20 * second, seed=5)
    assert analysis.mean_cv(spikes, minimum=100) == pytest.approx(cv, rel=0.015)
    assert np.nanmean(analysis.local_variation(spikes)) == pytest.approx(local, rel=0.015)
    assert analysis.isi(spikes).mean() == pytest.approx(second / 20, rel=0.02)


def test_cv2_of_a_poisson_process_is_one() -> None:
    spikes = renewal(1, rate=20, neurons=200, duration=20 * second, seed=6)
    assert np.nanmean(analysis.cv2(spikes)) == pytest.approx(1, abs=0.01)


def test_clocks_have_no_irregularity() -> None:
    spikes = clocks(7, neurons=5, steps=100)
    assert set(analysis.isi(spikes).tolist()) == {7.0}
    for measure in MEASURES:
        assert measure(spikes).tolist() == [0] * 5
    assert analysis.mean_cv(spikes) == 0


def test_a_slow_change_of_the_rate_raises_cv_but_not_the_local_measures() -> None:
    """What CV2 and LV were made for: intervals that grow from 10 to 200 steps, each like the one before."""
    step = np.cumsum(np.arange(10, 200))
    spikes = Spikes.from_events(step, np.zeros(len(step), int), shape=(int(step[-1]) + 1, 1, 1), dt=1.0)
    assert analysis.cv(spikes)[0] > 0.5
    assert analysis.cv2(spikes)[0] < 0.02
    assert analysis.local_variation(spikes)[0] < 0.001


def test_too_few_spikes_are_nan() -> None:
    spikes = Spikes.from_events([0, 1, 2, 4, 5], [1, 2, 2, 2, 1], shape=(6, 1, 4), dt=1.0)  # 0, 2, 3 and 0 spikes
    for measure in MEASURES:
        assert np.isnan(measure(spikes)).tolist() == [True, True, False, True]
        assert np.isnan(measure(spikes, minimum=4)).all()
    assert analysis.mean_cv(spikes) == pytest.approx(1 / 3)  # intervals 1 and 2
    assert np.isnan(analysis.mean_cv(spikes, minimum=4))
    for few in (nothing(), single()):
        assert analysis.isi(few).size == 0
        assert np.isnan(analysis.mean_cv(few))
        for measure in MEASURES:
            assert np.isnan(measure(few)).tolist() == [True] * 3


@pytest.mark.parametrize("measure", [*MEASURES, analysis.mean_cv])
@pytest.mark.parametrize("minimum", [2, 0, -1, 3.5, None])
def test_a_wrong_minimum_is_refused(measure: Any, minimum: Any) -> None:
    with pytest.raises(InvalidValueError, match="minimum must be a whole number, at least 3"):
        measure(single(), minimum=minimum)


@pytest.mark.parametrize("neuron", [3, -1, 0.5])
def test_a_wrong_neuron_is_refused(neuron: Any) -> None:
    with pytest.raises(InvalidValueError, match="neuron"):
        analysis.isi(single(), neuron=neuron)
