"""Runs of agents that learned by reward."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import RunFolderError
from spikeloom.network import Network
from spikeloom.reports.damage import damaged, read
from spikeloom.reports.run import NUMBER, Headline, Run
from spikeloom.reports.text import count, number, percent


@final
@dataclass(frozen=True)
class Rewarded(Run):
    """A training by reward, in an environment.

    Attributes:
        strip: The film strip of an episode, a PNG; nothing where there is none.
    """

    strip: bytes

    told_by: ClassVar = ("agent", "environment")
    subject: ClassVar = ("Environment", "environment")
    required: ClassVar = {
        "environment": str,
        **dict.fromkeys(("mean_return", "best_mean_return", "steps_per_second", "environment_share"), NUMBER),
        **dict.fromkeys(("episodes", "steps", "over"), int),
        **dict.fromkeys(("returns", "lengths", "errors"), list),
        **dict.fromkeys(("film", "agent"), dict),
    }
    sections: ClassVar = {
        "learning": ("Learning", "What the agent earned from episode to episode, each of which is a dot."),
        "episode": ("An episode", "The one after the training, in which nothing is learned."),
        "inside": ("Inside the network", "What was learned: the strengths of the synapses."),
    }

    @classmethod
    def more(cls, folder: Path, result: dict[str, Any], network: Network) -> dict[str, Any]:
        if not result["returns"] or len(result["returns"]) != len(result["lengths"]):
            raise damaged(folder / "result.json", "'returns' and 'lengths' must hold one number for each episode")
        try:
            strip = read(folder / "episode.png") if result["film"].get("frames") else b""
        except RunFolderError:  # a picture that was thrown away is no loss
            strip = b""
        return {"strip": strip}

    def curve(self, name: str) -> NDArray[np.float64]:
        """One quantity of each episode: ``returns``, ``lengths`` or ``errors``."""
        return np.array(self.result[name], np.float64)

    def learned(self) -> list[str]:
        """The projections with a rule: the others stay as they are."""
        return [name for name in super().learned() if self.network.projections[name].rule is not None]

    @property
    def answers(self) -> str:
        return "actors"

    # --- what the page says -----------------------------------------------------------------------------------------
    def headlines(self) -> list[Headline]:
        result = self.result
        over = min(result["over"], result["episodes"])
        until = result.get("until")
        note = f"over the last {over} episodes"
        if until is not None:
            at = result.get("solved_at")
            note += f"; {until:g} not reached" if at is None else f"; {until:g} reached after {at} episodes"
        share = f"{percent(result['environment_share'], 0)} of the time in the environment"
        return [
            Headline(number(result["mean_return"]), "mean return", note),
            Headline(number(result["best_mean_return"]), "best mean return", f"over {over} episodes in a row"),
            Headline(count(result["episodes"]), "episodes", f"{count(result['steps'])} decisions"),
            Headline(count(result["steps_per_second"]), "decisions per second", share),
            self.time(),
        ]

    def details(self) -> list[tuple[str, str]]:
        return [("Agent", str(self.result["agent"].get("class")))]
