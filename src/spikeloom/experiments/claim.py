"""What an experiment claims, before it has run and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.experiments.tolerance import Tolerance

Value: TypeAlias = float | int | bool | str
"""What can be published and measured: a number, yes or no, a word."""


@final
@dataclass(frozen=True, kw_only=True)
class Claim:
    """One quantity that was published, and how close a run must come to it. It is stated before the run.

    Attributes:
        quantity: what is measured, with its unit: ``"firing rate, state C [Hz]"``. It names the claim.
        published: the value that somebody else published.
        source: where: the paper, and the figure, table or equation in it.
        tolerance: how close is close enough.

    >>> from spikeloom.experiments.tolerance import Absolute
    >>> claim = Claim(quantity="rate [Hz]", published=37.7, source="Brunel 2000, Fig. 8C", tolerance=Absolute(1.5))
    >>> claim.judge(37.4).holds
    True
    """

    quantity: str
    published: Value
    source: str
    tolerance: Tolerance

    def judge(self, measured: Any) -> Judged:
        """The claim with what was measured, and whether it holds."""
        value = plain(measured, self.quantity)
        return Judged(claim=self, measured=value, holds=bool(self.tolerance.holds(value, self.published)))


@final
@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim after the run. ``measured`` is ``None`` where nothing could be measured: the CV of a silent cell."""

    claim: Claim
    measured: Value | None
    holds: bool

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "quantity": self.claim.quantity,
            "published": self.claim.published,
            "source": self.claim.source,
            "tolerance": str(self.claim.tolerance),
            "measured": self.measured,
            "holds": self.holds,
        }


def plain(value: Any, quantity: str) -> Value | None:
    """``value`` as a plain Python number, bool or word; NaN and infinity as ``None``.

    Raises:
        InvalidValueError: an array, or something that is none of these.
    """
    if isinstance(value, np.generic) or (hasattr(value, "item") and getattr(value, "ndim", 1) == 0):
        value = value.item()
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    raise InvalidValueError(f"{quantity!r} was measured as {value!r}; allowed: one number, True or False, or a word")
