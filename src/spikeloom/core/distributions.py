"""Distributions of weights, delays and initial values: small frozen objects, and :func:`fill`, which draws from them.

The value of a synapse depends on (key, target, its place among the target's synapses) and on nothing else: one thread
or sixteen, all targets or a few, it is the same to the bit. Units are the caller's.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError, unknown_name

Numbers = tuple[str, float, float]


@dataclasses.dataclass(frozen=True)
class Distribution:
    """Base of the distributions. Where ``low`` or ``high`` are given, a value outside is drawn again, as by NEST's
    ``redraw``: the distribution is cut off there, and keeps its shape in between.
    """

    unbounded: ClassVar[tuple[str, ...]] = ("low", "high")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value: Any = getattr(self, field.name)
            if value is None and field.name in self.unbounded and field.default is None:
                continue
            if value is True or value is False or not isinstance(value, numbers.Real) or not math.isfinite(value):
                raise InvalidValueError(f"{self._shown(field.name, value)} is not possible; allowed: a finite number")
            object.__setattr__(self, field.name, float(value))
        low, high = self.bounds()
        if low >= high:
            raise InvalidValueError(
                f"{type(self).__name__}(low={low:g}, high={high:g}) is not possible; allowed: low < high"
            )
        self.check()

    def check(self) -> None:
        """Checks of single parameters, for subclasses to define; each raises :class:`InvalidValueError`."""

    def parameters(self) -> Numbers:
        """The kind of :mod:`spikeloom.core.samplers`, and its two numbers."""
        raise NotImplementedError(f"{type(self).__name__} does not define parameters")

    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest value allowed, infinite where there is none."""
        low, high = (getattr(self, name, None) for name in ("low", "high"))
        return (-math.inf if low is None else low, math.inf if high is None else high)

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values; :func:`from_description` makes the same distribution again."""
        return {"class": type(self).__name__, **dataclasses.asdict(self)}

    def _shown(self, name: str, value: object) -> str:
        return f"{type(self).__name__}({name}={value!r})"

    def _at_least_zero(self, name: str) -> None:
        if getattr(self, name) < 0:
            raise InvalidValueError(f"{self._shown(name, getattr(self, name))} is not possible; allowed: a number >= 0")

    def _not_zero(self, name: str) -> None:
        if getattr(self, name) == 0:
            raise InvalidValueError(
                f"{self._shown(name, 0.0)} is not possible; allowed: a number above 0, or below 0 for negative values"
            )


@final
@dataclasses.dataclass(frozen=True)
class Constant(Distribution):
    """Always ``value``."""

    value: float

    def parameters(self) -> Numbers:
        return "CONSTANT", self.value, 0.0


@final
@dataclasses.dataclass(frozen=True)
class Uniform(Distribution):
    """Every number from ``low`` to ``high`` with the same probability."""

    low: float
    high: float

    def parameters(self) -> Numbers:
        return "UNIFORM", self.low, self.high - self.low


@final
@dataclasses.dataclass(frozen=True)
class Normal(Distribution):
    """Normal, with mean and standard deviation; ``low`` and ``high`` cut it off by drawing again.

    >>> Normal(0.1, 0.02, low=0.0)
    Normal(mean=0.1, std=0.02, low=0.0, high=None)
    """

    mean: float
    std: float
    low: float | None = None
    high: float | None = None

    def check(self) -> None:
        self._at_least_zero("std")

    def parameters(self) -> Numbers:
        return "NORMAL", self.mean, self.std


@final
@dataclasses.dataclass(frozen=True)
class LogNormal(Distribution):
    """The logarithm of value / ``median`` is normal, with mean 0 and standard deviation ``sigma`` (without unit).

    Its mean is median * exp(sigma**2 / 2). NEST's ``lognormal(mean=m, std=s)`` is ``LogNormal(exp(m), s)``. A median
    below zero gives negative values, as for weights of inhibitory synapses.
    """

    median: float
    sigma: float
    low: float | None = None
    high: float | None = None

    def check(self) -> None:
        self._not_zero("median")
        self._at_least_zero("sigma")

    def parameters(self) -> Numbers:
        return "LOG_NORMAL", self.median, self.sigma


@final
@dataclasses.dataclass(frozen=True)
class Exponential(Distribution):
    """Exponential with this ``mean``, its standard deviation too. A mean below zero gives negative values."""

    mean: float
    low: float | None = None
    high: float | None = None

    def check(self) -> None:
        self._not_zero("mean")

    def parameters(self) -> Numbers:
        return "EXPONENTIAL", self.mean, 0.0


_KINDS = {kind.__name__: kind for kind in (Constant, Uniform, Normal, LogNormal, Exponential)}


def from_description(description: Mapping[str, Any]) -> Distribution:
    """The distribution that :meth:`Distribution.describe` described.

    Raises:
        UnknownNameError: there is no distribution of that name.
    """
    name = description.get("class")
    if name not in _KINDS:
        raise unknown_name("distribution", name, _KINDS)
    return _KINDS[name](**{key: value for key, value in description.items() if key != "class"})


def fill(
    distribution: Distribution,
    key: int,
    first_target: int,
    offsets: NDArray[np.int64],
    out: NDArray[Any],
) -> None:
    """Write the values of all synapses of some targets: those of ``first_target + j`` to
    ``out[offsets[j]:offsets[j + 1]]``, in a compiled loop that lets other threads run.

    Args:
        distribution: what to draw from.
        key: which stream of numbers, 0 to 2**64 - 1; take another for each quantity of each projection.
        first_target: the index of the first target in its population.
        offsets: where each target's values begin, and where the last one's end.
        out: float32 (each value is rounded to it) or float64.

    Raises:
        InvalidValueError: 1000 draws in a row fell outside ``low`` and ``high``, or arrays that do not fit.

    >>> rows = np.zeros(5)
    >>> fill(Normal(20.0, 1.0), 7, 0, np.array([0, 2, 5]), rows)
    >>> last = np.zeros(3)
    >>> fill(Normal(20.0, 1.0), 7, 1, np.array([0, 3]), last)
    >>> bool((rows[2:] == last).all())
    True
    """
    if out.dtype.name not in ("float32", "float64") or out.ndim != 1:
        raise InvalidValueError(
            f"fill needs one-dimensional float32 or float64 for its values; given {out.dtype}, shape {out.shape}"
        )
    rows = np.ascontiguousarray(offsets, np.int64)
    if rows.ndim != 1 or rows.size == 0 or rows[0] < 0 or (np.diff(rows) < 0).any() or rows[-1] > out.size:
        raise InvalidValueError(
            f"fill needs offsets that begin at 0 or later, never fall and end at {out.size} or before, one more than "
            "there are targets"
        )
    if not (0 <= key < 2**64 and 0 <= first_target < 2**32 - rows.size):
        raise InvalidValueError(
            f"fill needs a key from 0 to 2**64 - 1 and targets below 2**32; given key {key} and {first_target}"
        )
    from spikeloom.core import samplers

    kind, a, b = distribution.parameters()
    low, high = (-math.inf, math.inf) if kind == "UNIFORM" else distribution.bounds()
    stuck = samplers.fill_rows(getattr(samplers, kind), a, b, low, high, np.uint64(key), first_target, rows, out)
    if stuck >= 0:
        raise InvalidValueError(
            f"{distribution}: {samplers.TRIES} draws in a row lay outside [{low:g}, {high:g}] (target {stuck}); "
            "widen low and high, or move the distribution between them"
        )
