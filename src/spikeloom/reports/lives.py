"""The page of a training by reward: what an agent earned from episode to episode."""

from __future__ import annotations

import json
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import CheckpointError, RunFolderError
from spikeloom.network import Network, checkpoint
from spikeloom.reports.damage import damaged, missing, read
from spikeloom.reports.figure import Picture
from spikeloom.reports.text import count, duration, percent

NUMBER = (int, float)
REQUIRED: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("environment", "rule", "engine", "command"), str),
    **dict.fromkeys(("mean_return", "best_mean_return", "seconds", "steps_per_second", "environment_share"), NUMBER),
    **dict.fromkeys(("seed", "episodes", "steps", "over"), int),
    **dict.fromkeys(("returns", "lengths", "errors"), list),
    **dict.fromkeys(("versions", "network", "film", "agent"), dict),
}
SECTIONS = {
    "learning": ("Learning", "What the agent earned from episode to episode, each of which is a dot."),
    "episode": ("An episode", "The one after the training, in which nothing is learned."),
    "inside": ("Inside the network", "What was learned: the strengths of the synapses."),
}


@final
@dataclass(frozen=True)
class Lived:
    """A finished training by reward.

    Attributes:
        folder: where it lies.
        result: ``result.json``, checked for every entry that the page shows.
        config: ``config.toml``.
        network: the network, with the weights at the end.
        strip: the film strip of an episode, a PNG; nothing where there is none.
    """

    folder: Path
    result: dict[str, Any]
    config: dict[str, Any]
    network: Network
    strip: bytes

    def curve(self, name: str) -> NDArray[np.float64]:
        """One quantity of each episode: ``returns``, ``lengths`` or ``errors``."""
        return np.array(self.result[name], np.float64)


class LifeFigure(ABC):
    """Base of the drawings of such a page: a member draws its pictures, or none where there is nothing to show."""

    section: ClassVar[str]
    """The part of the page it belongs to: one of :data:`SECTIONS`."""
    order: ClassVar[int]
    """Its place within the section, small first."""

    @abstractmethod
    def pictures(self, run: Lived) -> Iterator[Picture]:
        """The drawings, in order."""


def is_life(folder: str | Path) -> bool:
    """Whether the run in ``folder`` is a training by reward."""
    path = Path(folder) / "config.toml"
    if not path.exists():
        return False
    config = _toml(path)
    return "agent" in config and "environment" in config


def load(folder: str | Path) -> Lived:
    """Read and check the run in ``folder``.

    Raises:
        RunFolderError: one of its files is missing; the message says which, and how to get it.
        FormatError: a file is damaged.
        CheckpointError: the checkpoint is damaged or belongs to another network.
    """
    folder = Path(folder)
    path = folder / "result.json"
    try:
        result: Any = json.loads(read(path))
    except ValueError as error:
        raise damaged(path, f"not JSON ({error})") from error
    for name, kind in REQUIRED.items():
        if not isinstance(result, dict) or not isinstance(result.get(name), kind):
            raise damaged(path, f"it has no good entry '{name}'")
    if not result["returns"] or len(result["returns"]) != len(result["lengths"]):
        raise damaged(path, "'returns' and 'lengths' must hold one number for each episode")
    weights = folder / "checkpoint.safetensors"
    if not weights.exists():
        raise missing(weights)
    network = checkpoint.read(weights).network()
    if difference := checkpoint.first_difference(network.describe(), result["network"], "network"):
        raise CheckpointError(
            f"{weights} belongs to another network than result.json beside it: {difference}; write the result again "
            f"with `spikeloom train --resume {folder}`"
        )
    try:
        strip = read(folder / "episode.png") if result["film"].get("frames") else b""
    except RunFolderError:  # a picture that was thrown away is no loss
        strip = b""
    return Lived(folder, result, _toml(folder / "config.toml"), network, strip)


def render(run: Lived) -> str:
    """The page of a run, as HTML."""
    from spikeloom.core.registry import members
    from spikeloom.plots.style import styled
    from spikeloom.reports.page import architecture, filled, settings

    drawn: dict[str, list[Picture]] = {name: [] for name in SECTIONS}
    figures = [member() for member in members("spikeloom.reports.life_figures", LifeFigure).values()]
    with styled():
        for figure in sorted(figures, key=lambda f: f.order):
            drawn[figure.section] += figure.pictures(run)
    result = run.result
    return filled(
        name=result["environment"],
        shape=architecture(run.network),
        rule=result["rule"],
        seed=result["seed"],
        command=result["command"],
        network=run.network,
        headlines=headlines(run),
        sections=[(name, *SECTIONS[name], pictures) for name, pictures in drawn.items() if pictures],
        cost=[],
        provenance=provenance(run),
        settings=settings(run.config),
    )


def headlines(run: Lived) -> list[Any]:
    """The numbers that matter first."""
    from spikeloom.reports.page import Headline

    result = run.result
    over = min(result["over"], result["episodes"])
    until = result.get("until")
    note = f"over the last {over} episodes"
    if until is not None:
        at = result.get("solved_at")
        note += f"; {until:g} not reached" if at is None else f"; {until:g} reached after {at} episodes"
    return [
        Headline(short(result["mean_return"]), "mean return", note),
        Headline(short(result["best_mean_return"]), "best mean return", f"over {over} episodes in a row"),
        Headline(count(result["episodes"]), "episodes", f"{count(result['steps'])} decisions"),
        Headline(
            count(result["steps_per_second"]),
            "decisions per second",
            f"{percent(result['environment_share'], 0)} of the time in the environment",
        ),
        Headline(duration(result["seconds"]), "training time", f"engine {result['engine']}"),
    ]


def provenance(run: Lived) -> list[tuple[str, str]]:
    """Where the run comes from."""
    result = run.result
    versions = " · ".join(f"{name} {version}" for name, version in result["versions"].items())
    rows = [
        ("Environment", result["environment"]),
        ("Agent", str(result["agent"].get("class"))),
        ("Rule", result["rule"]),
    ]
    return [*rows, ("Engine", result["engine"]), ("Seed", str(result["seed"])), ("Versions", versions)]


def short(value: float) -> str:
    """A return: four figures."""
    return f"{value:.4g}".replace("-", "\u2212")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read(path).decode("utf-8"))
    except ValueError as error:
        raise damaged(path, f"not TOML ({error})") from error
