"""An exponential decay."""

from __future__ import annotations

import math
from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.exploration.schedules.base import Schedule


@final
class Exponential(Schedule):
    r"""From ``begin`` towards ``end``, a factor e nearer in every so many episodes.

    .. math:: a(k) = a_1 + (a_0 - a_1)\, e^{-k / K}

    >>> round(Exponential(begin=1.0, end=0.0, episodes=10).at(10), 3)
    0.368
    """

    begin: float = parameter(default=1.0, unit="of what it schedules", minimum=0, doc="a_0, in the first episode")
    end: float = parameter(default=0.0, unit="of what it schedules", minimum=0, doc="a_1, in the long run")
    episodes: float = parameter(default=100, unit="episodes", positive=True, doc="K, the constant of the decay")

    def at(self, episode: int) -> float:
        return self.end + (self.begin - self.end) * math.exp(-episode / self.episodes)
