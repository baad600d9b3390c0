"""The exponential neuron: its path, its rheobase, and the rate that an integral gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from spikeloom.neurons import ExponentialIF
from tests.analytic.solved import Slopes, assert_same_spikes, order, quiet, solved, stepped

DT = 0.1


def speed(n: ExponentialIF, v: Any, current: float) -> Any:
    return (n.g_l * (n.e_l - v) + n.g_l * n.delta_t * np.exp((v - n.v_t) / n.delta_t) + current) / n.c_m


def equations(n: ExponentialIF, current: float) -> Slopes:
    return lambda t, y: [speed(n, y[0], current)]


@pytest.mark.parametrize("current", [20.0, 100.0, 500.0])
def test_it_follows_its_equation(current: float) -> None:
    neuron = ExponentialIF()
    states, spikes = stepped(neuron, 1000, DT, current)
    expected, times = solved(
        equations(neuron, current),
        [neuron.e_l],
        1000,
        DT,
        level=neuron.v_peak,
        reset=lambda y: [neuron.v_reset],
        rest=1.7,
    )
    assert_same_spikes(spikes, times, DT)
    assert (len(times) > 0) == (current > 50)
    same = quiet(1000, spikes, times, DT)
    assert np.abs(states[same, 0] - expected[same, 0]).max() <= 0.01


@pytest.mark.parametrize("current", [20.0, 30.0, 60.0, 400.0])
def test_its_rate_is_one_over_the_time_from_reset_to_peak(current: float) -> None:
    neuron = ExponentialIF(t_ref=0.0)
    rheobase = neuron.g_l * (neuron.v_t - neuron.e_l - neuron.delta_t)
    _, spikes = stepped(neuron, 5000, DT, current)
    if current <= rheobase:
        assert len(spikes) == 0
        return
    period = quad(lambda v: 1 / speed(neuron, v, current), neuron.v_reset, neuron.v_peak, epsabs=1e-10)[0]
    # The time of each spike is known to a step, that of all together to two.
    assert len(spikes) > 3
    assert (len(spikes) - 1) * period == pytest.approx((spikes[-1] - spikes[0]) * DT, abs=1.01 * DT)


def test_fourth_order_below_threshold_and_on_the_way_to_a_spike() -> None:
    neuron = ExponentialIF(i_e=100.0)

    def error(dt: float) -> float:
        steps = round(9.6 / dt)  # it fires at 10.9 ms
        states, spikes = stepped(neuron, steps, dt, 0.0)
        assert len(spikes) == 0
        return float(np.abs(states[:, 0] - solved(equations(neuron, 100.0), [neuron.e_l], steps, dt)[0][:, 0]).max())

    assert order(error) > 3.7


def test_far_from_threshold_it_is_a_leaky_membrane() -> None:
    # 300 mV below, where e^-z would overflow in single precision, the upswing is nothing.
    neuron = ExponentialIF()
    states, _ = stepped(neuron, 100, DT, 0.0, v=-365.0)
    expected = -65.0 - 300.0 * np.exp(-DT * np.arange(1, 101) / 10.0)
    assert np.abs(states[:, 0] - expected).max() < 1e-5
