"""Files in the idx format of MNIST: a magic number, the sizes, then the values, big-endian; plain or gzip."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import FormatError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
DEFLATE_LIMIT = 1032  # one byte of a gzip file holds at most so many (zlib's technical notes)
MAX_AXES = 32  # what every NumPy can have


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """The array in an idx file, which may be compressed, whatever its name says.

    The format: two zero bytes, a code of the type, the number of axes; each size as a 4-byte number; then the values,
    row by row (LeCun, Cortes & Burges, "The MNIST database"). Read strictly: each byte must be where the header says.

    Raises:
        FormatError: not an idx file, truncated, damaged, with bytes behind the end, or not readable at all.
    """
    file = Path(path)
    if file.exists() and not file.is_file():
        raise FormatError(f"{file} is not a file")
    try:
        with open(file, "rb") as raw:
            size = os.fstat(raw.fileno()).st_size
            compressed = raw.read(2) == GZIP
            raw.seek(0)
            if not compressed:
                return _read(raw, file, size)
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return _read(cast("BinaryIO", unpacked), file, size * DEFLATE_LIMIT)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(f"{file} is a damaged or truncated gzip file: {error}") from error
    except OSError as error:
        raise FormatError(f"{file} cannot be read: {error.strerror or error}") from error


def _read(stream: BinaryIO, file: Path, limit: int) -> NDArray[Any]:
    """The array in ``stream``, which cannot hold more than ``limit`` bytes."""
    magic = stream.read(4)
    if len(magic) < 4:
        raise FormatError(f"{file} is truncated: it has {len(magic)} bytes, fewer than the 4 of the magic number")
    if magic[:2] != b"\0\0" or magic[2] not in TYPES or not 0 < magic[3] <= MAX_AXES:
        raise FormatError(
            f"{file} is not an idx file: its magic number is {magic.hex(' ')}; that of images is 00 00 08 03, that of "
            "labels 00 00 08 01"
        )
    axes = magic[3]
    header = stream.read(4 * axes)
    if len(header) < 4 * axes:
        raise FormatError(f"{file} is truncated: its header of {4 + 4 * axes} bytes ends after {4 + len(header)}")
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4"))
    dtype = np.dtype(TYPES[magic[2]])
    expected = math.prod(shape) * dtype.itemsize
    sizes = " x ".join(map(str, shape))
    if expected > limit:
        raise FormatError(f"{file} is truncated: its header promises {sizes} values, more than the file can hold")
    data = stream.read(expected + 1)
    if len(data) != expected:
        found = f"only {len(data)} follow" if len(data) < expected else "more bytes follow"
        what = "is truncated" if len(data) < expected else "has bytes behind its end"
        raise FormatError(f"{file} {what}: its header promises {sizes} values, {expected} bytes, but {found}")
    try:
        values = np.ndarray(shape, dtype, buffer=data)
    except ValueError as error:  # no values, and sizes beyond what NumPy can count
        raise FormatError(f"{file} promises {sizes} values in its header, which no array can have: {error}") from error
    return values.astype(dtype.newbyteorder("="))
