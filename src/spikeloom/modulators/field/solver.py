"""A field that moves on: uptake and diffusion, one interval after the other."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import positive, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.modulators.field.axes import Axis, rows
from spikeloom.modulators.field.medium import Medium
from spikeloom.modulators.field.space import Ball, Box


@dataclasses.dataclass(frozen=True)
class Tables:
    """What the compiled functions of a solver work with; see :mod:`spikeloom.modulators.field.sweep`."""

    axes: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]
    uptake: NDArray[np.float64]

    @property
    def operations(self) -> int:
        """Multiplications that one interval takes for each cell."""
        return int(self.axes[:, 1].sum())


@final
class Solver:
    r"""Moves the concentrations [nM] of the cells of a ``space`` on by whole intervals [ms].

    .. math:: c(t + h) = U_{h/2}\, e^{h D^* \Delta}\, U_{h/2}\; c(t)

    Strang's splitting (1968, doi:10.1137/0705041), of second order in h: diffusion is exact in time for the central
    differences in space, of second order in the spacing, and its matrix exponential is taken along one dimension after
    the other, which commute; uptake U goes by an exponential midpoint. Both never give anything negative and are
    stable for every interval. Without Michaelis-Menten the parts commute too, and there is no error in time at all.

    ``rest`` [nM] is a concentration that a steady release everywhere keeps up: what is above it is taken up and
    spreads; absorbing walls have this concentration.

    >>> from spikeloom.modulators.field import Box, Medium
    >>> solver = Solver(Medium(), Box((20.0, 20.0, 20.0), 2.0), interval=1.0)
    >>> c = solver.release(solver.resting(), [[10.0, 10.0, 10.0]], 3000)
    >>> later = solver.advance(c, 5)
    >>> bool(np.isclose(solver.molecules(later), 3000)), bool(later.max() < c.max())
    (True, True)
    """

    def __init__(self, medium: Medium, space: Box | Ball, interval: float, *, rest: float = 0.0) -> None:
        if not isinstance(medium, Medium):
            raise InvalidValueError(f"Solver(medium={medium!r}): give one, such as Medium(uptake=0.02)")
        self.medium, self.space = medium, space
        self.interval = positive(interval, "interval", "interval=1 * ms")
        if not (np.isfinite(rest) and rest >= 0):
            raise InvalidValueError(f"rest={rest!r} is not possible; allowed: a concentration >= 0 nM")
        self.rest = float(rest)
        self.tables = self._tables()

    def _tables(self) -> Tables:
        m = self.medium
        shape: list[tuple[int, int, int]] = []
        known: dict[Any, int] = {}
        found: list[tuple[Any, Any]] = []
        begin = 0
        for make in self.space.axes():
            columns, values = _rows(make, m.apparent * self.interval)
            if make not in known:  # equal dimensions share their rows
                known[make] = begin
                found.append((columns, values))
                begin += columns.size
            shape.append((*columns.shape, known[make]))
        return Tables(
            np.array(shape, np.int64),
            np.concatenate([c.reshape(-1) for c, _ in found]),
            np.concatenate([v.reshape(-1) for _, v in found]),
            np.array([self.rest, 0.5 * self.interval, m.linear, m.v_max, m.k_m]),
        )

    def resting(self) -> NDArray[np.float64]:
        """The concentrations [nM] of a field at rest."""
        return np.full(self.space.cells, self.rest)

    def release(self, concentration: Any, where: Any, molecules: Any) -> NDArray[np.float64]:
        """The concentrations after ``molecules`` (one number, or one for each) were released at positions, all at once.

        ``where`` are positions (N, dimensions) [um] in a box; of a ball it is ignored: it has one point, the middle.
        """
        found = self._checked(concentration).copy()
        sites = self.space.sites(where) if isinstance(self.space, Box) else np.zeros(1, np.int32)
        amounts = np.broadcast_to(to_numpy(molecules, "molecules").astype(np.float64), sites.shape)
        np.add.at(found, sites, amounts * self.gain[sites])
        return found

    @property
    def gain(self) -> NDArray[np.float64]:
        """By how much a molecule raises the concentration in each cell [nM]."""
        return np.array([self.medium.raised(1.0, 1.0)]) / self.space.volumes

    def advance(self, concentration: Any, intervals: int = 1, *, source: Any = None) -> NDArray[np.float64]:
        """The concentrations some intervals later, while each cell releases ``source`` molecules per ms (cells,).

        Half of what is released in an interval comes at its beginning, half at its end: of second order in it.
        """
        from spikeloom.modulators.field import sweep

        above = self._checked(concentration) - self.rest
        work, t = np.empty_like(above), self.tables
        half = np.zeros_like(above)
        if source is not None:
            half += 0.5 * self.interval * to_numpy(source, "source").astype(np.float64) * self.gain
        for _ in range(intervals):
            above += half
            sweep.interval(above, work, t.axes, t.columns, t.values, t.uptake)
            above += half
        return above + self.rest

    def molecules(self, concentration: Any) -> float:
        """How many molecules are outside cells."""
        return float((self._checked(concentration) / self.gain).sum())

    def _checked(self, concentration: Any) -> NDArray[np.float64]:
        values = to_numpy(concentration, "concentration").astype(np.float64)
        if values.shape != (self.space.cells,):
            raise InvalidValueError(f"concentration has shape {values.shape}; this field has {self.space.cells} cells")
        return values


@functools.lru_cache(maxsize=64)
def _rows(make: Callable[[], Axis], spread: float) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The rows of a dimension; runs of the same network ask for them again and again."""
    return rows(make().after(spread))
