"""Reads ``samples.safetensors``: some test samples and what the network did with them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_of

from spikeloom.core.errors import SpikeloomError
from spikeloom.core.spikes import Spikes
from spikeloom.reports.damage import damaged, read


@final
@dataclass(frozen=True)
class Grown:
    """What some neurons listen to, (times, neurons, channels), or maps of a convolution look for, (times, maps,
    channels, rows, columns); each after so many ``samples`` (times,).
    """

    fields: NDArray[np.float32]
    samples: NDArray[np.int64]


@final
@dataclass(frozen=True)
class Samples:
    """Test samples seen through the trained network.

    Attributes:
        label: (k,) the true class of each.
        prediction: (k,) the class that the network chose.
        image: (k, features) the numbers that were encoded, or ``None`` where the data are spikes already.
        spikes: By population (the input too): the events, shape (T, k, neurons).
        potential: By population: membrane potential (T, k, neurons), mV.
        steps: T.
        dt: Length of a step, ms.
        grown: How receptive fields grew, by projection, where that was watched.
    """

    label: NDArray[np.int64]
    prediction: NDArray[np.int64]
    image: NDArray[np.float64] | None
    spikes: dict[str, Spikes]
    potential: dict[str, NDArray[np.float64]]
    steps: int
    dt: float
    grown: dict[str, Grown]

    def __len__(self) -> int:
        return len(self.label)

    @property
    def time(self) -> NDArray[np.float64]:
        """Time of each step, ms: (T,)."""
        return np.arange(self.steps, dtype=np.float64) * self.dt


def load(path: Path, classes: int, projections: Collection[str]) -> Samples:
    """Read and check the samples of a run whose data have so many ``classes``, and whose network these ``projections``.

    Raises:
        RunFolderError: there is no such file.
        FormatError: it is truncated, or its parts do not fit together.
    """
    raw = read(path)
    try:
        tensors: dict[str, Any] = tensors_of(raw)
    except (SafetensorError, ValueError, KeyError) as error:
        raise damaged(path, f"not a complete safetensors file ({error})") from error
    length = int.from_bytes(raw[:8], "little")
    metadata: dict[str, str] = json.loads(raw[8 : 8 + length]).get("__metadata__", {})
    for name in ("label", "prediction"):
        if name not in tensors:
            raise damaged(path, f"it lacks the entry {name!r}")
        if (
            tensors[name].ndim != 1
            or len(tensors[name]) == 0
            or not (0 <= tensors[name].min() <= tensors[name].max() < classes)
        ):
            raise damaged(path, f"{name!r} must hold class numbers from 0 to {classes - 1}")
    spikes = {
        name[: -len(".offsets")]: _spikes(path, name[: -len(".offsets")], tensors, metadata)
        for name in tensors
        if name.endswith(".offsets")
    }
    potential = {name[: -len(".v")]: np.asarray(v, np.float64) for name, v in tensors.items() if name.endswith(".v")}
    image = tensors.get("image")
    counts = {
        **{name: len(tensors[name]) for name in ("label", "prediction", "image") if name in tensors},
        **{name: s.shape[1] for name, s in spikes.items()},
        **{f"{name}.v": v.shape[1] for name, v in potential.items()},
    }
    if len(set(counts.values())) > 1:
        raise damaged(path, f"its entries hold different numbers of samples: {counts}")
    steps = {
        **{name: s.shape[0] for name, s in spikes.items()},
        **{f"{name}.v": v.shape[0] for name, v in potential.items()},
    }
    if len(set(steps.values())) != 1:
        raise damaged(
            path, f"its entries must share one number of steps; they hold {steps or 'no spikes and no potentials'}"
        )
    return Samples(
        label=tensors["label"].astype(np.int64),
        prediction=tensors["prediction"].astype(np.int64),
        image=None if image is None else np.asarray(image, np.float64),
        spikes=spikes,
        potential=potential,
        steps=next(iter(steps.values())),
        dt=next((s.dt for s in spikes.values()), float(metadata.get("dt", 1.0))),
        grown=_grown(path, tensors, projections),
    )


def _grown(path: Path, tensors: dict[str, Any], projections: Collection[str]) -> dict[str, Grown]:
    found: dict[str, Grown] = {}
    for key, fields in tensors.items():
        if not (key.startswith("growth.") and key.endswith(".fields")):
            continue
        name = key.removeprefix("growth.").removesuffix(".fields")
        samples = tensors.get(f"growth.{name}.samples")
        if name not in projections:
            raise damaged(path, f"the network has no projection for its entry {key!r}")
        whole = fields.ndim in (3, 5) and fields.size and np.isfinite(fields).all()
        if not whole or samples is None or samples.shape != fields.shape[:1]:
            raise damaged(
                path,
                f"{key!r} must hold finite numbers (times, neurons, channels) or (times, maps, channels, rows, "
                f"columns), and 'growth.{name}.samples' a number of samples for each time",
            )
        found[name] = Grown(np.asarray(fields, np.float32), samples.astype(np.int64))
    return {name: found[name] for name in projections if name in found}  # a file has no order


def _spikes(path: Path, name: str, tensors: dict[str, Any], metadata: dict[str, str]) -> Spikes:
    try:
        shape = tuple(int(n) for n in json.loads(metadata[f"{name}.shape"]))
        return Spikes(tensors[f"{name}.offsets"], tensors[f"{name}.indices"], shape, dt=float(metadata["dt"]))
    except KeyError as error:
        raise damaged(path, f"the spikes of {name!r} lack {error}") from error
    except (SpikeloomError, ValueError, TypeError) as error:
        raise damaged(path, f"the spikes of {name!r} cannot be: {error}") from error
