"""The folder of a run: who may use it, what lies in it, and that nothing in it is half-written."""

from __future__ import annotations

import contextlib
import json
import os
import tomllib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Self, final

import tomli_w
import torch

from spikeloom.core.errors import CheckpointError, FormatError, RunFolderError
from spikeloom.core.files import SUFFIX, write_atomically
from spikeloom.network import checkpoint
from spikeloom.network.checkpoint import Checkpoint

CONFIG, CHECKPOINT, STATE, RESULT, SAMPLES = (
    "config.toml",
    "checkpoint.safetensors",
    "state.json",
    "result.json",
    "samples.safetensors",
)
REPORT = "report.html"


@final
class RunFolder:
    """A run folder, for as long as it is entered: only one process at a time trains in it.

    ``checkpoint.safetensors`` is the only commit point; what else lies here is written before it (``config.toml``)
    or can be made from it again.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock: int | None = None
        self._made: list[Path] = []

    # --- taking it --------------------------------------------------------------------------------------------------
    def check_free(self) -> None:
        """Check that a new run may be begun here.

        Raises:
            RunFolderError: it is a file, holds a run or other files already, or cannot be written.
        """
        with self._no_other_errors():
            if self.holds_run():
                raise RunFolderError(
                    f"{self.path} already holds a run; go on with it (--resume {self.path}, or resume=True from "
                    "Python) "
                    "or choose another folder with --out"
                )
            if os.path.exists(self.path) and not self.path.is_dir():
                raise RunFolderError(f"{self.path} is a file; a run needs a folder: choose another with --out")
            if self.path.is_dir() and any(p.suffix != SUFFIX for p in self.path.iterdir()):
                raise RunFolderError(
                    f"{self.path} holds other files, which a run might overwrite; choose a new or empty folder with "
                    "--out"
                )
            nearest = next(p for p in (self.path, *self.path.absolute().parents) if os.path.exists(p))
            if nearest.is_dir() and not os.access(nearest, os.W_OK | os.X_OK):
                raise RunFolderError(f"{nearest} is not writable; choose another folder with --out")

    def create(self, config: Mapping[str, Any]) -> Self:
        """Make the folder for a new run, with its ``config.toml``.

        Raises:
            RunFolderError: it holds something already, or cannot be written.
        """
        self.check_free()
        with self._no_other_errors():
            missing = [p for p in (self.path, *self.path.parents) if not os.path.exists(p)]
            self.path.mkdir(parents=True, exist_ok=True)
            self._made = missing
        try:
            self._acquire()
            write_atomically(self.path / CONFIG, tomli_w.dumps(without_none(config)))
        except BaseException:
            self.discard_unless_begun()
            raise
        return self

    def open(self) -> Self:
        """Take the folder of an earlier run, to go on.

        Raises:
            RunFolderError: there is no run in it, or another process trains in it.
        """
        if not self.holds_run():
            what = "holds no run" if os.path.exists(self.path) else "does not exist"
            start = f"spikeloom train digits --out {self.path}"
            raise RunFolderError(f"there is nothing to resume: {self.path} {what}; start a run with: {start}")
        self._acquire()
        return self

    @contextlib.contextmanager
    def _no_other_errors(self) -> Generator[None]:
        try:
            yield
        except RunFolderError:
            raise
        except (OSError, ValueError) as error:  # ValueError: a name that no file system takes
            problem = getattr(error, "strerror", None) or error
            raise RunFolderError(
                f"the folder {self.path} cannot be used: {problem}; choose another with --out"
            ) from error

    def holds_run(self) -> bool:
        """Whether a run was begun here."""
        return any(os.path.exists(self.path / name) for name in (CONFIG, CHECKPOINT))

    def discard_unless_begun(self) -> None:
        """Remove the folder again if no checkpoint was written; only what was made here is removed."""
        if not (self.path / CHECKPOINT).exists():
            for name in (CONFIG, CONFIG + SUFFIX, CHECKPOINT + SUFFIX):
                with contextlib.suppress(OSError):
                    (self.path / name).unlink(missing_ok=True)
            for folder in self._made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        self.release()

    def release(self) -> None:
        """Let others use the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _acquire(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows: two trainings in one folder are the user's to avoid
            return
        with self._no_other_errors():
            self._lock = os.open(self.path, os.O_RDONLY)
        assert self._lock is not None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with the process, however that ends
        except BlockingIOError:
            self.release()
            raise RunFolderError(
                f"another process is training in {self.path}; wait for it, or choose another folder with --out"
            ) from None
        except OSError:  # a file system without locks
            self.release()

    # --- what lies in it --------------------------------------------------------------------------------------------
    def config(self) -> dict[str, Any]:
        """``config.toml``: all that is needed to build the run again.

        Raises:
            RunFolderError: it is not there.
            FormatError: it is no TOML.
        """
        path = self.path / CONFIG
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunFolderError(
                f"{self.path} holds no run: there is no {CONFIG}; start one with: spikeloom train digits --out NAME"
            ) from None
        except OSError as error:
            raise RunFolderError(f"{path} cannot be read: {error.strerror or error}") from error
        except ValueError as error:
            raise FormatError(f"{path} is damaged: {error}") from error

    def checkpoint(self) -> Checkpoint | None:
        """The last checkpoint, or ``None`` if the run ended before the first.

        Raises:
            CheckpointError: it is damaged.
        """
        path = self.path / CHECKPOINT
        return checkpoint.read(path) if path.exists() else None

    def last(self, settings: Mapping[str, Any]) -> Checkpoint | None:
        """The last checkpoint, of a run with the same ``settings``; ``None`` if it ended before the first.

        Raises:
            CheckpointError: it was begun with other settings, or is damaged.
        """
        saved = self.checkpoint()
        begun: Mapping[str, Any] = self.config() if saved is None else saved.state
        for part, given in settings.items():
            now = without_none(given) if saved is None else given
            if difference := checkpoint.first_difference(begun.get(part), now, part):
                raise CheckpointError(
                    f"{self.path} was begun with other settings: {difference}. Resume it with its own "
                    f"(spikeloom train --resume {self.path}), or begin a new run in another folder"
                )
        return saved

    def result(self) -> dict[str, Any]:
        """``result.json``.

        Raises:
            RunFolderError: the run is not finished.
            FormatError: it is no JSON.
        """
        path = self.path / RESULT
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunFolderError(
                f"{self.path} holds no result yet; finish it with: spikeloom train --resume {self.path}"
            ) from None
        except ValueError as error:
            raise FormatError(
                f"{path} is damaged: {error}; write it again with: spikeloom train --resume {self.path}"
            ) from error

    def write_checkpoint(self, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
        """Commit; then a copy of ``state`` that people can read.

        Raises:
            RunFolderError: the disk is full, or the folder not writable; the checkpoint before is intact.
        """
        with self._saying_how_to_go_on():
            checkpoint.write(self.path / CHECKPOINT, tensors, state)
            write_atomically(self.path / STATE, json.dumps(state, indent=1) + "\n")

    def write_result(self, result: Mapping[str, Any], more: Mapping[str, bytes]) -> None:
        """Write ``more`` files, by name, such as ``samples.safetensors``, and then ``result.json``.

        Raises:
            RunFolderError: the disk is full, or the folder not writable.
        """
        with self._saying_how_to_go_on():
            for name, content in more.items():
                write_atomically(self.path / name, content)
            write_atomically(self.path / RESULT, json.dumps(result, indent=1, allow_nan=False) + "\n")

    @contextlib.contextmanager
    def _saying_how_to_go_on(self) -> Generator[None]:
        try:
            yield
        except RunFolderError as error:
            if not (self.path / CHECKPOINT).exists():  # nothing to go on from
                raise
            raise RunFolderError(f"{error}. Then go on with: spikeloom train --resume {self.path}") from error


def without_none(value: Any) -> Any:
    """TOML has no null; a setting that is ``None`` is left out, and means the same when it is missing."""
    if isinstance(value, Mapping):
        return {str(k): without_none(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [without_none(v) for v in value]
    return value
