"""MNIST: 70,000 handwritten digits of 28 x 28 pixels, read from the four files of its authors."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import FormatError, InvalidValueError
from spikeloom.data.base import Dataset
from spikeloom.data.idx import read_idx

SHA256 = {  # of the files as they are when not compressed
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
SIZES = {"train": 60_000, "t10k": 10_000}


def mnist(path: str | os.PathLike[str] | None = None) -> Dataset:
    """MNIST from its four idx files, compressed by gzip or not; grey values 0 to 255 divided by 255.

    Files of the full size must be MNIST's to the byte (SHA-256), so that a result on "mnist" is one on MNIST; a smaller
    part of it, such as the first thousand images, is taken as it is.

    Args:
        path: the folder with the four files; if left out, ``$SPIKELOOM_DATA/mnist`` or ``$SPIKELOOM_DATA``.

    Raises:
        InvalidValueError: the files are not there; the message says where they were sought.
        FormatError: a file that is truncated, damaged, not in the idx format, or does not fit the others.
    """
    folder = _folder(path)
    parts = {part: _part(folder, part) for part in SIZES}
    for name, expected in SHA256.items():
        part, kind = name.split("-")[:2]
        values = parts[part][kind == "labels"]
        if len(values) == SIZES[part] and _sha256(values) != expected:
            raise FormatError(
                f"{_find(folder, name)} has the size of MNIST's file but not its content (SHA-256 {_sha256(values)}, "
                f"expected {expected}): it is damaged, or another data set; train that as arrays, (X, y)"
            )
    return Dataset(
        name="mnist",
        x_train=_scaled(parts["train"][0]),
        y_train=parts["train"][1],
        x_test=_scaled(parts["t10k"][0]),
        y_test=parts["t10k"][1],
        classes=tuple("0123456789"),
        image_shape=(28, 28),
        source="http://yann.lecun.com/exdb/mnist",
        licence="CC BY-SA 3.0",
        citation="Y. LeCun, L. Bottou, Y. Bengio & P. Haffner (1998). Gradient-based learning applied to document "
        "recognition. Proceedings of the IEEE 86, 2278-2324. doi:10.1109/5.726791",
    )


def _part(folder: Path, part: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Images (n, 28, 28) and labels (n,) of the training part (``train``) or the test part (``t10k``)."""
    image_file, label_file = (_find(folder, f"{part}-{name}-ubyte") for name in ("images-idx3", "labels-idx1"))
    images, labels = read_idx(image_file), read_idx(label_file)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
        raise FormatError(
            f"{image_file} does not hold MNIST's images, bytes of the sizes n x 28 x 28; it holds {_what(images)}"
        )
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise FormatError(f"{label_file} does not hold MNIST's labels, n bytes; it holds {_what(labels)}")
    if len(images) != len(labels):
        raise FormatError(f"{image_file} holds {len(images)} images, but {label_file} {len(labels)} labels")
    if labels.max() > 9:
        at = int(labels.argmax())
        raise FormatError(f"{label_file} holds the label {labels[at]} at place {at}; MNIST's are 0 to 9")
    return images, labels


def _scaled(images: NDArray[Any]) -> NDArray[np.float32]:
    return np.divide(images.reshape(len(images), -1), 255, dtype=np.float32)


def _folder(path: str | os.PathLike[str] | None) -> Path:
    """The first of the possible folders that holds one of the files."""
    if path is not None:
        candidates = [Path(path), Path(path) / "mnist"]
    elif named := os.environ.get("SPIKELOOM_DATA"):
        candidates = [Path(named) / "mnist", Path(named)]
    else:
        raise InvalidValueError(
            "MNIST is not embedded: name the folder with its four idx files, spikeloom.data.mnist('FOLDER') or "
            "--data FOLDER, or set SPIKELOOM_DATA to the folder that contains mnist/"
        )
    for folder in candidates:
        if any(_variants(folder, name) for name in SHA256):
            return folder
    raise InvalidValueError(
        f"no MNIST in {' or '.join(str(folder) for folder in candidates)}: expected are the files "
        f"{', '.join(SHA256)}, each plain or with .gz"
    )


def _variants(folder: Path, name: str) -> list[Path]:
    """The files that ``name`` may mean in ``folder``: plain, compressed, or with the dot that some copies have."""
    stems = (name, name.replace("-idx", ".idx"))
    return [file for stem in stems for suffix in ("", ".gz") if (file := folder / f"{stem}{suffix}").is_file()]


def _find(folder: Path, name: str) -> Path:
    found = _variants(folder, name)
    if not found:
        raise InvalidValueError(f"{folder} lacks {name} (or {name}.gz), one of MNIST's four files")
    return found[0]


def _sha256(values: NDArray[Any]) -> str:
    """SHA-256 of the idx file, not compressed, that holds these bytes."""
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    digest = hashlib.sha256(header)
    digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _what(values: NDArray[Any]) -> str:
    return f"{values.dtype} of the sizes {' x '.join(map(str, values.shape))}"
