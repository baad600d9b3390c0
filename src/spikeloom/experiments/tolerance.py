"""How close a measured number must come to a published one: stated before anything is run."""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass
from typing import Any, Literal, final

from spikeloom.core.errors import InvalidValueError


class Tolerance(abc.ABC):
    """Base of the tolerances: a member says whether a measured value holds, and says in words what it allows."""

    @abc.abstractmethod
    def holds(self, measured: Any, published: Any) -> bool:
        """Whether ``measured`` is close enough to ``published``. A value that is not finite never is."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """In words, for a table: ``± 0.5``."""


@final
@dataclass(frozen=True)
class Absolute(Tolerance):
    """Within ``width`` of the published number, in its unit; ``Absolute(0)`` demands the very same value.

    >>> Absolute(0.5).holds(5.9, 5.5), Absolute(0).holds(True, True), str(Absolute(0))
    (True, True, 'exactly')
    """

    width: float

    def __post_init__(self) -> None:
        _check("Absolute", self.width)

    def holds(self, measured: Any, published: Any) -> bool:
        return measured == published or (is_number(measured) and abs(measured - published) <= self.width)

    def __str__(self) -> str:
        return f"± {self.width:g}" if self.width > 0 else "exactly"


@final
@dataclass(frozen=True)
class Relative(Tolerance):
    """Within the part ``width`` of the published number, which is not 0.

    >>> Relative(0.15).holds(0.97, 0.86), str(Relative(0.15)), str(Relative(1e-6))
    (True, '± 15 %', '± 1e-06 of it')
    """

    width: float

    def __post_init__(self) -> None:
        _check("Relative", self.width)

    def holds(self, measured: Any, published: Any) -> bool:
        return is_number(measured) and abs(measured - published) <= self.width * abs(published)

    def __str__(self) -> str:
        return f"± {100 * self.width:g} %" if self.width >= 1e-3 else f"± {self.width:g} of it"


@final
@dataclass(frozen=True)
class Interval(Tolerance):
    """From ``low`` to ``high``, both included, whatever was published.

    >>> Interval(0.36, 0.50).holds(0.42, None), str(Interval(0.36, 0.5))
    (True, '0.36 to 0.5')
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InvalidValueError(f"Interval({self.low}, {self.high}) is empty; give the lower bound first")

    def holds(self, measured: Any, published: Any) -> bool:
        return is_number(measured) and self.low <= measured <= self.high

    def __str__(self) -> str:
        return f"{self.low:.7g} to {self.high:.7g}"


@final
@dataclass(frozen=True)
class Inequality(Tolerance):
    """On one side of ``bound``, whatever was published.

    >>> Inequality(">", 0.7).holds(0.81, None), str(Inequality(">", 0.7))
    (True, '> 0.7')
    """

    relation: Literal["<", "<=", ">", ">="]
    bound: float

    def __post_init__(self) -> None:
        if self.relation not in ("<", "<=", ">", ">=") or math.isnan(self.bound):
            raise InvalidValueError(f"Inequality({self.relation!r}, {self.bound}) is not possible; give <, <=, > or >=")

    def holds(self, measured: Any, published: Any) -> bool:
        if not is_number(measured):
            return False
        above, same = measured > self.bound, measured == self.bound
        return {"<": not (above or same), "<=": not above, ">": above, ">=": above or same}[self.relation]

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}"


def is_number(value: Any) -> bool:
    """Whether ``value`` is a finite number, so that it can be compared."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def _check(name: str, width: float) -> None:
    if not (is_number(width) and width >= 0):
        raise InvalidValueError(f"{name}({width!r}) is not possible; allowed: a finite number >= 0")
