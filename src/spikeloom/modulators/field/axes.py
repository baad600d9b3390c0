"""One dimension of a field: cells in a row, and where what is in a cell is a while later."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

EDGES = ("reflecting", "absorbing", "periodic")

SMALL = 1e-17
"""What less than this part of a cell's content does is left out."""


@dataclasses.dataclass(frozen=True)
class Axis:
    """Cells in a row, and the rates at which their content moves: ``moves[i, j]`` from j to i for D = 1 [1/um2].

    All but the diagonal is 0 or more, and no row has a sum above 0: nothing becomes negative, and no maximum grows.
    """

    moves: NDArray[np.float64]

    @property
    def cells(self) -> int:
        """How many there are."""
        return len(self.moves)

    def after(self, spread: float) -> NDArray[np.float64]:
        """The matrix exp(``spread`` moves): what of cell j is in cell i after a time t, with ``spread`` = D t [um2].

        By uniformisation: exp(tA) = sum of Poisson(k; q) P^k with P = I + tA/q, and repeated squaring; all that is
        added and multiplied is 0 or more, so that no digit is lost (Jensen 1953; Moler & Van Loan 2003,
        doi:10.1137/S00361445024180, method 3).
        """
        most = spread * float(np.max(-np.diag(self.moves)))
        if most == 0:
            return np.eye(self.cells)
        squarings = max(0, math.ceil(math.log2(most)))
        q = most / 2**squarings
        jump = np.eye(self.cells) + self.moves * (spread / most)
        term = np.eye(self.cells) * math.exp(-q)
        found = term.copy()
        for k in range(1, 40):
            term = term @ jump * (q / k)
            found += term
            if term.max() < SMALL:
                break
        for _ in range(squarings):
            found = found @ found
        return found


def straight(cells: int, spacing: float, edges: str) -> Axis:
    """Cells of equal length along a line: the central second difference, of second order in ``spacing`` [um].

    ``edges``: ``"reflecting"`` (nothing passes), ``"absorbing"`` (what reaches the wall is gone), or ``"periodic"``
    (both ends are joined).
    """
    moves = np.zeros((cells, cells))
    inside = np.arange(cells - 1)
    moves[inside, inside + 1] = moves[inside + 1, inside] = 1.0
    if edges == "periodic" and cells > 1:
        moves[0, -1] += 1.0
        moves[-1, 0] += 1.0
    moves[np.diag_indices(cells)] = -moves.sum(0)
    if edges == "absorbing":  # the wall is half a cell away
        moves[0, 0] -= 2.0
        moves[-1, -1] -= 2.0
    return Axis(moves / spacing**2)


def shells(cells: int, spacing: float) -> Axis:
    """Spherical shells of equal thickness around a point; what is moved is the concentration in each.

    Finite volumes: the flux through a sphere between two shells is its area times the difference of the concentrations
    over ``spacing`` [um]; nothing passes the outermost sphere. Of second order in the spacing.
    """
    edges = np.arange(cells + 1) * spacing
    area, volume = 4 * np.pi * edges**2, shell_volumes(cells, spacing)
    flux = area[1:-1] / spacing
    moves = np.zeros((cells, cells))
    inside = np.arange(cells - 1)
    moves[inside, inside + 1] = flux / volume[:-1]
    moves[inside + 1, inside] = flux / volume[1:]
    moves[np.diag_indices(cells)] = -moves.sum(1)
    return Axis(moves)


def shell_volumes(cells: int, spacing: float) -> NDArray[np.float64]:
    """The volumes of spherical shells [um3]."""
    return np.asarray(4 / 3 * np.pi * np.diff((np.arange(cells + 1) * spacing) ** 3), np.float64)


def rows(matrix: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The entries of each row that count, all rows as many: columns (n, width) and values (n, width)."""
    n = len(matrix)
    counts = (matrix > SMALL).sum(1)
    width = int(counts.max())
    order = np.argsort(matrix <= SMALL, axis=1, kind="stable")[:, :width]
    values = np.take_along_axis(matrix, order, 1)
    values[np.arange(width)[None] >= counts[:, None]] = 0.0
    return order.astype(np.int32).reshape(n, width), np.ascontiguousarray(values)
