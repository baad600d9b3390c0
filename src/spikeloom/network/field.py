"""A modulator that has another concentration in every place."""

from __future__ import annotations

import dataclasses
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import positive
from spikeloom.core.errors import InvalidValueError
from spikeloom.modulators.field import Box, Medium


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Field:
    """A substance in a box of cells, which spreads and is taken up; see :meth:`Network.field`."""

    name: str
    medium: Medium
    box: Box
    interval: float
    baseline: float

    @property
    def sites(self) -> NDArray[np.float64]:
        """Where its cells are: their middles (cells, dimensions) [um], in the order of what is recorded."""
        return self.box.centres()

    def site(self, positions: Any) -> NDArray[np.int32]:
        """The numbers of the cells in which ``positions`` (N, dimensions) [um] lie."""
        return self.box.sites(positions)

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "name": self.name,
            "extent": list(self.box.extent),
            "spacing": self.box.spacing,
            "interval": self.interval,
            "baseline": self.baseline,
            "edges": self.box.edges,
            "thickness": self.box.thickness,
            "medium": self.medium.describe(),
        }


def field_of(
    name: str,
    extent: Any,
    spacing: float,
    interval: float,
    baseline: float,
    edges: str,
    thickness: float | None,
    medium: Medium | dict[str, Any] | None,
    properties: dict[str, Any],
) -> Field:
    """The field of these arguments of :meth:`Network.field`.

    Raises:
        InvalidValueError: they do not make one.
    """
    if isinstance(medium, dict):
        medium = Medium.from_values(medium)
    if medium is not None and (properties or not isinstance(medium, Medium)):
        raise InvalidValueError(
            f"field({name!r}, medium={medium!r}): give a Medium, or its properties, not both: such as "
            "medium=DOPAMINE, or uptake=0.02"
        )
    found = Medium(**properties) if medium is None else medium
    if isinstance(baseline, bool) or not (
        isinstance(baseline, (int, float)) and np.isfinite(baseline) and baseline >= 0
    ):
        raise InvalidValueError(f"field({name!r}): baseline={baseline!r}; allowed: a concentration >= 0 nM")
    box = Box(extent, spacing, edges=edges, thickness=thickness)
    return Field(name, found, box, positive(interval, f"field({name!r}): interval", "interval=1 * ms"), float(baseline))
