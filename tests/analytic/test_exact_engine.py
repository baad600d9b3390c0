"""From event to event: closed forms, the crossing of the threshold, and what steps converge to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.connections import Dense, OneToOne, Sparse
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import ExactEngine, StepEngine, Times
from spikeloom.engines.exact.crossing import first_crossing, membrane
from spikeloom.network import Network
from spikeloom.neurons import ALIF, LIF, CubaLIF, Neuron
from spikeloom.plasticity import PairSTDP
from spikeloom.sources import Poisson, Sine
from spikeloom.synapses import AlphaCurrent, ExponentialCurrent, TsodyksMarkram
from spikeloom.units import Hz, ms, mV


def test_the_f_i_curve_is_exact() -> None:
    drive = np.array([15.0, 20.5, 21.0, 25.0, 40.0])
    net = Network()
    net.population("cells", LIF(tau_m=20, theta=20, t_ref=2, v_reset=10, i_e=drive, input="current"), 5)
    found = ExactEngine().run(net, duration=400.0)["cells"]
    assert not (found.neurons == 0).any()
    for j, ri in list(enumerate(drive))[1:]:
        times = found.times[found.neurons == j]
        assert times[0] == pytest.approx(20 * math.log(ri / (ri - 20)), rel=1e-13)
        np.testing.assert_allclose(np.diff(times), 2 + 20 * math.log((ri - 10) / (ri - 20)), rtol=1e-9)


def test_the_first_spike_under_a_current_as_nest_demands() -> None:
    net = Network()
    net.population("cell", LIF(tau_m=10, theta=15, resistance=10 / 250, i_e=1000.0, input="current"), 1)
    found = ExactEngine().run(net, duration=20.0)["cell"]
    assert found.times[0] == pytest.approx(-10 * math.log(1 - 250 * 15 / (10 * 1000)), abs=1e-13)


@settings(max_examples=300, deadline=None)
@given(
    st.floats(-20, 14.9),
    st.floats(-2000, 2000),
    st.floats(-10, 25),
    st.floats(1, 50),
    st.one_of(st.just(0.0), st.floats(0.2, 60)),
    st.booleans(),
)
def test_the_first_crossing_is_the_first(
    v: float, i: float, rest: float, tau_m: float, tau_s: float, same: bool
) -> None:
    """Against a fine grid of the closed form."""
    theta, resistance = 15.0, 0.04
    tau_s = tau_m if same and tau_s > 0 else tau_s
    assume(abs(rest - theta) > 1e-3)
    found = first_crossing(v, i, rest, theta, tau_m, tau_s, resistance)
    times = np.linspace(0, min(found, 12 * max(tau_m, tau_s, 1.0)), 4001)
    potential = np.array([membrane(t, v, i, rest, tau_m, tau_s, resistance) for t in times])
    if math.isinf(found):
        assert (potential < theta + 1e-9).all()
    else:
        assert (potential[:-1] < theta + 1e-9).all()
        assert membrane(found, v, i, rest, tau_m, tau_s, resistance) == pytest.approx(theta, abs=1e-9)


@pytest.mark.parametrize("tau_s", [3.0, 10.0, 10.0 * (1 + 1e-9), 30.0])
def test_the_membrane_between_events_solves_its_equation(tau_s: float) -> None:
    from scipy.integrate import solve_ivp

    def slope(t: float, y: np.ndarray) -> list[float]:
        return [(-65 - y[0] + 0.04 * 500 * math.exp(-t / tau_s)) / 10]

    solved = solve_ivp(slope, (0, 25), [-70.0], rtol=1e-11, atol=1e-11, t_eval=[0.5, 5.0, 25.0])
    expected = [membrane(t, -70.0, 500.0, -65.0, 10.0, tau_s, 0.04) for t in (0.5, 5.0, 25.0)]
    np.testing.assert_allclose(solved.y[0], expected, atol=1e-8)


@pytest.mark.parametrize("tau_s", [5.0, 10.0])
def test_the_first_spike_of_a_current_that_decays(tau_s: float) -> None:
    """CubaLIF after one arrival, where v(t) = theta has a solution: tau_m = 2 tau_s (a quadratic equation in
    e^(-t / tau_m)) and tau_m = tau_s (Lambert's W; Goeltz et al. 2021, doi:10.1038/s42256-021-00388-x).
    """
    from scipy.special import lambertw

    tau_m, theta = 10.0, 15.0
    jump = theta * (math.e if tau_s == tau_m else 4) * np.array([0.99, 1.01, 2.0, 5.0])  # R w; the first never fires
    if tau_s == tau_m:  # v = R w t / tau e^(-t / tau)
        expected = -tau_m * lambertw(-theta / jump[1:]).real
    else:  # v = R w (x - x^2) for x = e^(-t / tau_m)
        expected = -tau_m * np.log((1 + np.sqrt(1 - 4 * theta / jump[1:])) / 2)
    net = Network()
    net.population("cells", CubaLIF(tau_m=tau_m, tau_s=tau_s, theta=theta, resistance=jump / 1000, t_ref=100), 4)
    net.input("in", 4)
    net.connect("in", "cells", OneToOne(), weight=1000.0, delay=1.5)
    found = ExactEngine().run(net, {"in": Times(np.full(4, 2.0), np.arange(4), 4)}, duration=80.0)["cells"]
    assert np.sort(found.neurons).tolist() == [1, 2, 3]
    np.testing.assert_allclose(found.times[np.argsort(found.neurons)], 3.5 + expected, rtol=1e-12)


def test_a_neuron_with_a_current_is_one_with_the_synapse() -> None:
    """CubaLIF and LIF under an ExponentialCurrent: one problem, and so the same spikes."""
    times, channels = _inputs()
    one, other = (
        ExactEngine().run(_network(0.1, kind), {"in": Times(times, channels, 20)}, duration=60.0)["cells"]
        for kind in ("synapse", "neuron")
    )
    assert len(one) > 50
    np.testing.assert_array_equal(one.neurons, other.neurons)
    np.testing.assert_array_equal(one.times, other.times)


def test_it_begins_where_it_is_told() -> None:
    """From v, and from i, under a constant current: closed forms."""
    net = Network()
    net.population("a", LIF(tau_m=20, theta=20, t_ref=50, i_e=25.0), 3)
    net.population("b", CubaLIF(tau_m=10, tau_s=5, theta=15, t_ref=50, resistance=0.04), 1)
    begin = {"a": {"v": np.array([0.0, 10.0, 19.0])}, "b": {"i": torch.tensor([[4000.0]])}}
    found = ExactEngine().run(net, None, begin, duration=40.0)
    np.testing.assert_allclose(np.sort(found["a"].times), 20 * np.log([6 / 5, 15 / 5, 25 / 5]), rtol=1e-12)
    x = (1 + math.sqrt(1 - 4 * 15 / 160)) / 2
    assert found["b"].times.tolist() == [pytest.approx(-10 * math.log(x), rel=1e-12)]
    for wrong, said in (
        ({"c": {"v": 0.0}}, "populations"),
        ({"a": {"i": 1.0}}, "can begin with"),
        ({"a": {"v": np.zeros(2)}}, "one for each"),
        ({"b": {"v": math.nan}}, "finite"),
    ):
        with pytest.raises(InvalidValueError, match=said):
            ExactEngine().run(net, None, wrong, duration=1.0)


def _network(dt: float, kind: str) -> Network:
    """Of LIF with jumps (``jumps``), LIF with currents (``synapse``), or CubaLIF (``neuron``)."""
    net = Network(dt=dt, seed=3, dtype=torch.float64)
    net.input("in", 20)
    cell, synapse, weights = {
        "jumps": (LIF(theta=15, t_ref=2, i_e=10.0), None, (6.3, -2.1)),
        "synapse": (
            LIF(theta=15, t_ref=2, resistance=0.04, input="current", i_e=200.0),
            ExponentialCurrent(tau=3 * ms),
            (300.0, -150.0),
        ),
        "neuron": (CubaLIF(theta=15, t_ref=2, resistance=0.04, tau_s=3, i_e=200.0), None, (300.0, -150.0)),
    }[kind]
    net.population("cells", cell, 40)
    net.connect("in", "cells", Sparse(indegree=5), weight=weights[0], delay=1.0, synapse=synapse)
    net.connect("cells", "cells", Sparse(indegree=5), weight=weights[1], delay=2.0, synapse=synapse)
    return net


def _inputs() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    times, channels = random.integers(1, 59, 120).astype(float), random.integers(0, 20, 120)
    order = np.lexsort((channels, times))
    return times[order], channels[order]


@pytest.mark.parametrize("kind", ["synapse", "neuron"])
def test_steps_converge_to_it_with_first_order(kind: str) -> None:
    """A spike on the grid comes at the end of its step: up to a step too late, and half as much for half the step."""
    times, channels = _inputs()
    exact = ExactEngine().run(_network(0.1, kind), {"in": Times(times, channels, 20)}, duration=60.0)["cells"]
    assert len(exact) > 50
    firsts = [exact.times[exact.neurons == j][:2] for j in range(40)]
    errors = []
    for dt in (1 / 8, 1 / 32, 1 / 128):
        given_ = Spikes.from_events(np.rint(times / dt).astype(int) - 1, channels, shape=(round(60 / dt), 1, 20), dt=dt)
        spikes = sl.run(_network(dt, kind), given_, record=["cells.spikes"], engine="steps")["cells.spikes"]
        on_grid = (spikes.step + 1) * dt
        gaps = [
            np.abs(on_grid[spikes.neuron == j][:2] - mine).max()
            for j, mine in enumerate(firsts)
            if len(mine) == 2 and (spikes.neuron == j).sum() >= 2
        ]
        errors.append(np.mean(gaps))
    assert errors[2] < 1 / 64
    orders = np.log2(np.array(errors[:-1]) / errors[1:]) / 2
    assert (orders > 0.7).all()
    assert (orders < 1.4).all()


def test_jumps_at_the_grids_times_give_the_steps_spikes() -> None:
    """Where nothing but jumps on the grid makes them fire, steps are exact too."""
    times, channels = _inputs()
    net = _network(1.0, "jumps")
    exact = ExactEngine().run(net, {"in": Times(times, channels, 20)}, duration=60.0)["cells"]
    given_ = Spikes.from_events(np.rint(times).astype(int) - 1, channels, shape=(60, 1, 20), dt=1.0)
    spikes = StepEngine().run(net, given_, record=["cells.spikes"])["cells.spikes"]
    assert len(exact) > 20
    order = np.lexsort((exact.neurons, exact.times))
    np.testing.assert_allclose(exact.times[order], spikes.step + 1.0, atol=1e-9)
    np.testing.assert_array_equal(exact.neurons[order], spikes.neuron)


@pytest.mark.parametrize(
    ("cell", "weight"), [(LIF(theta=20 * mV, t_ref=2 * ms), 0.1), (CubaLIF(theta=20 * mV, t_ref=2 * ms, tau_s=4), 0.5)]
)
def test_poisson_drives_make_the_rate_of_the_steps(cell: Neuron, weight: float) -> None:
    rates = []
    for engine in (ExactEngine(), StepEngine()):
        net = Network(dt=0.1, seed=4)
        net.population("cells", cell, 400)
        net.drive("cells", Poisson(rate=10500 * Hz), weight=weight)
        if isinstance(engine, ExactEngine):
            rates.append(len(engine.run(net, duration=400.0)["cells"]))
        else:
            rates.append(len(engine.run(net, None, duration=400.0, record=["cells.spikes"])["cells.spikes"]))
    assert rates[0] > 1000
    assert rates[0] == pytest.approx(rates[1], rel=0.06)


def test_spikes_on_a_grid() -> None:
    found = Times(np.array([0.05, 0.31, 0.99]), np.array([1, 0, 1]), 2).on_grid(0.1, 1.0)
    assert found.step.tolist() == [0, 3, 9]
    assert found.neuron.tolist() == [1, 0, 1]


SYNAPSES: list[tuple[Neuron, dict[str, Any], str]] = [
    (LIF(input="current"), {"synapse": AlphaCurrent()}, "AlphaCurrent"),
    (CubaLIF(), {"synapse": ExponentialCurrent()}, "has its own current"),
    (LIF(), {"rule": PairSTDP()}, "neither tire nor learn"),
    (LIF(), {"short_term": TsodyksMarkram()}, "neither tire nor learn"),
]


@pytest.mark.parametrize(("cell", "options", "said"), SYNAPSES)
def test_synapses_that_it_cannot_solve_it_refuses(cell: Neuron, options: dict[str, Any], said: str) -> None:
    net = Network()
    net.population("cells", cell, 2)
    net.connect("cells", "cells", OneToOne(), weight=1.0, delay=1.0, **options)
    with pytest.raises(UnsupportedError, match=said):
        ExactEngine().run(net, duration=1.0)


def test_what_it_cannot_solve_it_refuses() -> None:
    for cell, said in ((ALIF(), "engine='steps' can"), (CubaLIF(reset="subtract"), "CubaLIF, with reset='value'")):
        net = Network()
        net.population("cells", cell, 2)
        with pytest.raises(UnsupportedError, match=said):
            ExactEngine().run(net, duration=1.0)
    for drive, said in ((Poisson(rate=1 * Hz), "held over a step"), (Sine(), "Sine")):
        net = Network()
        net.population("cells", LIF(input="current"), 2)
        net.drive("cells", drive)
        with pytest.raises(UnsupportedError, match=said):
            ExactEngine().run(net, duration=1.0)
    net = Network()
    net.population("cells", LIF(), 2)
    net.connect("cells", "cells", Dense())
    with pytest.raises(InvalidValueError, match="needs a delay"):
        ExactEngine().run(net, duration=1.0)
    net = Network()
    net.input("in", 3)
    with pytest.raises(InvalidValueError, match="'in'"):
        ExactEngine().run(net, duration=1.0)
    with pytest.raises(InvalidValueError, match="duration"):
        ExactEngine().run(Network(), duration=0.0)
