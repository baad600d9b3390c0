"""Receptive fields as they grow, and the engine that computed: in the result, the run folder and the report."""

from __future__ import annotations

import base64
import io
import json
import re
import signal
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file

import spikeloom as sl
from spikeloom import engines, reports
from spikeloom.connections import Convolution, Dense
from spikeloom.core.distributions import Normal
from spikeloom.core.errors import UnsupportedError
from spikeloom.engines import StepEngine
from spikeloom.learning import Competitive, InterruptedTraining, Local
from spikeloom.learning.competitive_learner import CompetitiveLearner
from spikeloom.learning.growing import WATCHED
from spikeloom.learning.learner import Batch
from spikeloom.learning.rebuild import Rebuilt
from spikeloom.network.preferred import preferred
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.plasticity import PairSTDP
from spikeloom.reports.figures.growing_fields import seen
from spikeloom.units import ms
from tests.learning.lines import ENCODER, EVER, lines, stack
from tests.learning.test_competitive import data, options


def growth(folder: Path) -> dict[str, np.ndarray]:
    tensors = load_file(folder / "samples.safetensors")
    return {k.removeprefix("growth."): v for k, v in tensors.items() if k.startswith("growth.")}


def embedded(page: str, title: str) -> np.ndarray:
    """The picture with the most pixels in the figure of that title, (rows, columns, 4)."""
    figure = next(f for f in re.findall(r"<figure.*?</figure>", page, re.S) if f"<h3>{title}</h3>" in f)
    codes = re.findall(r'href="data:image/png;base64,\s*([^"]+)"', figure)
    images = [np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGBA")) for code in codes]
    return max(images, key=lambda image: image.size)


# --- a stack whose layers learn one after the other ------------------------------------------------------------------
@pytest.fixture(scope="module")
def competed(tmp_path_factory: pytest.TempPathFactory) -> tuple[sl.Network, Any, Path]:
    """A finished run with its report; tests only read it."""
    net, out = stack(), tmp_path_factory.mktemp("runs") / "lines"
    result = sl.train(net, data(), **options(out=out))
    reports.write(out)
    return net, result, out


def test_maps_are_kept_each_time_that_the_samples_have_doubled(competed: Any) -> None:
    found = growth(competed[2])
    assert set(found) == {f"{name}.{what}" for name in ("in->a", "b->c") for what in ("fields", "samples")}
    assert found["in->a.samples"].tolist() == [50, 100, 170]
    assert found["b->c.samples"].tolist() == [50, 100]
    assert found["in->a.fields"].shape == (3, 6, 2, 3, 3)
    assert found["b->c.fields"].shape == (2, min(9, WATCHED), 2, 6, 6)
    for name in ("in->a", "b->c"):
        fields = found[f"{name}.fields"]
        assert all((before != after).any() for before, after in pairwise(fields))


def test_what_is_kept_are_the_weights_of_that_time() -> None:
    net = stack()
    learner = Competitive(winners=2, radius=1).learner(net, StepEngine(), 3)
    batch = Batch(ENCODER.encode(lines(30, 0)[0]), torch.arange(30) % 4, np.arange(30))
    learner.step(batch, 0)
    first = net.weights["in->a"].detach().clone()
    learner.step(batch, 1)
    found = learner.growth()
    assert found["in->a.samples"].tolist() == found["b->c.samples"].tolist() == [30]
    assert torch.equal(found["in->a.fields"][0], first.float())
    assert torch.equal(found["b->c.fields"][0], preferred(net, "b->c").float())
    with torch.no_grad():
        net.weights["in->a"].zero_()
    assert torch.equal(learner.growth()["in->a.fields"][0], first.float())


def test_an_interrupted_training_keeps_the_same(competed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = CompetitiveLearner.step, []

    def interrupted(self: Any, *arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 8:
            signal.raise_signal(signal.SIGINT)
        return real(self, *arguments)

    monkeypatch.setattr(CompetitiveLearner, "step", interrupted)
    with pytest.raises(InterruptedTraining):
        sl.train(stack(), data(), **options(out=tmp_path / "run"))
    sl.train(stack(), data(), **options(out=tmp_path / "run", resume=True))
    whole, again = (folder / "samples.safetensors" for folder in (competed[2], tmp_path / "run"))
    expected, found = load_file(whole), load_file(again)
    assert expected.keys() == found.keys()
    assert all(found[name].tobytes() == expected[name].tobytes() for name in expected)


def test_the_report_shows_maps_as_they_grow(competed: Any) -> None:
    net, _, out = competed
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.index("How the maps of a grew") < page.index("How the maps of c grew")
    fields = growth(out)["in->a.fields"]
    images = fields[:, :, 0] - fields[:, :, 1]
    np.testing.assert_array_equal(seen(fields, None), images)
    strength = embedded(page, "How the maps of a grew")[..., 3]
    assert strength.shape == (6 * 4 - 1, 3 * 4 - 1)  # a row for each map, a column for each time, a gap of one pixel
    limit = np.quantile(np.abs(images), 0.995)
    expected = np.zeros(strength.shape)
    for t in range(3):
        for n in range(6):
            expected[4 * n : 4 * n + 3, 4 * t : 4 * t + 3] = np.clip(np.abs(images[t, n]) / limit, 0, 1) * 255
    turned = strength[::-1] if np.abs(strength[::-1] - expected).max() < np.abs(strength - expected).max() else strength
    np.testing.assert_allclose(turned, expected, atol=1.0)
    assert embedded(page, "How the maps of c grew").shape[:2] == (9 * 7 - 1, 2 * 7 - 1)
    assert embedded(page, "What the maps of a look for").shape[0] > 3
    for words in ("What the maps of c look for", "training samples seen", "Their weights from in: the first of two"):
        assert words in page
    assert "Seen through the layers below, as mean weights from in: the first of two channels less the second" in page
    assert net.weights["in->a"].shape == fields.shape[1:]


def test_channels_of_a_picture() -> None:
    fields = np.arange(2 * 3 * 3 * 2 * 2, dtype=np.float32).reshape(2, 3, 3, 2, 2)
    np.testing.assert_array_equal(seen(fields[:, :, :1], None), fields[:, :, 0])
    np.testing.assert_array_equal(seen(fields, None), fields.sum(2))
    assert seen(np.zeros((2, 3, 8)), (2, 3)) is None
    assert seen(np.zeros((2, 3, 8)), None) is None
    np.testing.assert_array_equal(seen(fields.reshape(2, 3, 12), (3, 4)), fields.reshape(2, 3, 3, 4))


# --- one convolution that learns as it runs --------------------------------------------------------------------------
def test_a_convolution_that_learns_locally_is_kept_and_shown(tmp_path: Path) -> None:
    net = sl.Network(dt=1.0, seed=3)
    net.input("in", 128)
    maps = Convolution(shape=(2, 8, 8), channels=4, kernel=3)
    net.population("maps", LIF(theta=1.0), maps.target_size)
    net.connect("in", "maps", maps, weight=Normal(0.5, 0.1), rule=PairSTDP(a_plus=1e-5, a_minus=-1e-5))
    net.population("out", LeakyIntegrator(tau_m=EVER), 4)
    net.connect("maps", "out", Dense(), weight=0.0)
    (x, y), (z, v) = lines(60, 0), lines(20, 1)
    shown = sl.data.Dataset(name="lines", x_train=x, y_train=y, x_test=z, y_test=v, classes=tuple("-|/+"))
    out = tmp_path / "run"
    sl.train(
        net, shown, Local(rest=5 * ms, fewest=0), epochs=1, batch_size=20, encoder=ENCODER, validation=0.0, out=out,
        progress=False,
    )  # fmt: skip
    found = growth(out)
    assert set(found) == {"in->maps.fields", "in->maps.samples"}
    assert found["in->maps.samples"].tolist() == [20, 40]
    assert found["in->maps.fields"].shape == (2, 4, 2, 3, 3)
    assert not np.allclose(found["in->maps.fields"][0], found["in->maps.fields"][1])
    last = found["in->maps.fields"][1]
    assert 0 < last.min() < last.max() < 1
    assert "How the maps of maps grew" in reports.write(out).read_text(encoding="utf-8")


# --- the engine that computed ----------------------------------------------------------------------------------------
def test_a_competition_names_the_engine_that_computed(competed: Any) -> None:
    _, result, out = competed
    assert result.engine == "waves"
    assert repr(result).startswith("TrainResult(lines by competitive: test accuracy ")
    assert repr(result).endswith(", engine waves)")
    assert json.loads((out / "result.json").read_text())["engine"] == "waves"
    assert tomllib.loads((out / "config.toml").read_text())["training"]["engine"] == "waves"
    assert json.loads((out / "state.json").read_text())["training"]["engine"] == "waves"
    assert "engine waves" in (out / "report.html").read_text(encoding="utf-8")


def test_a_run_folder_that_names_it_is_gone_on_with(competed: Any) -> None:
    _, result, out = competed
    built = Rebuilt.from_folder(out)
    again = sl.train(
        built.network(), data(), built.rule(), **built.options(), out=out, resume=True, progress=False
    )  # fmt: skip
    assert again.describe() == {**result.describe(), "seconds": again.seconds}


def test_waves_are_taken_by_name_alone() -> None:
    net, spikes = stack(), ENCODER.encode(lines(3, 0)[0])
    assert engines.get("auto", net).name == "steps"
    assert sl.run(net, spikes, engine="waves").engine == "waves"
    with pytest.raises(UnsupportedError, match=r"'waves' cannot run this network: .*; engine='cpu' can"):
        engines.get("waves", sl.feedforward([8, 4, 2]))
