"""Independent Poisson events whose rate changes in time."""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, positive, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.sources.base import Events, Source


@final
class InhomogeneousPoisson(Source):
    r"""Independent Poisson events at each neuron, at a rate that is constant from one of the ``times`` to the next.

    .. math:: P(k \text{ events in a step}) = e^{-\Lambda} \Lambda^k / k!, \qquad
              \Lambda = \int_{step} r(t)\,dt, \qquad r(t) = rates_i \quad (times_i \le t < times_{i+1})

    The rate is 0 before the first of the ``times`` and the last of the ``rates`` for ever, or, with a ``period``, until
    the whole begins anew. ``rates`` has the shape (times,), the same for all neurons, or (times, neurons). The integral
    is exact where a rate changes within a step. For a rate given step by step, ``times=np.arange(len(rates)) * dt``.

    Which events come in which step is a function of the network's seed (Daley & Vere-Jones 2003, ch. 2.4,
    doi:10.1007/b97277).

    >>> from spikeloom.units import Hz, ms
    >>> InhomogeneousPoisson(rates=[5 * Hz, 80 * Hz], times=[0 * ms, 200 * ms], period=250 * ms)
    InhomogeneousPoisson(2 rates for every neuron, up to 80 Hz, period=250 ms)
    """

    rates: Any = parameter(default=None, unit="Hz", doc="the rates, (times,) or (times, neurons)")
    times: Any = parameter(default=None, unit="ms", doc="when each rate begins, ascending")
    period: float | None = parameter(default=None, unit="ms", doc="after which the rates begin anew; None: never")

    gives_events: ClassVar[bool] = True
    gives_current: ClassVar[bool] = False
    listed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.rates is None or self.times is None:
            raise InvalidValueError(
                "InhomogeneousPoisson needs rates and when each begins; write "
                "InhomogeneousPoisson(rates=[5 * Hz, 80 * Hz], times=[0 * ms, 200 * ms])"
            )
        rates = to_numpy(self.rates, "InhomogeneousPoisson: rates").astype(np.float64)  # a copy
        times = to_numpy(self.times, "InhomogeneousPoisson: times").astype(np.float64)
        if times.ndim != 1 or times.size == 0 or rates.ndim not in (1, 2) or rates.shape[0] != times.size:
            raise InvalidValueError(
                f"InhomogeneousPoisson: rates have the shape {rates.shape}, and times {times.shape}; allowed: (times,) "
                "or (times, neurons) rates, one row for each of the times"
            )
        rates = rates.reshape(times.size, -1)
        finite(times, "InhomogeneousPoisson: times", ("place",))
        finite(rates, "InhomogeneousPoisson: rates", ("time", "neuron"))
        if rates.size == 0 or rates.min() < 0:
            given = f"{rates.min() * 1e3:g} Hz is not" if rates.size else "none are"
            raise InvalidValueError(f"InhomogeneousPoisson: rates: {given} possible; allowed: >= 0 Hz")
        falls = np.flatnonzero(np.diff(times) <= 0)
        if times[0] < 0 or falls.size:
            at = int(falls[0]) + 1 if falls.size else 0
            after = f" after {times[at - 1]:g} ms" if at else ""
            raise InvalidValueError(
                f"InhomogeneousPoisson: times[{at}] is {times[at]:g} ms{after}; allowed: ascending, from 0 ms on"
            )
        if self.period is not None:
            length = positive(self.period, "InhomogeneousPoisson: period", "period=250 * ms")
            if length <= times[-1]:
                raise InvalidValueError(
                    f"InhomogeneousPoisson(period={length:g}): allowed: > {times[-1]:g} ms, where the last rate begins"
                )
            object.__setattr__(self, "period", length)
        object.__setattr__(self, "rates", rates)
        object.__setattr__(self, "times", times)

    @functools.cached_property
    def _upto(self) -> NDArray[np.float64]:
        """The rate of every neuron, or of all neurons up to each one."""
        return np.ascontiguousarray(np.cumsum(self.rates, axis=1))

    @functools.cached_property
    def _before(self) -> NDArray[np.float64]:
        """The mean number of events before each of the times: of every neuron, or of all together."""
        return np.concatenate([[0.0], np.cumsum(self._upto[:-1, -1] * np.diff(self.times))])

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        rates = self.rates[:, 0] if self.rates.shape[1] == 1 else self.rates
        return {
            "class": "InhomogeneousPoisson",
            "rates": rates.tolist(),
            "times": self.times.tolist(),
            "period": self.period,
        }

    def __repr__(self) -> str:
        many = self.rates.shape[1]
        who = "every neuron" if many == 1 else f"each of {many} neurons"
        again = "" if self.period is None else f", period={self.period:g} ms"
        return f"InhomogeneousPoisson({len(self.times)} rates for {who}, up to {self.rates.max() * 1e3:g} Hz{again})"

    def _until(self, time: float) -> float:
        """The mean number of events from 0 to ``time``: of every neuron, or of all together."""
        rounds = 0.0 if self.period is None else time // self.period
        left = time if self.period is None else time - rounds * self.period
        piece = int(np.searchsorted(self.times, left, side="right")) - 1
        mean = self._before[piece] + self._upto[piece, -1] * (left - self.times[piece]) if piece >= 0 else 0.0
        if rounds > 0 and self.period is not None:
            mean += rounds * (self._before[-1] + self._upto[-1, -1] * (self.period - self.times[-1]))
        return float(mean)

    def events(self, first: int, steps: int, dt: float, neurons: int, key: int) -> Events:
        many = self.rates.shape[1]
        if many not in (1, neurons):
            raise InvalidValueError(
                f"InhomogeneousPoisson: the rates are for {many} neurons, and the population has {neurons}"
            )
        from spikeloom.sources.arrivals import fill_poisson

        period = math.inf if self.period is None else self.period
        rule = (np.uint64(key), first, dt, self.times, self._upto, period, neurons)
        mean = (self._until((first + steps) * dt) - self._until(first * dt)) * (neurons if many == 1 else 1)
        room = math.ceil(max(mean, 0.0) + 8 * max(mean, 0.0) ** 0.5 + 64)
        offsets, index = np.zeros(steps + 1, np.int64), np.empty(room, np.int32)
        fill_poisson(*rule, offsets, index)
        if offsets[-1] > index.size:  # more than eight standard deviations above the mean
            index = np.empty(offsets[-1], np.int32)
            fill_poisson(*rule, offsets, index)
        return offsets, index[: offsets[-1]]
