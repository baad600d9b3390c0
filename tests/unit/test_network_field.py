"""Fields in a network: released by spikes and by hand, read by synapses where they are."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import torch

import spikeloom as sl
from spikeloom.connections import OneToOne, Sparse
from spikeloom.core.distributions import Uniform
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines import At, StepEngine, Trace
from spikeloom.network import Field, Network
from spikeloom.network.checkpoint import load, load_state, save
from spikeloom.plasticity import Gated, Modulated, PairSTDP, Summed
from spikeloom.units import Hz
from tests.unit.fields import BOX, PAIR, busy, held, pairs, two


@pytest.mark.parametrize("interval", [1.0, 4.0])
@pytest.mark.parametrize("box", [BOX, {**BOX, "extent": (12.0, 20.0)}, {**BOX, "extent": (8.0, 12.0, 40.0)}])
def test_what_is_released_by_spikes_and_by_hand_spreads(box: Any, interval: float) -> None:
    dimensions = len(box["extent"])
    net = Network(dt=1.0, seed=3)
    cells = net.population("cells", sl.neurons.PoissonNeuron(rate=20 * Hz), 30)
    places = net.place(cells, "random", extent=box["extent"])
    field = net.field("dopamine", **box, v_max=2.0, baseline=5.0, interval=interval)
    net.release(cells, field, amount=100)
    amounts = np.zeros((200, 2))
    amounts[[30, 31], [0, 1]] = 500, 700
    points = [[1.0] * dimensions, [7.0] * dimensions]
    record = sl.run(
        net, duration=200.0, released={"dopamine": At(points, amounts)}, record=["cells.spikes", "dopamine.level"]
    )
    rises = np.zeros((200, field.box.cells))
    spikes = record["cells.spikes"]
    np.add.at(rises, (spikes.step, field.site(places)[spikes.neuron]), 100)
    for point, site in enumerate(field.site(points)):
        rises[:, site] += amounts[:, point]
    rises *= field.medium.raised(1.0, 4.0**dimensions * 4.0 ** (3 - dimensions))
    assert record["dopamine.level"].shape == (round(200 / interval), 1, field.box.cells)
    np.testing.assert_allclose(record["dopamine.level"][:, 0], held(field, rises), rtol=1e-11)


@pytest.mark.parametrize(("delay", "lag"), [(None, 0), (1.0, 1), (5.0, 5)])
@pytest.mark.parametrize("interval", [1.0, 5.0])
@pytest.mark.parametrize("eligibility", ["exponential", pytest.param("alpha", marks=pytest.mark.slow), "cascaded"])
def test_a_synapse_reads_the_concentration_where_it_is(
    delay: float | None, lag: int, interval: float, eligibility: str
) -> None:
    """The weight is the integral of the concentration and the kernel of the eligibility, interval by interval."""
    rule = Modulated(rule=PAIR, by="dopamine", tau_e=60.0, tau_rise=20.0, eligibility=eligibility)
    kernel = {
        "exponential": lambda s: -60 * math.exp(-s / 60),
        "alpha": lambda s: -(s + 60) * math.exp(-s / 60),
        "cascaded": lambda s: (-60 * math.exp(-s / 60) + 20 * math.exp(-s / 20)) * 60 / 40,
    }[eligibility]  # their integrals
    net = two(rule, delay=delay, interval=interval)
    steps, field = 700, net.modulators["dopamine"]
    assert isinstance(field, Field)
    amounts = np.zeros((steps, 1))
    amounts[[170, 171, 333]] = [[50.0], [10.0], [30.0]]  # over several epochs of 60 and 180 ms
    record = sl.run(
        net, pairs(steps, 150, lag), released={"dopamine": At([[13.0]], amounts)}, record=["dopamine.level"]
    )
    level = record["dopamine.level"][:, 0].numpy()
    begun = 153.0
    edges = np.clip(np.arange(len(level) + 1) * interval, begun, steps)
    shares = np.diff([kernel(s - begun) for s in edges])
    for cell, site in enumerate(field.site([[6.0], [34.0]])):
        expected = math.exp(-0.3) * (level[:, site] * shares).sum()
        assert record.state["pre->cell"]["weight"][cell] == pytest.approx(expected, rel=1e-10)
    assert record.state["pre->cell"]["weight"][0] > 5 * record.state["pre->cell"]["weight"][1] > 0


def test_a_field_that_is_the_same_everywhere_is_a_modulator() -> None:
    """To the square of the interval: between its ends a field is held at their mean, a modulator decays."""
    rises = np.zeros(700)
    rises[170] = 3.0
    spread = two(extent=(40.0,), spacing=40.0)
    alike = Network.from_description({**spread.describe(), "fields": [], "projections": []})
    alike.modulator("dopamine", tau=50.0)
    alike.connect("pre", "cell", OneToOne(), weight=0.0, delay=1.0, rule=spread.projections["pre->cell"].rule)
    alike.connect("kick", "cell", OneToOne(), weight=1000.0)
    found = [sl.run(net, pairs(700), released={"dopamine": rises}) for net in (spread, alike)]
    here, there = (f.state["pre->cell"]["weight"] for f in found)
    assert there[0] > 0
    np.testing.assert_allclose(here, there, rtol=(1 / 50 + 1 / 300) ** 2 / 12)


@pytest.mark.parametrize("delay", [None, 2.0])
def test_threads_pauses_and_stretches_change_no_bit(delay: float | None) -> None:
    keys = ["cells.count", Trace("dopamine.level", neurons=[3, 40], every=4)]
    net = busy(delay)
    whole = StepEngine(1).run(net, None, duration=301.0, record=keys)
    weight = whole.state["cells->cells"]["weight"]
    assert weight.std() > 1e-3
    for threads in (2, 3):
        again = StepEngine(threads).run(net, None, duration=301.0, record=keys)
        assert all(torch.equal(again.state[n][k], v) for n, part in whole.state.items() for k, v in part.items())
        assert torch.equal(again["dopamine.level"], whole["dopamine.level"])
    first = StepEngine(2).run(net, None, duration=100.5, record=keys)  # in the middle of an interval
    second = StepEngine(1).run(net, None, first.state, duration=200.5, record=keys)
    assert torch.equal(second.state["cells->cells"]["weight"], weight)
    assert torch.equal(torch.cat([first["dopamine.level"], second["dopamine.level"]]), whole["dopamine.level"])
    live = sl.live(net, record=keys)
    parts = [live.advance(duration=d)["dopamine.level"] for d in (0.5, 99.5, 201.0)]
    assert torch.equal(live.state["cells->cells"]["weight"], weight)
    assert torch.equal(torch.cat(parts), whole["dopamine.level"])


def test_a_live_run_releases_at_points() -> None:
    amounts = np.zeros((60, 1))
    amounts[[10, 45]] = 100.0
    whole = sl.run(two(), pairs(60, 20), released={"dopamine": At([[6.0]], amounts)}, record=["dopamine.level"])
    live, given = sl.live(two(), record=["dopamine.level"]), pairs(60, 20)
    parts = []
    for a, b in ((0, 30), (30, 60)):
        stretch = {n: sl.Spikes.from_dense(s.dense().numpy()[a:b], dt=1.0) for n, s in given.items()}
        parts.append(live.advance(stretch, released={"dopamine": At([[6.0]], amounts[a:b])})["dopamine.level"])
    assert torch.equal(torch.cat(parts), whole["dopamine.level"])
    with pytest.raises(InvalidValueError, match="give the same places in all stretches"):
        live.advance(pairs(60, 20), released={"dopamine": At([[7.0], [8.0]], np.zeros((60, 2)))})


def test_synapses_have_places_of_their_own() -> None:
    net = two()
    net.place("pre->cell", [[34.0], [6.0]])  # that of the first cell is near the second one, and the other way round
    amounts = np.zeros((400, 1))
    amounts[170] = 50.0
    released = {"dopamine": At([[13.0]], amounts)}
    moved = sl.run(net, pairs(400), released=released).state["pre->cell"]["weight"]
    at_home = sl.run(two(), pairs(400), released=released).state["pre->cell"]["weight"]
    assert torch.equal(moved, at_home.flip(0))
    net.place("pre->cell", [[1.0]] * 3)
    with pytest.raises(InvalidValueError, match="has 3 positions; it has 2 synapses"):
        sl.run(net, pairs(400), released=released)
    with pytest.raises(InvalidValueError, match="synapses are placed by positions"):
        net.place("pre->cell", "random", extent=(40.0,))


def test_own_places_follow_synapses_through_delays_and_threads() -> None:
    """A projection with many delays, its synapses where their targets are: as without places of their own."""
    net, same = busy(), busy()
    for one in (net, same):
        del one.projections["cells->cells"]
        rule = Modulated(rule=PairSTDP(bounds="hard"), by="dopamine", tau_e=40.0, eta=1e-3)
        delays = Uniform(0.5, 2.5)
        one.connect("cells", "cells", Sparse(indegree=8), weight=0.5, delay=delays, rule=rule)
    same.place("cells->cells", np.repeat(same.places["cells"], 8, axis=0))
    first = StepEngine(1).run(net, None, duration=100.0).state["cells->cells"]["weight"]
    second = StepEngine(2).run(same, None, duration=100.0).state["cells->cells"]["weight"]
    assert first.std() > 1e-4
    assert torch.equal(first, second)


@pytest.mark.parametrize(("delay", "lag"), [(None, 0), (1.0, 1)])
def test_a_field_opens_a_gate(delay: float | None, lag: int) -> None:
    net = two(Gated(rule=PAIR, by="dopamine", slope=1.0), delay=delay)
    rises = np.zeros((200, 1))
    rises[140] = 50.0
    record = sl.run(net, pairs(200, 150, lag), released={"dopamine": At([[6.0]], rises)}, record=["dopamine.level"])
    level = record["dopamine.level"][153 - 1, 0, net.modulators["dopamine"].site([[6.0], [34.0]])].numpy()  # pyright: ignore[reportAttributeAccessIssue]
    np.testing.assert_allclose(record.state["pre->cell"]["weight"], math.exp(-0.3) * level, rtol=1e-12)


@pytest.mark.slow
def test_a_field_and_a_modulator_at_one_synapse() -> None:
    """What each of them does adds up."""
    one, other = (Modulated(rule=PAIR, by=by, tau_e=60.0) for by in ("dopamine", "serotonin"))
    amounts, rises = np.zeros((400, 1)), np.zeros(400)
    amounts[170], rises[180] = 50.0, 0.3
    released = {"dopamine": At([[13.0]], amounts), "serotonin": rises}
    found = []
    for rule in (Summed(rule=one, beside=other), one, other):
        net = two(rule)
        net.modulator("serotonin", tau=30.0)
        found.append(sl.run(net, pairs(400), released=released).state["pre->cell"]["weight"])
    np.testing.assert_allclose(found[0], found[1] + found[2], rtol=1e-12)
    assert (found[1] > 0).all()
    assert (found[2] > 0).all()


def test_a_batch_has_a_field_for_each_sample() -> None:
    net = two()
    rises = np.zeros(300)
    rises[160] = 1.0
    both = {n: sl.Spikes.concatenate([s, s]) for n, s in pairs(300).items()}
    alone = sl.run(net, pairs(300), released={"dopamine": rises}, record=["dopamine.level"])
    record = sl.run(net, both, released={"dopamine": rises}, record=["dopamine.level"])
    assert torch.equal(record["dopamine.level"][:, 1:], alone["dopamine.level"])
    np.testing.assert_allclose(record.state["pre->cell"]["weight"], 2 * alone.state["pre->cell"]["weight"])
    again = sl.run(net, both, record.state, released={"dopamine": rises})
    assert again.state["dopamine"]["level"].shape == (2, 10)


def test_a_description_and_a_checkpoint_bring_a_field_back(tmp_path: Path) -> None:
    net = busy()
    assert Network.from_description(net.describe()).describe() == net.describe()
    first = sl.run(net, duration=51.0)
    save(net, tmp_path / "net.safetensors", first.state)
    again = sl.run(load(tmp_path / "net.safetensors"), None, load_state(tmp_path / "net.safetensors"), duration=50.0)
    whole = sl.run(net, duration=101.0)
    assert torch.equal(again.state["dopamine"]["above"], whole.state["dopamine"]["above"])
    assert torch.equal(again.state["cells->cells"]["weight"], whole.state["cells->cells"]["weight"])


def test_the_second_order_of_what_is_held() -> None:
    """Half the interval, a quarter of the error: against an integral of the field over time."""
    field = two(extent=(40.0,), spacing=40.0).modulators["dopamine"]
    assert isinstance(field, Field)
    exact = scipy.integrate.quad(lambda t: math.exp(-t / 50), 0, 400)[0]
    errors = []
    for interval in (16.0, 8.0, 4.0):
        rises = np.zeros((400, 1))
        rises[0] = 1.0
        found = held(Field("f", field.medium, field.box, interval, 0.0), rises).sum() * interval
        errors.append(abs(found - exact))
    assert (np.abs(np.log2(np.array(errors[:-1]) / errors[1:]) - 2) < 0.05).all()
