"""A population for each coordinate: neurons with preferred values."""

from __future__ import annotations

from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Parameter, parameter
from spikeloom.learning.reinforcement.encoders.base import Active
from spikeloom.learning.reinforcement.encoders.bounded import BoundedEncoder, between, per_coordinate, tuned


class _Rows(NamedTuple):
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    centres: list[NDArray[np.float64]]
    widths: NDArray[np.float64]
    first: NDArray[np.int64]


@final
class PopulationCode(BoundedEncoder):
    r"""Gaussian tuning to each coordinate alone: as many populations as coordinates, beside each other.

    .. math:: r_{d,i}(x) = r_{max} \exp\left(-\frac{(x_d - c_{d,i})^2}{2 \sigma_d^2}\right), \qquad
              \sigma_d = w_d\, \frac{high_d - low_d}{n_d - 1}

    The channels grow with the sum of the coordinates, not with their product as those of :class:`PlaceCells`; in
    return a linear read-out sees no combination of two coordinates.

    Source: Georgopoulos, Schwartz & Kettner 1986, doi:10.1126/science.3749885 (the principle).

    >>> from gymnasium.spaces import Box
    >>> PopulationCode(neurons=2, cutoff=0.7).rates([0.0, 1.0], Box(0, 1, (2,))).tolist()
    [100.0, 0.0, 0.0, 100.0]
    """

    neurons: Parameter = parameter(default=10, unit="neurons", minimum=1, doc="for each coordinate, n")
    width: Parameter = parameter(default=1.0, unit="spacings", positive=True, doc="of the tuning curve, w")
    cutoff: float = parameter(default=0.01, minimum=0, maximum=1, doc="part of the largest rate below which it is 0")

    def prepare(self, space: Any) -> _Rows:
        low, high = self.bounds(space)
        neurons = self.whole("neurons", low.size)
        centres = [
            np.linspace(a, b, n) if n > 1 else np.array([(a + b) / 2])
            for a, b, n in zip(low, high, neurons, strict=True)
        ]
        widths = (high - low) / np.maximum(neurons - 1, 1) * per_coordinate(self, "width", self.width, low.size)
        return _Rows(low, high, centres, widths, np.concatenate([[0], np.cumsum(neurons)]))

    def channels(self, prepared: _Rows) -> int:
        return int(prepared.first[-1])

    def lit(self, observation: Any, prepared: _Rows) -> Active:
        values = between(observation, prepared.low, prepared.high)
        tunings = [
            tuned(value, centres, width, self.cutoff)
            for value, centres, width in zip(values, prepared.centres, prepared.widths, strict=True)
        ]
        places = [which + first for (which, _), first in zip(tunings, prepared.first[:-1], strict=True)]
        return np.concatenate(places), np.concatenate([height for _, height in tunings]) * self.top
