"""What a recipe for a task is, and how it is found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from spikeloom.core.errors import unknown_name
from spikeloom.learning.reinforcement import environments
from spikeloom.learning.reinforcement.agents import Agent

PACKAGE = "spikeloom.learning.reinforcement.recipes"


@final
@dataclass(frozen=True, kw_only=True)
class TaskRecipe:
    """Settings for one task; the file ``recipes/<task>.py`` holds them as ``RECIPE``.

    Attributes:
        environment: what Gymnasium calls it.
        settings: of the environment.
        agents: who learns, by the name of the rule on the command line; the first is the usual one.
        episodes, until, over: as in :func:`spikeloom.learning.reinforcement.train`.
        enough: mean return of the last ``over`` episodes from which the task counts as learned.
    """

    environment: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    agents: Mapping[str, Agent]
    episodes: int
    until: float | None = None
    over: int = 100
    enough: float | None = None

    def agent(self, rule: str | None = None) -> Agent:
        """The agent that learns by ``rule``, or the usual one.

        Raises:
            UnknownNameError: there is none for this task; the message suggests the nearest.
        """
        name = next(iter(self.agents)) if rule is None else rule.lower()
        if name not in self.agents:
            raise unknown_name(f"rule for {environments.short(self.environment)}", rule, self.agents)
        return self.agents[name]

    def env(self) -> Any:
        """The environment."""
        return environments.make(self.environment, **self.settings)

    def options(self) -> dict[str, Any]:
        """What :func:`spikeloom.learning.reinforcement.train` is given beside agent and environment."""
        return {"episodes": self.episodes, "until": self.until, "over": self.over}


def names() -> list[str]:
    """The tasks that there is a recipe for, as the command line calls them."""
    package = importlib.import_module(PACKAGE)
    return sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(package.__path__) if info.name != "base")


def recipe(task: str) -> TaskRecipe:
    """The recipe for the task of that name.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    if task not in names():
        raise unknown_name("task", task, names())
    return importlib.import_module(f"{PACKAGE}.{task.replace('-', '_')}").RECIPE
