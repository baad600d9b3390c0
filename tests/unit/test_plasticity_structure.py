"""Growth and pruning of synapses: growth curves, elements, pairing, and networks that run with them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.connections import Dense, Pairs
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.core.random import stream
from spikeloom.engines import Grown, StepEngine, Trace, grow
from spikeloom.network.checkpoint import load, load_state, save
from spikeloom.plasticity import PairSTDP
from spikeloom.plasticity.structure import Calcium, Elements, GaussianGrowth, Growing, LinearGrowth, Structure
from spikeloom.plasticity.structure.calcium import advance
from spikeloom.plasticity.structure.rewiring import kept, paired, places, rewired, taken
from spikeloom.plots import growth
from spikeloom.synapses import ExponentialCurrent
from spikeloom.units import Hz, ms, mV, second

# ----------------------------------------------------------------------------------------------------- growth curves


@given(calcium=st.floats(0, 5), time=st.floats(0, 60_000), tau=st.floats(50, 20_000), eps=st.floats(0.01, 2))
def test_the_linear_curve_has_its_closed_form(calcium: float, time: float, tau: float, eps: float) -> None:
    found = LinearGrowth(eps=eps).integral(np.array([calcium]), np.array([time]), tau)
    expected = time - calcium * tau / eps * (1 - np.exp(-time / tau))
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-8 * max(1.0, calcium * tau / eps))


@settings(max_examples=15, deadline=None)
@given(calcium=st.floats(0, 3), time=st.floats(1, 40_000), eta=st.floats(0, 0.3), width=st.floats(0.05, 0.6))
def test_the_gaussian_curve_is_integrated_to_rounding(calcium: float, time: float, eta: float, width: float) -> None:
    from scipy.integrate import quad

    curve, tau = GaussianGrowth(eta=eta, eps=eta + width), 10_000.0
    edges = np.linspace(0, time, 41)
    expected = sum(
        quad(lambda s: curve(calcium * np.exp(-s / tau)), a, b, epsabs=1e-10)[0] for a, b in itertools.pairwise(edges)
    )
    found = curve.integral(np.array([calcium]), np.array([time]), tau)
    assert abs(found[0] - expected) < 1e-8 * time + 1e-8


def test_where_curves_are_zero_and_where_they_are_highest() -> None:
    gaussian = GaussianGrowth(eta=0.1, eps=0.7)
    np.testing.assert_allclose(gaussian(np.array([0.1, 0.7, 0.4])), [0, 0, 1], atol=1e-15)
    assert gaussian(0.05) < 0 < gaussian(0.2)
    assert gaussian(5.0) == pytest.approx(-1)
    np.testing.assert_allclose(LinearGrowth(eps=0.5)(np.array([0.0, 0.5, 1.0])), [1, 0, -1])


def test_curves_that_grow_nowhere_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="grows nowhere; allowed: eta < eps"):
        GaussianGrowth(eta=0.7, eps=0.7)
    with pytest.raises(InvalidValueError, match="eps=0"):
        LinearGrowth(eps=0.0)


# ------------------------------------------------------------------------------------------------ calcium, elements


@settings(max_examples=40, deadline=None)
@given(
    spikes=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 999)), max_size=60),
    begin=st.floats(0, 0.2),
)
def test_elements_follow_the_linear_curve_exactly_through_any_spikes(spikes: Any, begin: float) -> None:
    """Each spike takes beta tau (1 - e^(-(T - t) / tau)) / eps off the area under the curve."""
    spikes = sorted(spikes, key=lambda s: s[1])
    tau, beta, eps, rate, end = 800.0, 0.003, 0.05, 2e-3, 1000.0
    neuron, time = np.array([s[0] for s in spikes], int), np.array([s[1] for s in spikes], float)
    calcium, number = np.full(4, begin), np.full(4, 500.0)
    advance(
        Calcium(tau=tau, beta=beta), calcium, {0: (Elements(curve=LinearGrowth(eps=eps), rate=rate), number)},
        neuron, time, end,
    )  # fmt: skip
    for n in range(4):
        mine = time[neuron == n]
        assert calcium[n] == pytest.approx(
            begin * np.exp(-end / tau) + beta * np.exp((mine - end) / tau).sum(), rel=1e-9
        )
        area = begin * tau * (1 - np.exp(-end / tau)) + (beta * tau * (1 - np.exp((mine - end) / tau))).sum()
        assert abs(number[n] - (500 + rate * (end - area / eps))) < 1e-8


def test_a_rate_settles_at_its_calcium() -> None:
    calcium = np.zeros(1)
    for _ in range(200):
        advance(Calcium(), calcium, {}, np.zeros(5, int), np.arange(200.0, 1001.0, 200.0), 1000.0)
    assert calcium[0] == pytest.approx(0.05, rel=0.011)  # 0.01 for each Hz; it rises by beta at a spike


def test_elements_end_at_zero_and_come_back() -> None:
    declared, number, calcium = (
        Elements(curve=GaussianGrowth(eta=0, eps=0.05), rate=1e-3),
        np.ones(2),
        np.array([1.0, 0.025]),
    )
    advance(Calcium(), calcium, {0: (declared, number)}, np.array([0]), np.array([3000.0]), 5000.0)
    assert number[0] == 0.0
    assert number[1] > 4


def test_elements_do_not_depend_on_other_neurons() -> None:
    rng = np.random.default_rng(3)
    neuron, time = rng.integers(0, 20, 300), np.sort(rng.uniform(0, 1000, 300))
    declared = Elements(curve=GaussianGrowth(eta=0.0, eps=0.05), rate=1e-3)
    whole, begin = np.full(20, 3.0), rng.uniform(0, 0.2, 20)
    advance(Calcium(), begin.copy(), {0: (declared, whole)}, neuron, time, 1000.0)
    for n in (0, 7, 19):
        alone = np.full(1, 3.0)
        mine = neuron == n
        advance(Calcium(), begin[[n]], {0: (declared, alone)}, np.zeros(mine.sum(), int), time[mine], 1000.0)
        assert alone[0] == whole[n]


# ------------------------------------------------------------------------------------------------------------ pairing

ENDS = st.lists(st.integers(0, 5), max_size=40).map(lambda v: np.array(v, np.int64))


@given(ends=ENDS, room=st.lists(st.integers(0, 9), min_size=6, max_size=6).map(np.array), seed=st.integers(0, 99))
def test_what_is_too_much_goes_and_no_more(ends: Any, room: Any, seed: int) -> None:
    stays = kept(ends, room, stream(seed, "test"))
    np.testing.assert_array_equal(taken(ends[stays], 6), np.minimum(taken(ends, 6), room))


@given(
    axons=st.lists(st.integers(0, 5), min_size=1, max_size=8).map(np.array),
    dendrites=st.lists(st.integers(0, 5), min_size=1, max_size=8).map(np.array),
    seed=st.integers(0, 99),
)
def test_pairs_fill_the_smaller_side(axons: Any, dendrites: Any, seed: int) -> None:
    source, target = paired(axons, dendrites, stream(seed, "test"))
    assert source.size == target.size == min(axons.sum(), dendrites.sum())
    assert (taken(source, axons.size) <= axons).all()
    assert (taken(target, dendrites.size) <= dendrites).all()


def test_pairs_and_losses_are_even() -> None:
    counts, lost = np.zeros((3, 3)), np.zeros(4)
    for k in range(600):
        source, target = paired(np.array([1, 1, 1]), np.array([1, 0, 1]), stream(k, "test"))
        np.add.at(counts, (source, target), 1)
        lost += ~kept(np.array([0, 0, 0, 0]), np.array([2]), stream(k, "other"))
    np.testing.assert_allclose(counts, [[200, 0, 200]] * 3, atol=60)
    np.testing.assert_allclose(lost, 300, atol=60)


@settings(max_examples=60)
@given(
    ends=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=40),
    axons=st.lists(st.floats(0, 12), min_size=4, max_size=4).map(np.array),
    dendrites=st.lists(st.floats(0, 12), min_size=5, max_size=5).map(np.array),
)
def test_an_update_leaves_vacant_places_on_one_side_only(ends: Any, axons: Any, dendrites: Any) -> None:
    source, target = np.array([e[0] for e in ends], np.int64), np.array([e[1] for e in ends], np.int64)
    new_source, new_target, stays = rewired(source, target, axons, dendrites, 1, "kind", 7)
    np.testing.assert_array_equal(new_source[: stays.sum()], source[stays])
    np.testing.assert_array_equal(new_target[: stays.sum()], target[stays])
    left = [places(z) - taken(e, z.size) for z, e in ((axons, new_source), (dendrites, new_target))]
    assert min(part.min() for part in left) >= 0
    assert min(part.sum() for part in left) == 0


# ------------------------------------------------------------------------------------------------------------ networks


def network(seed: int = 3, rate: float = 1500 * Hz, **changes: Any) -> sl.Network:
    """24 + 8 cells that drive each other and themselves."""
    net = sl.Network(dt=0.1 * ms, seed=seed)
    cell = sl.neurons.LIF(tau_m=10 * ms, theta=15 * mV, t_ref=2 * ms, resistance=0.04, input="current")
    current = ExponentialCurrent(tau=2 * ms)
    for name, size in (("exc", 24), ("inh", 8)):
        net.population(name, cell, size)
        net.drive(name, sl.sources.Poisson(rate=rate), weight=110.0, synapse=current)
    for source, weight in (("exc", 150.0), ("inh", -150.0)):
        for target in ("exc", "inh"):
            synapse: dict[str, Any] = {"weight": weight, "delay": 1.5 * ms, "synapse": current} | changes
            net.connect(source, target, Pairs(source=[0, 1], target=[2, 3]), **synapse)
    return net


def structure(**changes: Any) -> Structure:
    """Fast growth: targets of some 20 Hz, updates every 20 ms."""

    def elements(eps: float) -> Elements:
        return Elements(curve=GaussianGrowth(eta=0.0, eps=eps), rate=0.08)

    given: dict[str, Any] = {
        "kinds": {
            "excitatory": Growing(
                axons={"exc": elements(0.2)}, dendrites={"exc": elements(0.2), "inh": elements(0.4)}, autapses=False
            ),
            "inhibitory": Growing(axons={"inh": elements(0.4)}, dendrites={"exc": elements(0.2), "inh": elements(0.4)}),
        },
        "interval": 20 * ms,
        "calcium": Calcium(tau=200 * ms, beta=0.05),
    }
    return Structure(**(given | changes))


def same(a: Grown, b: Grown) -> bool:
    """Whether two states are equal to the bit."""
    return a.state.keys() == b.state.keys() and all(
        part.keys() == b.state[name].keys() and all(torch.equal(v, b.state[name][k]) for k, v in part.items())
        for name, part in a.state.items()
    )


@pytest.fixture(scope="module")
def whole() -> Grown:
    asked = ["exc.spikes", Trace("inh.v", neurons=[1, 3], every=7), "exc.count", "exc.rate"]
    return grow(network(), structure(), duration=600 * ms, record=asked, progress=False)


def test_synapses_come_and_go(whole: Grown) -> None:
    np.testing.assert_allclose(whole.times, 20 * ms * np.arange(1, 31))
    for name, many in whole.synapses.items():
        assert many.shape == (30,)
        assert many.max() > 4
        assert many[-1] == len(whole.network.projections[name].connection.source)  # pyright: ignore[reportAttributeAccessIssue]
    total = sum(whole.synapses.values())
    assert (np.diff(total) > 0).any()
    assert (np.diff(total) < 0).any()
    connection: Any = whole.network.projections["exc->exc"].connection
    assert (connection.source != connection.target).all()  # none of a neuron onto itself
    assert set(whole.elements) == {
        f"{kind}.{rest}" for kind, rest in (
            ("excitatory", "axon.exc"), ("excitatory", "dendrite.exc"), ("excitatory", "dendrite.inh"),
            ("inhibitory", "axon.inh"), ("inhibitory", "dendrite.exc"), ("inhibitory", "dendrite.inh"),
        )
    }  # fmt: skip


def test_what_is_recorded_spans_all_stretches(whole: Grown) -> None:
    assert whole.record["exc.spikes"].shape == (6000, 1, 24)
    assert whole.record["inh.v"].shape == (6000 // 7, 1, 2)
    assert whole.record["exc.rate"].shape == (6000,)
    np.testing.assert_array_equal(whole.record["exc.count"][0], whole.record["exc.spikes"].counts()[0])
    assert set(whole.record) == {"exc.spikes", "inh.v", "exc.count", "exc.rate"}
    calcium = np.zeros(24)
    spikes = whole.record["exc.spikes"]
    advance(Calcium(tau=200 * ms, beta=0.05), calcium, {}, spikes.neuron, (spikes.step + 1) * 0.1, 600.0)
    np.testing.assert_allclose(whole.state["structure/calcium"]["exc"], calcium, rtol=1e-12)
    assert whole.calcium["exc"][-1] == pytest.approx(calcium.mean())


@pytest.mark.parametrize("cut", [20, 300])
def test_cuts_at_updates_change_no_bit(whole: Grown, cut: int, tmp_path: Path) -> None:
    first = grow(network(), structure(), duration=cut * ms, record=["exc.spikes"], progress=False)
    save(first.network, tmp_path / "half.safetensors", first.state)
    net, state = load(tmp_path / "half.safetensors"), load_state(tmp_path / "half.safetensors")
    second = grow(net, structure(), None, state, duration=(600 - cut) * ms, record=["exc.spikes"], progress=False)
    assert same(whole, second)
    spikes = [part.record["exc.spikes"].dense() for part in (first, second)]
    assert torch.equal(torch.cat(spikes), whole.record["exc.spikes"].dense())
    np.testing.assert_array_equal(whole.times, [*first.times, *second.times])
    for name, many in whole.synapses.items():
        np.testing.assert_array_equal(many, [*first.synapses[name], *second.synapses[name]])


def test_threads_change_no_bit(whole: Grown) -> None:
    asked: list[Any] = ["exc.spikes"]
    for threads in (1, 2):
        found = grow(
            network(), structure(), duration=600 * ms, record=asked, engine=StepEngine(threads), progress=False
        )
        assert same(whole, found)


def test_the_network_that_is_given_stays_as_it_is() -> None:
    net = network()
    grown = grow(net, structure(), duration=100 * ms, progress=False)
    assert [p.connection.expected(1, 1) for p in net.projections.values()] == [2, 2, 2, 2]
    assert net.projections.keys() == grown.network.projections.keys()
    record = sl.run(grown.network, None, {k: v for k, v in grown.state.items() if "/" not in k}, duration=50 * ms)
    assert len(record["exc.spikes"]) > 0


def test_a_state_goes_to_a_network_with_other_drives(whole: Grown) -> None:
    quiet = grow(network(rate=100 * Hz), structure(), None, whole.state, duration=200 * ms, progress=False)
    assert quiet.times[0] == pytest.approx(620)
    assert quiet.calcium["exc"][-1] < 0.6 * whole.calcium["exc"][-1]


def test_a_run_without_structure_may_come_first() -> None:
    net = network()
    warm = sl.run(net, duration=30 * ms)
    grown = grow(net, structure(), None, warm.state, duration=40 * ms, progress=False)
    np.testing.assert_allclose(grown.times, [50, 70])


def test_synapses_that_are_there_have_their_elements() -> None:
    frozen = structure(
        kinds={
            "excitatory": Growing(axons={"exc": Elements(rate=0)}, dendrites={"exc": Elements(rate=0, initial=1.5)}),
        }
    )
    grown = grow(network(), frozen, duration=40 * ms, progress=False)
    assert grown.synapses["exc->exc"].tolist() == [2, 2]
    elements = grown.state["structure/elements"]
    assert elements["excitatory.axon.exc"].sum() == 2
    assert elements["excitatory.dendrite.exc"][2] == pytest.approx(2.5 - 0.1 - 0.1)  # two updates: twice a tenth of one


def test_inputs_are_cut_into_stretches() -> None:
    def driven() -> sl.Network:
        net = network(rate=0 * Hz)
        net.input("in", 5)
        net.connect("in", "exc", Dense(), weight=3.0, synapse=ExponentialCurrent(tau=2 * ms))
        return net

    times = np.arange(0.5, 99, 1.5)
    spikes = sl.Spikes.from_times(times, np.arange(times.size) % 5, shape=(1000, 1, 5), dt=0.1)
    still = structure(
        kinds={"excitatory": Growing(axons={"exc": Elements(rate=0)}, dendrites={"exc": Elements(rate=0)})}
    )
    found = grow(driven(), still, spikes, duration=100 * ms, record=["exc.v"], progress=False)
    assert torch.equal(found.record["exc.v"], sl.run(driven(), spikes, duration=100 * ms, record=["exc.v"])["exc.v"])


def test_progress_and_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    grow(network(), structure(), duration=60 * ms, progress=told.append)
    assert told[-1] == 1.0
    from spikeloom.engines import structural

    real, calls = structural.run, []

    def interrupted(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            options["duration"] /= 2  # as a run that is interrupted on its way
        return real(*arguments, **options)

    monkeypatch.setattr(structural, "run", interrupted)
    part = grow(network(), structure(), duration=100 * ms, record=["exc.spikes"], progress=False)
    assert part.times.tolist() == pytest.approx([20, 40])
    assert part.record["exc.spikes"].shape[0] == 400
    monkeypatch.undo()
    rest = grow(network(), structure(), None, part.state, duration=60 * ms, progress=False)
    assert same(rest, grow(network(), structure(), duration=100 * ms, progress=False))


# ------------------------------------------------------------------------------------------------------------ errors


def test_structures_that_cannot_be() -> None:
    e = Elements()
    with pytest.raises(InvalidValueError, match="give the elements of each population"):
        Growing(axons={}, dendrites={"exc": e})
    with pytest.raises(InvalidValueError, match="give the kinds of synapses by name"):
        Structure(kinds={})
    with pytest.raises(InvalidValueError, match="under a name without"):
        Structure(kinds={"a.b": Growing(axons={"exc": e}, dendrites={"exc": e})})
    with pytest.raises(InvalidValueError, match="interval"):
        structure(interval=0)
    with pytest.raises(InvalidValueError, match="rate=-1"):
        Elements(rate=-1)
    with pytest.raises(InvalidValueError, match="curve="):
        Elements(curve=3)
    kinds = {name: Growing(axons={"exc": e}, dendrites={"exc": e}) for name in ("one", "two")}
    with pytest.raises(InvalidValueError, match="would belong to two kinds"):
        Structure(kinds=kinds).projections()


def test_networks_that_cannot_grow() -> None:
    def refused(
        error: type[Exception], words: str, net: sl.Network, rule: Structure | None = None, **options: Any
    ) -> None:
        with pytest.raises(error, match=words):
            grow(net, rule or structure(), **{"duration": 20 * ms, "progress": False, **options})

    refused(UnsupportedError, r"its weights learn by PairSTDP", network(rule=PairSTDP(w_max=200)))
    refused(UnsupportedError, "have one weight and one delay", network(weight=np.ones(2)))
    refused(InvalidValueError, "a whole number of update intervals of 20 ms", network(), duration=30 * ms)
    refused(InvalidValueError, "a whole number of update intervals", network(), duration=float("inf"))
    refused(
        InvalidValueError,
        r"Structure\(interval=0.25\).* whole number of them",
        network(),
        structure(interval=0.25),
        duration=1.0,
    )
    net = network()
    net.population("more", sl.neurons.LIF(), 4)
    more = Structure(kinds={"k": Growing(axons={"more": Elements()}, dendrites={"exc": Elements()})}, interval=1 * ms)
    refused(InvalidValueError, r"no projection 'more->exc'; make one: net.connect\('more', 'exc', Pairs", net, more)
    unknown = Structure(kinds={"k": Growing(axons={"none": Elements()}, dendrites={"exc": Elements()})})
    refused(InvalidValueError, "no projection 'none->exc'", network(), unknown, duration=1 * second)
    net.connect("more", "exc", Dense(), weight=0.1)
    refused(UnsupportedError, r"'more->exc': Dense\(.*cannot grow", net, more)
    refused(InvalidValueError, r"the inputs have shape \(5, 1, 2\)", network(), inputs=np.zeros((5, 1, 2)))
    refused(UnknownNameError, "exc.spykes", network(), record=["exc.spykes"])


def test_the_picture_takes_one_value_for_each_time() -> None:
    axes = growth([1000, 2000], {"exc": [0.1, 0.2]}, {"exc->exc": [3, 4]}, targets={"exc": 0.3}, lesion=1500).axes
    np.testing.assert_allclose(axes[0].lines[0].get_xdata(), [1, 2])
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), [3, 4])
    assert 0.3 in [line.get_ydata()[0] for line in axes[0].lines]
    with pytest.raises(InvalidValueError, match=r"'exc' has shape \(1,\), and times \(2,\)"):
        growth([1, 2], {"exc": [0.1]}, {})


def test_two_projections_between_the_same_populations() -> None:
    net = network()
    net.connect(
        "exc",
        "inh",
        Pairs(source=[], target=[]),
        weight=1.0,
        delay=2.0,
        name="exc->inh slow",
        synapse=ExponentialCurrent(tau=2 * ms),
    )
    kind = Growing(
        axons={"exc": Elements(rate=0, initial=1)}, dendrites={"inh": Elements(rate=0, initial=2)}, suffix="slow"
    )
    grown = grow(net, Structure(kinds={"slow": kind}, interval=20 * ms), duration=20 * ms, progress=False)
    assert grown.synapses["exc->inh slow"].tolist() == [16]
    assert set(grown.synapses) == {"exc->inh slow"}


def test_a_state_of_another_size_is_refused() -> None:
    grown = grow(network(), structure(), duration=20 * ms, progress=False)
    wrong = {**grown.state, "structure/calcium": {"exc": torch.zeros(7)}}
    with pytest.raises(InvalidValueError, match=r"the state's 'exc' has 7 values; the network has 24"):
        grow(network(), structure(), None, wrong, duration=20 * ms, progress=False)
