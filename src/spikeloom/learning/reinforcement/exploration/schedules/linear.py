"""A straight line, and then its end."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.exploration.schedules.base import Schedule


@final
class Linear(Schedule):
    r"""From ``begin`` evenly to ``end`` within so many episodes, and there from then on.

    .. math:: a(k) = a_0 + (a_1 - a_0) \min(k / K, 1)

    >>> [Linear(begin=1.0, end=0.2, episodes=4).at(k) for k in (0, 2, 4, 9)]
    [1.0, 0.6, 0.2, 0.2]
    """

    begin: float = parameter(default=1.0, unit="of what it schedules", minimum=0, doc="a_0, in the first episode")
    end: float = parameter(default=0.0, unit="of what it schedules", minimum=0, doc="a_1, from episode K on")
    episodes: float = parameter(default=100, unit="episodes", positive=True, doc="K, how long it takes")

    def at(self, episode: int) -> float:
        done = min(episode / self.episodes, 1.0)
        return self.begin * (1 - done) + self.end * done
