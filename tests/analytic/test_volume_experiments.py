"""Volume transmission: its parts in every run, made small; all claims with --all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.experiments import volume_transmission as volume
from spikeloom.experiments.volume_transmission_diffusion import (
    between,
    box_deviation,
    course,
    decay_length,
    deviation,
    steady_profile,
)
from spikeloom.experiments.volume_transmission_gating import burst, couples, distance_law
from spikeloom.modulators.field import VESICLE, Medium, instantaneous, peak

SMALL = volume.VolumeTransmissionConfig(spacing=0.1, interval=0.1, cell=1.0, grid=1.0, side=30.0, pairs=20)


def test_peaks_are_read_off_between_steps_and_shells() -> None:
    m = volume.medium()
    found = course(m, (2.0, 5.0), 0.2, 0.1, 25.0)
    for k, r in enumerate((2.0, 5.0)):
        assert found.peak(k)[1] == pytest.approx(peak(m, VESICLE, r), rel=0.015)
        assert deviation(found, m, k, (0.5, 1.0)) < 0.02
    r = np.array([1.0, 1.1, 1.2])
    assert between(np.exp(-(r**2)), r, [1.04, 1.17]) == pytest.approx(np.exp([-(1.04**2), -(1.17**2)]))


def test_what_uptake_leaves_of_a_peak_is_published() -> None:
    m = volume.medium()
    for r, factor in volume.PEAKS.items():
        assert peak(m, 1, r) / peak(m.replace(uptake=0.0), 1, r) == pytest.approx(factor, abs=5e-4)


def test_a_deviation_is_seen() -> None:
    """A medium with a little less uptake than the closed form says is found out."""
    m = volume.medium()
    other = course(m.replace(uptake=0.8 * m.uptake), (5.0,), 0.2, 0.2, 30.0)
    assert deviation(other, m, 0, (1.0, 2.0)) > 0.05
    r, c = steady_profile(m.replace(uptake=1.2 * m.uptake), 0.4)
    assert abs(decay_length(r, c, 2.0, 12.0) / m.length - 1) > 0.05


def test_a_coarse_box_is_no_better_than_its_order() -> None:
    coarse, fine = (box_deviation(volume.medium(), cell, (4.0, 5.0)) for cell in (1.2, 0.4))
    assert 4 < coarse / fine < 14


def test_changes_of_synapses_fall_with_the_length_of_the_field() -> None:
    law = distance_law([3.0, 5.0, 7.0], 21.0, 1.0, volume.medium(), 0, False)
    expected = np.exp(-np.array([3, 5, 7]) / volume.reach()) / [3, 5, 7]
    np.testing.assert_allclose(law / law[0], expected / expected[0], rtol=0.12)


def test_a_couple_is_a_micrometre_apart() -> None:
    places = couples(50, 12.0, 1).reshape(50, 2, 3)
    np.testing.assert_allclose(np.linalg.norm(places[:, 0] - places[:, 1], axis=1), 1.0)
    assert 0 <= places.min() <= places.max() <= 12


def test_a_burst_gates_both_and_selects_none() -> None:
    places = couples(20, 10.0, 0)
    every, first = np.ones(40, bool), np.arange(40) % 2 == 0
    how = places, 10.0, 1.0, volume.medium(), 0
    both, level = burst(every, every, *how)
    alone, _ = burst(every, first, *how)
    without, _ = burst(every, every, *how, released=False)
    assert (both > 0).all()
    assert level.min() > 0
    assert np.array_equal(alone[first], both[first])
    assert not alone[~first].any()
    assert not without.any()


def test_the_claims_stand_before_the_run() -> None:
    claims = {c.quantity: c for c in experiments.get("volume-transmission").claims(volume.VolumeTransmissionConfig())}
    assert len(claims) == 29
    assert claims[volume.LENGTH].published == 3.91
    assert not claims[volume.off(10)].judge(0.011).holds
    assert not claims[volume.ALIKE].judge(math.exp(-1 / 3.9) - 0.01).holds
    assert not claims[volume.BOTH].judge(0.995).holds
    assert instantaneous(Medium(), VESICLE, 1.0, 1.0) > 0


@pytest.mark.slow
def test_a_small_run_is_drawn() -> None:
    experiment = experiments.get("volume-transmission")
    outcome = experiments.reproduce(experiment, config=SMALL)
    failed = {c.claim.quantity for c in outcome.claims if not c.holds}
    coarse = {volume.BOX, volume.REACH, volume.off(1), volume.when(1), volume.when(2)}  # for these the grids are
    assert failed <= coarse
    pictures = experiment.figures(outcome.result)
    assert [axes.get_xlabel() for axes in pictures["diffusion"].axes][:2] == [
        "time after a release (ms)",
        "distance (µm)",
    ]
    assert "change of the second, 1 µm away" in [axes.get_ylabel() for axes in pictures["gating"].axes]


@pytest.mark.slow
def test_all_claims_hold() -> None:
    assert [c.describe() for c in experiments.reproduce("volume-transmission").claims if not c.holds] == []
