"""Training as a whole: it learns, it stops where it should, and what it cannot do it says."""

from __future__ import annotations

import io
import json
import math
import threading
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors import safe_open
from sklearn.datasets import load_iris

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.learning import (
    DivergedError,
    FirstSpike,
    RateAbove,
    RateBelow,
    Shift,
    SpikeCount,
    SpikeDropout,
    SurrogateGradient,
)
from spikeloom.learning.progress import Bar, Lines, Silent, progress
from spikeloom.learning.showcase import choose
from spikeloom.network import checkpoint
from tests.learning import small

# --- it learns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_learns_the_digits(engine: str) -> None:
    net = sl.feedforward([64, 48, 10], gain=[4.0, 1.0])
    options = {"epochs": 4 if engine == "cpu" else 2, "batch_size": 32, "seed": 1, "engine": engine, "progress": False}
    result = sl.train(net, sl.data.digits(), SurrogateGradient(learning_rate=0.01), **options)
    assert result.test_accuracy > 0.8
    assert result.engine == engine
    assert result.history[-1]["train_loss"] < 0.5 * result.history[0]["train_loss"]


@pytest.mark.parametrize(("decoder", "least"), [(SpikeCount(), 0.7), (FirstSpike(tau=3.0), 0.55)])
def test_learns_with_a_spiking_readout(decoder: Any, least: float) -> None:
    net = sl.feedforward([64, 48, 10], readout=sl.neurons.LIF(), gain=[1.0, 0.5])
    rule = SurrogateGradient(decoder=decoder, learning_rate=0.01)
    result = sl.train(net, sl.data.digits(), rule, epochs=6, progress=False)
    assert result.test_accuracy > least
    assert set(result.firing_rates_hz) == {"hidden", "readout"}


def test_learns_from_arrays_in_the_style_of_scikit_learn() -> None:
    x, y = load_iris(return_X_y=True)
    encoder = sl.encoding.Population(steps=10, neurons_per_feature=6, low=0.0, high=8.0)
    net = sl.feedforward([24, 32, 3], gain=[4.0, 2.0])
    result = sl.train(net, (x, y), SurrogateGradient(learning_rate=0.02), epochs=20, encoder=encoder, progress=False)
    assert result.test_accuracy >= 0.9
    assert result.dataset == "arrays"
    assert result.classes == ["0", "1", "2"]


def test_learns_from_spikes_and_names_of_classes() -> None:
    random = np.random.default_rng(0)
    y = np.arange(120) % 2
    channel = np.arange(6)
    time = random.integers(0, 8, (120, 6)) + 12 * (channel % 2 == y[:, None])  # even channels first, or odd ones
    spikes = sl.Spikes.from_events(
        time.reshape(-1), np.tile(channel, 120), np.repeat(np.arange(120), 6), shape=(20, 120, 6), dt=1.0, sort=True
    )
    net = sl.feedforward([6, 20, 2], gain=[3.0, 1.0])
    rule = SurrogateGradient(learning_rate=0.02)
    result = sl.train(net, (spikes, np.where(y, "odd first", "even first")), rule, epochs=10, progress=False)
    assert result.test_accuracy >= 0.9
    assert result.classes == ["even first", "odd first"]
    assert result.input_spikes_per_sample == 6


def test_regularisers_do_what_they_are_for() -> None:
    def spikes(*regularisers: Any) -> float:
        net = sl.feedforward([64, 48, 10], gain=[4.0, 1.0])
        rule = SurrogateGradient(learning_rate=0.005, regularisers=regularisers)
        return sl.train(net, sl.data.digits(), rule, epochs=2, progress=False).spikes_per_sample / 48

    free = spikes()
    assert spikes(RateAbove(limit=0.5, strength=10)) < 0.6 * free
    assert spikes(RateBelow(limit=5, strength=1)) > 1.5 * free


# --- validation and early stop --------------------------------------------------------------------------------------


def train(**changes: Any) -> tuple[sl.Network, Any]:
    net = small.net()
    return net, sl.train(net, small.data(), **small.options(**changes))


def test_patience_stops_and_brings_back_the_best(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validation accuracies as scripted: epoch 2 is the best, epoch 3 equal but of higher loss, and two more end it."""
    from spikeloom.learning import loop

    scripted = iter([(0.5, 1.0), (0.7, 0.9), (0.7, 1.1), (0.6, 0.1), (0.9, 0.0)])
    weights: list[Any] = []
    real = loop.measure

    def measure(net: Any, *arguments: Any) -> Any:
        found = real(net, *arguments)
        weights.append({k: v.clone() for k, v in net.state_dict().items()})
        found.__dict__.update(zip(("accuracy", "loss"), next(scripted)))
        return found

    monkeypatch.setattr(loop, "measure", measure)
    net, result = train(epochs=9, patience=2, out=tmp_path / "run")
    assert (result.epochs, result.best_epoch) == (4, 2)
    assert [e["validation_accuracy"] for e in result.history] == [0.5, 0.7, 0.7, 0.6]
    assert all(torch.equal(v, weights[1][k]) for k, v in net.state_dict().items())
    assert not all(torch.equal(v, weights[3][k]) for k, v in net.state_dict().items())
    saved = checkpoint.load(tmp_path / "run" / "checkpoint.safetensors")
    assert all(torch.equal(v, weights[1][k]) for k, v in saved.state_dict().items())


def test_without_patience_the_last_weights_stay() -> None:
    _, result = train(patience=None)
    assert result.best_epoch is None
    assert result.epochs == small.EPOCHS


def test_without_validation_all_samples_are_learned_from() -> None:
    _, result = train(validation=0, patience=None, epochs=1)
    assert result.history[0]["validation_accuracy"] is None
    assert result.history[0]["validation_loss"] is None


def test_validation_is_not_augmented_and_not_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    from spikeloom.learning.gradient_learner import GradientLearner

    seen: list[int] = []
    step = GradientLearner.step

    def watched(self: Any, batch: Any, number: int) -> Any:
        seen.extend(batch.samples.tolist())
        return step(self, batch, number)

    monkeypatch.setattr(GradientLearner, "step", watched)
    train(epochs=2, patience=None, validation=0.2)
    assert len(seen) == 2 * len(set(seen))
    aside = set(range(70)) - set(seen)
    assert len(aside) == 15
    assert np.bincount(np.arange(70)[sorted(aside)] % 3).tolist() == [5, 5, 5]


# --- what it gives back ---------------------------------------------------------------------------------------------


def test_result_and_files(tmp_path: Any) -> None:
    out = tmp_path / "run"
    net = small.net()
    options = small.options(encoder=sl.encoding.Latency(steps=6))
    result = sl.train(net, small.data(), out=out, **options)
    assert json.loads((out / "result.json").read_text()) == result.describe()
    assert list(result.summary()) == [
        "dataset", "rule", "test_accuracy", "spikes_per_sample", "synaptic_events_per_sample", "energy_pj_per_sample",
        "seconds", "run",
    ]  # fmt: skip
    assert np.trace(result.confusion) / 30 == result.test_accuracy
    assert np.sum(result.confusion) == 30
    assert np.array(result.confusion).sum(1).tolist() == np.bincount(small.data().y_test).tolist()
    # 8 channels fire once each, onto 9 neurons; these project onto 9 and 3
    assert result.input_spikes_per_sample == 8
    assert result.synaptic_events_per_sample == pytest.approx(8 * 9 + result.spikes_per_sample * (9 + 3))
    assert result.energy_pj_per_sample == pytest.approx(0.9 * result.synaptic_events_per_sample)
    assert result.dense_macs_per_sample == 8 * 9 + 9 * 9 + 9 * 3
    assert sum(result.firing_rates_hz["hidden"]) * 6e-3 == pytest.approx(result.spikes_per_sample)
    again = sl.evaluate(net, small.data().x_test, small.data().y_test, encoder=options["encoder"], engine="reference")
    assert again.accuracy == result.test_accuracy
    assert again.loss == pytest.approx(result.test_loss)
    assert again.confusion.tolist() == result.confusion


def test_samples_for_the_report(tmp_path: Any) -> None:
    out, net = tmp_path / "run", small.net()
    encoder = sl.encoding.Latency(steps=6)
    sl.train(net, small.data(), out=out, **small.options(encoder=encoder))
    with safe_open(out / "samples.safetensors", "np") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dict)
    rows = choose(small.data().y_test, 6)
    assert tensors["label"].tolist() == small.data().y_test[rows].tolist() == [0, 0, 1, 1, 2, 2]
    images = np.asarray(small.data().x_test)[rows]
    assert np.array_equal(tensors["image"], images)
    found = {}
    for name in ("input", "hidden"):
        shape = json.loads(metadata[f"{name}.shape"])
        found[name] = sl.Spikes(tensors[f"{name}.offsets"], tensors[f"{name}.indices"], shape, dt=float(metadata["dt"]))
    assert found["input"] == encoder.encode(images)
    record = sl.run(net, found["input"], record=["hidden.spikes", "hidden.v", "readout.v"], engine="reference")
    assert record["hidden.spikes"] == found["hidden"]
    for name in ("hidden.v", "readout.v"):
        assert np.array_equal(tensors[name], record[name].numpy())
    assert tensors["prediction"].tolist() == record["readout.v"].max(0).values.argmax(1).tolist()


def test_samples_are_chosen_from_all_classes() -> None:
    assert choose(np.array([2, 2, 1, 0, 2, 0]), 4).tolist() == [3, 5, 2, 0]
    assert choose(np.array([1, 1]), 6).tolist() == [0, 1]


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_a_diverging_loss_is_an_error_and_the_last_checkpoint_is_good(tmp_path: Any) -> None:
    out = tmp_path / "run"
    rule = SurrogateGradient(optimizer="sgd", learning_rate=3e38)
    with pytest.raises(DivergedError, match=r"not finite in epoch 1, step \d+\. Likely causes: a learning rate"):
        train(rule=rule, out=out, checkpoint_every=0)
    saved = checkpoint.load(out / "checkpoint.safetensors")
    assert all(bool(p.isfinite().all()) for p in saved.parameters())


def test_a_silent_network_is_reported() -> None:
    net = sl.feedforward([8, 5, 3], gain=0.001)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sl.train(net, small.data(), **small.options(epochs=1, rule=SurrogateGradient(learning_rate=1e-5)))
    assert any("no neuron fired in epoch 1" in str(w.message) for w in caught)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"epochs": 1.5}, "epochs must be a whole number"),
        ({"batch_size": -1}, "batch_size must be a whole number"),
        ({"validation": 1.0}, r"validation=1\.0 is not possible; allowed"),
        ({"validation": math.nan}, "validation=nan is not possible"),
        ({"patience": 0}, "patience must be a whole number"),
        ({"patience": 1, "validation": 0}, "patience needs samples to judge by"),
        ({"checkpoint_every": -1}, "checkpoint_every=-1 is not possible"),
        ({"rule": "surrogate"}, "'surrogate' is no learning rule; give one, such as"),
        ({"encoder": "latency"}, "'latency' is no encoder; give one"),
        ({"encoder": sl.encoding.Latency(steps=5, dt=0.5)}, r"dt = 0\.5 ms and the network dt = 1 ms"),
        ({"encoder": sl.encoding.Population(steps=5)}, "64 input channels, but the network's input 'input' has 8"),
        ({"augment": ["shift"]}, "'shift' is no augmentation"),
        ({"encoder": sl.encoding.DirectCurrent(steps=5)}, "SpikeDropout.* works on spikes"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_impossible_options(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        train(**changes)


def test_data_that_do_not_fit() -> None:
    x, y = small.data().x_train, small.data().y_train
    assert isinstance(x, np.ndarray)
    options = small.options(augment=[], patience=None)

    def changed(changes: dict[str, Any]) -> dict[str, Any]:
        return {**options, **changes}

    with pytest.raises(InvalidValueError, match=r"2 classes, but 'readout' has 3 neurons"):
        sl.train(small.net(), (x, y % 2), **options)
    with pytest.raises(InvalidValueError, match=r"moves images; the data are arrays without an image_shape"):
        sl.train(small.net(), (x, y), **changed({"augment": [Shift()]}))
    with pytest.raises(InvalidValueError, match=r"features go from 0 to 10, .*needs \[0, 1\]"):
        sl.train(small.net(), (np.round(x * 10), y), **changed({"encoder": None}))
    spikes = sl.encoding.Latency(steps=5).encode(x)
    with pytest.raises(InvalidValueError, match=r"the data are spikes already; leave out encoder"):
        sl.train(small.net(), (spikes, y), **options)
    with pytest.raises(InvalidValueError, match=r"moves images; the data are spikes"):
        sl.train(small.net(), (spikes, y), **changed({"augment": [Shift()], "encoder": None}))
    with pytest.raises(InvalidValueError, match="data must be a Dataset"):
        sl.train(small.net(), x, **options)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": -1}, r"SurrogateGradient\(learning_rate=-1\) is not possible"),
        ({"learning_rate": math.inf}, "learning_rate=inf"),
        ({"label_smoothing": 1.0}, r"label_smoothing=1\.0\) is not possible; allowed: a finite number >= 0 and < 1"),
        ({"weight_decay": "x"}, "weight_decay='x'"),
        ({"warmup": 1}, "warmup=1"),
        ({"surrogate": "triangle"}, "'triangle' is no surrogate; write surrogate=spikeloom.surrogates.Triangle"),
        ({"decoder": None}, "None is no decoder"),
        ({"regularisers": [3]}, "3 is no regulariser"),
        ({"optimizer": 3}, "give a name, such as 'adam', or a function"),
    ],
)
def test_impossible_rules(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        SurrogateGradient(**settings)


def test_unknown_names_in_rules() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'adam'"):
        SurrogateGradient(optimizer="adan")
    with pytest.raises(UnknownNameError, match="did you mean 'cosine'"):
        SurrogateGradient(schedule="cosin")


def test_evaluate_checks_what_it_is_given() -> None:
    net, x = small.net(), small.data().x_test
    for y, words in (([0, 1], "2 labels for 30 samples"), ([3] * 30, r"y\[0\] is 3")):
        with pytest.raises(InvalidValueError, match=words):
            sl.evaluate(net, x, y)


def test_trains_in_a_thread_of_its_own() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(train(epochs=1)[1]))
    thread.start()
    thread.join()
    assert found[0].epochs == 1


# --- what it shows --------------------------------------------------------------------------------------------------


def test_silent(capsys: pytest.CaptureFixture[str]) -> None:
    train(epochs=1)
    assert capsys.readouterr() == ("", "")


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    train(progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "small: 64 samples, network 8 - 9 - 3, rule surrogate, engine reference"
    assert [line.split("  ")[0] for line in lines[1:]] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert all(word in lines[1] for word in ("loss", "accuracy", "spikes/sample", "samples/s", "validation loss"))


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")  # a dumb one, as where tests run unattended, shows no bar
    screen = io.StringIO()
    shown = Bar(Console(file=screen, force_terminal=True, width=120))
    train(progress=shown)
    text = screen.getvalue()
    assert "epoch 3/3" in text
    assert "━" in text
    assert shown._live is None


def test_the_bar_moves_ten_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    from spikeloom.learning import progress as module

    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    bar = Bar(Console(file=io.StringIO(), force_terminal=True))
    means = {"train_loss": 1.0, "train_accuracy": 0.5, "spikes_per_sample": 3.0, "samples_per_second": 1e3}
    updates = 0
    with bar:
        for _ in range(100):
            now[0] += 0.01
            if bar.due():
                bar.step(1, 2, 3, 4, means)
                updates += 1
    assert 9 <= updates <= 11


def test_which_progress_is_shown() -> None:
    assert isinstance(progress(False), Silent)
    assert isinstance(progress(True), Lines)
    mine = Silent()
    assert progress(mine) is mine


# --- augmentations ---------------------------------------------------------------------------------------------------


def test_dropout_shows_other_spikes_in_each_epoch_but_the_same_ones_again() -> None:
    from spikeloom.learning.feed import Feed

    data = small.data()
    feed = Feed(
        data.x_train, data.y_train, encoder=sl.encoding.Latency(steps=6), augment=[SpikeDropout(probability=0.5)]
    )
    rows = np.arange(20)
    assert feed.batch(rows, 1).inputs == feed.batch(rows, 1).inputs
    assert feed.batch(rows, 1).inputs != feed.batch(rows, 2).inputs
    assert feed.batch(rows, 1).inputs.select(slice(5, 9)) == feed.batch(rows[5:9], 1).inputs
