"""Competition among the neurons of a convolutional layer, at the level of one presentation: who learns.

The neurons of a layer are laid out as (maps, rows, columns), and each fires at most once: ``times`` holds the step of
its spike, or :data:`~spikeloom.engines.waves.SILENT`, and ``potentials`` how high its membrane was then. The earlier of
two spikes wins; of two in the same step that of the higher membrane, and of two equal ones that of the lower map, row
and column (Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018, doi:10.1016/j.neunet.2017.12.005, section 2.3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import integers, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines.waves import SILENT

Place = tuple[int, int, int]
"""Map, row and column."""


def inhibited(times: Any, potentials: Any) -> NDArray[Any]:
    """Winner-take-all by lateral inhibition: of all neurons at one place, only the winner keeps its spike.

    Returns:
        The times, (maps, rows, columns), ``SILENT`` where another map won.

    >>> inhibited([[[2, 5]], [[2, 3]]], [[[1.0, 1.5]], [[1.2, 1.1]]]).tolist()
    [[[32767, 32767]], [[2, 3]]]
    """
    steps, heights = _checked(times, potentials)
    first = steps.min(axis=0)
    height = np.where(steps == first, heights, -np.inf)
    wins = np.arange(len(steps))[:, None, None] == height.argmax(axis=0)
    return np.where(wins, steps, steps.dtype.type(SILENT))


def winners(
    times: Any, potentials: Any, k: int = 1, *, radius: int = 0, per_map: int = 1, shares: Any = None
) -> list[Place]:
    """The first ``k`` neurons that fire, at most ``per_map`` of one map, the best first.

    Args:
        times: (maps, rows, columns) steps, ``SILENT`` for neurons that do not fire.
        potentials: of the same shape: the membrane at the spike, to decide between spikes of one step.
        k: how many win in all.
        radius: a winner inhibits all neurons, of all maps, at most so many rows and columns away; 0: only those of its
            own place.
        per_map: how many neurons of one map may win.
        shares: (maps,) how many neurons of a map have won before, if that is to count towards ``per_map``.

    >>> early = [[[0, 4, 1]], [[2, 1, 9]]]
    >>> winners(early, [[[1.0] * 3]] * 2, k=3)
    [(0, 0, 0), (1, 0, 1)]
    >>> winners(early, [[[1.0] * 3]] * 2, k=3, per_map=2)
    [(0, 0, 0), (0, 0, 2), (1, 0, 1)]
    >>> winners(early, [[[1.0] * 3]] * 2, k=3, radius=1, per_map=2)
    [(0, 0, 0), (0, 0, 2)]
    """
    steps, heights = _checked(times, potentials)
    k, radius = whole(k, "k"), whole(radius, "radius", minimum=0)
    left = np.full(len(steps), whole(per_map, "per_map"))
    if shares is not None:
        before = integers(shares, "shares")
        if before.shape != left.shape:
            raise InvalidValueError(f"shares must hold one number for each of {len(left)} maps; given {before.size}")
        left -= before
    fired = np.flatnonzero(steps < SILENT)
    order = fired[np.lexsort((-heights.reshape(-1)[fired], steps.reshape(-1)[fired]))]
    free = np.ones(steps.shape[1:], np.bool_)
    found: list[Place] = []
    for place in zip(*(axis.tolist() for axis in np.unravel_index(order, steps.shape)), strict=True):
        at, row, column = place
        if left[at] > 0 and free[row, column]:
            found.append(place)
            left[at] -= 1
            free[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1] = False
            if len(found) == k:
                break
    return found


def _checked(times: Any, potentials: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    steps, heights = to_numpy(times, "times"), to_numpy(potentials, "potentials")
    if steps.ndim != 3 or heights.shape != steps.shape or not steps.size:
        raise InvalidValueError(
            "times and potentials must have the axes (maps, rows, columns), and the same shape; given "
            f"{steps.shape} and {heights.shape}"
        )
    if steps.dtype.kind not in "iu":
        raise InvalidValueError(f"times must be whole steps, SILENT for no spike; given an array of {steps.dtype}")
    return steps, heights
