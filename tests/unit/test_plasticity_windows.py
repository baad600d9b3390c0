"""Plasticity with any window: sums over pairs, and windows that are none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.learning import measured_window
from spikeloom.plasticity import PairSTDP, WindowSTDP
from spikeloom.units import ms
from tests.unit.protocols import DT, STEPS, learned, protocols, recomputed, some, trains


def wave(s: Any) -> Any:
    return 0.03 * np.cos(np.asarray(s) / 5) - 0.01 * np.tanh(np.asarray(s))


@some
@protocols
@pytest.mark.parametrize(
    ("bounds", "pairing"),
    [("hard", "all"), pytest.param("soft", "all", marks=pytest.mark.slow), ("soft", "nearest")],
)
def test_any_window_is_a_sum_over_pairs(
    bounds: str, pairing: str, seed: int, density: float, delay: Any, site: str
) -> None:
    """Pairs within the reach; those that meet count once, with W(0)."""
    reach, first = 20.0, 0 if pairing == "all" else -1

    def change(w: float, side: str, t: float, pres: list[float], posts: list[float]) -> float:
        lags = np.array([t - s for s in pres[first:]] if side == "post" else [s - t for s in posts[first:]])
        values = wave(lags[np.abs(lags) <= reach])
        up, down = values[values > 0].sum(), -values[values < 0].sum()
        return float(w + (up * (1 - w) - down * w if bounds == "soft" else up - down))

    pre, post = trains(seed, density)
    rule = WindowSTDP(change=wave, reach=reach, step=0.25, bounds=bounds, site=site, pairing=pairing)
    expected = recomputed(change, pre, post, delay, site, meet=True)
    np.testing.assert_allclose(learned(rule, pre, post, delay), expected, rtol=1e-10, atol=1e-12)


def test_a_window_of_exponentials_is_pair_stdp() -> None:
    pre, post = trains(8, 0.02)
    pair = PairSTDP(a_plus=0.02, a_minus=0.03, tau_plus=10.0, tau_minus=20.0, bounds="power", mu_plus=0.5, mu_minus=0.2)
    every = STEPS * DT

    def exponentials(s: float) -> float:
        return 0.0 if s == 0 else 0.02 * math.exp(-s / 10) if s > 0 else -0.03 * math.exp(s / 20)

    window = WindowSTDP(change=exponentials, reach=every, step=DT, bounds="power", mu_plus=0.5, mu_minus=0.2)
    np.testing.assert_allclose(learned(window, pre, post, 1.0), learned(pair, pre, post, 1.0), rtol=1e-11)


def test_the_window_that_was_given_is_measured() -> None:
    rule = WindowSTDP(change=wave, reach=30 * ms, step=0.5 * ms, bounds="none")
    lags = np.array([-30.5, -30.0, -7.5, -0.5, 0.0, 0.5, 12.0, 30.0, 30.5])
    _, change = measured_window(rule, lags, dt=0.5)
    expected = np.where(np.abs(lags) <= 30, wave(lags), 0.0)
    np.testing.assert_allclose(change, expected, atol=1e-14)
    np.testing.assert_allclose(rule.window(lags), expected, atol=1e-14)
    assert "121 values" in repr(rule)
    again = WindowSTDP.from_values(rule.describe())
    assert np.array_equal(again.change, rule.change)
    assert again.describe() == rule.describe()


def test_windows_that_are_none() -> None:
    with pytest.raises(InvalidValueError, match=r"change is nan at s = 0 ms; a window must be finite everywhere"):
        WindowSTDP(change=lambda s: np.sin(s) / s)
    with pytest.raises(InvalidValueError, match=r"change is inf at s = -2 ms"):
        WindowSTDP(change=[np.inf, 0.0, 1.0, 0.0, 0.0], reach=2 * ms, step=1 * ms)
    with pytest.raises(InvalidValueError, match=r"shape \(4,\); allowed: a function, or its 5 values from -2 to 2 ms"):
        WindowSTDP(change=[0.0, 0.0, 1.0, 0.0], reach=2 * ms, step=1 * ms)
    with pytest.raises(InvalidValueError, match="the reach must be a whole number of steps, such as 2 ms"):
        WindowSTDP(change=wave, reach=2.5 * ms, step=1 * ms)
    with pytest.raises(InvalidValueError, match=r"mu_plus=\.\.\.\) is an array"):
        WindowSTDP(change=wave, mu_plus=[1.0, 2.0])  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValueError, match=r"its values every 0\.2 ms, and a step of this run is 0\.5 ms"):
        learned(WindowSTDP(change=wave, reach=20.0, step=0.2), *trains(1, 0.1))
