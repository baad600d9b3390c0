"""Reads a run folder into one checked object, so that no figure meets a missing or damaged number."""

from __future__ import annotations

import json
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import CheckpointError, RunFolderError
from spikeloom.core.registry import members
from spikeloom.network import Network, checkpoint
from spikeloom.reports.damage import damaged, missing, read
from spikeloom.reports.text import duration

Required: TypeAlias = Mapping[str, Any]
"""What an object must hold: entries and their types; of an entry that is an object itself, what that must hold."""

NUMBER = (int, float)
COMMON: Required = {
    **dict.fromkeys(("rule", "engine", "command"), str),
    "seconds": NUMBER,
    "seed": int,
    **dict.fromkeys(("versions", "network"), dict),
}


@final
@dataclass(frozen=True)
class Headline:
    """One of the large numbers at the top of the page."""

    value: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Run(ABC):
    """A finished run. Each kind is one final class in one file of ``kinds/``: what its files must hold, and what its
    page says; :func:`load` finds it there, and the page its figures.

    Attributes:
        folder: Where it lies.
        result: ``result.json``, checked for every entry that the page shows.
        config: ``config.toml``.
        network: The network, with the trained weights.
    """

    folder: Path
    result: dict[str, Any]
    config: dict[str, Any]
    network: Network

    told_by: ClassVar[tuple[str, ...]]
    """The sections of ``config.toml`` that only runs of this kind have."""
    required: ClassVar[Required]
    """What ``result.json`` must hold beside :data:`COMMON`."""
    subject: ClassVar[tuple[str, str]]
    """What was learned, in words, and the entry of the result that names it: ``("Data set", "dataset")``."""
    sections: ClassVar[Mapping[str, tuple[str, str]]]
    """The parts of the page in order: the title of each, and a sentence."""

    @classmethod
    @abstractmethod
    def more(cls, folder: Path, result: dict[str, Any], network: Network) -> dict[str, Any]:
        """The attributes that this kind has beside those of all.

        Raises:
            RunFolderError: a file is missing.
            FormatError: a file is damaged, or ``result`` holds what cannot be.
        """

    @abstractmethod
    def headlines(self) -> list[Headline]:
        """The numbers that matter first."""

    def details(self) -> list[tuple[str, str]]:
        """What else to say of where the run comes from: name and value."""
        return []

    def cost(self) -> list[tuple[str, str, str]]:
        """The bill of one sample, for the section ``cost``: quantity, value, how it comes about."""
        return []

    def learned(self) -> list[str]:
        """The projections whose weights are worth showing."""
        return [name for name in self.network.projections if name in self.network.weights]

    @property
    def answers(self) -> str:
        """The population in which the network's answer is read."""
        return self.network.output

    def weight(self, projection: str) -> NDArray[np.float64]:
        """The weights of a projection, (source neurons, target neurons) if there is one for each pair."""
        return self.network.weights[projection].detach().double().cpu().numpy()

    def time(self, *done: str) -> Headline:
        """How long the training took, for what was ``done``."""
        note = ", ".join((*done, f"engine {self.result['engine']}"))
        return Headline(duration(self.result["seconds"]), "training time", note)


def load(folder: str | Path) -> Run:
    """Read and check the run in ``folder``, of whichever kind.

    Raises:
        RunFolderError: the folder or one of its files is missing; the message says which, and how to get it.
        FormatError: a file is damaged; the message says which, and how to write it again.
        CheckpointError: the checkpoint is damaged or belongs to another network.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunFolderError(f"there is no run folder {folder}; make one with `spikeloom train digits --out {folder}`")
    path = folder / "config.toml"
    config = _config(path)
    kinds = members("spikeloom.reports.kinds", Run).values()
    kind = next((k for k in kinds if all(name in config for name in k.told_by)), None)
    if kind is None:
        sections = " or ".join(" and ".join(f"[{name}]" for name in k.told_by) for k in kinds)
        raise damaged(path, f"it must have the sections {sections}")
    result = _result(folder / "result.json", {**COMMON, **kind.required})
    network = _network(folder / "checkpoint.safetensors", result)
    more = kind.more(folder, result, network)
    return kind(folder=folder, result=result, config=config, network=network, **more)


def _config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read(path).decode("utf-8"))
    except ValueError as error:
        raise damaged(path, f"not TOML ({error})") from error


def _result(path: Path, required: Required) -> dict[str, Any]:
    try:
        result: Any = json.loads(read(path))
    except ValueError as error:
        raise damaged(path, f"not JSON ({error})") from error
    if not isinstance(result, dict):
        raise damaged(path, "an object with the entries of a result is expected")
    _require(path, "", result, required)
    return result


def _require(path: Path, prefix: str, given: dict[str, Any], required: Required) -> None:
    for name, kind in required.items():
        inner = isinstance(kind, Mapping)
        if name not in given:
            raise damaged(path, f"it lacks the entry '{prefix}{name}'")
        if not isinstance(given[name], dict if inner else kind):
            raise damaged(path, f"'{prefix}{name}' cannot be {given[name]!r}")
        if inner:
            _require(path, f"{prefix}{name}.", given[name], kind)


def _network(path: Path, result: dict[str, Any]) -> Network:
    if not path.exists():
        raise missing(path)
    network = checkpoint.read(path).network()
    if difference := checkpoint.first_difference(network.describe(), result["network"], "network"):
        raise CheckpointError(
            f"{path} belongs to another network than result.json beside it: {difference}; "
            f"write the result again with `spikeloom train --resume {path.parent}`"
        )
    return network
