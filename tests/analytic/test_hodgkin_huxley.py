"""The Hodgkin-Huxley neuron follows its equations through its spikes, which are counted as NEST counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spikeloom.neurons import HodgkinHuxley
from spikeloom.neurons.hodgkin_huxley import linoid, rates
from tests.analytic.solved import Slopes, order, solved, stepped

DT = 0.1


def textbook(v: float) -> list[tuple[float, float]]:
    """Hodgkin & Huxley 1952, equations 12 to 24, for a rest of -65 mV."""
    u = v + 65
    return [
        (0.1 * (25 - u) / np.expm1((25 - u) / 10), 4 * np.exp(-u / 18)),
        (0.07 * np.exp(-u / 20), 1 / (np.exp((30 - u) / 10) + 1)),
        (0.01 * (10 - u) / np.expm1((10 - u) / 10), 0.125 * np.exp(-u / 80)),
    ]


def equations(n: HodgkinHuxley, current: Callable[[float, float], float]) -> Slopes:
    def slopes(t: float, y: Any) -> list[float]:
        v, m, h, k = y
        channels = n.g_na * m**3 * h * (n.e_na - v) + n.g_k * k**4 * (n.e_k - v) + n.g_l * (n.e_l - v)
        gates = [a * (1 - x) - b * x for x, (a, b) in zip((m, h, k), textbook(v), strict=True)]
        return [(channels + current(v, t)) / n.c_m, *gates]

    return slopes


def begin() -> list[float]:
    return list(HodgkinHuxley().initial().values())[:4]


@pytest.mark.parametrize("v", [-80.0, -65.0, -54.0, -33.3, 20.0])
def test_the_rates_are_those_of_the_paper(v: float) -> None:
    np.testing.assert_allclose(rates(v), textbook(v), rtol=1e-12)


def test_the_rates_are_smooth_where_the_paper_divides_zero_by_zero() -> None:
    assert linoid(0.0) == pytest.approx(1.0, abs=1e-6)
    for z in (1e-7, -1e-7, 2e-6, -2e-6):
        assert linoid(z) == pytest.approx(1 + z / 2, abs=1e-6)


CURRENTS: dict[str, Callable[[float, float], float]] = {
    "700 pA": lambda v, t: 700.0,
    "2000 pA": lambda v, t: 2000.0,
    "a conductance that decays": lambda v, t: 100 * np.exp(-t / 2) * (0 - v),
}


@pytest.mark.parametrize("name", CURRENTS)
def test_it_follows_its_equations(name: str) -> None:
    states, spikes = stepped(HodgkinHuxley(), 300, DT, CURRENTS[name])
    expected, _ = solved(equations(HodgkinHuxley(), CURRENTS[name]), begin(), 300, DT)
    assert len(spikes) >= 1
    assert expected[:, 0].max() > 30
    assert np.abs(states[:, 0] - expected[:, 0]).max() <= 0.01
    assert np.abs(states[:, 1:4] - expected[:, 1:]).max() <= 1e-4
    # NEST: the first step after which v has fallen, at 0 mV or above, and 2 ms or more after the last spike.
    v = np.concatenate([[-65.0], expected[:, 0]])
    found: list[int] = []
    for k in range(300):
        if v[k + 1] >= 0 and v[k + 1] < v[k] and (not found or k - found[-1] > 20):
            found.append(k)
    assert spikes.tolist() == found


def test_fourth_order() -> None:
    def error(dt: float) -> float:
        steps = round(6 / dt)  # through one spike
        states, _ = stepped(HodgkinHuxley(), steps, dt, 1000.0)
        expected, _ = solved(equations(HodgkinHuxley(), lambda v, t: 1000.0), begin(), steps, dt)
        return float(np.abs(states[:, :4] - expected).max())

    assert order(error, dt=0.1) > 3.5


def test_it_rests_fires_once_and_fires_on() -> None:
    # 100 pF are 1 uF/cm2 on 1e-4 cm2: 1 uA/cm2 is 100 pA. The squid's axon fires on from about 6.3 uA/cm2
    # (Rinzel & Miller 1980, doi:10.1016/0025-5564(80)90109-1), at about 50 to 70 Hz.
    assert np.abs(stepped(HodgkinHuxley(), 1000, DT, 0.0)[0][-1, 0] + 65) < 0.01
    assert len(stepped(HodgkinHuxley(), 2000, DT, 400.0)[1]) == 1
    assert 9 <= len(stepped(HodgkinHuxley(), 2000, DT, 700.0)[1]) <= 14
