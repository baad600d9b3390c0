"""Where neurons and synapses are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import stream


def places(where: Any, size: int, extent: Any, seed: int, name: str) -> NDArray[np.float64]:
    """Positions (size, dimensions) [um]: those given, a grid, or at random; see :meth:`Network.place`.

    Raises:
        InvalidValueError: there are more or fewer than ``size``, or one is not finite.
    """
    if isinstance(where, str):
        if where != "random":
            raise InvalidValueError(f"place({name!r}, {where!r}): allowed: positions, counts of a grid, or 'random'")
        lengths = _extent(extent, None, name)
        return stream(seed, f"places {name}").random((size, lengths.size)) * lengths
    array = to_numpy(where, f"place({name!r}): positions")
    if array.ndim == 1 and array.size and array.dtype.kind in "iu":
        counts = tuple(int(n) for n in array)
        if min(counts) < 1 or math.prod(counts) != size:
            raise InvalidValueError(
                f"place({name!r}, {counts}) makes a grid of {math.prod(counts)} places; there are {size}"
            )
        return grid(counts, _extent(extent, len(counts), name))
    if array.ndim != 2 or array.shape[0] != size or not 1 <= array.shape[1] <= 3:
        raise InvalidValueError(
            f"place({name!r}): positions have shape {array.shape}; allowed: ({size}, 1 to 3 coordinates), or the "
            "counts of a grid with its extent, such as place(..., (10, 10), extent=(100 * um, 100 * um))"
        )
    finite(array, f"place({name!r}): positions", ("place", "coordinate"))
    return array.astype(np.float64)


def grid(counts: tuple[int, ...], extent: NDArray[np.float64]) -> NDArray[np.float64]:
    """A grid that fills ``extent``, each place in the middle of its cell.

    As in :class:`~spikeloom.connections.Distance` ``counts`` are (rows, columns) and positions (x, y), row by row; in
    three dimensions (layers, rows, columns) and (x, y, z), layer by layer.
    """
    steps = np.asarray(extent) / np.array(counts[::-1])
    index = np.stack(np.unravel_index(np.arange(math.prod(counts)), counts), axis=1)[:, ::-1]
    return (index + 0.5) * steps


def _extent(extent: Any, dimensions: int | None, name: str) -> NDArray[np.float64]:
    lengths = np.zeros(0) if extent is None else np.atleast_1d(to_numpy(extent, "extent")).astype(np.float64)
    fits = lengths.ndim == 1 and np.isfinite(lengths).all() and (lengths > 0).all() and 1 <= lengths.size <= 3
    if not fits or (dimensions is not None and lengths.size != dimensions):
        wanted = "one to three lengths" if dimensions is None else f"{dimensions} length(s)"
        raise InvalidValueError(f"place({name!r}, ..., extent={extent!r}) is not possible; allowed: {wanted} > 0 um")
    return lengths
