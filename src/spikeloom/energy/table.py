"""What a table of energies holds."""

from __future__ import annotations

from dataclasses import dataclass

from spikeloom.core.errors import InvalidValueError


@dataclass(frozen=True, kw_only=True)
class Table:
    """Energy per arithmetic operation, pJ, with its source.

    Raises:
        InvalidValueError: an energy that is not above zero.
    """

    name: str
    citation: str
    pj_per_add: float
    pj_per_multiply: float

    def __post_init__(self) -> None:
        for field in ("pj_per_add", "pj_per_multiply"):
            if not getattr(self, field) > 0:
                raise InvalidValueError(
                    f"Table({field}={getattr(self, field)!r}) is not possible; allowed: a number > 0 [pJ]"
                )

    @property
    def pj_per_synaptic_event(self) -> float:
        """A spike arriving at a synapse adds the weight to the target: one addition."""
        return self.pj_per_add

    @property
    def pj_per_mac(self) -> float:
        """A multiply-accumulate: one multiplication and one addition."""
        return round(self.pj_per_multiply + self.pj_per_add, 12)
