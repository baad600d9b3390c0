"""What is released by hand: the same everywhere, or at points of a field."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.network import Field


@final
@dataclasses.dataclass(frozen=True, eq=False)
class At:
    """Molecules that are released at points of a field, by hand: ``sl.run(..., released={"dopamine": At(...)})``.

    Args:
        positions: of the points (P, dimensions) [um].
        amounts: molecules that come out of each in each step (steps, P).
    """

    positions: Any
    amounts: Any

    def found(self, field: Field, steps: int) -> There:
        """The points as cells of a field.

        Raises:
            InvalidValueError: points outside the field, or amounts that are negative, not finite, or too few.
        """
        name = f"released[{field.name!r}]"
        sites = field.box.sites(self.positions, f"{name}: positions")
        amounts = np.ascontiguousarray(to_numpy(self.amounts, f"{name}: amounts"), np.float64)
        if amounts.ndim != 2 or len(amounts) < steps or amounts.shape[1] != sites.size:
            raise InvalidValueError(
                f"{name}: amounts have shape {amounts.shape}; allowed: one for each of {steps} steps and {sites.size} "
                "points"
            )
        if not (np.isfinite(amounts).all() and (amounts >= 0).all()):
            raise InvalidValueError(f"{name}: amounts must be finite numbers of molecules >= 0")
        return There(sites, amounts)


@dataclasses.dataclass(frozen=True, eq=False)
class There:
    """Amounts (steps, P) at cells (P,)."""

    sites: NDArray[np.int32]
    amounts: NDArray[np.float64]


def there(field: object, given: At | There, steps: int) -> There:
    """What is released at points, checked; what was is returned.

    Raises:
        InvalidValueError: of a modulator that is the same everywhere; and what :meth:`At.found` says.
    """
    if isinstance(given, There):
        return given
    if not isinstance(field, Field):
        raise InvalidValueError(
            f"released: At(...) is for fields, net.field(...); {getattr(field, 'name', field)!r} is the same everywhere"
        )
    return given.found(field, steps)


Amounts: TypeAlias = "NDArray[np.float64] | There"
"""What is released in each step: everywhere, or there."""


def by_hand(given: Amounts | None) -> tuple[NDArray[np.float64], tuple[Any, Any]]:
    """What is given everywhere, and there: sites and amounts."""
    nowhere = np.zeros(0, np.int32), np.zeros((1, 0))
    if isinstance(given, There):
        return np.zeros(1), (given.sites, given.amounts)
    return (np.zeros(1) if given is None else given), nowhere


def room_for(amounts: Amounts, rows: int) -> Amounts:
    """Room for the amounts of so many steps, at the same places."""
    if isinstance(amounts, There):
        return There(amounts.sites, np.zeros((rows, amounts.sites.size)))
    return np.zeros(rows)


def refill(room: Amounts, begin: int, amounts: Amounts | None, first: int, last: int, name: str) -> None:
    """Put the rows ``first`` to ``last`` - 1 of what is released into ``room``, from row ``begin`` on, round and round.

    Raises:
        InvalidValueError: it is released in other places than before.
    """
    into = room.amounts if isinstance(room, There) else room
    rows = np.arange(begin, begin + last - first) % len(into)
    if amounts is None:
        into[rows] = 0.0
        return
    both = isinstance(room, There), isinstance(amounts, There)
    alike = isinstance(room, There) and isinstance(amounts, There) and np.array_equal(room.sites, amounts.sites)
    if any(both) and not alike:
        raise InvalidValueError(f"released[{name!r}]: give the same places in all stretches, and 0 where nothing comes")
    into[rows] = (amounts.amounts if isinstance(amounts, There) else amounts)[first:last]
