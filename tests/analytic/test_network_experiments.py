"""The experiments with networks: what takes seconds in every run of the tests, and all claims with --all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.analysis import mean_cv, rates
from spikeloom.experiments import brunel_2000, potjans_diesmann_2014, vogels_abbott_2005
from spikeloom.experiments.microcircuit import published
from spikeloom.experiments.rotter_diesmann_1999 import RotterDiesmannConfig


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


@pytest.mark.parametrize("build", [vogels_abbott_2005.cuba, vogels_abbott_2005.coba])
def test_the_self_sustained_networks_have_a_fiftieth_of_all_synapses(build: Any) -> None:
    net, state = build(3)
    assert sum(net.synapses(p) for p in net.projections.values()) == round(0.02 * 4000 * 4000)
    assert all(np.isfinite(v.numpy()).all() for part in state.values() for v in part.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rotter-diesmann-1999", "brunel-2000", "vogels-abbott-2005", "potjans-diesmann-2014"])
def test_every_claim_holds(name: str) -> None:
    assert _failed(name) == []
