"""The binary neuron: its gain function, its pace, a memory of two patterns, and the distribution of states."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from spikeloom.connections import Dense, Pairs
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.language import draws_from
from spikeloom.engines import StepEngine, get
from spikeloom.network import Network
from spikeloom.neurons import Binary
from spikeloom.sources import Step
from spikeloom.units import mV

TAU = 10.0
COUPLING = np.array([[0.0, 1.2, -0.8], [1.2, 0.0, 0.5], [-0.8, 0.5, 0.0]])  # symmetric, nobody onto itself
THETA, SLOPE = np.array([0.3, 0.6, -0.2]), 0.9
STATES = np.array(list(itertools.product([0.0, 1.0], repeat=3)))


def _run(net: Network, duration: float, state: Any = None, record: Any = ()) -> Any:
    return StepEngine(threads=1).run(net, None, state, duration=duration, record=list(record))


@pytest.mark.parametrize("gain", ["sigmoid", "step"])
def test_independent_neurons_have_the_activity_of_their_gain_function(gain: str) -> None:
    """After 20 time constants everybody has been asked (e^-20 of them not)."""
    each, driven = 4000, 0.4 * mV
    theta = np.array([-1.5, -0.2, 0.4, 0.5, 3.0])
    net = Network(dt=1.0, seed=1)
    net.population("cells", Binary(tau=TAU, theta=np.repeat(theta, each), slope=0.7, gain=gain), each * theta.size)
    net.drive("cells", Step(amplitude=driven))
    up = _run(net, 20 * TAU).state["cells"]["up"].numpy().reshape(theta.size, each).mean(axis=1)
    if gain == "step":
        assert up.tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]  # h = theta is not above it
        return
    expected = 0.5 * (1 + np.tanh(0.7 * (driven - theta)))
    assert (np.abs(up - expected) < 4 * (expected * (1 - expected) / each) ** 0.5).all()


def test_they_update_at_random_times_whatever_the_step() -> None:
    """From all down, the activity grows as g (1 - exp(-t / tau)), by one factor for each time constant."""
    tau, each, seen = np.array([3.0, 10.0, 40.0]), 4000, 12.0
    for dt in (0.5, 3.0):
        net = Network(dt=dt, seed=2)
        net.population("cells", Binary(tau=np.repeat(tau, each), theta=-0.5), each * tau.size)
        up = _run(net, seen).state["cells"]["up"].numpy().reshape(tau.size, each).mean(axis=1)
        expected = 0.5 * (1 + np.tanh(0.5)) * (1 - np.exp(-seen / tau))
        assert (np.abs(up - expected) < 4 * (expected * (1 - expected) / each) ** 0.5).all()


def test_a_strong_input_is_certain_and_nothing_overflows() -> None:
    net = Network(dt=1.0, seed=3)
    net.population("cells", Binary(theta=np.array([-1e6, 1e6]), slope=1e3), 2)
    assert _run(net, 300.0).state["cells"]["up"].tolist() == [[1.0, 0.0]]


def test_its_train_is_its_state() -> None:
    net = Network(dt=1.0, seed=4, dtype=torch.float64)
    net.population("cells", Binary(), 50)
    record = _run(net, 100.0, record=["cells.spikes", "cells.up"])
    assert 0.3 < record["cells.spikes"].density < 0.7
    assert torch.equal(record["cells.spikes"].dense(dtype=torch.float64), record["cells.up"])


def test_two_patterns_are_recalled() -> None:
    """A Hopfield network, each pattern from one state with a fifth of the neurons turned over."""
    size = 200
    random = np.random.default_rng(5)
    patterns = random.choice([-1.0, 1.0], (2, size))
    weight = patterns.T @ patterns / size
    np.fill_diagonal(weight, 0.0)
    net = Network(dt=1.0, seed=5, dtype=torch.float64)
    # With states 0 and 1 for -1 and 1 the local field of a pattern is 2 (h - theta).
    net.population("cells", Binary(tau=TAU, theta=weight.sum(axis=0) / 2, gain="step"), size)
    net.connect("cells", "cells", Dense(), weight=weight)
    for pattern, other in (patterns, patterns[::-1]):
        start = pattern.copy()
        start[random.permutation(size)[: size // 5]] *= -1
        state: Any = {"cells": {"up": torch.from_numpy((start[None] + 1) / 2)}}
        found = 2 * _run(net, 10 * TAU, state).state["cells"]["up"].numpy()[0] - 1
        assert start @ pattern / size == pytest.approx(0.6)
        assert found @ pattern / size > 0.97
        assert abs(found @ other / size) < 0.3


def _chain(dt: float) -> np.ndarray:
    """The stationary distribution of three neurons that are asked at the same steps, by enumeration of the 8 states."""
    asked = -np.expm1(-dt / TAU)
    up = 0.5 * (1 + np.tanh(SLOPE * (STATES @ COUPLING - THETA)))
    chance = asked * up[:, None] + (1 - asked) * STATES[:, None]  # that a neuron is up after the step: (from, 1, cell)
    move = np.where(STATES[None] > 0, chance, 1 - chance).prod(axis=2)
    return np.linalg.matrix_power(move, 2**16)[0]


def _boltzmann() -> np.ndarray:
    energy = STATES @ THETA - 0.5 * np.einsum("si,ij,sj->s", STATES, COUPLING, STATES)
    weight = np.exp(-2 * SLOPE * energy)
    return weight / weight.sum()


@pytest.mark.parametrize(("dt", "many"), [(4.0, 8000), (0.2, 4000)])
def test_the_states_of_a_small_network_have_the_distribution_of_its_chain(dt: float, many: int) -> None:
    """Many copies of it side by side; where steps are short this is the distribution of Boltzmann."""
    copies = 3 * np.arange(many)[:, None]
    rows, columns = np.nonzero(COUPLING)
    pairs = Pairs(source=(copies + rows).ravel(), target=(copies + columns).ravel())
    net = Network(dt=dt, seed=6, dtype=torch.float64)
    net.population("cells", Binary(tau=TAU, theta=np.tile(THETA, many), slope=SLOPE), 3 * many)
    net.connect("cells", "cells", pairs, weight=np.tile(COUPLING[rows, columns], many))
    up = _run(net, 20 * TAU).state["cells"]["up"].numpy().reshape(many, 3)
    found = np.bincount((up @ [4, 2, 1]).astype(int), minlength=8) / many
    expected = _chain(dt)
    error = (expected * (1 - expected) / many) ** 0.5
    assert (np.abs(found - expected) < 4 * error).all()
    away = np.abs(expected - _boltzmann())
    if dt < 1.0:
        assert (away < error / 2).all()
        assert (np.abs(found - _boltzmann()) < 4 * error).all()
    else:
        assert (away > 4 * error).any()  # long steps do not: the test tells them apart


def test_short_steps_converge_to_boltzmann_with_first_order() -> None:
    far = [np.abs(_chain(dt) - _boltzmann()).sum() for dt in (0.4, 0.2, 0.1)]
    assert np.log2(far[0] / far[1]) == pytest.approx(1, abs=0.1)
    assert np.log2(far[1] / far[2]) == pytest.approx(1, abs=0.05)


class _Given:
    """One number, again and again."""

    def __init__(self, number: float) -> None:
        self.number = number

    def draw(self, kind: str) -> float:
        assert kind == "uniform"
        return self.number


@pytest.mark.parametrize(
    ("number", "up", "after"),
    [(0.0, 0.0, 0.0), (0.49, 1.0, 1.0), (0.51, 1.0, 0.0), (0.84, 0.0, 0.0), (0.86, 0.0, 1.0), (0.9999, 1.0, 1.0)],
)
def test_one_number_says_whether_and_how(number: float, up: float, after: float) -> None:
    """Half of the neurons are asked, and of those 0.3 say up (h = theta + artanh(-0.4))."""
    with draws_from(_Given(number)):
        found = Binary.step(np.arctanh(-0.4) + 0.7, up, 0.5, 0.7, 1.0, sigmoid=True)
    assert found == (after, after)


def test_it_runs_step_by_step_only_and_refuses_what_cannot_be() -> None:
    net = Network(dt=1.0)
    net.input("in", 1)
    net.connect("in", net.population("cells", Binary(), 2), weight=1.0)
    with pytest.raises(UnsupportedError, match=r"draw random numbers.*Binary.*engine='steps'"):
        get("cpu", net)
    wrong: dict[str, Any] = {"tau": 0.0, "slope": -1.0, "gain": "relu"}
    for name, value in wrong.items():
        with pytest.raises(InvalidValueError, match=rf"Binary\({name}=.*allowed: "):
            Binary(**{name: value})
