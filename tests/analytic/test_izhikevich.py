"""Izhikevich's neuron: each scheme as it was published, and the 20 firing patterns."""

from __future__ import annotations

import numpy as np
import pytest

from spikeloom.experiments.izhikevich_2004_patterns import PATTERNS, Pattern, simulate
from spikeloom.neurons import Izhikevich
from tests.analytic.solved import order, solved, stepped

each_pattern = pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)


@each_pattern
def test_a_published_pattern(pattern: Pattern) -> None:
    spikes, v = simulate(pattern)
    assert pattern.holds(spikes, v), f"{pattern.says}: spikes at {spikes}"


@each_pattern
def test_the_model_does_what_the_published_program_does(pattern: Pattern) -> None:
    spikes, v = simulate(pattern)
    given = pattern.input()
    states, fired = stepped(
        pattern.neuron, len(given), pattern.dt, lambda v, t: given[int(t / pattern.dt + 1e-6)], **pattern.start()
    )
    assert np.array_equal(pattern.times[fired], spikes)
    assert np.abs(states[:, 0] - v).max() < 1e-8


@each_pattern
def test_what_makes_a_pattern_does_not_hold_of_others(pattern: Pattern) -> None:
    none, flat = np.zeros(0), np.full(len(pattern.times), -70.0)
    regular = np.arange(3.0, pattern.duration, 7.0)
    assert not pattern.holds(none, flat)
    assert pattern.holds(regular, flat) == (pattern.letter == "A")  # tonic spiking is just that
    others = [p.letter for p in PATTERNS if p is not pattern and _holds_of(pattern, p)]
    assert len(others) <= 5, others


def _holds_of(pattern: Pattern, other: Pattern) -> bool:
    spikes, v = simulate(other)
    return pattern.holds(spikes, v)


def test_letters_and_names() -> None:
    assert "".join(p.letter for p in PATTERNS) == "ABCDEFGHIJKLMNOPQRST"
    assert len({p.name for p in PATTERNS}) == 20


def test_euler_is_the_scheme_of_nest() -> None:
    # izhikevich.cpp with consistent_integration: both from old values; spikes jump v, before the threshold is asked.
    states, spikes = stepped(
        Izhikevich(input="delta", i_e=6.0), 2000, 0.1, lambda v, t: 20.0 * (round(t * 10) % 300 == 299)
    )
    v, u, expected = -70.0, -14.0, []
    for k in range(2000):
        old_v, old_u = v, u
        v += 0.1 * (0.04 * old_v * old_v + 5.0 * old_v + 140.0 - old_u + 0.0 + 6.0) + 20.0 * (k % 300 == 298)
        u += 0.1 * 0.02 * (0.2 * old_v - old_u)
        if v >= 30:
            expected.append(k)
            v, u = -65.0, u + 8.0
        assert states[k] == pytest.approx([v, u], abs=1e-9)
    assert spikes.tolist() == expected
    assert len(expected) > 3


def test_half_steps_are_the_scheme_of_2003() -> None:
    # net.m of the paper: v=v+0.5*(0.04*v.^2+5*v+140-u+I) twice, then u=u+a.*(b.*v-u); the threshold asked before.
    states, spikes = stepped(Izhikevich(scheme="half-steps"), 500, 1.0, 10.0)
    v, u, expected = -70.0, -14.0, []
    for k in range(500):
        for _ in range(2):
            v = v + 0.5 * (0.04 * v * v + 5 * v + 140 - u + 10)
        u = u + 0.02 * (0.2 * v - u)
        if v >= 30:
            expected.append(k)
            v, u = -65.0, u + 8
        assert states[k] == pytest.approx([v, u], abs=1e-9)
    assert spikes.tolist() == expected
    assert len(expected) > 8


@pytest.mark.parametrize("scheme", ["euler", "half-steps", "staggered"])
def test_all_schemes_are_of_first_order(scheme: str) -> None:
    neuron = Izhikevich(scheme=scheme)

    def slopes(t: float, y: np.ndarray) -> list[float]:
        return [0.04 * y[0] ** 2 + 5 * y[0] + 140 - y[1] + 3.0, 0.02 * (0.2 * y[0] - y[1])]

    def error(dt: float) -> float:
        steps = round(8 / dt)
        states, spikes = stepped(neuron, steps, dt, 3.0)
        assert len(spikes) == 0
        return float(np.abs(states - solved(slopes, [-70.0, -14.0], steps, dt)[0]).max())

    assert order(error, dt=0.05) == pytest.approx(1.0, abs=0.1)


def test_with_a_small_step_it_follows_its_equations() -> None:
    dt = 0.002
    states, spikes = stepped(Izhikevich(), 20_000, dt, 10.0)
    expected, times = solved(
        lambda t, y: [0.04 * y[0] ** 2 + 5 * y[0] + 150 - y[1], 0.02 * (0.2 * y[0] - y[1])],
        [-70.0, -14.0],
        20_000,
        dt,
        level=30.0,
        reset=lambda y: [-65.0, y[1] + 8],
    )
    assert len(times) == len(spikes) > 1
    assert np.abs(spikes * dt - times).max() < 0.1
    before = slice(0, int(times[0] / dt) - 500)
    assert np.abs(states[before, 0] - expected[before, 0]).max() < 0.3
