"""Homeostasis around rules: scaling, normalisation, heterosynaptic decay and Dale's law, held to closed forms."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines import StepEngine
from spikeloom.network import Network
from spikeloom.neurons import LIF, PoissonNeuron
from spikeloom.plasticity import Decaying, Fixed, KeepSign, Modulated, Normalised, PairSTDP, Plasticity, Scaled
from spikeloom.units import Hz, ms, mV, second

FREE = Fixed(bounds="none")
FAST: dict[str, Any] = {
    "target": 20 * Hz,
    "beta": 1 * second,
    "tau": 2 * second,
    "tau_rate": 100 * ms,
    "interval": 10 * ms,
}


def driven(rule: Plasticity, weight: Any, pre: list[Any], post: list[Any], steps: int, **given: Any) -> Any:
    """The weights after spikes at the given steps of each source and, by kicks, of each target; steps are 1 ms."""
    matrix = np.atleast_2d(np.asarray(weight, np.float64))
    net = Network(dt=1 * ms, dtype=torch.float64)
    cells = net.population("cells", LIF(theta=1e9), matrix.shape[1])
    net.connect(net.input("pre", matrix.shape[0]), cells, weight=matrix, rule=rule, name="plastic")
    net.connect(net.input("kick", matrix.shape[1]), cells, Sparse(probability=1.0), weight=0.0, name="nothing")
    net.connect("kick", cells, sl.connections.OneToOne(), weight=2e9)
    inputs = {}
    for name, trains, size in (("pre", pre, matrix.shape[0]), ("kick", post, matrix.shape[1])):
        events = sorted((t, i) for i, train in enumerate(trains) for t in train)
        step, neuron = np.array([e[0] for e in events], int), np.array([e[1] for e in events], int)
        inputs[name] = sl.Spikes.from_events(step, neuron, shape=(steps, 1, size), dt=1.0)
    record = sl.run(net, inputs, record=["cells.count"], engine="steps", progress=False, **given)
    assert record["cells.count"][0].tolist() == [len(train) for train in post]
    return record.state["plastic"]["weight"].numpy()


# ------------------------------------------------------------------------------------------------------------- scaling
@given(weights=st.lists(st.floats(1e-3, 10), min_size=2, max_size=6))
@settings(max_examples=8)
def test_a_silent_target_scales_up_by_its_closed_form(weights: list[float]) -> None:
    rule = Scaled(rule=FREE, **FAST)
    after = driven(rule, [[w] for w in weights], [[]] * len(weights), [[]], 200)
    factor = after[:, 0] / np.array(weights)
    assert factor == pytest.approx(math.exp(1000 * 0.02 * 200 / 2000), rel=1e-12)
    assert np.ptp(factor) <= 1e-12 * factor[0]


trains = st.lists(st.integers(0, 199), max_size=12, unique=True).map(sorted)


@given(pre=trains, post=trains)
@settings(max_examples=10)
def test_scaling_around_stdp_is_what_its_equations_say(pre: list[int], post: list[int]) -> None:
    stdp = PairSTDP(a_plus=0.02, a_minus=0.015, tau_plus=15 * ms, tau_minus=25 * ms, bounds="none")
    found = driven(Scaled(rule=stdp, **FAST), 0.4, [pre], [post], 200)
    w, x, y, rate = 0.4, 0.0, 0.0, 0.0
    for t in range(200):
        x, y, rate = x * math.exp(-1 / 15), y * math.exp(-1 / 25), rate * math.exp(-1 / 100)
        if t in pre:
            w -= 0.015 * y
            x += 1
        if t in post:  # without a delay: after the source's
            w += 0.02 * x
            y, rate = y + 1, rate + 1 / 100
        if (t + 1) % 10 == 0:
            w *= math.exp(1000 * 10 / 2000 * (0.02 - rate))
    assert found[0, 0] == pytest.approx(w, rel=1e-10)


def test_what_meets_a_bound_is_cut_off_and_the_rest_keeps_its_ratios() -> None:
    before = np.array([[0.1], [0.2], [0.9]])
    after = driven(Scaled(rule=Fixed(w_max=1.0), **FAST), before, [[]] * 3, [[]], 20)[:, 0]
    assert after[2] == 1.0
    assert after[1] / after[0] == pytest.approx(2.0, rel=1e-12)
    assert after[0] > 0.1


def test_inhibitory_weights_scale_the_other_way() -> None:
    rule = Scaled(rule=Fixed(w_max=-100.0), **FAST)
    after = driven(rule, [[-0.5], [-2.0]], [[], []], [[]], 100)[:, 0]
    assert after / np.array([-0.5, -2.0]) == pytest.approx(math.exp(-1), rel=1e-12)


def test_a_target_that_does_not_spike_is_scaled_by_its_value() -> None:
    """v = w x of a memory-free integrator goes to the target, here 20 in the unit of the value."""
    net = Network(dt=10 * ms, dtype=torch.float64)
    cell = net.population("cell", sl.neurons.LeakyIntegrator(tau_m=0.1 * ms), 1)
    rule = Scaled(rule=FREE, target=20 * Hz, beta=1 * second, tau=1 * second, interval=10 * ms)
    net.connect(net.input("in", 1), cell, weight=0.1, rule=rule)
    record = sl.run(net, np.ones((2000, 1, 1)), engine="steps", progress=False)
    assert float(record["cell.v"][-1, 0, 0]) == pytest.approx(0.02, rel=1e-9)


def homeostatic(rule: Plasticity, rate: float = 20 * Hz, seed: int = 0) -> Network:
    net = Network(dt=1 * ms, seed=seed, dtype=torch.float64)
    source = net.population("in", PoissonNeuron(rate=rate), 50)
    weight = np.random.default_rng(0).uniform(0.2, 0.8, (50, 3))
    net.connect(source, net.population("cells", LIF(theta=15 * mV, t_ref=2 * ms), 3), weight=weight, rule=rule)
    return net


def test_a_target_out_of_reach_is_told_after_the_stated_time() -> None:
    rule = Scaled(rule=Fixed(w_max=0.81), patience=5 * second, **{**FAST, "target": 200 * Hz})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = sl.run(homeostatic(rule), duration=4 * second, record=[], progress=False)
    with pytest.warns(UserWarning, match=r"'in->cells': the target of 200 Hz .* after 8 s by 3 of 3 .* w_max=0.81"):
        sl.run(homeostatic(rule), None, first.state, duration=4 * second, record=[], progress=False)


def test_a_silent_neuron_without_bounds_is_told_and_a_target_that_was_reached_is_not() -> None:
    rule = Scaled(rule=FREE, patience=5 * second, **{**FAST, "tau_rate": 500 * ms, "tau": 20 * second})
    with pytest.warns(UserWarning, match=r"fire at 0 Hz on average; give their inputs spikes"):
        sl.run(homeostatic(rule, rate=0 * Hz), duration=5 * second, record=[], progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = sl.run(homeostatic(rule), duration=20 * second, record=["cells.spikes"], progress=False)
    rate = sl.analysis.rates(record["cells.spikes"], start=10 * second)
    assert rate.mean() == pytest.approx(20, rel=0.15)


# -------------------------------------------------------------------------------- normalisation, and what composes
@given(weights=st.lists(st.floats(0, 10), min_size=1, max_size=6))
@settings(max_examples=8)
def test_weights_add_up_to_the_total_and_zeros_are_left_alone(weights: list[float]) -> None:
    rule = Normalised(rule=FREE, total=3.0, interval=5 * ms)
    after = driven(rule, [[w] for w in weights], [[]] * len(weights), [[]], 10)[:, 0]
    if sum(weights) == 0:
        assert (after == 0).all()
    else:
        assert after.sum() == pytest.approx(3.0, rel=1e-12)
        assert after == pytest.approx(np.array(weights) * 3 / sum(weights), rel=1e-12)


def test_wrappers_compose_each_at_its_own_interval() -> None:
    """Normalisation outside sees what scaling left: the sum is exact; inside, scaling moves it."""
    weights = np.random.default_rng(0).uniform(0.1, 1, (5, 3))
    outside = Normalised(rule=Scaled(rule=FREE, **FAST), total=2.0, interval=20 * ms)
    after = driven(outside, weights, [[]] * 5, [[], [10, 40], [5]], 100)
    assert after.sum(0) == pytest.approx(2.0, rel=1e-12)
    factor = after / weights
    assert (np.ptp(factor, axis=0) <= 1e-12 * factor[0]).all()
    inside = Scaled(rule=Normalised(rule=FREE, total=2.0, interval=20 * ms), **FAST)
    assert driven(inside, weights, [[]] * 5, [[]] * 3, 20).sum(0) == pytest.approx(2.0 * math.exp(0.1), rel=1e-12)


def test_one_run_is_two_runs_and_two_threads_are_one() -> None:
    rule = Normalised(
        rule=Scaled(rule=Decaying(rule=PairSTDP(w_max=100.0), baseline=0.5), **FAST), total=45.0, interval=50 * ms
    )
    whole = sl.run(homeostatic(rule), duration=700 * ms, record=["cells.spikes"], progress=False)
    first = sl.run(homeostatic(rule), duration=333 * ms, record=["cells.spikes"], progress=False)
    second_ = sl.run(
        homeostatic(rule), None, first.state, duration=367 * ms, record=["cells.spikes"], engine=StepEngine(threads=2)
    )
    assert len(whole["cells.spikes"]) > 20
    for name, value in whole.state["in->cells"].items():
        assert torch.equal(value, second_.state["in->cells"][name])


# ------------------------------------------------------------------------------------------------- heterosynaptic decay
def test_every_spike_takes_the_same_share_of_all_synapses_also_silent_ones() -> None:
    rule = Decaying(rule=FREE, baseline=0.3, beta=0.1, power=0)
    after = driven(rule, [[1.0], [0.1]], [[3], []], [[10, 20, 30]], 40)[:, 0]
    assert after == pytest.approx(0.3 + (np.array([1.0, 0.1]) - 0.3) * 0.9**3, rel=1e-12)


@given(post=trains)
@settings(max_examples=8)
def test_bursts_decay_with_the_power_of_recent_spikes(post: list[int]) -> None:
    found = driven(Decaying(rule=FREE, baseline=0.2, beta=0.5, power=3, tau=20 * ms), 1.0, [[]], [post], 200)[0, 0]
    w, z = 1.0, 0.0
    for t in range(200):
        z *= math.exp(-1 / 20)
        if t in post:
            w -= min(0.5 * z**3, 1.0) * (w - 0.2)
            z += 1
    assert found == pytest.approx(w, rel=1e-10)
    assert found >= 0.2 * (1 - 1e-12)


# ----------------------------------------------------------------------------------------------------------- Dale's law
def test_weights_without_bounds_keep_their_sign_where_that_is_asked_for() -> None:
    stdp = PairSTDP(a_plus=0.1, a_minus=0.1, bounds="none")
    pre, post = [[30, 60], [5]], [[10, 20, 40]]
    start = [[0.05], [3.0]]
    free, kept = driven(stdp, start, pre, post, 80), driven(KeepSign(rule=stdp), start, pre, post, 80)
    assert free[0, 0] < 0.05
    assert kept.min() >= 0
    assert kept[1, 0] == free[1, 0]  # it never came near 0
    inhibitory = KeepSign(rule=PairSTDP(a_plus=0.1, a_minus=0.1, bounds="none", w_max=-1.0))
    mirrored = driven(inhibitory, [[-0.05], [-3.0]], pre, post, 80)
    assert (mirrored == -kept).all()


def test_weights_of_the_other_sign_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"such as -0.5; KeepSign takes weights from 0 to inf"):
        driven(KeepSign(rule=FREE), -0.5, [[]], [[]], 5)


def test_dales_law_holds_between_wrappers() -> None:
    rule = Normalised(rule=KeepSign(rule=PairSTDP(a_minus=0.3, bounds="none")), total=1.0, interval=10 * ms)
    after = driven(rule, [[0.2], [0.8]], [[12, 15], []], [[10]], 40)[:, 0]
    assert after.min() == 0
    assert after.sum() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.slow
def test_dales_law_holds_between_events_too() -> None:
    """Punishment takes a modulated weight below 0, but not where its sign is kept."""
    last = []
    for keep in (False, True):
        stdp = PairSTDP(a_plus=1.0, bounds="none")
        rule = Modulated(rule=stdp, by="dopamine", tau_e=500 * ms, eta=0.01)
        net = Network(dt=1 * ms, dtype=torch.float64)
        cells = net.population("cells", LIF(theta=1e9), 1)
        net.modulator("dopamine", tau=100 * ms)
        whole = KeepSign(rule=rule) if keep else rule
        net.connect(net.input("pre", 1), cells, Sparse(probability=1.0), weight=0.1, rule=whole, name="plastic")
        net.connect(net.input("kick", 1), cells, Sparse(probability=1.0), weight=2e9)
        given = {n: sl.Spikes.from_times([t], [0], shape=(1000, 1, 1), dt=1.0) for n, t in (("pre", 10), ("kick", 15))}
        record = sl.run(net, given, released={"dopamine": np.where(np.arange(1000) == 50, -1.0, 0.0)}, record=[])
        last.append(float(record.state["plastic"]["weight"][0]))
    assert last[0] < -0.1
    assert last[1] == 0.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scaled(rule=3),
        lambda: Scaled(rule=FREE, tau_rate=-1 * ms),
        lambda: Scaled(rule=FREE, target=0 * Hz),
        lambda: Normalised(rule=FREE, total=0),
        lambda: Decaying(rule=FREE, beta=-0.1),
        lambda: KeepSign(),
    ],
)
def test_what_cannot_be_is_refused(make: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"allowed|give"):
        make()


def test_wrapped_rules_are_described_and_made_again() -> None:
    rule = Normalised(rule=Scaled(rule=KeepSign(rule=PairSTDP(bounds="none"))), total=5.0)
    again = Network.from_description(homeostatic(rule).describe()).projections["in->cells"].rule
    assert again is not None
    assert again.describe() == rule.describe()
    assert [type(part).__name__ for part in again.parts()] == ["PairSTDP", "KeepSign", "Scaled", "Normalised"]
