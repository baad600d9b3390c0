"""The command line: what it prints, what it leaves behind, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import spikeloom as sl
from spikeloom.cli.app import app
from spikeloom.cli.families import FAMILIES, about
from spikeloom.learning.gradient_learner import GradientLearner
from spikeloom.network import checkpoint
from tests.learning import small

SUMMARY = {
    "dataset", "rule", "test_accuracy", "spikes_per_sample", "synaptic_events_per_sample", "energy_pj_per_sample",
    "seconds", "run",
}  # fmt: skip


def call(*words: str | Path) -> Any:
    return CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False)


def refused(*words: str | Path) -> str:
    """The one line that a refused command prints on standard error."""
    found = call(*words)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    (line,) = found.stderr.splitlines()
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch, by the command line; tests only read it."""
    out = tmp_path_factory.mktemp("runs") / "first"
    found = call("train", "digits", "--epochs", "1", "--seed", "3", "--out", out)
    assert found.exit_code == 0, found.stderr
    (out / "stdout").write_text(found.stdout)
    (out / "stderr").write_text(found.stderr)
    return out


def program(*words: str | Path, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from spikeloom.cli import main; main()", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


# --- train ----------------------------------------------------------------------------------------------------------


def test_train_writes_a_run_folder(finished: Path) -> None:
    names = {p.name for p in finished.iterdir()} - {"stdout", "stderr"}
    assert names == {
        "checkpoint.safetensors", "config.toml", "report.html", "result.json", "samples.safetensors", "state.json",
    }  # fmt: skip
    result = json.loads((finished / "result.json").read_text())
    assert result["seed"] == 3
    assert result["epochs"] == 1
    assert result["classes"] == list("0123456789")
    shown = (finished / "stdout").read_text()
    assert f"{result['test_accuracy']:.2%}" in shown
    assert "report.html" in shown
    assert "epoch 1/1" in (finished / "stderr").read_text()


def test_train_json_prints_one_object_and_nothing_else(tmp_path: Path) -> None:
    found = call("train", "digits", "--epochs", "1", "--batch-size", "256", "--out", tmp_path / "run", "--json")
    assert found.exit_code == 0
    printed = json.loads(found.stdout)
    assert set(printed) == SUMMARY
    assert found.stdout.count("\n") == 1
    written = json.loads((tmp_path / "run" / "result.json").read_text())
    assert printed == {key: written[key] for key in SUMMARY}
    assert printed["run"] == str(tmp_path / "run")


def test_train_finds_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "digits-1").mkdir(parents=True)
    found = call("train", "digits", "--epochs", "1", "--batch-size", "512", "--json")
    assert json.loads(found.stdout)["run"] == str(Path("runs") / "digits-2")
    assert list((tmp_path / "runs" / "digits-1").iterdir()) == []


def weights(run: Path) -> bytes:
    net = checkpoint.load(run / "checkpoint.safetensors")
    return b"".join(parameter.detach().numpy().tobytes() for parameter in net.parameters())


def test_the_seed_decides(finished: Path, tmp_path: Path) -> None:
    for seed in (3, 4):
        assert (
            call("train", "digits", "--epochs", "1", "--seed", str(seed), "--out", tmp_path / str(seed)).exit_code == 0
        )
    assert weights(tmp_path / "3") == weights(finished)
    assert weights(tmp_path / "4") != weights(finished)


def test_interrupted_and_resumed(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, step, seen = tmp_path / "run", GradientLearner.step, []

    def interrupted(self: Any, *arguments: Any) -> Any:
        seen.append(1)
        if len(seen) == 5:
            signal.raise_signal(signal.SIGINT)
        return step(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(GradientLearner, "step", interrupted)
        found = call("train", "digits", "--epochs", "1", "--seed", "3", "--out", out)
    assert found.exit_code == 130
    stopped = f"stopped: interrupted in epoch 1 of 1, after step 5 of {len_of_epoch()}"
    assert found.stderr.splitlines()[-1] == f"{stopped}; go on with: spikeloom train --resume {out}"
    unfinished = call("evaluate", out)
    assert unfinished.exit_code == 0
    assert "not finished: epoch 1 of 1, after step 5" in unfinished.stdout
    assert "result.json" in refused("report", out)
    assert call("train", "--resume", out, "--json").exit_code == 0
    whole, resumed = (json.loads((f / "result.json").read_text()) for f in (finished, out))
    for key in ("test_accuracy", "test_loss", "spikes_per_sample", "confusion"):
        assert whole[key] == resumed[key]
    assert weights(out) == weights(finished)


def len_of_epoch() -> int:
    from spikeloom.learning.recipes import recipe

    chosen, data = recipe("digits"), sl.data.digits(seed=3)
    aside = (
        len(sl.data.stratified(data.y_train, chosen.validation, seed=3, name="validation")[1])
        if chosen.validation
        else 0
    )
    return -(-(len(data.y_train) - aside) // chosen.batch_size)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_in_a_process_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = program("train", "digits", "--epochs", "10000", "--out", out)
    end = time.monotonic() + 120
    while not (out / "checkpoint.safetensors").exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout == ""
    assert "Traceback" not in stderr
    assert stderr.splitlines()[-1].startswith("stopped: interrupted in epoch ")


def test_mnist_is_read_from_a_folder(data_dir: Path, tmp_path: Path) -> None:
    assert "mnist" in refused("train", "mnist", "--data", tmp_path, "--out", tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    assert (data_dir / "mnist").is_dir()


# --- refused --------------------------------------------------------------------------------------------------------


def test_unknown_names_suggest_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "did you mean 'digits'?" in refused("train", "digit")
    assert "did you mean 'surrogate'?" in refused("train", "digits", "--rule", "surogate")
    assert "did you mean 'reference'?" in refused("train", "digits", "--engine", "referense")
    assert "did you mean 'neurons'?" in refused("list", "neuron")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_run_is_refused_before_any_work(finished: Path) -> None:
    before = {p.name: p.read_bytes() for p in finished.iterdir()}
    assert f"already holds a run; go on with it (--resume {finished}" in refused("train", "digits", "--out", finished)
    assert {p.name: p.read_bytes() for p in finished.iterdir()} == before


def test_what_to_train_has_to_be_said() -> None:
    assert refused("train").startswith("say what to learn: spikeloom train digits")


def test_resume_takes_no_settings(finished: Path) -> None:
    assert "leave out dataset, --epochs" in refused("train", "digits", "--epochs", "3", "--resume", finished)


def test_nothing_to_go_on_with(tmp_path: Path) -> None:
    for words in (("train", "--resume"), ("evaluate",), ("report",)):
        assert str(tmp_path / "no") in refused(*words, tmp_path / "no")
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used" in refused("train", "digits", "--out", tmp_path / "file" / "run")


def damaged(finished: Path, tmp_path: Path, name: str, change: Any) -> Path:
    out = tmp_path / "copy"
    shutil.copytree(finished, out)
    (out / name).write_bytes(change((out / name).read_bytes()))
    return out


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "config.toml"])
@pytest.mark.parametrize("words", [("train", "--resume"), ("evaluate",)])
def test_damaged_files_are_named(finished: Path, tmp_path: Path, name: str, words: tuple[str, ...]) -> None:
    out = damaged(finished, tmp_path, name, lambda content: content[: len(content) // 2])
    line = refused(*words, out)
    assert name in line or "damaged" in line


def test_a_config_that_describes_nothing_is_named(finished: Path, tmp_path: Path) -> None:
    out = damaged(finished, tmp_path, "config.toml", lambda content: content.replace(b"steps = ", b"stops = "))
    line = refused("evaluate", out)
    assert "[encoder]" in line or "parameter of Latency named 'stops'" in line


def test_a_run_from_python_with_data_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "run"
    sl.train(small.net(), small.data(), out=out, **small.options(epochs=1))
    line = refused("train", "--resume", out)
    assert "trained from Python on data of its own ('small')" in line
    assert "resume=True" in line


def test_a_wrong_option_is_a_usage_error() -> None:
    found = call("train", "digits", "--sed", "1")
    assert found.exit_code == 2
    assert "--seed" in found.stderr


# --- evaluate, report, list -----------------------------------------------------------------------------------------


def test_evaluate_finds_the_same_again(finished: Path) -> None:
    result = json.loads((finished / "result.json").read_text())
    found = json.loads(call("evaluate", finished, "--json").stdout)
    for key in ("dataset", "rule", "test_accuracy", "test_loss", "spikes_per_sample", "synaptic_events_per_sample"):
        assert found[key] == result[key]
    assert found["samples"] == 359
    shown = call("evaluate", finished)
    assert f"{result['test_accuracy']:.2%} of 359 samples" in shown.stdout
    assert "finished" in shown.stdout


def test_evaluate_on_another_engine(finished: Path) -> None:
    found = json.loads(call("evaluate", finished, "--engine", "reference", "--json").stdout)
    assert found["engine"] == "reference"
    assert found["test_accuracy"] == pytest.approx(
        json.loads((finished / "result.json").read_text())["test_accuracy"], abs=0.01
    )


def test_report_prints_its_path(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    shutil.copytree(finished, out)
    (out / "report.html").unlink()
    found = call("report", out)
    assert found.stdout == f"{out / 'report.html'}\n"
    assert (out / "report.html").read_bytes() == (finished / "report.html").read_bytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_says_what_it_is(family: str) -> None:
    found = json.loads(call("list", family, "--json").stdout)
    if family == "experiments":  # their names and no more: what a script hands to reproduce
        assert {"lif-fi-curve", "brunel-2000"} <= set(found)
        found = {family: json.loads(call("list", "--json").stdout)[family]}
    assert list(found) == [family]
    assert found[family]
    for name, entry in found[family].items():
        assert entry["description"], name
        assert "\n" not in entry["description"]
    shown = call("list", family).stdout
    assert all(name in shown for name in found[family])


def test_list_shows_all_families_and_their_sources() -> None:
    found = json.loads(call("list", "--json").stdout)
    assert list(found) == list(FAMILIES)
    assert "doi:10.1007/s004220050570" in found["neurons"]["LIF"]["sources"]
    assert "doi:10.1016/S0925-2312(01)00658-0" in found["encoders"]["Population"]["sources"]
    assert set(found["rules"]) == {"competitive", "deep-r", "stdp", "surrogate"}
    assert found["datasets"]["digits"]["description"].startswith("The 1,797 handwritten digits")


def test_about_reads_the_first_sentence() -> None:
    def thing() -> None:
        """Does :func:`this` and ``that``. Not more.

        Nobody et al. 1999, doi:10.1000/x(1)2.
        """

    found = about(thing)
    assert found["description"] == "Does this and that."
    assert "doi:10.1000/x(1)2" in found["sources"]


# --- the program ----------------------------------------------------------------------------------------------------


def test_version_and_help() -> None:
    assert call("--version").stdout == f"spikeloom {sl.__version__}\n"
    for words in ((), ("train",), ("evaluate",), ("report",), ("list",)):
        found = call(*words, "--help")
        assert found.exit_code == 0
        assert "Usage" in found.stdout


def test_help_needs_neither_torch_nor_numba() -> None:
    heavy = ("torch", "numba", "sklearn", "matplotlib", "jinja2", "numpy")
    script = "import sys; sys.argv = ['spikeloom', 'train', '--help']\nfrom spikeloom.cli import main\n"
    script += f"try: main()\nexcept SystemExit: print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"}
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
