"""Some to some on a two-dimensional sheet, more likely the nearer they are."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections.base import Connection, Incoming, flag, probability
from spikeloom.core.arrays import finite, integers, positive, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter

_SHAPES = ("gaussian", "exponential", "box")


@final
class Distance(Connection):
    r"""Neurons on a sheet, connected by a kernel of their distance d; lengths in any unit, the same for all.

    - ``gaussian``: :math:`k(d) = e^{-d^2 / 2\sigma^2}`, its :math:`\sigma`.
    - ``exponential``: :math:`k(d) = e^{-d / \lambda}`, its :math:`\lambda`.
    - ``box``: k(d) = 1 up to this radius, 0 beyond.

    With ``peak``, every pair is connected with probability peak * k(d), independently, at most once. With ``indegree``,
    every target gets so many sources, drawn one after the other with probabilities proportional to k(d);
    ``multapses=False`` lets no source be drawn twice. (The rules of Senk et al. 2022,
    doi:10.1371/journal.pcbi.1010086.)

    ``source`` and ``target`` say where neurons are: (rows, columns) of a grid that fills ``extent`` (width, height),
    row by row from the origin, each neuron in the middle of its place; or an array (N, 2) of positions (x, y). Without,
    it is a square grid; within one population, ``source`` is for both. ``periodic``: the sheet's edges are joined.

    >>> local = Distance(gaussian=0.1, peak=0.5, periodic=True)
    >>> local.expected(1600, 1600)  # 1600 * 1600 * 0.5 * 2 pi 0.1**2
    80425
    """

    gaussian: float | None = parameter(default=None, positive=True, doc="standard deviation of a gaussian kernel")
    exponential: float | None = parameter(default=None, positive=True, doc="length constant of an exponential kernel")
    box: float | None = parameter(default=None, positive=True, doc="radius of a kernel that is 1 inside, 0 outside")
    peak: float | None = parameter(default=None, minimum=0, maximum=1, doc="probability of a synapse at distance 0")
    indegree: int | None = parameter(default=None, minimum=0, doc="sources of every target")
    source: Any = parameter(default=None, doc="(rows, columns) of a grid, or positions (N, 2)")
    target: Any = parameter(default=None, doc="(rows, columns) of a grid, or positions (N, 2)")
    extent: tuple[float, float] = parameter(default=(1.0, 1.0), doc="width and height of the sheet")
    periodic: bool = parameter(default=False, choices=(True, False), doc="whether opposite edges are joined")
    autapses: bool = parameter(default=True, choices=(True, False), doc="whether a neuron may project onto itself")
    multapses: bool = parameter(default=True, choices=(True, False), doc="whether a pair may have several synapses")

    def __post_init__(self) -> None:
        for names in (_SHAPES, ("peak", "indegree")):
            given = [name for name in names if getattr(self, name) is not None]
            if len(given) != 1:
                raise InvalidValueError(
                    f"Distance needs exactly one of {', '.join(names)}; given {', '.join(given) or 'none'}. Write, for "
                    "example, Distance(gaussian=0.1, peak=0.5)"
                )
            self._set(given[0], self._number(given[0], getattr(self, given[0])))
        extent = to_numpy(self.extent, "Distance: extent")
        if extent.shape != (2,):
            raise InvalidValueError(f"Distance(extent={self.extent!r}) is not possible; allowed: (width, height)")
        self._set("extent", tuple(positive(float(e), "Distance: extent", "extent=(1.0, 1.0)") for e in extent))
        for name in ("periodic", "autapses", "multapses"):
            self._set(name, flag(getattr(self, name), f"Distance: {name}"))
        for name in ("source", "target"):
            self._set(name, self._layout(name, getattr(self, name)))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _number(self, name: str, value: Any) -> float | int:
        if name == "indegree":
            return whole(value, "Distance: indegree", minimum=0)
        if name != "peak":
            return positive(value, f"Distance: {name}", f"Distance({name}=0.1, peak=0.5)")
        return probability(value, "Distance: peak")

    def _layout(self, name: str, value: Any) -> Any:
        """A grid as a tuple, positions as a float64 array of their own."""
        if value is None:
            return None
        array = to_numpy(value, f"Distance: {name}")
        if array.shape == (2,):
            rows, columns = integers(array, f"Distance: {name}").tolist()
            return whole(rows, f"Distance: rows of {name}"), whole(columns, f"Distance: columns of {name}")
        if array.ndim != 2 or array.shape[1] != 2 or not len(array):
            raise InvalidValueError(
                f"Distance({name}=...) has shape {array.shape}; allowed: (rows, columns) of a grid, or positions (N, 2)"
            )
        finite(array, f"Distance: {name}", ("neuron", "coordinate"))
        if self.periodic and not ((array >= 0) & (array <= self.extent)).all():
            raise InvalidValueError(
                f"Distance(periodic=True): positions of {name} must lie in 0 to {self.extent}, the extent; they go "
                f"from {array.min(0)} to {array.max(0)}"
            )
        places = array.astype(np.float64)
        places.flags.writeable = False
        return places

    def places(self, name: str, size: int) -> NDArray[np.float64]:
        """The positions (size, 2) of the neurons of ``name`` ("source" or "target").

        Raises:
            InvalidValueError: there are more or fewer places than neurons.
        """
        given = getattr(self, name)
        layout = (math.isqrt(size),) * 2 if given is None else given
        number = layout[0] * layout[1] if isinstance(layout, tuple) else len(layout)
        if number != size:
            what = "without positions makes a square grid" if given is None else f"has {number} places for its {name}"
            raise InvalidValueError(
                f"Distance {what}; there are {size} neurons. Give {name}=(rows, columns), or positions of shape "
                f"({size}, 2)"
            )
        if not isinstance(layout, tuple):
            return layout.copy()
        rows, columns = layout
        y, x = np.divmod(np.arange(size), columns)
        return np.stack([(x + 0.5) * (self.extent[0] / columns), (y + 0.5) * (self.extent[1] / rows)], axis=1)

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        self._both(sources, targets, recurrent)
        available = sources - (recurrent and not self.autapses)
        if self.indegree is not None and self.indegree > available and (not self.multapses or available == 0):
            raise InvalidValueError(
                f"Distance(indegree={self.indegree}, multapses={self.multapses}) is not possible: the number of "
                f"sources to choose from is {available}; lower indegree"
                + ("" if self.multapses else ", or let a pair have several synapses: multapses=True")
            )

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        """The number of synapses; with ``peak`` its expectation, from at most 256 targets."""
        if self.peak is None:
            return (self.indegree or 0) * targets
        from spikeloom.connections import sheet

        chosen = np.unique(np.linspace(0, targets - 1, 256).round().astype(np.int64))
        both = self._both(sources, targets, recurrent)
        mean = sheet.mean_kernel(*self._kernel(), *both, self._period(), chosen, recurrent and not self.autapses)
        return round(self.peak * mean * targets)

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        from spikeloom.connections import sheet

        both, no_self = self._both(sources, targets, recurrent), recurrent and not self.autapses
        if self.indegree is not None:
            offsets = np.arange(last - first + 1, dtype=np.int64) * self.indegree
            source = np.empty(offsets[-1], np.int32)
            place = (*both, self._period(), no_self, self.multapses, source)
            short, found = sheet.by_indegree(np.uint64(key), first, last, *self._kernel(), self.indegree, *place)
            if short >= 0:
                raise InvalidValueError(
                    f"Distance(indegree={self.indegree}): target {short} has {found} sources in reach; widen the "
                    "kernel, or lower indegree"
                )
            return offsets, source
        offsets = np.zeros(last - first + 1, np.int64)
        mean = self.expected(sources, targets, recurrent) * (last - first) / targets
        room = int(1.1 * mean + 8 * mean**0.5 + 64)
        while True:
            source = np.empty(room, np.int32)
            place = (self.peak, *both, self._period(), no_self, *_cells(both[0]), offsets, source)
            sheet.by_probability(np.uint64(key), first, *self._kernel(), *place)
            if offsets[-1] <= room:
                return offsets, source[: offsets[-1]]
            room = int(offsets[-1])

    def _both(self, sources: int, targets: int, recurrent: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        source = self.places("source", sources)
        if not recurrent:
            return source, self.places("target", targets)
        if self.target is not None and not np.array_equal(self.places("target", targets), source):
            raise InvalidValueError("Distance: neurons of one population have one position each; give source only")
        return source, source

    def _kernel(self) -> tuple[int, float]:
        return next((i, getattr(self, n)) for i, n in enumerate(_SHAPES) if getattr(self, n) is not None)

    def _period(self) -> NDArray[np.float64]:
        return np.array(self.extent if self.periodic else (0.0, 0.0))

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in self.values().items()}
        return {"class": "Distance", **{k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}}

    def __repr__(self) -> str:
        given = {k: v for k, v in self.values().items() if v is not None}
        shown = (f"{k}=<{len(v)} positions>" if isinstance(v, np.ndarray) else f"{k}={v!r}" for k, v in given.items())
        return f"Distance({', '.join(shown)})"


def _cells(places: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Neurons gathered into the cells of a coarse grid: where each cell starts, its members, and its rectangle."""
    side = min(max(int((len(places) / 16) ** 0.5), 1), 24)
    low, high = places.min(0), places.max(0)
    column, row = np.minimum((places - low) / np.where(high > low, high - low, 1.0) * side, side - 1).astype(np.int64).T
    cell = row * side + column
    members = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[members], prepend=-1))
    x, y = places[members].T
    edges = [f.reduceat(v, starts) for v in (x, y) for f in (np.minimum, np.maximum)]
    return np.append(starts, len(places)), members, np.stack(edges, axis=1)
