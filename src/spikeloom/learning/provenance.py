"""Where a result comes from: command, versions, and a fingerprint of the data."""

from __future__ import annotations

import hashlib
import platform
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from spikeloom.core.spikes import Spikes
from spikeloom.data import Dataset

PACKAGES = ("spikeloom", "torch", "numba", "numpy", "safetensors", "scikit-learn")


def command() -> str:
    """The command that started this process, without the folder of its program."""
    program, *arguments = sys.argv or [""]
    return shlex.join([Path(program).name or "python", *arguments])


def versions() -> dict[str, str]:
    """Versions of Python and of what the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a source tree without being installed
            continue
    return found


def fingerprint(data: Dataset) -> dict[str, Any]:
    """What tells one data set from another: name, sizes, and a digest of every sample and label."""
    total = hashlib.blake2b(digest_size=16)
    for part in (data.x_train, data.y_train, data.x_test, data.y_test):
        for array in (part.offsets, part.indices) if isinstance(part, Spikes) else (part,):
            total.update(f"{array.dtype}{array.shape}".encode())
            total.update(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    return {
        "name": data.name,
        "train": len(data.y_train),
        "test": len(data.y_test),
        "features": data.features,
        "classes": len(data.classes),
        "digest": total.hexdigest(),
    }
