"""The report: a page that stands alone, from complete runs only."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
import torch
from safetensors.numpy import load_file, save_file

import spikeloom as sl
from spikeloom import reports
from spikeloom.core.errors import CheckpointError, FormatError, InvalidValueError, RunFolderError
from spikeloom.core.spikes import Spikes
from spikeloom.data import digits
from spikeloom.learning import train
from spikeloom.network import checkpoint, feedforward
from spikeloom.plots.theme import DARK, LIGHT, Theme
from spikeloom.reports.text import count, duration, energy, percent

T, K, DT = 25, 3, 1.0


def make_run(
    folder: Path,
    *,
    hidden: tuple[int, ...] = (32,),
    classes: tuple[str, ...] = tuple("0123456789"),
    image_like: bool = True,
) -> Path:
    """A run folder as training writes it, with an untrained network that really ran on random images."""
    random = np.random.default_rng(0)
    inputs = 64
    net = feedforward([inputs, *hidden, len(classes)], gain=2.0, seed=1, dt=DT)
    image = np.clip(random.normal(0.3, 0.4, (K, inputs)), 0, 1).astype(np.float32)
    step = np.rint((T - 1) * (1 - image)).astype(np.int64)
    given = np.zeros((T, K, inputs))
    for b, i in zip(*np.nonzero(image), strict=True):
        given[step[b, i], b, i] = 1
    trains: dict[str, Any] = {"input": given}
    potentials, below = {}, given
    for name in net.populations:
        weight = net.weights[next(p.name for p in net.incoming(name))].detach().numpy()
        v, trace, spikes = np.zeros((K, weight.shape[1])), [], []
        for t in range(T):
            v = v * np.exp(-DT / 20.0) + below[t] @ weight
            fired = (v >= 1.0) & net.populations[name].neuron.spiking
            v = np.where(fired, 0.0, v)
            trace.append(v)
            spikes.append(fired)
        potentials[name] = np.array(trace, np.float32)
        if net.populations[name].neuron.spiking:
            trains[name] = below = np.array(spikes, np.int64)
    prediction = potentials["readout"].max(axis=0).argmax(axis=1)
    label = np.where(np.arange(K) < K - 1, prediction, (prediction + 1) % len(classes))
    confusion = random.integers(0, 3, (len(classes), len(classes))) + 30 * np.eye(len(classes), dtype=int)

    folder.mkdir(parents=True, exist_ok=True)
    checkpoint.save(net, folder / "checkpoint.safetensors")
    tensors: dict[str, Any] = {"label": label, "prediction": prediction, **{f"{n}.v": v for n, v in potentials.items()}}
    metadata = {"dt": str(DT)}
    if image_like:
        tensors["image"] = image
    for name, dense in trains.items():
        spikes = Spikes.from_dense(dense, DT)
        tensors[f"{name}.offsets"], tensors[f"{name}.indices"] = spikes.offsets, spikes.indices
        metadata[f"{name}.shape"] = json.dumps(spikes.shape)
    save_file(tensors, folder / "samples.safetensors", metadata)
    history = [
        {
            "epoch": e + 1,
            "train_loss": 2.3 * 0.7**e,
            "train_accuracy": 1 - 0.9 * 0.6**e,
            "validation_loss": 2.3 * 0.72**e + 0.05,
            "validation_accuracy": 0.97 - 0.87 * 0.6**e,
            "spikes_per_sample": 60.0 - 2 * e,
            "samples_per_second": 9000.0,
            "seconds": 0.1,
        }
        for e in range(12)
    ]
    result = {
        "dataset": "digits",
        "rule": "surrogate",
        "test_accuracy": float(confusion.trace() / confusion.sum()),
        "spikes_per_sample": 91.3,
        "synaptic_events_per_sample": 5120.0,
        "energy_pj_per_sample": 4608.0,
        "seconds": 12.3,
        "run": str(folder),
        "engine": "cpu",
        "seed": 0,
        "command": "spikeloom train digits --seed 0",
        "versions": {"spikeloom": sl.__version__, "torch": torch.__version__},
        "network": net.describe(),
        "classes": list(classes),
        "image_shape": [8, 8] if image_like else None,
        "epochs": len(history),
        "history": history,
        "confusion": confusion.tolist(),
        "dense_macs_per_sample": 9472,
        "firing_rates_hz": {n: (trains[n].mean(axis=(0, 1)) * 1000).tolist() for n in trains if n != "input"},
        "energy": {
            "table": "Horowitz (2014), doi:10.1109/ISSCC.2014.6757323",
            "pj_per_synaptic_event": 0.9,
            "pj_per_mac": 4.6,
            "spiking_pj": 4608.0,
            "dense_pj": 43571.2,
        },
    }
    (folder / "result.json").write_text(json.dumps(result))
    config = {
        "dataset": {"name": "digits"},
        "training": {"epochs": 12, "seed": 0},
        "rule": {"class": "SurrogateGradient", "decoder": {"class": "MaxPotential"}},
        "network": net.describe(),
    }
    (folder / "config.toml").write_text(tomli_w.dumps(config))
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run with its report; tests only read it."""
    folder = make_run(tmp_path_factory.mktemp("runs") / "digits-1")
    assert reports.write(folder) == folder / "report.html"
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A complete run that a test may damage."""
    return make_run(tmp_path / "digits-1")


class Elements(HTMLParser):
    """Every element with its attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


class TestPage:
    def test_loads_nothing_from_anywhere(self, run: Path) -> None:
        page = (run / "report.html").read_text()
        elements = Elements(page).elements
        assert not [tag for tag, _ in elements if tag in {"script", "link", "iframe", "object", "embed", "base"}]
        loaded = [v for _, a in elements for k, v in a.items() if k in {"src", "href", "xlink:href", "srcset", "data"}]
        assert loaded
        assert all(address.startswith(("data:image/png;base64,", "#")) for address in loaded)
        assert "@import" not in page
        assert all(address.startswith("#") for address in re.findall(r"url\(([^)]*)\)", page))
        policy = next(a["content"] for _, a in elements if a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'")

    def test_every_reference_within_the_page_leads_somewhere(self, run: Path) -> None:
        page = (run / "report.html").read_text()
        ids = set(re.findall(r' id="([^"]+)"', page))
        assert set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page)) <= ids

    def test_is_small(self, run: Path) -> None:
        assert (run / "report.html").stat().st_size < 2_000_000

    def test_shows_the_numbers_of_the_run(self, run: Path) -> None:
        text = Elements((run / "report.html").read_text()).text
        result = json.loads((run / "result.json").read_text())
        expected = [
            percent(result["test_accuracy"]), "91.3", count(5120), energy(4608), duration(12.3), count(9472),
            energy(43571.2), "10.1109/ISSCC.2014.6757323", f"spikeloom {sl.__version__}", f"torch {torch.__version__}",
            result["command"],
            "cpu", "25 steps of 1 ms", "64 → 32 LIF → 10 LeakyIntegrator", "9.5 times less than dense",
        ]  # fmt: skip
        assert [words for words in expected if words not in text] == []

    def test_every_axis_has_a_name_and_time_its_unit(self, run: Path) -> None:
        page = (run / "report.html").read_text()
        figures = re.findall(r"<figure.*?</figure>", page, re.S)
        assert len(figures) == 3 + K + 5 + 2 + 1
        for words in ("epoch", "accuracy (%)", "loss (nats)", "time (ms)", "v (mV)", "membrane potential v (mV)"):
            assert words in page
        for words in ("weight (mV)", "mean firing rate (Hz)", "predicted class", "true class", "per sample (nJ)"):
            assert words in page
        assert sum("time (ms)" in f for f in figures) == K + 1
        assert all("aria-label" in f for f in figures)

    def test_labels_and_predictions_match_the_samples(self, run: Path) -> None:
        page = (run / "report.html").read_text()
        tensors = load_file(run / "samples.safetensors")
        told = re.findall(r"<h3>True class (\d) <span class=\"badge( wrong)?\">[✓✗] network says (\d)</span>", page)
        wrong = tensors["label"] != tensors["prediction"]
        assert [int(label) for label, _, _ in told] == tensors["label"].tolist()
        assert [int(said) for _, _, said in told] == tensors["prediction"].tolist()
        assert [bool(mark) for _, mark, _ in told] == wrong.tolist()
        assert wrong.sum() == 1

    def test_colours_follow_light_and_dark(self, run: Path) -> None:
        page = (run / "report.html").read_text()
        assert "@media (prefers-color-scheme: dark)" in page
        drawings = "".join(re.findall(r"<svg.*?</svg>", page, re.S))
        assert "var(--hidden)" in drawings
        assert re.findall(r"#[0-9a-f]{6}\b", drawings) == []

    def test_equal_runs_give_equal_pages(self, run: Path) -> None:
        before = (run / "report.html").read_text()
        assert reports.write(run).read_text() == before

    def test_leaves_the_style_of_matplotlib_alone(self, run: Path) -> None:
        import matplotlib as mpl

        with mpl.rc_context({"font.size": 17.0, "svg.fonttype": "path"}):
            reports.write(run)
            assert (mpl.rcParams["font.size"], mpl.rcParams["svg.fonttype"]) == (17.0, "path")

    def test_names_cannot_break_out_of_the_text(self, tmp_path: Path) -> None:
        names = ("<script>alert(1)</script>", "$\\frac{", "a & b", "猫", "é" * 60)
        page = reports.write(make_run(tmp_path / "r", classes=names)).read_text()
        parsed = Elements(page)
        assert "script" not in {tag for tag, _ in parsed.elements}
        assert all(name in parsed.text for name in ("a & b", "猫", "$\\frac{"))

    def test_data_without_images_and_several_layers(self, tmp_path: Path) -> None:
        page = reports.write(make_run(tmp_path / "r", hidden=(20, 12), image_like=False)).read_text()
        assert "Receptive fields" not in page
        assert "the input image" not in page
        for words in (
            "Membranes of hidden1",
            "Membranes of hidden2",
            "Weights hidden1 → hidden2",
            "Firing rates of hidden2",
        ):
            assert words in page

    def test_missing_validation_and_a_single_epoch(self, fresh: Path) -> None:
        result = json.loads((fresh / "result.json").read_text())
        result["history"] = [{**result["history"][0], "validation_loss": None, "validation_accuracy": None}]
        (fresh / "result.json").write_text(json.dumps(result))
        page = reports.write(fresh).read_text()
        assert ">validation</text>" not in page
        assert ">train</text>" in page

    def test_a_network_that_never_spikes(self, fresh: Path) -> None:
        tensors = load_file(fresh / "samples.safetensors")
        tensors["hidden.offsets"] = np.zeros_like(tensors["hidden.offsets"])
        tensors["hidden.indices"] = tensors["hidden.indices"][:0]
        save_file(tensors, fresh / "samples.safetensors", metadata_of(fresh / "samples.safetensors"))
        result = json.loads((fresh / "result.json").read_text())
        result["firing_rates_hz"]["hidden"] = [0.0] * 32
        result["spikes_per_sample"] = result["energy_pj_per_sample"] = result["energy"]["spiking_pj"] = 0.0
        (fresh / "result.json").write_text(json.dumps(result))
        page = reports.write(fresh).read_text()
        assert "; 32 never fired" in page
        assert "times less than dense" not in page


def test_a_real_training_and_its_report_agree(tmp_path: Path) -> None:
    data = digits()
    net = feedforward([64, 16, 10], gain=2.0)
    result = train(
        net, (np.asarray(data.x_train)[:200], data.y_train[:200]), epochs=2, out=tmp_path / "run", progress=False
    )
    text = Elements(reports.write(tmp_path / "run").read_text()).text
    spikes, events = count(result.spikes_per_sample), count(result.synaptic_events_per_sample)
    for words in (
        percent(result.test_accuracy),
        spikes,
        events,
        "64 → 16 LIF → 10",
        "highest peak wins",
        "Horowitz",
    ):
        assert words in text


class TestShowcase:
    @pytest.mark.parametrize("dark", [False, True])
    def test_draws_one_wide_picture(self, run: Path, tmp_path: Path, dark: bool) -> None:
        from PIL import Image

        with Image.open(reports.showcase(run, tmp_path / "picture.png", sample=1, dark=dark)) as image:
            assert image.width > 2 * image.height > 1000
            assert len(image.convert("RGB").getcolors(2**24) or ()) > 100

    def test_only_samples_that_are_there(self, run: Path, tmp_path: Path) -> None:
        with pytest.raises(InvalidValueError, match="samples 0 to 2"):
            reports.showcase(run, tmp_path / "picture.png", sample=3)
        assert not (tmp_path / "picture.png").exists()


class TestBadRuns:
    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(RunFolderError, match=r"there is no run folder .*nowhere; make one with `spikeloom train"):
            reports.write(tmp_path / "nowhere")

    @pytest.mark.parametrize("name", ["result.json", "config.toml", "checkpoint.safetensors", "samples.safetensors"])
    def test_a_missing_file_is_named_with_the_remedy(self, fresh: Path, name: str) -> None:
        (fresh / name).unlink()
        with pytest.raises(RunFolderError, match=rf"has no {re.escape(name)}.*spikeloom train"):
            reports.write(fresh)
        assert not (fresh / "report.html").exists()

    @pytest.mark.parametrize("name", ["result.json", "config.toml", "checkpoint.safetensors", "samples.safetensors"])
    @pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
    def test_a_truncated_file_is_named(self, fresh: Path, name: str, kept: float) -> None:
        data = (fresh / name).read_bytes()
        data = data if name != "config.toml" else data[: data.index(b"]")] * 2
        (fresh / name).write_bytes(data[: int(kept * len(data))] if name != "config.toml" else data)
        with pytest.raises((FormatError, CheckpointError), match=re.escape(name)):
            reports.write(fresh)
        assert not (fresh / "report.html").exists()

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"test_accuracy": None}, "'test_accuracy' cannot be None"),
            ({"energy": {"table": "x"}}, r"lacks the entry 'energy\.pj_per_synaptic_event'"),
            ({"confusion": [[1, 2], [3, 4]]}, "10 rows and columns"),
            ({"confusion": [["a"]]}, "not a table of counts"),
            ({"history": []}, "'history' must hold one object"),
            ({"classes": ["0"]}, "samples.safetensors is damaged: 'label' must hold class numbers"),
        ],
    )
    def test_a_result_that_cannot_be(self, fresh: Path, change: dict[str, Any], told: str) -> None:
        result = json.loads((fresh / "result.json").read_text()) | change
        (fresh / "result.json").write_text(json.dumps(result))
        with pytest.raises(FormatError, match=told):
            reports.write(fresh)

    def test_an_entry_that_is_missing(self, fresh: Path) -> None:
        result = json.loads((fresh / "result.json").read_text())
        del result["seed"]
        (fresh / "result.json").write_text(json.dumps(result))
        with pytest.raises(FormatError, match=r"result\.json is damaged: it lacks the entry 'seed'"):
            reports.write(fresh)

    def test_samples_that_do_not_fit_together(self, fresh: Path) -> None:
        path = fresh / "samples.safetensors"
        tensors, metadata = load_file(path), metadata_of(path)
        save_file({**tensors, "image": tensors["image"][:2]}, path, metadata)
        with pytest.raises(FormatError, match="different numbers of samples"):
            reports.write(fresh)
        save_file({**tensors, "hidden.indices": tensors["hidden.indices"] + 1000}, path, metadata)
        with pytest.raises(FormatError, match="the spikes of 'hidden' cannot be"):
            reports.write(fresh)
        save_file({k: v for k, v in tensors.items() if k != "label"}, path, metadata)
        with pytest.raises(FormatError, match="lacks the entry 'label'"):
            reports.write(fresh)

    def test_a_checkpoint_of_another_network(self, fresh: Path) -> None:
        checkpoint.save(feedforward([64, 16, 10], gain=2.0, seed=1), fresh / "checkpoint.safetensors")
        with pytest.raises(CheckpointError, match=r"another network than result.json .*size was 16, is now 32"):
            reports.write(fresh)

    def test_an_older_report_survives_a_failure(self, fresh: Path) -> None:
        before = reports.write(fresh).read_bytes()
        (fresh / "samples.safetensors").write_bytes(b"")
        with pytest.raises(FormatError):
            reports.write(fresh)
        assert (fresh / "report.html").read_bytes() == before
        assert not list(fresh.glob("report.html.*"))


class TestColours:
    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
    def test_text_stands_out(self, theme: Theme) -> None:
        """WCAG 2.1 asks for a contrast of 4.5 between text and what lies behind it."""

        def luminance(colour: str) -> float:
            return float(linear(colour) @ (0.2126, 0.7152, 0.0722)) + 0.05

        for role in ("ink", "muted", "input", "hidden", "readout"):
            for behind in (theme.card, theme.paper):
                pair = sorted((luminance(getattr(theme, role)), luminance(behind)))
                assert pair[1] / pair[0] >= 4.5, (role, behind)

    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
    def test_roles_stay_apart_under_red_green_blindness(self, theme: Theme) -> None:
        """Simulated after Machado et al. (2009), doi:10.1109/TVCG.2009.113, severity 1; distances in CIELAB."""
        protan = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        deutan = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        for seen in (np.eye(3), np.array(protan), np.array(deutan)):
            colours = [cielab(seen @ linear(c)) for c in (theme.input, theme.hidden, theme.readout, theme.quiet)]
            assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2)) > 20

    def test_no_two_roles_share_a_colour(self) -> None:
        for theme in (LIGHT, DARK):
            assert len(set(asdict(theme).values())) == len(asdict(theme))


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def cielab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_numbers_read_well() -> None:
    assert [count(v) for v in (0, 7, 1.234, 12.34, 123.4, 1234567, float("nan"))] == [
        "0",
        "7",
        "1.23",
        "12.3",
        "123",
        "1\u202f234\u202f567",
        "–",
    ]
    assert [energy(v) for v in (0, 512, 12345, 3.2e7, 5e9, 2e12)] == [
        f"{v}\u202f{u}" for v, u in (("0", "pJ"), ("512", "pJ"), ("12.3", "nJ"), ("32", "µJ"), ("5", "mJ"), ("2", "J"))
    ]
    assert [duration(v) for v in (0.52, 21.4, 1500, 9000)] == [
        "0.5\u202fs",
        "21\u202fs",
        "25\u202fmin",
        "2\u202fh 30\u202fmin",
    ]
    assert percent(0.97222) == "97.2\u202f%"


def metadata_of(path: Path) -> dict[str, str]:
    raw = path.read_bytes()
    return json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])["__metadata__"]
