"""The f-I curve of the LIF neuron against its closed form, on the grid: every interval is the exact one, rounded up."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from spikeloom.core.current import Current
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV, second
from spikeloom.engines import CpuEngine, ReferenceEngine
from spikeloom.network import Network
from spikeloom.neurons import LIF

TAU, THETA, T_REF = 20 * ms, 20 * mV, 2 * ms
# RI [mV], and f [Hz] from f = 1 / (t_ref + tau ln((RI - V_r) / (RI - theta))), for V_r = 0 and for V_r = 10 mV
# (Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapter 1, doi:10.1017/CBO9781107447615).
CURVE = {
    20.5: (13.111067, 15.900666),
    21.0: (15.900666, 20.016852),
    25.0: (29.249381, 41.714907),
    30.0: (41.714907, 63.040002),
    40.0: (63.040002, 98.918796),
    60.0: (98.918796, 154.729995),
}
DRIVES = np.array([*CURVE])


def spike_steps(
    v_reset: float, dt: float, duration: float, drives: np.ndarray, engine: str = "cpu"
) -> list[np.ndarray]:
    """The steps at which a neuron fires, for each constant current."""
    neuron = LIF(tau_m=TAU, theta=THETA, v_reset=v_reset, t_ref=T_REF, input="current")
    net = Network(dt=dt, dtype=torch.float64)
    net.input("current", 1)
    net.population("cells", neuron, 1)
    net.connect("current", "cells", weight=1.0)
    given = Current(drives.reshape(-1, 1), round(duration / dt), dt=dt)
    run = CpuEngine() if engine == "cpu" else ReferenceEngine()
    spikes = run.run(net, given, record=["cells.spikes"])["cells.spikes"]
    assert isinstance(spikes, Spikes)
    return [spikes.step[spikes.sample == b] for b in range(len(drives))]


def charging(drive: float, start: float) -> float:
    """The time [ms] that the membrane takes from ``start`` to the threshold."""
    return TAU * math.log((drive - start) / (drive - THETA))


@pytest.mark.parametrize("dt", [1.0 * ms, 0.5 * ms, 0.1 * ms])
@pytest.mark.parametrize("v_reset", [0.0, 10.0 * mV])
def test_every_interval_is_the_closed_form_rounded_up(v_reset: float, dt: float) -> None:
    for drive, steps in zip(DRIVES, spike_steps(v_reset, dt, 2 * second, DRIVES), strict=True):
        # The first spike: from rest. Step k ends at (k + 1) dt.
        assert steps[0] + 1 == math.ceil(charging(drive, 0.0) / dt)
        interval = T_REF + charging(drive, v_reset)
        on_grid = round(T_REF / dt) + math.ceil(charging(drive, v_reset) / dt)
        assert on_grid == math.ceil(round(interval / dt, 9))
        assert len(steps) > 20
        assert set(np.diff(steps)) == {on_grid}
        rate = 1 / (on_grid * dt) / Hz
        assert 1 / (interval + dt) / Hz <= rate <= 1 / interval / Hz
        assert 1 / interval / Hz == pytest.approx(CURVE[drive][0 if v_reset == 0 else 1], rel=1e-6)


def test_with_finer_steps_the_rate_comes_to_the_closed_form() -> None:
    errors = []
    for dt in (0.1 * ms, 0.01 * ms):
        (steps,) = spike_steps(0.0, dt, 200 * ms, np.array([30.0]))
        errors.append(T_REF + charging(30.0, 0.0) - np.diff(steps).mean() * dt)
    assert -0.1 <= errors[0] <= 0
    assert -0.01 <= errors[1] <= 0


def test_at_and_below_the_threshold_it_is_silent() -> None:
    # At RI = theta the membrane comes to the threshold from below: a spike would be a rounding error.
    drives = np.array([0.0, 19.0, 20.0 * (1 - 1e-9), 20.0])
    assert all(len(steps) == 0 for steps in spike_steps(0.0, 0.1, 500 * ms, drives))
    assert all(len(steps) == 0 for steps in spike_steps(0.0, 1.0, 5 * second, drives[:3]))


def test_the_reference_engine_fires_at_the_same_steps() -> None:
    for a, b in zip(*(spike_steps(10.0, 1.0, 400 * ms, DRIVES, e) for e in ("cpu", "reference")), strict=True):
        assert a.tolist() == b.tolist()


def test_the_refractory_period_bounds_the_rate() -> None:
    (steps,) = spike_steps(0.0, 0.5, 100 * ms, np.array([1e6]))
    assert set(np.diff(steps)) == {round(T_REF / 0.5) + 1}


def test_subtraction_keeps_what_is_above_the_threshold() -> None:
    # Reset by subtraction counts charge: without a leak to speak of, n threshold's worth of input makes n spikes.
    net = Network(dt=1.0, dtype=torch.float64)
    net.input("input", 1)
    net.population("cells", LIF(tau_m=1e18, reset="subtract"), 1)
    net.connect("input", "cells", weight=0.6875)  # 11 / 16: its sums are exact
    train = ReferenceEngine().run(net, torch.ones(100, 1, 1), record=["cells.train"])["cells.train"].reshape(-1)
    expected = np.diff(np.floor(0.6875 * np.arange(101)))
    assert train.tolist() == expected.tolist()
