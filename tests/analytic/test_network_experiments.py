"""The experiments with networks: what takes seconds in every run of the tests, and all claims with --all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.analysis import mean_cv, rates
from spikeloom.experiments import brunel_2000, potjans_diesmann_2014, vogels_abbott_2005
from spikeloom.experiments import vogels_abbott_2005_networks as vogels
from spikeloom.experiments.microcircuit import published
from spikeloom.experiments.rotter_diesmann_1999 import RotterDiesmannConfig
from spikeloom.neurons import HodgkinHuxley, hodgkin_huxley
from tests.analytic.solved import solved, stepped


def _failed(name: str, config: Any = None) -> list[dict[str, object]]:
    outcome = experiments.reproduce(name, config=config)
    return [claim.describe() for claim in outcome.claims if not claim.holds]


def test_linear_membranes_are_exact() -> None:
    assert _failed("rotter-diesmann-1999", RotterDiesmannConfig(late=20.0)) == []


def test_brunel_fires_at_the_published_rate_within_a_quarter_of_a_second() -> None:
    spikes = brunel_2000.simulate(5.0, 2.0, seed=2, duration=250.0)
    assert rates(spikes, start=50.0).mean() == pytest.approx(37.4, abs=2.5)
    assert mean_cv(spikes, start=50.0) == pytest.approx(0.42, abs=0.12)


def test_the_microcircuit_has_the_published_cells_and_synapses() -> None:
    circuit = published().scaled(0.1)
    net, state = potjans_diesmann_2014.network(circuit, seed=0)
    assert sum(p.size for p in net.populations.values()) == int(circuit.cells.sum())
    assert sum(net.synapses(p) for p in net.projections.values()) == int(circuit.synapses.sum())
    assert set(state) == set(circuit.populations)
    assert float(state["L4E"]["v"].mean()) == pytest.approx(-63.33, abs=0.5)


@pytest.mark.parametrize("build", vogels_abbott_2005.NETWORKS.values(), ids=vogels_abbott_2005.NETWORKS)
def test_the_self_sustained_networks_have_a_fiftieth_of_all_synapses(build: Any) -> None:
    net, state = build(3)
    assert sum(net.synapses(p) for p in net.projections.values()) == round(0.02 * 4000 * 4000)
    assert all(np.isfinite(v.numpy()).all() for part in state.values() for v in part.values())


def pyramidal(v: float) -> list[tuple[float, float]]:
    """The rates of Brette et al. 2007, appendix 2, with V_T = -63 mV."""
    u = v + 63
    return [
        (0.32 * (13 - u) / np.expm1((13 - u) / 4), 0.28 * (u - 40) / np.expm1((u - 40) / 5)),
        (0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))),
        (0.032 * (15 - u) / np.expm1((15 - u) / 5), 0.5 * np.exp((10 - u) / 40)),
    ]


@pytest.mark.parametrize("v", [-90.0, -63.1, -50.1, -22.9, 40.0])
def test_the_rates_of_benchmark_3_are_the_published_ones(v: float) -> None:
    np.testing.assert_allclose(hodgkin_huxley.rates(v, -63.0, True), pyramidal(v), rtol=1e-12)
    np.testing.assert_allclose(hodgkin_huxley.rates(v + 2, -63.0), hodgkin_huxley.rates(v), rtol=1e-12)


def test_gates_begin_where_they_stay() -> None:
    for kinetics, rates_ in (("hodgkin-huxley", hodgkin_huxley.rates), ("traub-miles", pyramidal)):
        begin = HodgkinHuxley(kinetics=kinetics, v_t=-63 if kinetics == "traub-miles" else -65).initial()
        for gate, (a, b) in zip("mhn", rates_(begin["v"]), strict=True):
            assert a * (1 - begin[gate]) == pytest.approx(b * begin[gate], rel=1e-9)


def test_the_cells_of_benchmark_3_follow_the_published_equations() -> None:
    """Through several spikes under a constant current and an excitatory conductance; densities as they are printed."""
    area = 20_000e-8  # cm2
    c_m, g_l, g_na, g_k = 1e6 * area, 5e-5 * 1e9 * area, 0.1 * 1e9 * area, 0.03 * 1e9 * area  # pF, nS
    own = vogels.COBAHH
    assert [own[k] for k in ("c_m", "g_l", "g_na", "g_k")] == pytest.approx([c_m, g_l, g_na, g_k])

    def current(v: float, t: float) -> float:
        return 150.0 + 6.0 * np.exp(-t / 5) * (0 - v)

    def slopes(t: float, y: Any) -> list[float]:
        v, m, h, n = y
        channels = g_na * m**3 * h * (50 - v) + g_k * n**4 * (-90 - v) + g_l * (-60 - v)
        gates = [a * (1 - x) - b * x for x, (a, b) in zip((m, h, n), pyramidal(v), strict=True)]
        return [(channels + current(v, t)) / c_m, *gates]

    cell = vogels_abbott_2005.cobahh(0)[0].neuron("exc")
    begin = {"v": -65.0, "m": 0.0, "h": 0.0, "n": 0.0}
    errors = []
    for dt, steps in ((0.1, 600), (0.05, 1200)):
        states, spikes = stepped(cell, steps, dt, current, **begin)
        expected, _ = solved(slopes, list(begin.values()), steps, dt)
        before, at, after = expected[:-2, 0], expected[1:-1, 0], expected[2:, 0]
        highest = 1 + np.flatnonzero((at > before) & (at >= after) & (at > -20))
        assert len(highest) >= 2
        assert spikes.tolist() == (highest + 1).tolist()  # in the step after the highest potential
        errors.append(np.abs(states[:, 0] - expected[:, 0]).max())
    assert errors[0] <= 0.3
    assert np.log2(errors[0] / errors[1]) > 3.5


def test_the_network_of_jumps_is_the_same_in_steps_and_without() -> None:
    """A quarter of a second of it: as many spikes, though which ones is soon another matter."""
    exact, grid = (vogels_abbott_2005.simulate("CUBADV", 1, 250.0, engine) for engine in ("exact", "steps"))
    for a, b in zip(exact, grid, strict=True):
        assert rates(a).mean() == pytest.approx(rates(b).mean(), rel=0.05)
    # Who fires first is the same, but for a step more or less.
    early = [np.unique(spikes.neuron[spikes.step < 5]) for spikes in (exact[0], grid[0])]
    assert len(early[0]) > 50
    assert len(np.setxor1d(early[0], early[1])) <= 0.25 * len(early[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rotter-diesmann-1999", "brunel-2000", "vogels-abbott-2005", "potjans-diesmann-2014"])
def test_every_claim_holds(name: str) -> None:
    assert _failed(name) == []
