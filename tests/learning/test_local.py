"""Networks that learn by their own rules: they learn, go on to the bit, and what they cannot do they say."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.experiments import reproduce
from spikeloom.experiments.diehl_cook_2015 import DiehlCookConfig, on_and_off
from spikeloom.learning import InterruptedTraining, LastPotential, Local
from spikeloom.learning.local_learner import LocalLearner
from spikeloom.learning.presentation import responses, sequence
from spikeloom.learning.readouts import Labels, Linear, Proportions
from spikeloom.learning.rebuild import Rebuilt
from spikeloom.learning.recipes import recipe
from spikeloom.network import diehl_cook
from spikeloom.neurons import ConductanceALIF
from spikeloom.plasticity import DiehlCookSTDP
from spikeloom.units import Hz, ms
from tests.learning import small

STEPS, REST = 60, 20 * ms
ENCODER = sl.encoding.PoissonRate(steps=STEPS, max_rate=200 * Hz)


def digits(train: int = 300, test: int = 100) -> sl.data.Dataset:
    """Some digits, with channels for what is brighter and what is darker than the mean image."""
    d = on_and_off(sl.data.digits())
    assert isinstance(d.x_train, np.ndarray)
    assert isinstance(d.x_test, np.ndarray)
    return sl.data.Dataset(
        name="digits", x_train=d.x_train[:train], y_train=d.y_train[:train], x_test=d.x_test[:test],
        y_test=d.y_test[:test], classes=d.classes, image_shape=(8, 16),
    )  # fmt: skip


def net(neurons: int = 20) -> sl.Network:
    cell = ConductanceALIF(a_0=sl.trainable(20.0, size=neurons), t_silent=5 * ms)
    rule = DiehlCookSTDP(lr_post=0.1, lr_pre=1e-3)
    return diehl_cook(128, neurons, 10, neuron=cell, rule=rule, total=40, interval=STEPS + REST)


def train(data: sl.data.Dataset, **changes: Any) -> tuple[sl.Network, Any]:
    made = changes.pop("net", None) or net()
    options = {
        "rule": Local(rest=REST, over=200), "epochs": 2, "batch_size": 25, "encoder": ENCODER, "validation": 0.1,
        "seed": 3, "progress": False, "checkpoint_every": 1e9,
    }  # fmt: skip
    return made, sl.train(made, data, **{**options, **changes})


def test_it_learns_the_digits_without_labels() -> None:
    before = net(40)
    after, result = train(digits(500, 200), net=net(40))
    assert result.test_accuracy > 0.5
    assert (result.engine, result.rule) == ("steps", "stdp")
    assert result.history[0]["validation_accuracy"] > 0.2
    assert result.spikes_per_sample > 3
    assert set(result.firing_rates_hz) == {"exc"}
    weight = after.weights["input->exc"]
    assert torch.allclose(weight.sum(0), torch.tensor(40.0), rtol=1e-4)
    assert weight.std() > 1.3 * before.weights["input->exc"].std()
    assert (after.trained["exc:a_0"] > 20).any()
    assert set(after.weights["exc->readout"].count_nonzero(1).tolist()) <= {0, 1}


def test_a_linear_readout_reads_at_least_as_much() -> None:
    data = digits(400)
    _, labels = train(data, epochs=1)
    made, linear = train(data, epochs=1, rule=Local(rest=REST, over=200, readout="linear"))
    assert linear.test_accuracy >= labels.test_accuracy
    assert (made.weights["exc->readout"] < 0).any()
    assert [h["spikes_per_sample"] for h in linear.history] == [h["spikes_per_sample"] for h in labels.history]


def test_in_proportions_each_spike_speaks_for_every_class_of_its_neuron() -> None:
    readout = Proportions(3, 2, 1e9)
    responses = torch.tensor([[4.0, 0.0, 0.0], [2.0, 1.0, 0.0], [1.0, 3.0, 0.0]], dtype=torch.float64)
    readout.learn(responses, torch.tensor([0, 0, 1]))
    expected = torch.tensor([[3 / 4, 1 / 4], [1 / 7, 6 / 7], [0.0, 0.0]], dtype=torch.float64)  # 3, 0.5, 0 and 1, 3, 0
    torch.testing.assert_close(readout.weights(), expected, rtol=1e-6, atol=1e-9)
    made, _ = train(digits(60, 30), epochs=1, rule=Local(rest=REST, over=200, readout="proportions"))
    shares = made.weights["exc->readout"].sum(1)
    assert torch.all((shares == 0) | torch.isclose(shares, torch.tensor(1.0)))


@pytest.fixture(scope="module")
def uninterrupted() -> dict[str, Any]:
    return small.outcome(*train(digits(120, 30)))


def test_more_threads_change_no_bit(uninterrupted: dict[str, Any]) -> None:
    threads = torch.get_num_threads()
    try:
        for n in (1, 2):
            torch.set_num_threads(n)
            assert small.outcome(*train(digits(120, 30))) == uninterrupted
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def stopped(after: int) -> Iterator[None]:
    """Ctrl-C at the batch with this number."""
    calls, step = [], LocalLearner.step

    def interrupted(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == after:
            signal.raise_signal(signal.SIGINT)
        return step(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalLearner, "step", interrupted)
        yield


@pytest.mark.parametrize("after", [1, 4, 7])
def test_it_goes_on_to_the_bit(uninterrupted: dict[str, Any], tmp_path: Path, after: int) -> None:
    out = tmp_path / "run"
    with (
        stopped(after),
        pytest.raises(InterruptedTraining, match=f"after step {after if after < 5 else after - 5} of 5"),
    ):
        train(digits(120, 30), out=out)
    assert small.outcome(*train(digits(120, 30), out=out, resume=True)) == uninterrupted


def sparse() -> sl.Network:
    """As ``net``, with a second plastic projection whose synapses are listed."""
    made = net()
    like = made.projections["input->exc"]
    made.connect(
        "input", "exc", sl.connections.Sparse(indegree=5), weight=0.1, synapse=like.synapse, rule=DiehlCookSTDP(),
        name="more",
    )  # fmt: skip
    return made


def test_listed_synapses_keep_what_they_learned(tmp_path: Path) -> None:
    data = digits(60, 30)
    made, whole = train(data, net=sparse(), epochs=1)
    assert made.learned["more"].shape == (100,)
    assert (made.learned["more"] != 0.1).any()
    with stopped(2), pytest.raises(InterruptedTraining):
        train(data, net=sparse(), epochs=1, out=tmp_path / "run")
    again, resumed = train(data, net=sparse(), epochs=1, out=tmp_path / "run", resume=True)
    assert small.outcome(again, resumed) == small.outcome(made, whole)
    built = Rebuilt.from_folder(tmp_path / "run").trained()
    assert torch.equal(built.learned["more"], made.learned["more"])
    found = sl.evaluate(
        built, data.x_test, data.y_test, encoder=ENCODER, decoder=LastPotential(), seed=3, respond=Local().respond
    )
    assert found.accuracy == whole.test_accuracy


def test_a_run_folder_builds_the_same_again(uninterrupted: dict[str, Any], tmp_path: Path) -> None:
    made, result = train(digits(120, 30), out=tmp_path / "run")
    assert small.outcome(made, result) == uninterrupted
    built = Rebuilt.from_folder(tmp_path / "run")
    rule, options, data = built.rule(), built.options(), digits(120, 30)
    assert rule.describe() == Local(rest=REST, over=200).describe()
    found = sl.evaluate(
        built.trained(), data.x_test, data.y_test, encoder=options["encoder"], decoder=rule.decoder, seed=3,
        respond=rule.respond,
    )  # fmt: skip
    assert found.accuracy == result.test_accuracy
    assert found.spikes_per_sample == result.spikes_per_sample


def test_samples_that_go_unnoticed_are_shown_again_more_strongly(monkeypatch: pytest.MonkeyPatch) -> None:
    data, shown = digits(50, 10), []
    run = sl.engines.StepEngine.run

    def watched(self: Any, net: Any, inputs: Any, *arguments: Any, **named: Any) -> Any:
        if inputs.shape[0] > STEPS:  # in training; the test shows samples one by one
            shown.append((inputs.shape[0] // (STEPS + round(REST)), len(inputs)))
        return run(self, net, inputs, *arguments, **named)

    monkeypatch.setattr(sl.engines.StepEngine, "run", watched)
    quiet = sl.encoding.PoissonRate(steps=STEPS, max_rate=50 * Hz)
    rule = Local(rest=REST, fewest=3, tries=4, stronger=1.0)
    train(data, rule=rule, encoder=quiet, epochs=1, batch_size=50, validation=0)
    samples, events = (np.array(x) for x in zip(*shown, strict=True))
    assert samples[0] == 50
    assert len(samples) == 5
    assert (np.diff(samples) <= 0).all()
    assert 0 < samples[-1] < 50
    assert (np.diff(events / samples) > 0).all()
    shown.clear()
    train(data, rule=Local(rest=REST, fewest=0), encoder=quiet, epochs=1, batch_size=50, validation=0)
    assert [samples for samples, _ in shown] == [50]


def test_samples_stand_one_after_the_other() -> None:
    dense = (np.random.default_rng(0).random((5, 3, 4)) < 0.4).astype(int)
    line = sequence(sl.Spikes.from_dense(dense, dt=1.0), rest=2).dense()[:, 0].numpy().reshape(3, 7, 4)
    np.testing.assert_array_equal(line[:, :5], dense.transpose(1, 0, 2))
    assert not line[:, 5:].any()
    late = np.ones((21, 1, 2), int)  # a spike in every step, of which only those within the samples count
    np.testing.assert_array_equal(responses(sl.Spikes.from_dense(late, dt=1.0), 5, 2), np.full((3, 2), 5))


def test_neurons_get_the_class_to_which_they_respond_most() -> None:
    made = Labels(3, 2, over=1e9)
    made.learn(torch.tensor([[4.0, 1, 0], [2, 0, 0], [0, 3, 0]]).double(), torch.tensor([0, 0, 1]))
    assert made.weights().tolist() == [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    made.learn(torch.tensor([[0.0, 0, 2]]).double().repeat(4, 1), torch.tensor([1, 1, 1, 1]))
    assert made.weights().tolist() == [[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]


def test_a_linear_readout_is_ridge_regression() -> None:
    random = torch.Generator().manual_seed(0)
    x, y = torch.rand(60, 5, generator=random, dtype=torch.float64), torch.randint(0, 3, (60,), generator=random)
    made = Linear(5, 3, over=20.0)
    for part in (slice(0, 30), slice(30, 60)):
        made.learn(x[part], y[part])
    age = torch.exp(torch.tensor(-1.5, dtype=torch.float64)) ** torch.arange(1, -1, -1).repeat_interleave(30)
    wanted = 2 * torch.nn.functional.one_hot(y, 3).double() - 1
    squares = (x * age[:, None]).T @ x
    penalty = 0.01 * squares.diagonal().mean() * torch.eye(5, dtype=torch.float64)
    expected = torch.linalg.inv(squares + penalty) @ (x * age[:, None]).T @ wanted
    assert torch.allclose(made.weights(), expected, rtol=1e-10)


def test_the_last_potential_is_read() -> None:
    v = torch.tensor([[[1.0, 5.0]], [[3.0, 2.0]]])
    assert LastPotential(scale=2.0).scores({"v": v}, 1.0).tolist() == [[6.0, 4.0]]


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_recipes_have_a_network_for_this_rule(name: str) -> None:
    chosen = recipe(name).for_rule("stdp")
    rule, encoder = chosen.rule("stdp"), chosen.encoder
    assert isinstance(rule, Local)
    assert encoder is not None
    assert recipe(name).for_rule("surrogate") is recipe(name)
    made = chosen.network(sl.data.digits(), 1)
    plastic = made.projections["input->exc"].rule
    assert plastic is not None
    assert plastic.interval == encoder.values()["steps"] * made.dt + rule.rest


# --- refused --------------------------------------------------------------------------------------------------------


def test_what_it_cannot_train_it_says() -> None:
    data = digits(40, 10)
    with pytest.raises(InvalidValueError, match=r"there is none: net\.connect"):
        train(data, net=sl.feedforward([128, 20, 10]), engine="steps", validation=0)
    with pytest.raises(UnsupportedError, match="take engine='steps'"):
        train(data, net=sl.feedforward([128, 20, 10]), engine="cpu", validation=0)
    two = net()
    two.connect("input", "readout")
    with pytest.raises(InvalidValueError, match="there are exc->readout, input->readout"):
        train(data, net=two)
    with pytest.raises(UnsupportedError, match="the encoder gives a current; take one such as"):
        train(data, encoder=sl.encoding.DirectCurrent(steps=STEPS))


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("rest", -1, r"Local\(rest=-1\) is not possible; allowed: a finite number >= 0"),
        ("over", 0, r"Local\(over=0\)"),
        ("fewest", 1.5, "Local: fewest"),
        ("readout", "svm", "allowed: labels, proportions, linear"),
        ("decoder", "last", "is no decoder; write decoder="),
    ],
)
def test_settings_are_checked(setting: str, value: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Local(**{setting: value})


# --- the experiment -------------------------------------------------------------------------------------------------


def test_the_experiment_measures_what_it_claims() -> None:
    outcome = reproduce("diehl-cook-2015", config=DiehlCookConfig(neurons=20, passes=1), seed=1)
    (claim,) = outcome.claims
    assert isinstance(claim.measured, float)
    assert -60 < claim.measured < 10
    assert outcome.result.data["accuracy"] > 0.4
    assert outcome.result.data["weight"].shape == (128, 20)
    drawn = outcome.experiment.figures(outcome.result)
    assert [len(figure.axes) for figure in drawn.values()] == [16]
    full = outcome.experiment.claims(outcome.experiment.full)
    assert [(c.quantity, c.published) for c in full] == [("test accuracy, 400 neurons [%]", 87.0)]
