"""Closed forms of the membrane below threshold: against NEST's values, the equation itself, and their limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikeloom.experiments import exact_responses as exact

CELL = {"tau_m": 10.0, "c_m": 250.0}


def test_nests_cell_under_constant_current() -> None:
    for t, v in exact.ALPHA_UNDER_CURRENT.items():
        assert exact.constant_current(t, current=1000.0, **CELL) - 70 == pytest.approx(v, abs=5e-5)
    crossing = exact.first_spike(current=1000.0, theta=15.0, **CELL)
    assert math.ceil(crossing / 0.1) * 0.1 == pytest.approx(exact.ALPHA_CELL["first_spike"])
    assert exact.constant_current(crossing, current=1000.0, **CELL) == pytest.approx(15.0, rel=1e-14)


def test_nests_cell_after_one_spike() -> None:
    for t, v in exact.ALPHA_AFTER_SPIKE.items():
        assert exact.after_alpha(t - 3, weight=100.0, tau_s=2.0, **CELL) - 70 == pytest.approx(v, abs=5e-5)


def test_a_weak_current_never_reaches_the_threshold() -> None:
    assert exact.first_spike(current=375.0, theta=15.0, **CELL) == math.inf
    assert exact.first_spike(current=376.0, theta=15.0, **CELL) > 40


@pytest.mark.parametrize("tau_s", [0.3, 2.0, 9.9, 10.0, 10.0001, 30.0])
def test_responses_solve_the_equation(tau_s: float) -> None:
    """C dv/dt = -C v / tau_m + i(t), by a solver of high order."""
    times = np.linspace(0, 40, 81)
    currents = {
        exact.after_alpha: lambda t: 100 * math.e * t / tau_s * math.exp(-t / tau_s),
        exact.after_exponential: lambda t: 100 * math.exp(-t / tau_s),
    }
    for response, current in currents.items():
        solved = solve_ivp(
            lambda t, v, i=current: -v / CELL["tau_m"] + i(t) / CELL["c_m"],
            (0, 40), [0.0], t_eval=times, method="DOP853", rtol=1e-12, atol=1e-14,
        )  # fmt: skip
        found = response(times, weight=100.0, tau_s=tau_s, **CELL)
        np.testing.assert_allclose(found, solved.y[0], rtol=1e-9, atol=1e-11)


def test_near_equal_time_constants_lose_no_digits() -> None:
    for response in (exact.after_alpha, exact.after_exponential):
        limit = response(5.0, weight=100.0, tau_s=10.0, **CELL)
        for off in (1e-12, 1e-8, 1e-6):
            assert response(5.0, weight=100.0, tau_s=10.0 * (1 + off), **CELL) == pytest.approx(
                limit, rel=2 * off + 1e-15
            )


def test_the_charge_of_an_exponential_current() -> None:
    """The membrane's integral over time is charge times tau_m / C, and the charge is weight times tau_s."""
    t = np.linspace(0, 300, 600_001)
    v = exact.after_exponential(t, weight=100.0, tau_s=2.0, **CELL)
    charge = np.trapezoid(v, t) * CELL["c_m"] / CELL["tau_m"]
    assert charge == pytest.approx(100.0 * 2.0, rel=1e-6)


def test_before_the_spike_nothing_happens() -> None:
    assert exact.after_alpha(-1.0, weight=100.0, tau_s=2.0, **CELL) == 0
    assert exact.after_exponential(np.array([-2.0, 0.0]), weight=100.0, tau_s=2.0, **CELL).tolist() == [0, 0]
