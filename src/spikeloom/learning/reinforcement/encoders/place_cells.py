"""Place cells: each fires around one point of the observation space."""

from __future__ import annotations

from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Parameter, parameter
from spikeloom.learning.reinforcement.encoders.base import Active
from spikeloom.learning.reinforcement.encoders.bounded import BoundedEncoder, between, per_coordinate, tuned


class _Grid(NamedTuple):
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    centres: list[NDArray[np.float64]]
    widths: NDArray[np.float64]
    channels: int


@final
class PlaceCells(BoundedEncoder):
    r"""Gaussian tuning on a grid: a cell at every combination of evenly spaced values of the coordinates.

    .. math:: r(x) = r_{max} \prod_d \exp\left(-\frac{(x_d - c_d)^2}{2 \sigma_d^2}\right), \qquad
              \sigma_d = w_d \, \frac{high_d - low_d}{n_d - 1}

    The first cell of a coordinate stands at its lower bound and the last at the upper one (a single cell in the middle,
    with the range as its spacing). Cells below ``cutoff`` of their maximum are silent. The product is built coordinate
    by coordinate, and what falls below is dropped on the way: n_1 + n_2 + ... exponentials, and the active cells.
    The last coordinate counts fastest, as in an array of shape (n_1, n_2, ...).

    Source: Fremaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024 (with the width equal to the spacing).

    >>> from gymnasium.spaces import Box
    >>> cells = PlaceCells(cells=3)
    >>> cells.rates([0.5], Box(0, 1, (1,))).round(1).tolist()
    [60.7, 100.0, 60.7]
    """

    cells: Parameter = parameter(default=10, unit="cells", minimum=1, doc="along each coordinate, n")
    width: Parameter = parameter(default=1.0, unit="spacings", positive=True, doc="of the tuning curve, w")
    cutoff: float = parameter(default=0.01, minimum=0, maximum=1, doc="part of the largest rate below which it is 0")

    def prepare(self, space: Any) -> _Grid:
        low, high = self.bounds(space)
        cells = self.whole("cells", low.size)
        channels = self.countable(int(np.prod(cells.astype(object))))
        centres = [
            np.linspace(a, b, n) if n > 1 else np.array([(a + b) / 2]) for a, b, n in zip(low, high, cells, strict=True)
        ]
        spacing = (high - low) / np.maximum(cells - 1, 1)
        return _Grid(low, high, centres, spacing * per_coordinate(self, "width", self.width, low.size), channels)

    def channels(self, prepared: _Grid) -> int:
        return prepared.channels

    def lit(self, observation: Any, prepared: _Grid) -> Active:
        values = between(observation, prepared.low, prepared.high)
        place, height = np.zeros(1, np.int64), np.ones(1)
        for value, centres, width in zip(values, prepared.centres, prepared.widths, strict=True):
            which, factor = tuned(value, centres, width, self.cutoff)
            height = np.multiply.outer(height, factor).reshape(-1)
            place = np.add.outer(place * centres.size, which).reshape(-1)
            high = height >= self.cutoff
            place, height = place[high], height[high]
        return place, height * self.top
