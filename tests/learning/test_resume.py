"""A training that was interrupted, killed, or killed while it wrote, goes on to the bit."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.core.errors import CheckpointError, InvalidValueError, RunFolderError
from spikeloom.learning import InterruptedTraining, SurrogateGradient
from spikeloom.learning.gradient_learner import GradientLearner
from spikeloom.learning.run_folder import RunFolder
from spikeloom.network import checkpoint
from tests.learning import small

LAST = small.STEPS_PER_EPOCH * small.EPOCHS
FILES = {"checkpoint.safetensors", "config.toml", "result.json", "samples.safetensors", "state.json"}


def run(out: Path | None = None, resume: bool = False, **changes: Any) -> dict[str, Any]:
    net = small.net()
    return small.outcome(net, sl.train(net, small.data(), out=out, resume=resume, **small.options(**changes)))


@pytest.fixture(scope="module")
def uninterrupted() -> dict[str, Any]:
    return run()


def interrupt_after(patch: pytest.MonkeyPatch, calls: int, what: str = "step", number: int = signal.SIGINT) -> None:
    """Raise a signal in the given call of the learner's step, or of the validation."""
    from spikeloom.learning import loop

    owner: Any = GradientLearner if what == "step" else loop
    real, seen = getattr(owner, what), []

    def interrupted(*arguments: Any) -> Any:
        seen.append(1)
        if len(seen) == calls:
            signal.raise_signal(number)
        return real(*arguments)

    patch.setattr(owner, what, interrupted)


def test_the_same_arguments_give_the_same_bits(uninterrupted: dict[str, Any], tmp_path: Path) -> None:
    assert run(tmp_path / "run") == uninterrupted
    assert {p.name for p in (tmp_path / "run").iterdir()} == FILES
    assert len(uninterrupted["history"]) == small.EPOCHS


@pytest.mark.parametrize("after", range(1, LAST + 1))
def test_interrupted_after_any_step(
    uninterrupted: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        interrupt_after(patch, after)
        with pytest.raises(InterruptedTraining, match=r"go on with: spikeloom train --resume .*run"):
            run(out)
    epoch, step = divmod(after - 1, small.STEPS_PER_EPOCH)
    position = json.loads((out / "state.json").read_text())["position"]
    assert position == {"epoch": epoch + 1, "step": step + 1, "finished": False}
    assert {p.name for p in out.iterdir()} == FILES - {"result.json", "samples.safetensors"}
    assert run(out, resume=True) == uninterrupted
    assert {p.name for p in out.iterdir()} == FILES


@pytest.mark.parametrize("epoch", range(1, small.EPOCHS + 1))
def test_interrupted_while_validating(
    uninterrupted: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epoch: int
) -> None:
    with monkeypatch.context() as patch:
        interrupt_after(patch, epoch, "measure", signal.SIGTERM)
        with pytest.raises(InterruptedTraining) as caught:
            run(tmp_path / "run")
    assert caught.value.signal == signal.SIGTERM
    assert run(tmp_path / "run", resume=True) == uninterrupted


def test_interrupted_again_and_again(
    uninterrupted: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for attempt in range(LAST + 1):
        with monkeypatch.context() as patch:
            interrupt_after(patch, 1)
            try:
                found = run(tmp_path / "run", resume=attempt > 0)
            except InterruptedTraining:
                continue
        assert found == uninterrupted
        assert attempt == LAST
        return
    pytest.fail("it never finished")


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": SurrogateGradient(optimizer=lambda p: torch.optim.LBFGS(p, lr=0.1, max_iter=3))},
        {"rule": SurrogateGradient(optimizer=lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True))},
        {"rule": SurrogateGradient(optimizer="nadam"), "encoder": sl.encoding.DirectCurrent(steps=6), "augment": []},
        {"validation": 0, "patience": None, "encoder": None},
        {"patience": 1, "rule": SurrogateGradient(learning_rate=1.0)},
    ],
    ids=["lbfgs", "function", "current", "latency, no validation", "early stop"],
)
def test_with_other_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    whole = run(**changes)
    with monkeypatch.context() as patch:
        interrupt_after(patch, 8)
        with pytest.raises(InterruptedTraining):
            run(tmp_path / "run", **changes)
    assert run(tmp_path / "run", resume=True, **changes) == whole


def test_a_finished_run_gives_its_result_again(uninterrupted: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out)
    (out / "result.json").unlink()  # killed between the last checkpoint and the result
    assert run(out, resume=True) == uninterrupted
    assert run(out, resume=True) == uninterrupted
    assert (out / "result.json").exists()


@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_more_threads_change_no_bit(engine: str) -> None:
    threads, found = torch.get_num_threads(), []
    try:
        for n in (1, 2, 3):
            torch.set_num_threads(n)
            found.append(run(engine=engine, batch_size=40))
            assert torch.get_num_threads() == n
    finally:
        torch.set_num_threads(threads)
    assert found[0] == found[1] == found[2]


def test_resumed_on_the_cpu_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(engine="cpu")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 9)
        with pytest.raises(InterruptedTraining):
            run(tmp_path / "run", engine="cpu")
    with pytest.raises(CheckpointError, match=r"training.engine was 'cpu', is now 'reference'"):
        run(tmp_path / "run", resume=True, engine="reference")
    assert run(tmp_path / "run", resume=True, engine="cpu") == whole


# --- killed ---------------------------------------------------------------------------------------------------------


def start(*words: object) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.learning.small", *map(str, words)]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> list[Any]:
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()]


DEATHS = ["step:1", "step:9", "half:1", "half:5", "before:1", "before:7", "after:1", "after:4", f"after:{LAST + 1}"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs, each killed at another moment; the last one was not."""
    folder = tmp_path_factory.mktemp("killed")
    words = [word for death in DEATHS for word in (folder / death.replace(":", "-"), death)]
    *codes, whole = finish(start(*words, folder / "whole", "never"))
    assert codes == [-signal.SIGKILL] * len(DEATHS)
    (folder / "whole.json").write_text(json.dumps(whole))
    return folder


def test_another_process_finds_the_same_bits(uninterrupted: dict[str, Any], killed: Path) -> None:
    assert json.loads((killed / "whole.json").read_text()) == uninterrupted


@pytest.mark.parametrize("death", DEATHS)
def test_killed_at_the_worst_moments(uninterrupted: dict[str, Any], killed: Path, death: str) -> None:
    out = killed / death.replace(":", "-")
    left = {p.name for p in out.iterdir()}
    assert "config.toml" in left
    if death.startswith(("half", "before")):
        assert "checkpoint.safetensors.partial" in left
    how, number = death.split(":")
    written = int(number) - (how != "after")  # checkpoints that were committed
    if written:
        position = checkpoint.read(out / "checkpoint.safetensors").state["position"]
        assert position["finished"] == (written > LAST)
        if not position["finished"]:
            assert (position["epoch"] - 1) * small.STEPS_PER_EPOCH + position["step"] == written
    else:
        assert "checkpoint.safetensors" not in left
    assert run(out, resume=True) == uninterrupted
    assert {p.name for p in out.iterdir()} == FILES


def test_killed_from_outside_at_random_moments(uninterrupted: dict[str, Any], tmp_path: Path) -> None:
    out, chance = tmp_path / "run", random.Random(time.time_ns())
    for _ in range(2):
        process = start(out, "slow")
        before = (out / "checkpoint.safetensors").stat().st_mtime_ns if (out / "checkpoint.safetensors").exists() else 0
        end = time.monotonic() + 100
        while time.monotonic() < end and process.poll() is None:  # until this process has written something
            if (out / "checkpoint.safetensors").exists() and (
                out / "checkpoint.safetensors"
            ).stat().st_mtime_ns != before:
                break
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
    assert finish(start(out, "never")) == [uninterrupted]


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.fixture
def half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as patch:
        interrupt_after(patch, 8)
        with pytest.raises(InterruptedTraining):
            run(tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"batch_size": 12}, "training.batch_size was 11, is now 12"),
        ({"epochs": 4}, "training.epochs was 3, is now 4"),
        ({"patience": None}, "training.patience was 2, is now None"),
        ({"validation": 0.2}, "training.validation was 0.1, is now 0.2"),
        ({"rule": SurrogateGradient(learning_rate=0.5)}, "rule.learning_rate was 0.02, is now 0.5"),
        ({"encoder": sl.encoding.PoissonRate(steps=7, max_rate=0.5)}, "encoder.steps was 6, is now 7"),
        ({"augment": []}, r"training.augment had 2 entries, now has 0"),
        ({"seed": 8}, "training.seed was 7, is now 8"),
    ],
)
def test_other_settings_are_refused(half_done: Path, changes: dict[str, Any], difference: str) -> None:
    before = (half_done / "checkpoint.safetensors").read_bytes()
    with pytest.raises(CheckpointError, match=f"begun with other settings: {difference}"):
        run(half_done, resume=True, **changes)
    assert (half_done / "checkpoint.safetensors").read_bytes() == before


def test_other_settings_are_refused_before_the_first_checkpoint_too(half_done: Path) -> None:
    (half_done / "checkpoint.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"training.batch_size was 11, is now 12"):
        run(half_done, resume=True, batch_size=12)


def test_another_network_is_refused(half_done: Path) -> None:
    net = sl.feedforward([8, 10, 3], gain=[4.0, 2.0], recurrent=True, seed=3)
    with pytest.raises(CheckpointError, match=r"network.populations\[0\].size was 9, is now 10"):
        sl.train(net, small.data(), out=half_done, resume=True, **small.options())


def test_other_data_are_refused(half_done: Path) -> None:
    data = small.data()
    assert isinstance(data.x_train, np.ndarray)
    data.x_train[3, 2] += 0.001
    with pytest.raises(CheckpointError, match=r"data.digest was"):
        sl.train(small.net(), data, out=half_done, resume=True, **small.options())


def test_a_damaged_checkpoint_is_refused(half_done: Path) -> None:
    path = half_done / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(CheckpointError, match="truncated or damaged"):
        run(half_done, resume=True)


def test_a_folder_with_a_run_is_not_overwritten(half_done: Path) -> None:
    before = {p.name: p.read_bytes() for p in half_done.iterdir()}
    with pytest.raises(RunFolderError, match=r"already holds a run; go on with it .*--resume"):
        run(half_done)
    assert {p.name: p.read_bytes() for p in half_done.iterdir()} == before


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"nothing to resume: .*run does not exist"):
        run(tmp_path / "run", resume=True)
    with pytest.raises(RunFolderError, match="holds no run"):
        run(tmp_path, resume=True)
    with pytest.raises(InvalidValueError, match="needs the folder of the run"):
        run(None, resume=True)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_cannot_train_in_one_folder(half_done: Path) -> None:
    with_lock = RunFolder(half_done).open()
    try:
        with pytest.raises(RunFolderError, match="another process is training"):
            run(half_done, resume=True)
    finally:
        with_lock.release()
    run(half_done, resume=True)
