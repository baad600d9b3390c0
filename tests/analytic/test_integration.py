"""Runge-Kutta schemes, the parabola in time and the passage of a level, each for what it is exact for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spikeloom.core import trace
from spikeloom.neurons.integration import at_any_time, crossing, midpoint, rk4
from tests.analytic.solved import order

small = st.floats(-2, 2)


@given(a=small, b=small, c=small, d=small, pieces=st.sampled_from([1, 2, 4]))
def test_rk4_is_exact_for_cubics_in_time(a: float, b: float, c: float, d: float, pieces: int) -> None:
    # y' = a + b t + c t^2 + d t^3 from 0 to 2: two variables, the second one twice the first.
    def f(y: tuple[float, ...], s: float) -> tuple[float, float]:
        t = 2 * s
        slope = a + b * t + c * t * t + d * t**3
        return slope, 2 * slope

    first, second = rk4(f, (1.0, 0.0), 2.0, pieces=pieces)
    expected = 2 * a + 2 * b + 8 / 3 * c + 4 * d
    assert first == pytest.approx(1 + expected, abs=1e-12)
    assert second == pytest.approx(2 * expected, abs=1e-12)


@pytest.mark.parametrize(("scheme", "expected"), [(rk4, 4), (midpoint, 2)])
def test_orders(scheme: Any, expected: int) -> None:
    def error(dt: float) -> float:  # y' = -y^2, y = 1 / (1 + t)
        y, steps = (1.0,), round(1.6 / dt)
        for _ in range(steps):
            y = scheme(lambda y, s: (-y[0] * y[0],), y, dt)
        return abs(y[0] - 1 / 2.6)

    assert order(error, dt=0.2) == pytest.approx(expected, abs=0.25)


def test_pieces_are_steps() -> None:
    f = lambda y, s: (math.sin(y[0]) + s,)  # noqa: E731
    whole = rk4(f, (0.3,), 1.0, pieces=2)
    half = rk4(lambda y, s: f(y, 0.5 * s), (0.3,), 0.5)
    assert whole == pytest.approx(rk4(lambda y, s: f(y, 0.5 + 0.5 * s), half, 0.5), rel=1e-15)


@given(a=small, b=small, c=small, s=st.floats(0, 1))
def test_between_what_is_known_there_is_a_parabola(a: float, b: float, c: float, s: float) -> None:
    asked = []

    def current(v: float, s: float) -> float:
        asked.append(s)
        return v * (a + b * s + c * s * s)

    assert at_any_time(current)(3.0, s) == pytest.approx(3 * (a + b * s + c * s * s), abs=1e-12)
    assert set(asked) <= {0.0, 0.5, 1.0}


def test_a_current_that_does_not_change_costs_nothing() -> None:
    x = object()
    assert at_any_time(lambda v, s: x)(0.0, 0.125) is x

    def step(x: trace.Symbol) -> trace.Symbol:
        assert at_any_time(lambda v, s: x)(x, 0.25) is x
        return x * 2.0

    trace.trace(step, ["x"])


@given(c1=st.floats(0.5, 3), c2=st.floats(-0.2, 0.2), c3=st.floats(-0.2, 0.2), u=st.floats(0, 1))
def test_a_cubic_passes_its_level_where_it_does(c1: float, c2: float, c3: float, u: float) -> None:
    def curve(t: float) -> float:
        return -3 + c1 * t + c2 * t * t + c3 * t**3

    assume(min(c1, c1 + 2 * c2 + 3 * c3) > 0.2)
    found = crossing(curve(0), curve(1), c1, c1 + 2 * c2 + 3 * c3, curve(u))
    assert found == pytest.approx(u, abs=2e-3)


@given(before=small, after=small, first=small, last=small, level=small)
def test_what_does_not_pass_gives_a_fraction_too(
    before: float, after: float, first: float, last: float, level: float
) -> None:
    assert 0 <= crossing(before, after, first, last, level) <= 1


def test_a_passage_is_found_to_third_order_or_better() -> None:
    # tanh through a level, in one step of length dt: the error in time against the step.
    def error(dt: float) -> float:
        worst = 0.0
        for phase in np.linspace(0.05, 0.95, 10):
            start = 0.3 - phase * dt
            ends = [math.tanh(start), math.tanh(start + dt)]
            slopes = [dt * (1 - e * e) for e in ends]
            found = crossing(ends[0], ends[1], slopes[0], slopes[1], math.tanh(0.3))
            worst = max(worst, abs(found - phase) * dt)
        return worst

    assert order(error, dt=0.4) > 3
