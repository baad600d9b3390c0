"""Diehl & Cook's rule, neuron and lateral inhibition, each against a plain recomputation."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.connections import AllButOwn, OneToOne
from spikeloom.core.errors import InvalidValueError
from spikeloom.network import Network, diehl_cook, frozen
from spikeloom.neurons import LIF, ConductanceALIF
from spikeloom.plasticity import DiehlCookSTDP, Normalised
from spikeloom.synapses import ExponentialConductance
from spikeloom.units import ms, mV

STEPS, SOURCES, TARGETS = 120, 3, 2


def spikes(array: np.ndarray) -> sl.Spikes:
    return sl.Spikes.from_dense(array[:, None, :], dt=1.0)


def forced(rule: DiehlCookSTDP | Normalised, pre: np.ndarray, post: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weights after sources fired as in ``pre`` (T, sources) and targets were made to fire as in ``post``."""
    net = Network(dt=1.0, dtype=torch.float64)
    cells = net.population("cells", LIF(theta=20 * mV, tau_m=5 * ms), TARGETS)
    net.connect(net.input("pre", SOURCES), cells, weight=weight, rule=rule)
    net.connect(net.input("force", TARGETS), cells, OneToOne(), weight=1000.0)
    record = sl.run(net, {"pre": spikes(pre), "force": spikes(post)}, record=["cells.train"], progress=False)
    np.testing.assert_array_equal(record["cells.train"][:, 0].numpy(), post)
    return record.state["pre->cells"]["weight"].numpy()


def recomputed(rule: DiehlCookSTDP, pre: np.ndarray, post: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The same, spike by spike: without a delay the source comes first, and traces are read before they jump."""
    w = weight.tolist()
    last_pre, last_post = [-math.inf] * SOURCES, [-math.inf] * TARGETS

    def trace(t: int, last: float, tau: float) -> float:
        return math.exp((last - t) / tau)

    def cut(value: float) -> float:
        return min(max(value, rule.w_min), rule.w_max)

    for t in range(STEPS):
        for i in np.flatnonzero(pre[t]):
            for j in range(TARGETS):
                w[i][j] = cut(w[i][j] - rule.lr_pre * trace(t, last_post[j], rule.tau_post1))
            last_pre[i] = t
        for j in np.flatnonzero(post[t]):
            for i in range(SOURCES):
                change = trace(t, last_pre[i], rule.tau_pre) * trace(t, last_post[j], rule.tau_post2)
                w[i][j] = cut(w[i][j] + rule.lr_post * change)
            last_post[j] = t
    return np.array(w)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rates=st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)),
    lr_pre=st.floats(0, 0.3),
    lr_post=st.floats(0, 0.3),
)
def test_weights_are_those_of_the_equations(
    seed: int, rates: tuple[float, float], lr_pre: float, lr_post: float
) -> None:
    random = np.random.default_rng(seed)
    pre, post = (random.random((STEPS, n)) < r for n, r in zip((SOURCES, TARGETS), rates, strict=True))
    weight = random.random((SOURCES, TARGETS))
    rule = DiehlCookSTDP(lr_pre=lr_pre, lr_post=lr_post)
    found = forced(rule, pre.astype(int), post.astype(int), weight)
    np.testing.assert_allclose(found, recomputed(rule, pre, post, weight), rtol=1e-12, atol=1e-14)


def test_growth_needs_an_earlier_spike_of_the_target() -> None:
    pre, post = np.zeros((STEPS, SOURCES), int), np.zeros((STEPS, TARGETS), int)
    pre[10, 0] = post[15, 0] = 1
    weight = np.full((SOURCES, TARGETS), 0.5)
    np.testing.assert_array_equal(forced(DiehlCookSTDP(lr_pre=0.0), pre, post, weight), weight)
    post[5, 0] = 1
    grown = forced(DiehlCookSTDP(lr_pre=0.0), pre, post, weight)
    assert grown[0, 0] - 0.5 == pytest.approx(0.01 * math.exp(-5 / 20) * math.exp(-10 / 40), rel=1e-12)


def test_normalised_weights_add_up_to_the_total() -> None:
    random = np.random.default_rng(3)
    pre, post = ((random.random((STEPS, n)) < 0.2).astype(int) for n in (SOURCES, TARGETS))
    rule = Normalised(rule=DiehlCookSTDP(), total=1.5, interval=STEPS * ms)
    found = forced(rule, pre, post, random.random((SOURCES, TARGETS)))
    np.testing.assert_allclose(found.sum(0), 1.5, rtol=1e-12)


# --- the neuron -----------------------------------------------------------------------------------------------------


def driven(neuron: ConductanceALIF, dt: float, duration: float = 200.0, conductance: float = 3.0) -> sl.engines.Record:
    """One neuron with an excitatory conductance [nS] that stays, beginning with its first step."""
    net = Network(dt=dt, dtype=torch.float64)
    cell = net.population("cell", neuron, 1)
    synapse = ExponentialConductance(tau=1e30, reversal=0 * mV)
    net.connect(net.input("on", 1), cell, weight=conductance, synapse=synapse)
    on = np.zeros((round(duration / dt), 1, 1))
    on[0] = 1
    return sl.run(net, sl.Spikes.from_dense(on, dt=dt), record=["cell.v", "cell.spikes", "cell.a"], progress=False)


def test_the_membrane_is_integrated_to_second_order() -> None:
    neuron = ConductanceALIF(theta=100 * mV)  # never fires
    errors = []
    for dt in (2.0, 1.0, 0.5):
        v = driven(neuron, dt, 100.0)["cell.v"][:, 0, 0].numpy()
        t = np.arange(len(v)) * dt  # the conductance opens at the end of the first step
        exact = -65 / 4 + (-65 + 65 / 4) * np.exp(-4 * t / 100)
        errors.append(np.abs(v - exact).max())
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)
    assert errors[1] < 0.01


def test_a_huge_conductance_holds_the_membrane_at_its_reversal_potential() -> None:
    v = driven(ConductanceALIF(theta=100 * mV), 1.0, 50.0, 1e6)["cell.v"].numpy()
    assert np.abs(v[3:]).max() < 1e-3


def test_the_threshold_rises_with_each_spike_and_nothing_fires_in_between() -> None:
    neuron = ConductanceALIF(a_plus=0.5 * mV, t_silent=50 * ms)
    record = driven(neuron, 1.0, 600.0, 50.0)
    times = record["cell.spikes"].step
    assert len(times) > 8
    assert np.diff(times).min() == 51  # fires in the first step after 50 silent ones
    kept = math.exp(-600 / 1e7)
    assert record["cell.a"][-1].item() == pytest.approx(20 + 0.5 * len(times), rel=2 * (1 - kept))
    still = driven(neuron.frozen(), 1.0, 600.0, 50.0)
    assert still["cell.a"].unique().tolist() == [20.0]
    assert len(still["cell.spikes"]) >= len(times)


def test_a_threshold_below_the_reset_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"theta \+ a_0 = -70 mV must lie above v_reset"):
        ConductanceALIF(a_0=2 * mV)


# --- lateral inhibition -----------------------------------------------------------------------------------------------


@given(size=st.integers(1, 30), cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_all_but_own_are_all_pairs_but_the_diagonal(size: int, cuts: tuple[float, float]) -> None:
    first, last = sorted(round(c * size) for c in cuts)
    offsets, source = AllButOwn().incoming(size, size, 0, first, last)
    pairs = [(int(s), first + j) for j in range(last - first) for s in source[offsets[j] : offsets[j + 1]]]
    assert pairs == [(i, j) for j in range(first, last) for i in range(size) if i != j]
    assert AllButOwn().expected(size, size) == size * (size - 1)


def test_all_but_own_needs_partners() -> None:
    with pytest.raises(InvalidValueError, match="as many sources as targets; given 3 and 4"):
        AllButOwn().incoming(3, 4, 0)


def test_inhibitory_neurons_are_a_delay() -> None:
    """Each fires once, a step after its partner: without them, and a delay longer by that step, nothing changes."""
    random = np.random.default_rng(0)
    pixels = spikes((random.random((400, 30)) < 0.2 * random.random(30)).astype(int))
    through = diehl_cook(30, 25, 2, total=10, interneurons=True)
    direct = diehl_cook(30, 25, 2, total=10)
    direct.projections["exc->exc"] = dataclasses.replace(direct.projections["exc->exc"], delay=2 * ms)
    found = [sl.run(net, pixels, record=["exc.spikes"], progress=False) for net in (through, direct)]
    assert len(found[0]["exc.spikes"]) > 20
    assert found[0]["exc.spikes"] == found[1]["exc.spikes"]
    weights = [record.state["input->exc"]["weight"] for record in found]
    assert torch.equal(weights[0], weights[1])


def test_a_frozen_network_learns_nothing() -> None:
    net = diehl_cook(30, 25, 2, total=10)
    still = frozen(net)
    assert still.weights["input->exc"] is net.weights["input->exc"]
    pixels = spikes((np.random.default_rng(0).random((400, 30)) < 0.1).astype(int))
    learned, kept = (sl.run(n, pixels, record=["exc.spikes", "exc.a"], progress=False) for n in (net, still))
    assert len(kept["exc.spikes"]) > 20
    assert "input->exc" not in kept.state
    assert (kept["exc.a"] == 20).all()
    assert (learned["exc.a"][-1] > 20).any()
