"""A write that fails, at any point, leaves the old file or nothing."""

import errno
import os
import resource
import stat
import sys

import pytest

from spikeloom.core.errors import RunFolderError
from spikeloom.core.files import write_atomically


def names(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("data", [b"", b"abc", "text \N{GREEK SMALL LETTER TAU}", b"x" * 3_000_000])
def test_writes_and_replaces(tmp_path, data):
    target = tmp_path / "a.bin"
    for content in (b"before", data):
        write_atomically(target, content)
    assert target.read_bytes() == (data.encode() if isinstance(data, str) else data)
    assert names(tmp_path) == ["a.bin"]


def test_partial_file_of_a_crash_is_overwritten(tmp_path):
    (tmp_path / "a.bin.partial").write_bytes(b"half of something much longer")
    write_atomically(tmp_path / "a.bin", b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("function", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "word"),
    [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "disk is full"), (errno.EROFS, "not writable"), (errno.EIO, "")],
)
@pytest.mark.parametrize("existing", [True, False])
def test_failure_of_any_call_keeps_what_was_there(tmp_path, monkeypatch, function, code, word, existing):
    target = tmp_path / "a.bin"
    if existing:
        write_atomically(target, b"old")

    def fail(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(RunFolderError, match=f"{word}.*{'intact' if existing else 'nothing was left'}"):
            write_atomically(target, b"new")
    assert names(tmp_path) == (["a.bin"] if existing else [])
    if existing:
        assert target.read_bytes() == b"old"


def test_disk_that_fills_up_halfway(tmp_path, monkeypatch):
    target = tmp_path / "a.bin"
    write_atomically(target, b"old")
    real, calls = os.write, []

    def short(descriptor, data):
        calls.append(len(data))
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:10])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", short)
        with pytest.raises(RunFolderError, match="disk is full"):
            write_atomically(target, b"n" * 100)
    assert calls == [100, 90, 80]
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of this kind exist on POSIX only")
def test_real_limit_of_the_file_system(tmp_path):
    target = tmp_path / "a.bin"
    write_atomically(target, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(RunFolderError, match="may not grow that large"):
            write_atomically(target, b"n" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_is_not_writable(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(RunFolderError, match="not writable"):
            write_atomically(tmp_path / "a.bin", b"new")
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="only root can become somebody else")
def test_folder_of_somebody_else(tmp_path):
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            write_atomically(tmp_path / "a.bin", b"new")
        except RunFolderError as error:
            os._exit(7 if "is not writable; nothing was left behind" in str(error) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert names(tmp_path) == []


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(RunFolderError, match="nothing was left behind"):
        write_atomically(tmp_path / "no" / "a.bin", b"new")
