"""The curve of learning over noise, small: what must hold at its ends."""

from __future__ import annotations

import numpy as np
import pytest

import spikeloom.experiments as ex
from spikeloom.experiments import exploration_noise_network as network
from spikeloom.experiments.exploration_noise import KINDS, ExplorationConfig
from spikeloom.learning.reinforcement.exploration import MembraneNoise, Temperature

ETA = ExplorationConfig().eta


@pytest.mark.slow
def test_without_noise_the_habit_stays() -> None:
    assert np.all(network.choices(0, None, 20, ETA) == network.HABIT)
    assert np.all(network.choices(5, MembraneNoise(amount=0.0), 20, ETA) == network.HABIT)


def test_with_some_noise_the_best_lever_is_found_and_only_if_it_learns() -> None:
    last = network.LEVERS - 1
    noise = MembraneNoise(amount=0.2)
    assert (network.choices(1, noise, 160, ETA)[-40:] == last).mean() > 0.7
    assert (network.choices(1, noise, 160, 0.0)[-40:] == last).mean() < 0.3


def test_at_a_great_temperature_the_levers_are_pressed_alike() -> None:
    levers = network.choices(2, Temperature(amount=1e6), 200, ETA)
    counts = np.bincount(levers, minlength=network.LEVERS)
    assert np.all(np.abs(counts - 50) < 4 * np.sqrt(200 * 3 / 16))


def test_the_same_seed_gives_the_same_choices() -> None:
    noise = MembraneNoise(amount=0.4)
    first = network.choices(3, noise, 30, ETA)
    assert np.array_equal(first, network.choices(3, noise, 30, ETA))
    assert not np.array_equal(first, network.choices(4, noise, 30, ETA))


@pytest.mark.slow
def test_exploration_noise() -> None:
    outcome = ex.reproduce("exploration-noise", seed=1)
    assert outcome.holds, [c.claim.quantity for c in outcome.claims if not c.holds]
    drawing = outcome.experiment.figures(outcome.result)["exploration-noise"]
    assert len(drawing.axes) == len(KINDS)
    assert all(axes.get_xlabel().endswith(")") for axes in drawing.axes)
