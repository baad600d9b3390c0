"""What a point releases spreads between cells: the solvers against closed forms."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.units import ms, um
from spikeloom.modulators.field import VESICLE, Ball, Box, Medium, Solver, instantaneous, peak_time

RADIUS = 40 * um
"""Of the ball that is simulated: ten length constants."""


@dataclasses.dataclass(frozen=True)
class Course:
    """The concentration at some distances after a vesicle was released, in time."""

    times: NDArray[np.float64]
    radii: NDArray[np.float64]
    values: NDArray[np.float64]
    """(times, radii) [nM]."""

    def peak(self, k: int) -> tuple[float, float]:
        """Time and height of the maximum at distance ``k``: that of the parabola through the three highest values."""
        c = self.values[:, k]
        i = int(c.argmax())
        left, middle, right = c[i - 1 : i + 2]
        bend = left - 2 * middle + right
        shift = 0.5 * (left - right) / bend
        return float(self.times[i] + shift * (self.times[1] - self.times[0])), float(
            middle - 0.25 * (left - right) * shift
        )


def course(medium: Medium, radii: Sequence[float], spacing: float, interval: float, duration: float) -> Course:
    """The concentration around a point that releases a vesicle, by the radial solver."""
    solver = Solver(medium, Ball(RADIUS, spacing), interval)
    c = solver.release(solver.resting(), None, VESICLE)
    at, r = np.array(radii, float), solver.space.centres()
    found = []
    for _ in range(round(duration / interval)):
        c = solver.advance(c)
        found.append(between(c, r, at))
    times = np.asarray(interval * np.arange(1, len(found) + 1), np.float64)
    return Course(times, at, np.array(found))


def between(c: Any, r: Any, at: Any) -> NDArray[np.float64]:
    """The concentration at other distances, from that of the shells: ln c is straight in r**2 where all is Gaussian."""
    with np.errstate(divide="ignore"):
        return np.exp(np.interp(np.square(at), np.square(r), np.log(c)))


def deviation(found: Course, medium: Medium, k: int, parts: Sequence[float]) -> float:
    """The largest relative deviation from the closed form at distance ``k``, at these parts of the time of its peak."""
    r = float(found.radii[k])
    wanted = np.array(parts) * float(peak_time(medium.replace(uptake=0.0), r))
    rows = np.clip(np.rint(wanted / found.times[0]).astype(int) - 1, 0, len(found.times) - 1)
    exact = instantaneous(medium, VESICLE, r, found.times[rows])
    return float(np.abs(found.values[rows, k] / exact - 1).max())


def steady_profile(medium: Medium, spacing: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances and concentrations around a point that has released one molecule per ms for 20 time constants."""
    interval = 0.25 * ms
    solver = Solver(medium, Ball(RADIUS, spacing), interval)
    source = np.zeros(solver.space.cells)
    source[0] = 1.0
    steps = round(20 / medium.rate / interval)
    return solver.space.centres(), solver.advance(solver.resting(), steps, source=source)


def decay_length(r: Any, c: Any, first: float, last: float) -> float:
    """The length over which r c falls by e, between two distances."""
    chosen = (r >= first) & (r <= last)
    slope = np.polyfit(r[chosen], np.log(r[chosen] * c[chosen]), 1)[0]
    return float(-1 / slope)


def box_deviation(medium: Medium, spacing: float, radii: tuple[float, float]) -> float:
    """The largest relative deviation from the closed form in a box of cells, between two distances from the middle of
    it, at the time of the peak there.
    """
    side = (2 * round(2 * radii[1] / spacing) + 1) * spacing  # an odd number of cells: one is in the middle
    solver = Solver(medium, Box((side,) * 3, spacing, edges="absorbing"), 1 * ms)
    c = solver.release(solver.resting(), [[side / 2] * 3], VESICLE)
    r = np.linalg.norm(solver.space.centres() - side / 2, axis=1)
    worst, now = 0.0, 0
    for radius in np.linspace(*radii, 6):
        then = round(float(peak_time(medium, radius)))
        c, now = solver.advance(c, then - now), then
        shell = np.abs(r - radius) < spacing
        exact = instantaneous(medium, VESICLE, r[shell], now * solver.interval)
        worst = max(worst, float(np.abs(c[shell] / exact - 1).max()))
    return worst
