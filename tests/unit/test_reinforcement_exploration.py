"""Exploration: its schedules, where its noise enters and how large it is there, and what is left when it goes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.core import registry
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.learning.reinforcement.decoders import Softmax, Winner
from spikeloom.learning.reinforcement.exploration import (
    Constant,
    Exploration,
    Exponential,
    Linear,
    MembraneNoise,
    Schedule,
    Temperature,
    ThresholdTremor,
    WeightPerturbation,
    exploration_from_description,
)

KINDS = (MembraneNoise, Temperature, ThresholdTremor, WeightPerturbation)
amounts = st.floats(0, 10)


def cells(size: int = 400, **options: Any) -> sl.Network:
    net = sl.Network(dt=1.0, seed=1)
    net.population("cells", sl.neurons.LIF(theta=1e9, tau_m=10.0, **options), size)
    return net


# ----------------------------------------------------------------------------------------------------------- schedules
@given(begin=amounts, end=amounts, episodes=st.floats(0.5, 200), k=st.integers(0, 500))
def test_schedules_are_their_formulas(begin: float, end: float, episodes: float, k: int) -> None:
    linear = Linear(begin=begin, end=end, episodes=episodes)
    exponential = Exponential(begin=begin, end=end, episodes=episodes)
    assert [linear.at(0), exponential.at(0)] == pytest.approx([begin, begin], abs=1e-12)
    assert linear.at(k) == pytest.approx(begin + (end - begin) * min(k / episodes, 1), abs=1e-12)
    assert exponential.at(k) == pytest.approx(end + (begin - end) * math.exp(-k / episodes), abs=1e-12)
    low, high = min(begin, end) - 1e-9, max(begin, end) + 1e-9
    assert low <= linear.at(k) <= high
    assert low <= exponential.at(k) <= high
    assert Constant(value=begin).at(k) == begin


def test_a_number_is_a_schedule_that_stays() -> None:
    assert MembraneNoise(amount=0.3).at(0) == MembraneNoise(amount=0.3).at(99) == 0.3
    for bad in ("much", None, True):
        with pytest.raises(InvalidValueError, match=r"MembraneNoise\(amount=.*a number, or a schedule"):
            MembraneNoise(amount=bad)
    with pytest.raises(InvalidValueError, match=">= 0"):
        MembraneNoise(amount=-1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_description_gives_it_again(kind: Any) -> None:
    noise = kind(amount=Exponential(begin=2.0, end=0.5, episodes=30))
    again = exploration_from_description(noise.describe())
    assert again.describe() == noise.describe()
    assert again.at(7) == noise.at(7)


def test_the_families_are_these() -> None:
    root = "spikeloom.learning.reinforcement.exploration"
    assert set(registry.members(root, Exploration).values()) == set(KINDS)
    assert set(registry.members(f"{root}.schedules", Schedule)) == {"Constant", "Exponential", "Linear"}


# ------------------------------------------------------------------------------------------------------------- membrane
@pytest.mark.parametrize("options", [{}, {"input": "current", "resistance": 1.0}], ids=["jumps", "current"])
def test_membrane_noise_has_the_variance_of_its_closed_form(options: dict[str, Any]) -> None:
    amount, net = 0.5, cells(**options)
    MembraneNoise(amount=amount).install(net, "cells")
    v = sl.run(net, duration=300.0, record=["cells.v"])["cells.v"][100:, 0].double().numpy()
    kept = math.exp(-1 / 10)
    gain = 1 - kept if options else 1.0
    assert v.std() == pytest.approx(gain * amount / math.sqrt(1 - kept**2), rel=0.03)
    assert abs(v.mean()) < 0.05 * v.std() * 3
    assert np.abs(np.corrcoef(v[:, :50].T) - np.eye(50)).max() < 0.75  # each cell has its own


def test_the_amount_follows_the_schedule_in_a_run_that_goes_on() -> None:
    net, noise = cells(), MembraneNoise(amount=Linear(begin=1.0, end=0.0, episodes=2))
    noise.install(net, "cells")
    state, found = None, []
    for episode in range(3):
        noise.begin(net, "cells", episode)
        record = sl.run(net, None, state, duration=200.0, record=["cells.v"])
        state = record.state
        found.append(float(record["cells.v"][100:].std()))
    assert found[1] == pytest.approx(found[0] / 2, rel=0.1)
    assert found[2] < 1e-3
    assert len(net.drives) == 2  # exchanged, not added


# ------------------------------------------------------------------------------------------------------------ threshold
def test_a_trembling_threshold_fires_as_often_as_a_normal_number_is_small() -> None:
    net = sl.Network(dt=1.0, seed=2)
    net.population("cells", sl.neurons.LIF(theta=1.0, v_rest=0.5, v_reset=0.5), 2000)
    noise = ThresholdTremor(amount=0.5)
    noise.install(net, "cells")
    begin = {"cells": {"v": torch.full((1, 2000), 0.5), "held": torch.zeros(1, 2000)}}
    count = len(sl.run(net, None, begin, duration=50.0, record=["cells.spikes"])["cells.spikes"])
    p = 0.5 * math.erfc(1 / math.sqrt(2))  # the threshold is one standard deviation above
    assert abs(count - 100_000 * p) < 5 * math.sqrt(100_000 * p * (1 - p))


# ---------------------------------------------------------------------------------------------------------- temperature
def test_temperature_is_that_of_the_decoder() -> None:
    heat = Temperature(amount=Linear(begin=3.0, end=0.0, episodes=3))
    assert [heat.decoder(Softmax(), k).temperature for k in (0, 1, 2)] == pytest.approx([3, 2, 1])
    assert heat.decoder(Softmax(), 3).temperature == 1e-9
    with pytest.raises(UnsupportedError, match="Winner has no temperature; use Softmax"):
        heat.decoder(Winner(), 0)
    assert MembraneNoise(amount=1.0).decoder(Winner(), 0).describe() == Winner().describe()


# -------------------------------------------------------------------------------------------------------------- weights
@given(seed=st.integers(0, 99), episode=st.integers(0, 1000))
def test_a_perturbation_is_a_function_of_projection_seed_and_episode(seed: int, episode: int) -> None:
    noise, weight = WeightPerturbation(amount=0.3), np.linspace(-1, 1, 12).reshape(3, 4)
    moved = noise.perturbed("a->b", weight, seed, episode)
    assert np.array_equal(moved, noise.perturbed("a->b", weight, seed, episode))
    assert not np.allclose(moved, noise.perturbed("a->b", weight, seed, episode + 1))
    assert not np.allclose(moved, noise.perturbed("a->c", weight, seed, episode))


def test_the_perturbation_is_normal_and_keeps_the_kind() -> None:
    moved = WeightPerturbation(amount=0.5).perturbed("a->b", torch.zeros(100, 200), 0, 0)
    assert moved.dtype == torch.float32
    assert float(moved.std()) == pytest.approx(0.5, rel=0.03)


def test_a_life_enters_an_episode_with_it_and_leaves_it_without() -> None:
    net = sl.Network(dt=1.0)
    rule = sl.plasticity.PairSTDP(w_min=0.0, w_max=1.0)
    net.connect(net.input("a", 20), net.population("b", sl.neurons.LIF(), 30), weight=0.5, rule=rule)
    weight = torch.linspace(0, 1, 600, dtype=torch.float64).reshape(20, 30)
    part = {"weight": weight, "weight before": weight / 2, "eligibility_trace": torch.ones(20, 30)}
    state = {"network": {"a->b": part, "clock": {"step": torch.tensor(5)}}, "numbers": {"x": 1.0}, "episodes": 4}
    noise = WeightPerturbation(amount=0.2)
    entered = noise.entered(net, state, seed=3)
    inside = entered["network"]["a->b"]
    by = inside["weight"] - weight
    assert torch.allclose(inside["weight before"] - weight / 2, by)
    assert 0 <= float(inside["weight before"].min()) < float(inside["weight"].max()) <= 1
    free = torch.from_numpy(0.2 * noise.noise("a->b", (20, 30), 3, 4))
    assert float((torch.isclose(by, free)).double().mean()) > 0.5  # elsewhere a bound was in the way
    assert inside["eligibility_trace"] is part["eligibility_trace"]
    learned = inside | {"weight": (inside["weight"] + 0.01).clamp(0, 1)}
    after = noise.left(net, entered | {"network": {"a->b": learned}, "episodes": 5})
    kept = (weight + learned["weight"] - inside["weight"]).clamp(0, 1)
    assert torch.allclose(after["network"]["a->b"]["weight"], kept, atol=1e-12)
    assert after["numbers"] == {"x": 1.0}
    fresh = {"network": {}, "numbers": {}, "episodes": 0}
    assert noise.left(net, noise.entered(net, fresh, 3)) == fresh
    assert MembraneNoise(amount=0.5).entered(net, state, 3) is state
    assert MembraneNoise(amount=0.5).left(net, state) is state


def test_weight_perturbation_climbs_the_gradient_of_the_mean_reward() -> None:
    """Of a reward that is linear in the weights the expected update is eta times its gradient, exactly."""
    slope = np.array([1.0, -2.0, 0.5])
    noise, eta, weight = WeightPerturbation(amount=0.1), 0.5, np.zeros(3)
    steps = []
    for episode in range(4000):
        reward = slope @ noise.perturbed("a->b", weight, 0, episode)
        steps.append(noise.learned("a->b", weight, 0, episode, eta=eta, surprise=reward))
    mean, error = np.mean(steps, axis=0), np.std(steps, axis=0) / math.sqrt(len(steps))
    assert np.all(np.abs(mean - eta * slope) < 4 * error)
    assert np.all(error < 0.05)
    still = WeightPerturbation(amount=0.0)
    assert np.array_equal(still.learned("a->b", weight, 0, 0, eta=eta, surprise=1.0), weight)
