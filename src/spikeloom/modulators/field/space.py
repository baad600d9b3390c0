"""Where a field is: a box of cells in one, two or three dimensions, or a ball of shells around a point."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, positive, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.modulators.field.axes import EDGES, Axis, shell_volumes, shells, straight

MOST = 20_000_000
"""Cells that a field may have."""

MOST_ALONG = 2_000
"""Cells along one dimension, of which a matrix is made."""


@functools.cache
def along(make: Callable[..., Axis], *arguments: Any) -> Callable[[], Axis]:
    """A function that makes an axis; the same one for the same arguments."""
    return functools.partial(make, *arguments)


@final
class Box:
    """Cells of equal size that fill ``extent`` [um], one length for each dimension, from the origin.

    Cell i of a dimension reaches from i to i + 1 times ``spacing``; the last dimension changes fastest. ``thickness``
    [um] is the length of the field in each dimension that it leaves out: what is released fills it at once.

    >>> Box((40.0, 20.0), 2.0).shape
    (20, 10)
    """

    def __init__(
        self, extent: Any, spacing: float, *, edges: str = "reflecting", thickness: float | None = None
    ) -> None:
        lengths = np.atleast_1d(to_numpy(extent, "extent")).astype(np.float64)
        self.spacing = positive(spacing, "spacing", "spacing=2 * um")
        if lengths.ndim != 1 or not 1 <= lengths.size <= 3 or not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise InvalidValueError(
                f"extent={extent!r} is not possible; allowed: one to three lengths > 0 um, such as (100.0, 100.0)"
            )
        counts = lengths / self.spacing
        if (np.abs(counts - np.round(counts)) > 1e-6).any() or (np.round(counts) < 1).any():
            raise InvalidValueError(
                f"extent={extent!r} is no whole number of cells of {self.spacing:g} um; allowed: multiples of it, or "
                "another spacing"
            )
        if edges not in EDGES:
            raise InvalidValueError(f"edges={edges!r} is not possible; allowed: {', '.join(map(repr, EDGES))}")
        self.extent: tuple[float, ...] = tuple(lengths.tolist())
        self.shape: tuple[int, ...] = tuple(np.round(counts).astype(int).tolist())
        self.edges = edges
        self.thickness = self.spacing if thickness is None else positive(thickness, "thickness", "thickness=1 * um")
        if self.cells > MOST or max(self.shape) > MOST_ALONG:
            raise InvalidValueError(
                f"a field of {' x '.join(map(str, self.shape))} = {self.cells:,} cells is too large; allowed: "
                f"{MOST:,}, and {MOST_ALONG:,} along a dimension: give it a larger spacing"
            )

    @property
    def cells(self) -> int:
        """How many there are."""
        return math.prod(self.shape)

    @property
    def volumes(self) -> NDArray[np.float64]:
        """The volume of each cell [um3], with what is outside cells and inside."""
        return np.full(self.cells, float(self.spacing ** len(self.shape) * self.thickness ** (3 - len(self.shape))))

    def axes(self) -> list[Callable[[], Axis]]:
        """What makes its dimensions; equal ones by equal functions."""
        return [along(straight, n, self.spacing, self.edges) for n in self.shape]

    def centres(self) -> NDArray[np.float64]:
        """The middle of each cell: positions (cells, dimensions) [um]."""
        along = [(np.arange(n) + 0.5) * self.spacing for n in self.shape]
        return np.stack([x.reshape(-1) for x in np.meshgrid(*along, indexing="ij")], axis=1).astype(np.float64)

    def sites(self, positions: Any, name: str = "positions") -> NDArray[np.int32]:
        """The cell in which each of the ``positions`` (N, dimensions) [um] lies.

        Raises:
            InvalidValueError: one lies outside, or has another number of coordinates.
        """
        places = to_numpy(positions, name).astype(np.float64)
        if places.ndim != 2 or places.shape[1] != len(self.shape):
            raise InvalidValueError(
                f"{name} have shape {places.shape}; this field has {len(self.shape)} dimension(s): allowed is "
                f"(N, {len(self.shape)})"
            )
        finite(places, name, ("place", "coordinate"))
        outside = ((places < 0) | (places > self.extent)).any(1)
        if outside.any():
            at = int(outside.argmax())
            raise InvalidValueError(
                f"{name}[{at}] = {places[at].tolist()} um lies outside the field, which reaches from 0 to "
                f"{list(self.extent)} um"
            )
        index = np.minimum((places / self.spacing).astype(np.int64), np.array(self.shape) - 1)
        return np.asarray(np.ravel_multi_index(tuple(index.T), self.shape), np.int32)


@final
class Ball:
    """Spherical shells around a point, up to ``radius`` [um]: a field that depends on the distance only.

    >>> Ball(40.0, 0.5).cells
    80
    """

    def __init__(self, radius: float, spacing: float) -> None:
        self.spacing = positive(spacing, "spacing", "spacing=0.1 * um")
        self.cells = whole(round(positive(radius, "radius", "radius=40 * um") / self.spacing), "shells of a ball")
        if self.cells > MOST_ALONG:
            raise InvalidValueError(
                f"a ball of {self.cells:,} shells is too large; allowed: {MOST_ALONG:,}: give it a larger spacing"
            )

    @property
    def volumes(self) -> NDArray[np.float64]:
        """The volume of each shell [um3]."""
        return shell_volumes(self.cells, self.spacing)

    def axes(self) -> list[Callable[[], Axis]]:
        """What makes the only one, the distance."""
        return [along(shells, self.cells, self.spacing)]

    def centres(self) -> NDArray[np.float64]:
        """The distance of the middle of each shell from the point [um]."""
        return np.asarray((np.arange(self.cells) + 0.5) * self.spacing, np.float64)
