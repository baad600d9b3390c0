"""A training by reward, built again from its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Self, final

from spikeloom.core.errors import CheckpointError, FormatError, InvalidValueError, UnknownNameError
from spikeloom.core.registry import find
from spikeloom.learning.reinforcement import environments
from spikeloom.learning.reinforcement.agents import Agent, State
from spikeloom.learning.reinforcement.course import HISTORY
from spikeloom.learning.run_folder import CONFIG, RunFolder
from spikeloom.learning.trees import unflatten

SECTIONS = ("agent", "environment", "training", "limits")


@final
@dataclass(frozen=True)
class Rebuilt:
    """What :func:`~spikeloom.learning.reinforcement.train` was given, from ``config.toml`` of a run folder."""

    folder: RunFolder
    config: dict[str, Any]

    @classmethod
    def from_folder(cls, folder: str | os.PathLike[str]) -> Self:
        """The run in ``folder``.

        Raises:
            RunFolderError: there is no run.
            FormatError: its configuration is damaged.
        """
        opened = RunFolder(folder)
        config = opened.config()
        for name in SECTIONS:
            if not isinstance(config.get(name), dict):
                raise FormatError(f"{opened.path / CONFIG} is damaged: it has no section [{name}]")
        return cls(opened, config)

    def agent(self) -> Agent:
        """The agent, without what it learned."""
        section = self.config["agent"]
        try:
            kind = find("spikeloom.learning.reinforcement.agents", Agent, section["class"])
            return kind.from_values(section)
        except (KeyError, TypeError, AttributeError, InvalidValueError, UnknownNameError) as error:
            raise FormatError(f"{self.folder.path / CONFIG} is damaged: [agent] describes none: {error}") from error

    def env(self) -> Any:
        """The environment, made again.

        Raises:
            RunFolderError: the run was begun from Python in an environment of its own.
        """
        return environments.again(self.config["environment"], self.folder.path)

    def options(self) -> dict[str, Any]:
        """The other arguments of :func:`~spikeloom.learning.reinforcement.train`."""
        return {"patience": None, **self.config["training"], **self.config["limits"]}

    def trained(self) -> tuple[State, int]:
        """Where the agent's life stands, and after how many episodes.

        Raises:
            CheckpointError: there is no checkpoint yet, or it is damaged.
        """
        saved = self.folder.checkpoint()
        if saved is None or "life" not in saved.state:
            raise CheckpointError(
                f"the run in {self.folder.path} holds no agent's life; go on with: spikeloom train --resume "
                f"{self.folder.path}"
            )
        return unflatten(saved.state["life"], saved.tensors), len(saved.under(HISTORY)["returns"])


def is_reinforcement(config: dict[str, Any]) -> bool:
    """Whether the ``config.toml`` of a run folder is that of a training by reward."""
    return "agent" in config and "environment" in config
