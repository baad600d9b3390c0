"""The adaptive exponential neuron follows its equations through its spikes, and begins to fire where theory says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.neurons import AdEx, ExponentialIF
from tests.analytic.solved import Slopes, assert_same_spikes, order, quiet, solved, stepped

DT = 0.1


def equations(n: AdEx, current: float) -> Slopes:
    def slopes(t: float, y: Any) -> list[float]:
        v, w = y
        upswing = n.g_l * n.delta_t * np.exp((v - n.v_t) / n.delta_t)
        return [(n.g_l * (n.e_l - v) + upswing - w + current) / n.c_m, (n.a * (v - n.e_l) - w) / n.tau_w]

    return slopes


CASES = {
    "tonic": (AdEx(), 700.0),
    "strong": (AdEx(), 2000.0),
    "a burst: reset above the threshold of the upswing": (AdEx(v_reset=-46.0), 800.0),
    "refractory": (AdEx(t_ref=2.0), 1000.0),
    "sharp": (AdEx(delta_t=0.8, v_peak=-32.0), 800.0),
    "a subthreshold resonance": (AdEx(a=20.0, b=0.0, tau_w=60.0), 1200.0),
}


@pytest.mark.parametrize("case", CASES)
def test_it_follows_its_equations(case: str) -> None:
    neuron, current = CASES[case]
    states, spikes = stepped(neuron, 1000, DT, current)
    expected, times = solved(
        equations(neuron, current),
        [neuron.e_l, 0.0],
        1000,
        DT,
        level=neuron.v_peak,
        reset=lambda y: [neuron.v_reset, y[1] + neuron.b],
        rest=neuron.t_ref,
    )
    assert_same_spikes(spikes, times, DT)
    error = np.abs(states[:, :2] - expected)
    same = quiet(1000, spikes, times, DT)
    slow = same & (expected[:, 0] < neuron.v_t + neuron.delta_t)
    assert len(times) == 0 or slow.sum() > 100
    assert error[slow, 0].max() <= 0.01
    # In the upswing the membrane gains tens of mV in a step: there the moment counts, to a hundredth of a ms.
    speed = np.abs([equations(neuron, current)(0.0, y)[0] for y in expected])
    assert (error[same, 0] <= 0.01 + 0.01 * speed[same]).all()
    assert error[same, 1].max() <= 0.01


def test_fourth_order_below_threshold() -> None:
    neuron = AdEx(i_e=400.0)

    def error(dt: float) -> float:
        steps = round(32 / dt)
        states, spikes = stepped(neuron, steps, dt, 0.0)
        assert len(spikes) == 0
        return float(np.abs(states[:, :2] - solved(equations(neuron, 400.0), [neuron.e_l, 0.0], steps, dt)[0]).max())

    assert order(error, dt=1.6) > 3.7


@pytest.mark.parametrize(("a", "tau_w"), [(0.0, 144.0), (0.5, 30.0), (3.0, 20.0)])
def test_it_begins_to_fire_at_the_rheobase(a: float, tau_w: float) -> None:
    # Touboul & Brette 2008, doi:10.1007/s00422-008-0267-4, for a / g_L < tau_m / tau_w (a saddle-node bifurcation).
    neuron = AdEx(a=a, tau_w=tau_w)
    assert a / neuron.g_l < neuron.c_m / neuron.g_l / tau_w
    depth = neuron.v_t - neuron.e_l - neuron.delta_t + neuron.delta_t * np.log(1 + a / neuron.g_l)
    rheobase = (neuron.g_l + a) * depth
    resting = -60.0, a * (-60.0 - neuron.e_l)
    for current, fires in ((0.99 * rheobase, False), (1.01 * rheobase, True)):
        _, spikes = stepped(neuron, 4000, DT, current, v=resting[0], w=resting[1])
        assert (len(spikes) > 0) == fires


def test_without_adaptation_it_is_the_exponential_neuron() -> None:
    shared = {"c_m": 100.0, "g_l": 10.0, "e_l": -65.0, "v_t": -59.9, "delta_t": 3.48, "v_peak": -30.0, "v_reset": -68.0}
    both = [stepped(kind, 1000, DT, 150.0) for kind in (AdEx(**shared, t_ref=1.7, a=0, b=0), ExponentialIF(**shared))]
    assert len(both[0][1]) > 5
    assert both[0][1].tolist() == both[1][1].tolist()
    assert np.array_equal(both[0][0][:, 0], both[1][0][:, 0])


def test_refractory_membranes_stay_and_adaptation_goes_on() -> None:
    neuron = AdEx(t_ref=3.0)
    states, spikes = stepped(neuron, 600, DT, 1500.0)
    k = spikes[0]
    held = states[k : k + 31]
    assert (held[:, 0] == neuron.v_reset).all()
    assert states[k + 31, 0] > neuron.v_reset
    towards = neuron.a * (neuron.v_reset - neuron.e_l)
    decay = np.exp(-DT * np.arange(31) / neuron.tau_w)
    np.testing.assert_allclose(held[:, 1], towards + (held[0, 1] - towards) * decay, rtol=1e-12)


def test_a_peak_below_the_threshold_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"AdEx\(v_peak=-51, v_t=-50.4\).*the peak must lie above v_t"):
        AdEx(v_peak=-51.0)
