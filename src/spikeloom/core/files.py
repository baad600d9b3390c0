"""Files that are either the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from spikeloom.core.errors import RunFolderError

SUFFIX = ".partial"
"""What a file is called while it is being written, after its own name. A leftover of a crash is overwritten by
the next write."""


def write_atomically(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Write ``data`` to ``path`` so that a crash, a full disk or a ``kill -9`` at any moment leaves the old file or
    the new one.

    The bytes go to a temporary file in the same folder, are flushed to the disk, and take the final name in one
    step of the file system; then the folder itself is flushed, so that the new name survives a power cut.

    Raises:
        RunFolderError: the disk is full, or the folder cannot be written; the temporary file is removed, the
            old file intact.
    """
    target = Path(path)
    partial = target.with_name(target.name + SUFFIX)
    payload = data.encode() if isinstance(data, str) else data
    try:
        try:
            _write(partial, payload)
            os.replace(partial, target)
            _flush_folder(target.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _explained(error, target, len(payload)) from error


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder; its rename is journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, target: Path, size: int) -> RunFolderError:
    kept = "the file that was there before is intact" if os.path.exists(target) else "nothing was left behind"
    wanted = f"{target} ({size / 1e6:.3g} MB) could not be written"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RunFolderError(f"{wanted}: the disk is full; {kept}. Free some space")
    if error.errno == errno.EFBIG:
        return RunFolderError(f"{wanted}: files may not grow that large here (see ulimit -f); {kept}")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RunFolderError(
            f"{wanted}: {target.parent} is not writable; {kept}. Choose another folder, such as --out runs/NAME"
        )
    return RunFolderError(f"{wanted}: {error.strerror or error}; {kept}")
