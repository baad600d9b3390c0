"""Encoders of numbers between bounds: where the bounds come from, and how an observation is brought between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import Hz
from spikeloom.learning.reinforcement.encoders.base import ObservationEncoder
from spikeloom.learning.reinforcement.spaces import shape_of

LARGEST = 10_000_000
"""More channels than this are a mistake."""


class BoundedEncoder(ObservationEncoder):
    """Base of the encoders of a Box: each coordinate has bounds, and a value beyond them counts as the bound."""

    low: Parameter = parameter(
        default=None,
        optional=True,
        unit="unit of the observation",
        doc="least value of each coordinate, or the space's",
    )
    high: Parameter = parameter(
        default=None, optional=True, unit="unit of the observation", doc="largest value of each, or the space's"
    )
    max_rate: float = parameter(default=100 * Hz, unit="1/ms", positive=True, doc="rate of a channel at its best")

    def check(self) -> None:
        if np.ndim(self.max_rate):
            raise InvalidValueError(f"{type(self).__name__}(max_rate=...) is an array; allowed: one number")

    @property
    def top(self) -> float:
        """The largest rate [Hz]."""
        return self.max_rate * 1e3

    def bounds(self, space: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the largest value of each coordinate.

        Raises:
            InvalidValueError: the space is unbounded and no bounds were given, or low is not below high.
        """
        count = int(np.prod(shape_of(space)))
        given = (("low", self.low, space.low), ("high", self.high, space.high))
        low, high = (per_coordinate(self, n, own if v is None else v, count) for n, v, own in given)
        finite = np.isfinite(low) & np.isfinite(high) & (high - low < 1e30)  # some spaces bound by the largest float32
        if not finite.all():
            raise InvalidValueError(
                f"the observation space leaves coordinate {int(np.argmin(finite))} of {count} without bounds; give "
                f"those within which it matters, one for each coordinate: {type(self).__name__}(low=[...], high=[...])"
            )
        if not (low < high).all():
            i = int(np.argmin(low < high))
            raise InvalidValueError(
                f"{type(self).__name__} needs low < high; given {low[i]:g} and {high[i]:g} for coordinate {i}"
            )
        return low, high

    def whole(self, name: str, count: int) -> NDArray[np.int64]:
        """The parameter ``name`` as a whole number for each of ``count`` coordinates."""
        value = per_coordinate(self, name, getattr(self, name), count)
        if (value % 1).any():
            raise InvalidValueError(f"{type(self).__name__}({name}=...) must be whole numbers; given {value.tolist()}")
        return value.astype(np.int64)

    def countable(self, channels: int) -> int:
        """``channels``, if there are not too many of them."""
        if channels > LARGEST:
            raise InvalidValueError(
                f"{type(self).__name__} would need {channels:,} channels, one for each combination of coordinates; "
                "choose fewer for each coordinate, or PopulationCode, which has channels for each coordinate alone"
            )
        return channels


def per_coordinate(who: object, name: str, value: Any, count: int) -> NDArray[np.float64]:
    """``value`` as one number for each of ``count`` coordinates.

    Raises:
        InvalidValueError: an array of another length.
    """
    array = np.asarray(value, np.float64).reshape(-1)
    if array.size not in (1, count):
        raise InvalidValueError(
            f"{type(who).__name__}({name}=...) has {array.size} values; the observation has {count} coordinates"
        )
    return np.broadcast_to(array, (count,))


def between(observation: Any, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """The coordinates of ``observation``, those beyond a bound put on it.

    Raises:
        InvalidValueError: another number of coordinates, or one that is not a number.
    """
    values = np.asarray(observation, np.float64).reshape(-1)
    if values.size != low.size:
        raise InvalidValueError(f"the observation has {values.size} coordinates; its space has {low.size}")
    if np.isnan(values).any():
        raise InvalidValueError(f"coordinate {int(np.argmax(np.isnan(values)))} of the observation is not a number")
    return np.minimum(np.maximum(values, low), high)


def tuned(value: float, centres: NDArray[np.float64], width: float, cutoff: float) -> tuple[Any, Any]:
    """Which of the Gaussians around ``centres`` reach ``cutoff`` at ``value``, and how high they are there."""
    height = np.exp(-0.5 * np.square((value - centres) / width))
    which = np.flatnonzero(height >= cutoff)
    return which, height[which]
