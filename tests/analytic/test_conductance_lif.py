"""The leaky membrane under conductances: closed form where they are constant, the adaptive solver where they decay."""

from __future__ import annotations

import numpy as np

from spikeloom.neurons import LIF, ConductanceLIF
from tests.analytic.solved import order, solved, stepped

DT = 0.1


def synapses(v: float, t: float) -> float:
    """60 nS to 0 mV and 150 nS to -80 mV, decaying within 5 and 10 ms."""
    return 60 * np.exp(-t / 5) * (0 - v) + 150 * np.exp(-t / 10) * (-80 - v)


def error(dt: float) -> float:
    neuron, steps = ConductanceLIF(theta=100.0), round(48 / dt)
    states, _ = stepped(neuron, steps, dt, synapses)
    slopes = lambda t, y: [(neuron.g_l * (neuron.e_l - y[0]) + synapses(y[0], t)) / neuron.c_m]  # noqa: E731
    return float(np.abs(states[:, 0] - solved(slopes, [neuron.e_l], steps, dt)[0][:, 0]).max())


def test_decaying_conductances() -> None:
    assert error(DT) < 1e-5
    assert order(error) > 3.7


def test_a_constant_conductance_shortens_the_time_constant() -> None:
    neuron = ConductanceLIF(theta=100.0)
    states, _ = stepped(neuron, 400, DT, lambda v, t: 90 * (0 - v))
    target, tau = 10 * -60 / 100, 200 / 100
    expected = target + (-60 - target) * np.exp(-DT * np.arange(1, 401) / tau)
    assert np.abs(states[:, 0] - expected).max() < 1e-5


def test_under_a_current_it_is_the_leaky_neuron() -> None:
    # C = 200 pF and 10 nS: tau = 20 ms and R = 0.1 GOhm. LIF is exact; both find spikes on the grid.
    same = LIF(v_rest=-60, theta=-50, v_reset=-60, t_ref=5, resistance=0.1, input="current")
    states, spikes = stepped(ConductanceLIF(), 2000, DT, 150.0)
    exact = [-60.0, 0.0]
    fired = []
    for k in range(2000):
        s, *exact = LIF.step(150.0, *exact, **same.constants(DT), **same.options())
        fired += [k] if s else []
        assert abs(states[k, 0] - exact[0]) < 1e-7
    assert spikes.tolist() == fired
    assert len(fired) == 7


def test_it_stays_at_its_reset_for_the_refractory_period() -> None:
    states, spikes = stepped(ConductanceLIF(), 600, DT, 400.0)
    k = spikes[0]
    assert (states[k : k + 51, 0] == -60).all()
    assert states[k + 51, 0] > -60
