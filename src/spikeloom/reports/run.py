"""Reads a run folder into one checked object, so that no figure meets a missing or damaged number."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import CheckpointError, RunFolderError
from spikeloom.network import Network, checkpoint
from spikeloom.reports import samples
from spikeloom.reports.damage import damaged, missing, read
from spikeloom.reports.samples import Samples

NUMBER = (int, float)
REQUIRED: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("dataset", "rule", "engine", "command"), str),
    **dict.fromkeys(
        ("test_accuracy", "spikes_per_sample", "synaptic_events_per_sample", "energy_pj_per_sample"), NUMBER
    ),
    **dict.fromkeys(("seconds", "dense_macs_per_sample"), NUMBER),
    **dict.fromkeys(("seed", "epochs"), int),
    **dict.fromkeys(("classes", "history", "confusion"), list),
    **dict.fromkeys(("versions", "network", "firing_rates_hz", "energy"), dict),
}
REQUIRED_ENERGY = {
    "table": str,
    "pj_per_synaptic_event": NUMBER,
    "pj_per_mac": NUMBER,
    "spiking_pj": NUMBER,
    "dense_pj": NUMBER,
}


@final
@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: Where it lies.
        result: ``result.json``, checked for every entry that the report shows.
        config: ``config.toml``.
        network: The network, with the trained weights.
        samples: Some test samples and what the network did with them.
        classes: The names of the classes.
        confusion: Test samples by true class (rows) and predicted class (columns).
        history: One entry per epoch.
    """

    folder: Path
    result: dict[str, Any]
    config: dict[str, Any]
    network: Network
    samples: Samples
    classes: tuple[str, ...]
    confusion: NDArray[np.int64]
    history: tuple[dict[str, Any], ...]

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Rows and columns of the input where it is an image."""
        shape = self.result.get("image_shape")
        return None if shape is None else (int(shape[0]), int(shape[1]))

    @property
    def decoder(self) -> str:
        """The class of the decoder that read the answer off the output; empty where the configuration names none."""
        return str(self.config.get("rule", {}).get("decoder", {}).get("class", ""))

    def image(self, k: int) -> NDArray[np.float64] | None:
        """Sample ``k`` as an image (rows, columns), or ``None`` where it is none."""
        if self.image_shape is None or self.samples.image is None:
            return None
        return self.samples.image[k].reshape(self.image_shape)

    def curve(self, name: str) -> NDArray[np.float64]:
        """One quantity of the history over the epochs; NaN where it was not measured."""
        return np.array([np.nan if e.get(name) is None else e[name] for e in self.history], np.float64)

    def weight(self, projection: str) -> NDArray[np.float64]:
        """The weights of a projection, (source neurons, target neurons)."""
        return self.network.weights[projection].detach().double().cpu().numpy()

    def hidden(self) -> list[str]:
        """The populations between input and output, in order."""
        return [name for name in self.network.populations if name != self.network.output]


def load(folder: str | Path) -> Run:
    """Read and check the run in ``folder``.

    Raises:
        RunFolderError: the folder or one of its files is missing; the message says which, and how to get it.
        FormatError: a file is damaged; the message says which, and how to write it again.
        CheckpointError: the checkpoint is damaged or belongs to another network.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunFolderError(f"there is no run folder {folder}; make one with `spikeloom train digits --out {folder}`")
    config = _config(folder / "config.toml")
    path = folder / "result.json"
    result = _result(path)
    classes = tuple(str(c) for c in result["classes"])
    return Run(
        folder=folder,
        result=result,
        config=config,
        network=_network(folder / "checkpoint.safetensors", result),
        samples=samples.load(folder / "samples.safetensors", len(classes)),
        classes=classes,
        confusion=_confusion(path, result["confusion"], len(classes)),
        history=tuple(result["history"]),
    )


def _config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read(path).decode("utf-8"))
    except ValueError as error:
        raise damaged(path, f"not TOML ({error})") from error


def _result(path: Path) -> dict[str, Any]:
    try:
        result: Any = json.loads(read(path))
    except ValueError as error:
        raise damaged(path, f"not JSON ({error})") from error
    if not isinstance(result, dict):
        raise damaged(path, "an object with the entries of a result is expected")
    _require(path, "", result, REQUIRED)
    _require(path, "energy.", result["energy"], REQUIRED_ENERGY)
    if not result["history"] or not all(isinstance(e, dict) and "epoch" in e for e in result["history"]):
        raise damaged(path, "'history' must hold one object with its 'epoch' for each epoch")
    return result


def _require(path: Path, prefix: str, given: dict[str, Any], required: dict[str, type | tuple[type, ...]]) -> None:
    for name, kind in required.items():
        if name not in given:
            raise damaged(path, f"it lacks the entry '{prefix}{name}'")
        if not isinstance(given[name], kind):
            raise damaged(path, f"'{prefix}{name}' cannot be {given[name]!r}")


def _network(path: Path, result: dict[str, Any]) -> Network:
    if not path.exists():
        raise missing(path)
    saved = checkpoint.read(path)
    network = saved.network()
    if difference := checkpoint.first_difference(network.describe(), result["network"], "network"):
        raise CheckpointError(
            f"{path} belongs to another network than result.json beside it: {difference}; "
            f"write the result again with `spikeloom train --resume {path.parent}`"
        )
    return network


def _confusion(path: Path, rows: list[Any], classes: int) -> NDArray[np.int64]:
    try:
        counts = np.array(rows, np.int64)
    except (ValueError, TypeError) as error:
        raise damaged(path, f"'confusion' is not a table of counts ({error})") from error
    if counts.shape != (classes, classes) or classes == 0 or (counts < 0).any():
        raise damaged(
            path,
            f"'confusion' must hold counts in {classes} rows and columns, one per class; it has shape {counts.shape}",
        )
    return counts
