"""What exploration is: noise of an amount that may change from episode to episode, and the place where it enters."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from typing import Any

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.registry import find
from spikeloom.learning.reinforcement.exploration.schedules import Constant, Schedule, as_schedule
from spikeloom.learning.reinforcement.exploration.schedules.base import FAMILY
from spikeloom.network import Network
from spikeloom.sources import Source

DRIVE = "exploration"
"""Before the name of a population: the drive through which noise enters."""


class Exploration(Model, abc.ABC):
    """Base of the ways to explore. Each is one final subclass in a file of its own.

    An agent asks :meth:`install` once, when it builds its network, and then at the beginning of each episode
    :meth:`begin`, :meth:`decoder` and :meth:`entered`, at its end :meth:`left`. Each way answers where it enters, and
    hands the rest through as it came. Everything random is a function of seed and episode.
    """

    amount: Any = parameter(
        default=Constant(value=1.0), family=FAMILY, doc="how much in each episode: number, schedule"
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", as_schedule(self.amount, f"{type(self).__name__}(amount"))
        super().__post_init__()

    def at(self, episode: int) -> float:
        """How much there is in ``episode`` (the first is 0)."""
        schedule: Schedule = self.amount
        return schedule.at(episode)

    def install(self, net: Network, population: str) -> None:
        """Add to ``net`` what makes the neurons of ``population`` explore."""

    def begin(self, net: Network, population: str, episode: int) -> None:
        """Set the amount of ``episode``; a run that is to see it is opened afterwards (``spikeloom.live``)."""

    def decoder(self, decoder: Any, episode: int) -> Any:
        """The decoder to use in ``episode``."""
        return decoder

    def entered(self, net: Network, state: dict[str, Any], seed: int) -> dict[str, Any]:
        """The state of a life (``Life.state``) with which it enters its next episode."""
        return state

    def left(self, net: Network, state: dict[str, Any]) -> dict[str, Any]:
        """The state after an episode, without what :meth:`entered` had added; ``state`` itself if that was nothing."""
        return state


def drive_with(net: Network, population: str, name: str, source: Source, weight: float = 1.0) -> None:
    """Let ``source`` drive ``population``, in place of the drive that had this name before."""
    name = f"{name}->{population}"
    if name in net.drives:
        net.drives[name] = dataclasses.replace(net.drives[name], source=source, weight=weight)
    else:
        net.drive(population, source, weight=weight, name=name)


def exploration_from_description(description: Mapping[str, Any]) -> Exploration:
    """The way to explore that :meth:`Exploration.describe` described.

    Raises:
        UnknownNameError: there is none of that name.
    """
    kind = find("spikeloom.learning.reinforcement.exploration", Exploration, description["class"])
    return kind.from_values(description)
