"""Layers that learn by competition: the same weights as the general engine gives, features that serve, exact resume."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Convolution, Dense
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.engines import StepEngine
from spikeloom.engines.waves import SILENT, Wave, first_spikes
from spikeloom.learning import Competitive, InterruptedTraining
from spikeloom.learning.competition import inhibited, winners
from spikeloom.learning.competitive_learner import CompetitiveLearner
from spikeloom.learning.learner import Batch
from spikeloom.learning.linear_readout import linear_readout
from spikeloom.learning.rules import rule_from_description
from spikeloom.network import checkpoint
from spikeloom.plasticity import PairSTDP
from tests.learning.lines import ENCODER, lines, once, stack


def data() -> sl.data.Dataset:
    (x, y), (z, v) = lines(120, 0), lines(60, 1)
    return sl.data.Dataset(
        name="lines", x_train=x, y_train=y, x_test=z, y_test=v, classes=("-", "|", "\\", "/"), image_shape=(8, 8)
    )


def options(**changes: Any) -> dict[str, Any]:
    rule = Competitive(winners=(2, 3), radius=1, double_every=100, passes=(2, 1))
    return {
        "rule": rule, "epochs": 4, "batch_size": 50, "encoder": ENCODER, "validation": 0.0, "seed": 2,
        "progress": False, "checkpoint_every": 1e9,
    } | changes  # fmt: skip


# --- the same weights as the general engine ---------------------------------------------------------------------------
def by_hand(net: sl.Network, name: str, source: np.ndarray, won: list[Any], steps: int) -> torch.Tensor:
    """What the step-by-step engine learns if only the winners can reach their threshold."""
    p = net.projections[name]
    theta = torch.full((net.size(p.target),), 1e9, dtype=torch.float64)
    shape = p.connection.target_shape  # pyright: ignore[reportAttributeAccessIssue]
    theta[[int(np.ravel_multi_index(place, shape)) for place in won]] = net.populations[p.target].neuron.theta  # pyright: ignore[reportAttributeAccessIssue]
    alone = sl.Network(dt=net.dt, dtype=torch.float64)
    alone.input("source", source.size)
    alone.population("target", once(theta), len(theta))
    alone.connect("source", "target", p.connection, weight=net.weights[name].detach().clone(), rule=p.rule)
    fired = np.flatnonzero(source.reshape(-1) < SILENT)
    spikes = sl.Spikes.from_events(
        source.reshape(-1)[fired], fired, shape=(steps, 1, source.size), dt=net.dt, sort=True
    )
    record = StepEngine().run(alone, spikes, record=["target.count"])
    assert int(record["target.count"].sum()) == len(won)
    return record.state["source->target"]["weight"]


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("turn", [0, 1])
def test_winners_learn_what_they_learn_in_the_general_engine(turn: int, stride: int) -> None:
    net = stack(stride=stride)
    rule = Competitive(winners=(2, 3), radius=1, double_every=0)
    learner = rule.learner(net, StepEngine(), 3)
    spikes = ENCODER.encode(lines(12, 0)[0])
    layer, steps = learner.layers[turn], spikes.shape[0]
    name = layer.projection.name
    total = 0
    for sample in range(12):
        wave = Wave(net, learner.stack, steps)
        source = first_spikes(spikes, sample, learner.stack.shape)
        for below in learner.stack.layers[: 2 * turn]:
            source, height = wave.through(below, source)
            source = inhibited(source, height) if isinstance(below.connection, Convolution) else source
        times, height = wave.through(layer, source)
        won = winners(inhibited(times, height), height, rule.winners[turn], radius=1)  # pyright: ignore[reportIndexIssue]
        total += len(won)
        expected = by_hand(net, name, source, won, steps)
        before = net.weights[name].detach().clone()
        learner._present(wave, spikes, sample, turn)
        torch.testing.assert_close(net.weights[name].detach(), expected, rtol=0, atol=1e-12)
        assert bool(won) == bool((before != expected).any())
    assert total > 10


# --- training as a whole ----------------------------------------------------------------------------------------------
def outcome(net: sl.Network, result: Any) -> dict[str, Any]:
    described = {k: v for k, v in result.describe().items() if k not in ("seconds", "run", "command")}
    for entry in described["history"]:
        del entry["seconds"], entry["samples_per_second"]
    return described | {"weights": {k: v.numpy().tobytes().hex() for k, v in net.state_dict().items()}}


def trained(**changes: Any) -> dict[str, Any]:
    net = stack()
    return outcome(net, sl.train(net, data(), **options(**changes)))


@pytest.fixture(scope="module")
def uninterrupted() -> dict[str, Any]:
    return trained()


def test_features_tell_lines_apart(uninterrupted: dict[str, Any]) -> None:
    """A fourth of them would be right by chance."""
    assert uninterrupted["test_accuracy"] > 0.9
    losses = [entry["train_loss"] for entry in uninterrupted["history"]]
    assert losses[1] < losses[0]
    assert [entry["train_accuracy"] for entry in uninterrupted["history"][:3]] == [0, 0, 0]
    assert uninterrupted["history"][3]["train_accuracy"] >= uninterrupted["test_accuracy"]
    for name in ("in->a", "b->c"):
        weight = np.frombuffer(bytes.fromhex(uninterrupted["weights"][f"weights.{name}"]))
        assert weight.min() > 0
        assert weight.max() < 1


@pytest.mark.parametrize("calls", [1, 5, 8, 11])
def test_an_interrupted_training_goes_on_to_the_bit(
    calls: int, uninterrupted: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = CompetitiveLearner.step, []

    def interrupted(self: Any, *arguments: Any) -> Any:
        seen.append(1)
        if len(seen) == calls:
            signal.raise_signal(signal.SIGINT)
        return real(self, *arguments)

    monkeypatch.setattr(CompetitiveLearner, "step", interrupted)
    with pytest.raises(InterruptedTraining):
        trained(out=tmp_path / "run")
    monkeypatch.undo()
    assert trained(out=tmp_path / "run", resume=True) == uninterrupted
    saved = checkpoint.load(tmp_path / "run" / "checkpoint.safetensors")
    d = data()
    found = sl.learning.evaluate(
        saved, d.x_test, d.y_test, encoder=ENCODER, decoder=Competitive().decoder, respond=Competitive().respond
    )
    assert found.accuracy == uninterrupted["test_accuracy"]


def test_one_thread_or_two_give_the_same_bits(uninterrupted: dict[str, Any]) -> None:
    before = torch.get_num_threads()
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            assert trained() == uninterrupted
    finally:
        torch.set_num_threads(before)


def test_a_layer_does_not_change_while_another_learns() -> None:
    net = stack()
    learner = Competitive(winners=2, radius=1).learner(net, StepEngine(), 3)
    spikes = ENCODER.encode(lines(30, 0)[0])
    batch = Batch(spikes, torch.arange(30) % 4, np.arange(30))
    seen = []
    for step in range(3):
        learner.step(batch, step)
        seen.append({k: v.detach().clone() for k, v in net.weights.items()})
    begun = stack().weights
    assert not torch.equal(seen[0]["in->a"], begun["in->a"])
    assert torch.equal(seen[0]["b->c"], begun["b->c"])
    assert torch.equal(seen[1]["in->a"], seen[0]["in->a"])
    assert not torch.equal(seen[1]["b->c"], begun["b->c"])
    assert not torch.equal(seen[2]["c->out"], begun["c->out"])
    assert torch.equal(seen[2]["b->c"], seen[1]["b->c"])


def test_amplitudes_double_up_to_the_fastest() -> None:
    learner = Competitive(double_every=(10, 0), fastest=0.35).learner(stack(), StepEngine(), 3)
    found: list[Any] = []
    for seen in (0, 9, 10, 19, 20, 10**6):
        learner.seen = [seen, seen]
        rules: Any = (learner._rule_now(0), learner._rule_now(1))
        found.append([(r.a_plus, r.a_minus) for r in rules])
    first = [f[0][0] for f in found]
    np.testing.assert_allclose(first, [0.1, 0.1, 0.2, 0.2, 0.35, 0.35])
    assert all(minus / plus == pytest.approx(-0.8) for f in found for plus, minus in f)
    assert {f[1] for f in found} == {(0.1, -0.08)}


# --- the read-out -----------------------------------------------------------------------------------------------------
def test_a_read_out_of_few_classes() -> None:
    x = np.array([[1.0, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1]] * 5)
    for labels in ([0, 0, 1, 1] * 5, [0, 0, 3, 3] * 5):
        weights = linear_readout(x, np.array(labels), 4, 2.4)
        assert weights.shape == (3, 4)
        assert (x @ weights).argmax(1).tolist() == labels
    with pytest.raises(InvalidValueError, match="two classes or more"):
        linear_readout(x, np.zeros(20, int), 4, 2.4)


# --- what cannot be ---------------------------------------------------------------------------------------------------
def test_settings_come_back_from_their_description() -> None:
    rule = Competitive(winners=(2, 3), radius=1, passes=[1, 2], double_every=(500, 0))
    again = rule_from_description(json.loads(json.dumps(rule.describe())))
    assert again.describe() == rule.describe()
    assert isinstance(again, Competitive)
    assert again.passes == (1, 2)


@pytest.mark.parametrize(
    "change", [{"winners": 0}, {"radius": -1}, {"passes": (1, 0)}, {"fastest": 2.0}, {"strength": 0}, {"decoder": 3}]
)
def test_settings_that_cannot_be(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=next(iter(change))):
        Competitive(**change)


def test_networks_that_cannot_compete() -> None:
    def fails(net: sl.Network, match: str, error: Any = UnsupportedError, **changes: Any) -> None:
        with pytest.raises(error, match=match):
            sl.train(net, data(), **options(**changes))

    fails(stack(), "take epochs=4", InvalidValueError, epochs=5)
    fails(stack(rule=None), "needs a convolution that learns", InvalidValueError)
    fails(stack(), "each of the 2 layers", InvalidValueError, rule=Competitive(winners=(1, 2, 3)))
    fails(stack(rule=PairSTDP()), "doubles the amplitudes of OrderSTDP", InvalidValueError)
    fails(stack(rule=PairSTDP()), "rule=OrderSTDP", rule=Competitive(passes=(2, 1), double_every=0))
    leaky = sl.feedforward([128, 10, 4])
    fails(leaky, "not a Convolution or a Pooling")
    twice = stack()
    twice.connect("a", "b", Dense(), name="more")
    fails(twice, "not one after the other")
