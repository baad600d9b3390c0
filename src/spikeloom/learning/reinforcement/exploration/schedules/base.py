"""What a schedule is: a pure function of the number of the episode, so that there is nothing to save."""

from __future__ import annotations

import abc
import numbers
from typing import Any

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model

FAMILY = "spikeloom.learning.reinforcement.exploration.schedules"


class Schedule(Model, abc.ABC):
    """Base of the schedules. A schedule is one final subclass in a file of its own."""

    @abc.abstractmethod
    def at(self, episode: int) -> float:
        """The value in ``episode`` (the first is 0)."""


def as_schedule(value: Any, where: str) -> Schedule:
    """``value`` itself, or a number as a schedule that stays there.

    Raises:
        InvalidValueError: it is neither.
    """
    from spikeloom.learning.reinforcement.exploration.schedules.constant import Constant

    if isinstance(value, Schedule):
        return value
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return Constant(value=float(value))
    raise InvalidValueError(
        f"{where}={value!r}) is not possible; allowed: a number, or a schedule such as Linear(begin=1.0, end=0.1, "
        "episodes=100)"
    )
