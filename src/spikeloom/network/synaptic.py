"""Checks of numbers, and of the weights and delays of a projection, before anything is built."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from spikeloom.core.arrays import to_numpy
from spikeloom.core.distributions import Distribution, from_description
from spikeloom.core.errors import InvalidValueError


def check_delay(delay: Any, name: str) -> Any:
    """``delay`` [ms] as it is kept: None, a float, an array, or a distribution.

    Raises:
        InvalidValueError: it is negative or not finite.
    """
    if delay is None or isinstance(delay, Distribution):
        return delay
    values = to_numpy(delay, f"{name!r}: delay").astype(np.float64)
    if values.ndim > 1 or not np.isfinite(values).all() or (values <= 0).any():
        raise InvalidValueError(
            f"{name!r}: delay={delay!r} is not possible; allowed: times > 0 ms, one number, one for each synapse, or a "
            "distribution such as Uniform(1.0, 2.0)"
        )
    return float(values) if values.ndim == 0 else values


def check_weight(weight: Any, name: str, synapses: int) -> Any:
    """``weight`` as it is kept: a float, an array with one for each synapse, or a distribution.

    Raises:
        InvalidValueError: there is none, or one of another length, or one that is not finite.
    """
    if isinstance(weight, Distribution):
        return weight
    if weight is None:
        raise InvalidValueError(
            f"{name!r} needs a weight; write connect(..., weight=0.1 * mV), or a distribution such as Normal(0.1, 0.01)"
        )
    values = to_numpy(weight, f"{name!r}: weight").astype(np.float64)
    if not np.isfinite(values).all():
        raise InvalidValueError(f"{name!r}: weight holds values that are not finite")
    if values.shape not in ((), (synapses,)):
        raise InvalidValueError(
            f"{name!r}: weight has shape {values.shape}; allowed: one number, an array of shape ({synapses},), or a "
            "distribution such as Normal(0.1, 0.01)"
        )
    return float(values) if values.ndim == 0 else values


def plain(value: Any) -> Any:
    """A weight or delay as plain JSON values; :func:`from_plain` makes it again."""
    if isinstance(value, Distribution):
        return value.describe()
    return value.tolist() if isinstance(value, np.ndarray) else value


def from_plain(value: Any) -> Any:
    """The weight or delay that :func:`plain` wrote."""
    if isinstance(value, dict):
        return from_description(value)
    return np.array(value) if isinstance(value, list) else value


def is_number(value: object) -> bool:
    """Whether ``value`` is a real number, and not a bool."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
