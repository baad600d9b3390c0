"""The tasks by the names that Gymnasium knows them by."""

from __future__ import annotations

import gymnasium

from spikeloom.core import registry
from spikeloom.tasks.base import Task


def tasks() -> dict[str, type[Task]]:
    """All tasks by what ``gymnasium.make`` calls them, in alphabetical order.

    >>> list(tasks())[-1]
    'spikeloom/TwoArmedBandit-v0'
    """
    return {f"spikeloom/{name}-v0": kind for name, kind in registry.members("spikeloom.tasks", Task).items()}


def register() -> None:
    """Make Gymnasium know the tasks; importing this package does."""
    for name, kind in tasks().items():
        if name not in gymnasium.registry:
            gymnasium.register(id=name, entry_point=f"{kind.__module__}:{kind.__name__}")


register()
