"""The two ways in which a run folder disappoints, told with the file and what to do about it."""

from __future__ import annotations

from pathlib import Path

from spikeloom.core.errors import FormatError, RunFolderError

REMADE = {"result.json", "samples.safetensors"}
"""What training writes again from the checkpoint of a run that is finished."""


def missing(path: Path) -> RunFolderError:
    """A file that the run has not written, or has lost."""
    if path.name in REMADE:
        todo = f"finish it with `spikeloom train --resume {path.parent}`"
    else:
        todo = "train into a new folder with `spikeloom train digits --out NAME`"
    return RunFolderError(f"{path.parent} has no {path.name}, so the run is not complete; {todo}")


def damaged(path: Path, what: str) -> FormatError:
    """A file that is truncated, edited or of another format."""
    if path.name in REMADE:
        todo = f"write it again with `spikeloom train --resume {path.parent}`"
    else:
        todo = "put back a copy, or train into a new folder with `spikeloom train digits --out NAME`"
    return FormatError(f"{path} is damaged: {what}; {todo}")


def read(path: Path) -> bytes:
    """The bytes of a file of the run.

    Raises:
        RunFolderError: there is no such file, or it may not be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise missing(path) from None
    except OSError as error:
        raise RunFolderError(f"{path} cannot be read: {error.strerror}; check its permissions") from error
