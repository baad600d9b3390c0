"""The idx reader: what is well-formed comes back, and whatever else the bytes are, the answer is a FormatError."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spikeloom.core.errors import FormatError
from spikeloom.data import read_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
fuzzed = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])

any_array = st.sampled_from(sorted(CODES)).flatmap(
    lambda code: arrays.arrays(np.dtype(code), arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
)


def idx(array: np.ndarray) -> bytes:
    """``array`` as an idx file."""
    code = CODES[array.dtype.str[1:]]
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def read(folder: Path, content: bytes) -> np.ndarray:
    """What the reader says of a file with this content; every other exception than a FormatError is a failure."""
    file = folder / "file"
    file.write_bytes(content)
    return read_idx(file)


def read_or_refuse(folder: Path, content: bytes) -> np.ndarray | None:
    try:
        return read(folder, content)
    except FormatError:
        return None


IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


# ----------------------------------------------------------------------------------------------------- what is right
@fuzzed
@given(array=any_array, compress=st.booleans())
def test_what_is_written_is_read(tmp_path: Path, array: np.ndarray, compress: bool) -> None:
    content = gzip.compress(idx(array), 1) if compress else idx(array)
    result = read(tmp_path, content)
    assert result.dtype == array.dtype
    assert np.array_equal(result, array, equal_nan=array.dtype.kind == "f")
    assert result.flags.writeable
    assert result.dtype.isnative


# ----------------------------------------------------------------------------------------------------- what is wrong
@pytest.mark.parametrize("cut", range(len(idx(IMAGES))))
def test_every_truncation_is_noticed(tmp_path: Path, cut: int) -> None:
    with pytest.raises(FormatError, match="truncated"):
        read(tmp_path, idx(IMAGES)[:cut])


@pytest.mark.parametrize("cut", range(2, len(gzip.compress(idx(IMAGES)))))
def test_every_truncation_of_a_compressed_file_is_noticed(tmp_path: Path, cut: int) -> None:
    with pytest.raises(FormatError, match="truncated"):
        read(tmp_path, gzip.compress(idx(IMAGES))[:cut])


@fuzzed
@given(extra=st.binary(min_size=1, max_size=20), compress=st.booleans())
def test_bytes_behind_the_end_are_noticed(tmp_path: Path, extra: bytes, compress: bool) -> None:
    whole = gzip.compress(idx(IMAGES) + extra) if compress else idx(IMAGES) + extra
    with pytest.raises(FormatError, match="has bytes behind its end: its header promises 2 x 3 x 4 values, 24 bytes"):
        read(tmp_path, whole)


@fuzzed
@given(st.binary(max_size=200), st.booleans())
def test_random_bytes_are_refused_or_read(tmp_path: Path, content: bytes, compress: bool) -> None:
    read_or_refuse(tmp_path, gzip.compress(content) if compress else content)
    read_or_refuse(tmp_path, b"\x1f\x8b\x08" + content)


@fuzzed
@given(array=any_array, data=st.data())
def test_flipped_bits_are_refused_or_read(tmp_path: Path, array: np.ndarray, data: st.DataObject) -> None:
    content = bytearray(idx(array))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    result = read_or_refuse(tmp_path, bytes(content))
    if result is not None:  # then the file is well-formed: writing it again gives the same bytes
        assert idx(result) == bytes(content)


@fuzzed
@given(data=st.data())
def test_a_flipped_bit_in_a_compressed_file_is_noticed_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(gzip.compress(idx(IMAGES)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    result = read_or_refuse(tmp_path, bytes(content))
    if result is not None:  # the time stamp and the like; the values are guarded by the checksum
        assert np.array_equal(result, IMAGES)


@fuzzed
@given(axes=st.integers(1, 255), sizes=st.lists(st.sampled_from([0, 1, 2, 2**16, 2**31, 2**32 - 1]), max_size=40))
def test_sizes_that_nothing_can_hold_are_refused(tmp_path: Path, axes: int, sizes: list[int]) -> None:
    header = bytes([0, 0, 0x0E, axes]) + np.array(sizes, ">u4").tobytes()
    for content in (header, gzip.compress(header)):
        result = read_or_refuse(tmp_path, content)
        assert result is None or result.size == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "truncated: it has 0 bytes"),
        (b"\0\0\x08\x03\0\0", "truncated: its header of 16 bytes ends after 6"),
        (b"\x89PNG\r\n\x1a\n", r"not an idx file: its magic number is 89 50 4e 47; that of images is 00 00 08 03"),
        (b"\0\0\x07\x01\0\0\0\0", "not an idx file"),
        (b"\0\0\x08\x00", "not an idx file"),
        (b"\0\0\x08\x01\xff\xff\xff\xff", "promises 4294967295 values, more than the file can hold"),
        (b"\0\0\x08\x02\0\0\0\2\0\0\0\2abc", "promises 2 x 2 values, 4 bytes, but only 3 follow"),
        (b"\x1f\x8b garbage", "damaged or truncated gzip file"),
    ],
)
def test_the_message_says_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(tmp_path, content)


def test_a_small_file_cannot_unpack_to_a_giant(tmp_path: Path) -> None:
    """Two megabytes of zeros in a file of two kilobytes, behind a header that promises four gigabytes."""
    header = b"\0\0\x08\x01\xff\xff\xff\xff"
    with pytest.raises(FormatError, match="truncated"):
        read(tmp_path, gzip.compress(header + bytes(2_000_000)))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not a file"):
        read_idx(tmp_path)
    with pytest.raises(FormatError, match="cannot be read: No such file"):
        read_idx(tmp_path / "absent")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
        with pytest.raises(FormatError, match="is not a file"):
            read_idx(tmp_path / "pipe")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "file").write_bytes(idx(IMAGES))
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(FormatError, match="cannot be read: Permission denied"):
        read_idx(tmp_path / "file")
