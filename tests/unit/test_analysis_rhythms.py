"""Power spectra and synchrony against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spikeloom import analysis
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from tests.unit.trains import clocks, nothing, renewal, single


# ---------------------------------------------------------------------------------------------------------- spectrum
def test_poisson_processes_have_a_flat_spectrum() -> None:
    """At 2 r / N, and its integral is the variance of the rate."""
    spikes = renewal(1, rate=20, neurons=100, duration=20 * second, seed=12)
    frequency, power = analysis.power_spectrum(spikes, 1 * ms, segment=200 * ms)
    assert frequency[1] == pytest.approx(5)
    assert frequency[-1] == pytest.approx(500)
    level = 2 * 20 / 100
    for low, high in ((5, 100), (100, 300), (300, 500)):
        inside = (frequency > low) & (frequency < high)
        assert power[inside].mean() == pytest.approx(level, rel=0.05)
    variance = analysis.population_rate(spikes, 1 * ms)[1].var()
    assert power.sum() * frequency[1] == pytest.approx(variance, rel=0.05)


def test_the_spectrum_of_a_gamma_process() -> None:
    r"""2 r / N Re((1 + p) / (1 - p)), p the intervals' characteristic function (Cox & Lewis 1966): CV^2 as f goes to 0.

    Here the order is 9, so it begins at 1 / 9 of a Poisson process's level, and has a bump near the rate.
    """
    spikes = renewal(9, rate=20, neurons=100, duration=40 * second, seed=13)
    frequency, power = analysis.power_spectrum(spikes, 1 * ms, segment=1 * second)
    frequency, power = frequency[2:102], power[2:102]
    characteristic = (1 + 2j * np.pi * frequency / 20 / 9) ** -9
    ratio = power / (2 * 20 / 100 * ((1 + characteristic) / (1 - characteristic)).real)
    for part in np.split(ratio, 5):  # 2 to 21 Hz and so on; 20 frequencies, each from about 40 independent windows
        assert part.mean() == pytest.approx(1, abs=0.15)
    assert power[:3].mean() < 0.25 * 2 * 20 / 100


@pytest.mark.parametrize("hz", [22, 40, 180])
def test_the_peak_is_where_the_rhythm_is(hz: float) -> None:
    random = np.random.default_rng(14)
    time = np.arange(40_000) * 0.1
    chance = 1e-3 * (1 + np.cos(2 * np.pi * hz * time / second))
    spikes = Spikes.from_dense(random.random((40_000, 1, 50)) < chance[:, None, None], dt=0.1)
    assert analysis.peak_frequency(spikes, 1 * ms, (10, 300), segment=250 * ms) == pytest.approx(hz, abs=4)
    assert analysis.peak_frequency(spikes, 0.5 * ms, (10, 300)) == pytest.approx(hz, abs=2.5)


def test_spectra_of_too_few_spikes() -> None:
    frequency, power = analysis.power_spectrum(nothing(), 1.0)
    assert len(frequency) == len(power) == 5  # eight windows of 8 ms in 40 ms
    assert not power.any()
    assert np.isnan(analysis.peak_frequency(nothing(), 1.0, (0, 500)))
    assert np.isnan(analysis.peak_frequency(clocks(1, neurons=3, steps=40), 1.0, (0, 500)))  # the rate never changes
    assert np.isfinite(analysis.power_spectrum(single(), 1.0)[1]).all()


def test_wrong_spectra_are_refused() -> None:
    spikes = clocks(5, neurons=3, steps=40)
    for segment in (0.0, -1.0, 1.0, 41.0, "a"):
        wrong: Any = segment
        with pytest.raises(InvalidValueError, match="segment"):
            analysis.power_spectrum(spikes, 1.0, segment=wrong)
    with pytest.raises(InvalidValueError, match="two bins"):
        analysis.power_spectrum(spikes, 40.0)
    for band in ((300, 100), (-1, 100), (100,), 100, (1, float("nan")), ("a", "b"), None):
        wrong = band
        with pytest.raises(InvalidValueError, match="band must be two frequencies"):
            analysis.peak_frequency(spikes, 1.0, wrong)
    with pytest.raises(InvalidValueError, match=r"goes from 0 to 500 Hz in steps of 125 Hz.*plain numbers of Hz"):
        analysis.peak_frequency(spikes, 1.0, (0.1, 0.3))


# --------------------------------------------------------------------------------------------------------- synchrony
def test_synchrony_of_waves_in_groups() -> None:
    """One group: 1. Two groups a quarter of a period apart: 1 / sqrt(2). Phases spread over a period: 0."""
    time = 2 * np.pi * np.arange(1000) / 100

    def waves(phases: np.ndarray) -> np.ndarray:
        return -60 + 5 * np.sin(time[:, None] + phases)

    assert analysis.trace_synchrony(waves(np.zeros(12))) == pytest.approx(1)
    assert analysis.trace_synchrony(waves(np.repeat([0, np.pi / 2], 6))) == pytest.approx(np.sqrt(0.5))
    assert analysis.trace_synchrony(waves(2 * np.pi * np.arange(12) / 12)) == pytest.approx(0, abs=1e-9)
    batch = np.stack([waves(np.zeros(12)), waves(np.repeat([0, np.pi / 2], 6))], axis=1)
    assert analysis.trace_synchrony(batch, sample=1) == pytest.approx(np.sqrt(0.5))
    assert analysis.trace_synchrony(torch.from_numpy(batch).float()) == pytest.approx(1, abs=1e-6)


def test_independent_neurons_have_the_synchrony_of_a_mean() -> None:
    noise = np.random.default_rng(15).normal(size=(20_000, 64))
    assert analysis.trace_synchrony(noise) == pytest.approx(1 / 8, rel=0.03)
    spikes = renewal(1, rate=20, neurons=64, duration=20 * second, seed=16)
    assert analysis.spike_synchrony(spikes, 2 * ms) == pytest.approx(1 / 8, rel=0.03)


def test_equal_trains_are_synchronous_and_groups_less() -> None:
    one = renewal(1, rate=20, neurons=4, duration=20 * second, seed=17)
    alone = one.neuron == 0
    shape = (one.shape[0], 1, 12)

    def copies(step: np.ndarray, neuron: np.ndarray, times: int) -> Spikes:
        return Spikes.from_events(
            step.repeat(times), (neuron[:, None] * times + np.arange(times)).ravel(), shape=shape, dt=one.dt, sort=True
        )

    assert analysis.spike_synchrony(copies(one.step[alone], one.neuron[alone], 12), 2 * ms) == pytest.approx(1)
    assert analysis.spike_synchrony(copies(one.step, one.neuron, 3), 2 * ms) == pytest.approx(0.5, rel=0.05)


def test_synchrony_of_what_never_changes() -> None:
    assert np.isnan(analysis.trace_synchrony(np.full((50, 3), 0.1)))
    for few in (nothing(), clocks(1, neurons=3, steps=40)):
        assert np.isnan(analysis.spike_synchrony(few, 5.0))
    assert np.isnan(analysis.spike_synchrony(single(), 40.0))  # one bin
    assert analysis.spike_synchrony(single(), 5.0) == pytest.approx(np.sqrt(1 / 3))  # one of three neurons


def test_wrong_traces_are_refused() -> None:
    for wrong in (np.zeros(5), np.zeros((0, 3)), np.zeros((5, 0)), np.zeros((5, 1, 3, 2)), "v"):
        with pytest.raises(InvalidValueError, match="traces"):
            analysis.trace_synchrony(wrong)
    with pytest.raises(InvalidValueError, match="sample=2 is not there"):
        analysis.trace_synchrony(np.zeros((5, 2, 3)), sample=2)
    broken = np.zeros((5, 3))
    broken[2, 1] = np.nan
    with pytest.raises(InvalidValueError, match="step 2, neuron 1"):
        analysis.trace_synchrony(broken)
