"""The same in every episode."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.exploration.schedules.base import Schedule


@final
class Constant(Schedule):
    """The same value in every episode.

    >>> Constant(value=0.5).at(1000)
    0.5
    """

    value: float = parameter(default=1.0, unit="of what it schedules", minimum=0, doc="in every episode")

    def at(self, episode: int) -> float:
        return self.value
