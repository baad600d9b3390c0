"""The resonate-and-fire neuron is a complex exponential; it fires for pairs of spikes that keep its time."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError
from spikeloom.neurons import ResonateAndFire

LAMBDA = complex(-1 / 10, 2 * math.pi * 0.05)  # tau = 10 ms, 50 Hz


def walk(neuron: ResonateAndFire, dt: float, xs: list[float], i: float = 0.0, v: float = 0.0) -> tuple[Any, list[int]]:
    constants = {k: float(c) for k, c in neuron.constants(dt).items()}
    states, spikes = [], []
    for k, x in enumerate(xs):
        s, i, v = neuron.step(x, i, v, **constants, **neuron.options())
        states.append(complex(i, v))
        spikes += [k] if s else []
    return np.array(states), spikes


@given(i=st.floats(-1, 1), v=st.floats(-1, 1), dt=st.floats(0.01, 3))
def test_alone_it_is_a_complex_exponential(i: float, v: float, dt: float) -> None:
    states, _ = walk(ResonateAndFire(theta=9.0), dt, [0.0] * 20, i, v)
    expected = complex(i, v) * np.exp(LAMBDA * dt * np.arange(1, 21))
    assert np.abs(states - expected).max() < 1e-13


def test_a_held_input_is_integrated_exactly() -> None:
    for neuron, x in ((ResonateAndFire(theta=9.0, input="current"), 0.3), (ResonateAndFire(theta=9.0, i_e=0.3), 0.0)):
        for dt in (0.1, 1.0, 4.0):
            states, _ = walk(neuron, dt, [x] * 25)
            t = dt * np.arange(1, 26)
            assert np.abs(states - 0.3 * (np.exp(LAMBDA * t) - 1) / LAMBDA).max() < 1e-13


def test_a_spike_is_a_jump_along_the_real_axis() -> None:
    states, _ = walk(ResonateAndFire(theta=9.0), 0.5, [0.0, 0.7, 0.0, 0.0])
    expected = [0, 0.7, 0.7 * cmath.exp(LAMBDA * 0.5), 0.7 * cmath.exp(LAMBDA)]
    np.testing.assert_allclose(states, expected, atol=1e-15)


@pytest.mark.parametrize(("interval", "fires"), [(20, True), (10, False), (30, False), (40, False)])
def test_only_pairs_at_its_period_fire_it(interval: int, fires: bool) -> None:
    # One spike of 1.5 swings up to 0.96; a second one adds to the 13 % left of it after a period of 20 ms.
    xs = [0.0] * 100
    xs[0] = xs[interval] = 1.5
    _, spikes = walk(ResonateAndFire(), 1.0, xs)
    assert (len(spikes) > 0) == fires


def test_after_a_spike_it_is_at_its_reset() -> None:
    # v = 4 e^(-t / 10) sin(2 pi t / 20) is 1.12 after one ms, counted from the end of the step of the spike.
    states, spikes = walk(ResonateAndFire(), 1.0, [4.0] + [0.0] * 30)
    assert spikes == [1]
    assert states[1] == 1j
    assert abs(states[11] - 1j * cmath.exp(LAMBDA * 10)) < 1e-14


def test_a_reset_above_the_threshold_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"v_reset=1.5\) is not possible; allowed: a finite number <= 1"):
        ResonateAndFire(v_reset=1.5)
