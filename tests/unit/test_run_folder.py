"""Run folders: taken, refused, given back; nothing in them half-written."""

import errno
import os
import tomllib

import numpy as np
import pytest

import spikeloom as sl
from spikeloom.core.errors import FormatError, InvalidValueError, RunFolderError, UnsupportedError
from spikeloom.learning.run_folder import RunFolder
from tests.learning import small


def run(out, **changes):
    return sl.train(small.net(), small.data(), out=out, **small.options(epochs=1, **changes))


def test_config_holds_all_that_was_chosen(tmp_path):
    run(tmp_path / "a" / "b")
    config = tomllib.loads((tmp_path / "a" / "b" / "config.toml").read_text())
    assert config["dataset"] == {"name": "small"}
    assert config["training"]["batch_size"] == 11
    assert config["encoder"] == {"class": "PoissonRate", "steps": 6, "dt": 1.0, "max_rate": 0.5}
    assert config["rule"]["regularisers"][1] == {"class": "RateBelow", "limit": 1.0, "strength": 0.01}
    assert {"python", "torch", "numpy"} <= set(config["versions"])
    assert sl.Network.from_description(config["network"]).describe() == small.net().describe()


@pytest.mark.parametrize("what", ["a run", "other files", "a file"])
def test_a_folder_in_use_is_left_as_it_is(tmp_path, what):
    out = tmp_path / "run"
    if what == "a file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / ("config.toml" if what == "a run" else "notes.txt")).write_text("mine")
    with pytest.raises(RunFolderError, match=r"already holds a run|holds other files|is a file"):
        run(out)
    assert [p.read_text() for p in ([out] if what == "a file" else out.iterdir())] == ["mine"]


def test_an_empty_folder_is_welcome(tmp_path):
    (tmp_path / "run").mkdir()
    run(tmp_path / "run")
    assert (tmp_path / "run" / "result.json").exists()


@pytest.mark.parametrize("name", ["nul\0l", "a" * 300])
def test_a_folder_that_cannot_be(tmp_path, name):
    with pytest.raises(RunFolderError, match=r"cannot be used: .*; choose another"):
        run(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match=r"cannot be used: Not a directory; choose another"):
        run(tmp_path / "file" / "run")


@pytest.mark.parametrize("function", ["open", "write", "fsync", "replace"])
def test_a_disk_that_is_full_from_the_beginning_leaves_nothing(tmp_path, monkeypatch, function):
    real = getattr(os, function)

    def full(*arguments, **options):
        if function == "open" and not str(arguments[0]).endswith(".partial"):
            return real(*arguments, **options)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        with pytest.raises(RunFolderError, match="disk is full"):
            run(tmp_path / "new" / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("checkpoints", [1, 4])
def test_a_disk_that_fills_up_later_keeps_the_last_checkpoint(tmp_path, monkeypatch, checkpoints):
    out = tmp_path / "run"
    whole = small.outcome(net := small.net(), sl.train(net, small.data(), **small.options()))
    real, seen = os.write, []

    def filling(descriptor, data):
        seen.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        if sum(name.endswith("checkpoint.safetensors.partial") for name in seen) > checkpoints:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", filling)
        with pytest.raises(
            RunFolderError, match=r"checkpoint.safetensors .* the disk is full; the file .* is intact.*go on with"
        ):
            sl.train(small.net(), small.data(), out=out, **small.options(checkpoint_every=0))
    assert {p.name for p in out.iterdir()} == {"checkpoint.safetensors", "config.toml", "state.json"}
    net = small.net()
    assert small.outcome(net, sl.train(net, small.data(), out=out, resume=True, **small.options())) == whole


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (InvalidValueError, {"data": (np.full((30, 8), np.nan), np.arange(30) % 3)}),
        (InvalidValueError, {"data": (np.zeros((30, 8)), np.arange(29) % 3)}),
        (InvalidValueError, {"data": (np.zeros((30, 7)), np.arange(30) % 3)}),
        (InvalidValueError, {"data": (np.full((30, 8), 7.0), np.arange(30) % 3)}),
        (InvalidValueError, {"batch_size": 0}),
        (UnsupportedError, {"engine": "refusing"}),
    ],
)
def test_bad_input_leaves_no_folder(tmp_path, error, change):
    from spikeloom.engines import ReferenceEngine

    class Refusing(ReferenceEngine):  # pyright: ignore[reportGeneralTypeIssues]
        def refuses(self, net):
            return "it does not want to"

    if "engine" in change:
        change = {"engine": Refusing()}
    data = change.pop("data", small.data())
    with pytest.raises(error):
        sl.train(small.net(), data, out=tmp_path / "run", **small.options(**change))
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_first_step_leaves_no_folder(tmp_path, monkeypatch):
    from spikeloom.learning.gradient_learner import GradientLearner

    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(GradientLearner, "step", broken)
    with pytest.raises(RuntimeError, match="broken"):
        run(tmp_path / "new" / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("where", ["run", "run/deeper", "taken/run"])
def test_a_folder_of_somebody_else(tmp_path, where):
    (tmp_path / "taken" / "run").mkdir(parents=True)
    (tmp_path / "taken").chmod(0o700)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            RunFolder(tmp_path / where).check_free()
        except RunFolderError as error:
            os._exit(7 if "not writable" in str(error) or "Permission denied" in str(error) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_damaged_files_are_named(tmp_path):
    run(tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    (folder.path / "config.toml").write_text("network = [")
    with pytest.raises(FormatError, match=r"config.toml is damaged"):
        folder.config()
    (folder.path / "result.json").write_text("{")
    with pytest.raises(FormatError, match=r"result.json is damaged.*--resume"):
        folder.result()
    (folder.path / "result.json").unlink()
    with pytest.raises(RunFolderError, match=r"no result yet; finish it with: spikeloom train --resume"):
        folder.result()
    (folder.path / "config.toml").unlink()
    with pytest.raises(RunFolderError, match=r"there is no config.toml"):
        folder.config()
