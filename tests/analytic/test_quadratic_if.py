"""The quadratic neuron against its closed forms: the hyperbolic tangent, and the rate as a square root of the input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.neurons import QuadraticIF
from tests.analytic.solved import Slopes, assert_same_spikes, order, quiet, solved, stepped

DT = 0.1


def equations(n: QuadraticIF, current: float) -> Slopes:
    def slopes(t: float, y: Any) -> list[float]:
        return [((y[0] - n.v_rest) * (y[0] - n.v_c) / (n.v_c - n.v_rest) + n.resistance * current) / n.tau_m]

    return slopes


@pytest.mark.parametrize(("current", "t_ref"), [(3.0, 0.0), (10.0, 0.0), (50.0, 0.0), (30.0, 2.0)])
def test_it_follows_its_equation(current: float, t_ref: float) -> None:
    neuron = QuadraticIF(t_ref=t_ref)
    states, spikes = stepped(neuron, 1000, DT, current)
    expected, times = solved(
        equations(neuron, current),
        [neuron.v_rest],
        1000,
        DT,
        level=neuron.v_peak,
        reset=lambda y: [neuron.v_reset],
        rest=t_ref,
    )
    assert_same_spikes(spikes, times, DT)
    assert (len(times) > 0) == (current > 3.75)
    same = quiet(1000, spikes, times, DT)
    assert np.abs(states[same, 0] - expected[same, 0]).max() <= 0.01


def test_below_the_rheobase_it_goes_to_its_fixed_point_as_a_hyperbolic_tangent() -> None:
    # Rheobase (v_c - v_rest) / 4 = 3.75 mV. With z = v - middle and r^2 = 15 (3.75 - 3): z = -r tanh(r t / 150 + c).
    states, spikes = stepped(QuadraticIF(), 500, DT, 3.0)
    r = np.sqrt(15 * 0.75)
    t = np.arange(1, 501) * DT
    expected = -57.5 - r / np.tanh(r * t / 150 + np.arctanh(r / 7.5))
    assert len(spikes) == 0
    assert np.abs(states[:, 0] - expected).max() < 1e-6


@pytest.mark.parametrize("current", [4.0, 6.0, 20.0, 80.0])
def test_its_rate_has_a_closed_form(current: float) -> None:
    neuron = QuadraticIF()
    r = np.sqrt(15 * (current - 3.75))
    period = 150 / r * (np.arctan(77.5 / r) - np.arctan(-22.5 / r))
    _, spikes = stepped(neuron, 8000, DT, current)
    assert len(spikes) > 2
    assert (len(spikes) - 1) * period == pytest.approx((spikes[-1] - spikes[0]) * DT, abs=1.01 * DT)


def test_fourth_order_through_the_upswing() -> None:
    neuron = QuadraticIF(i_e=20.0)

    def error(dt: float) -> float:
        steps = round(9.6 / dt)  # it fires at 15.3 ms
        states, spikes = stepped(neuron, steps, dt, 0.0)
        assert len(spikes) == 0
        return float(np.abs(states[:, 0] - solved(equations(neuron, 20.0), [-65.0], steps, dt)[0][:, 0]).max())

    assert order(error) > 3.7


def test_strong_inhibition_stays_below() -> None:
    states, spikes = stepped(QuadraticIF(), 300, DT, lambda v, t: -3000.0 if t < 25 else 0.0)
    assert len(spikes) == 0
    assert np.isfinite(states).all()
    # The fixed point of the inhibition; from far below, a quadratic membrane is back near rest within milliseconds.
    assert states[199, 0] == pytest.approx(-57.5 - np.sqrt(15 * 3003.75), rel=1e-6)
    assert states[-1, 0] > -90


@pytest.mark.parametrize(("changes", "message"), [({"v_c": -70.0}, "above v_rest"), ({"v_peak": -55.0}, "above v_c")])
def test_levels_in_the_wrong_order_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        QuadraticIF(**changes)
