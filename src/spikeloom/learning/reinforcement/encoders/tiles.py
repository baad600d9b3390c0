"""Tile coding: several grids of tiles, each shifted against the others."""

from __future__ import annotations

from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.learning.reinforcement.encoders.base import Active
from spikeloom.learning.reinforcement.encoders.bounded import BoundedEncoder, between


class _Tilings(NamedTuple):
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    per_unit: NDArray[np.float64]  # tiles per unit of each coordinate
    shift: NDArray[np.float64]  # (tilings, coordinates), in tiles
    stride: NDArray[np.int64]
    area: int  # tiles of one tiling


@final
class Tiles(BoundedEncoder):
    r"""One tile of each tiling fires at its full rate, the one in which the observation lies.

    .. math:: i_{k,d} = \left\lfloor n_d \, \frac{x_d - low_d}{high_d - low_d} + \frac{k\,(2 d + 1) \bmod K}{K}
              \right\rfloor, \qquad k = 0 \ldots K - 1,\; d = 0, 1, \ldots

    Each of the K tilings is shifted by another part of a tile, along the coordinates by odd multiples 1, 3, 5 ...,
    which avoids artefacts along the diagonal; so a coordinate has n + 1 tiles. K channels are active, whatever the
    observation, and the resolution is that of n K tiles.

    Source: Sutton & Barto 2018, "Reinforcement Learning" (2nd ed.), section 9.5.4; Albus 1975, doi:10.1115/1.3426922.

    >>> from gymnasium.spaces import Box
    >>> code = Tiles(tiles=4, tilings=2)
    >>> [code.active([x], Box(0, 1, (1,)))[0].tolist() for x in (0.1, 0.15, 0.3)]
    [[0, 5], [0, 6], [1, 6]]
    """

    tiles: Parameter = parameter(default=8, unit="tiles", minimum=1, doc="along each coordinate, n")
    tilings: float = parameter(default=8, unit="tilings", minimum=1, doc="how many shifted grids, K")

    def check(self) -> None:
        super().check()
        if np.ndim(self.tilings) or self.tilings % 1:
            raise InvalidValueError(f"Tiles(tilings={self.tilings}) is not possible; allowed: one whole number")

    def prepare(self, space: Any) -> _Tilings:
        low, high = self.bounds(space)
        tiles = self.whole("tiles", low.size)
        count = int(self.tilings)
        area = int(np.prod((tiles + 1).astype(object)))
        self.countable(area * count)
        shift = np.outer(np.arange(count), 2 * np.arange(low.size) + 1) % count / count
        stride = np.append(np.cumprod((tiles + 1)[:0:-1])[::-1], 1).astype(np.int64)
        return _Tilings(low, high, tiles / (high - low), shift, stride, area)

    def channels(self, prepared: _Tilings) -> int:
        return prepared.area * len(prepared.shift)

    def lit(self, observation: Any, prepared: _Tilings) -> Active:
        values = between(observation, prepared.low, prepared.high)
        tile = np.floor((values - prepared.low) * prepared.per_unit + prepared.shift).astype(np.int64)
        place = tile @ prepared.stride + np.arange(len(tile)) * prepared.area
        return place, np.full(place.size, self.top)
