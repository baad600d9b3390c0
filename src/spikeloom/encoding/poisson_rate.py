"""Random spikes at a rate in proportion to the feature."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.random import uniform
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz
from spikeloom.encoding.base import Encoder, checked_epoch, checked_features, checked_samples, chunks


@final
class PoissonRate(Encoder):
    r"""Rate code: each channel fires at random, in each step with probability p and independently of all others.

    .. math:: p = x \, r_{max} \, \Delta t, \qquad \text{mean rate } x \, r_{max}

    A Poisson process on the grid (at most one spike per step). The spikes are not found by asking every step: the gap
    between two spikes of a channel is geometric, floor(log(1 - u) / log(1 - p)) silent steps for u uniform in [0, 1),
    so the work follows the spikes. The j-th number u of a channel is looked up by (seed, epoch, sample, channel, j):
    a sample gets the same spikes in one batch or two, in this order or another. ``x`` must lie in [0, 1].

    Source: Gerstner, Kistler, Naud & Paninski 2014, doi:10.1017/CBO9781107447615, chapter 7 (Poisson spike trains);
    Devroye 1986, doi:10.1007/978-1-4613-8643-8, chapter X (geometric gaps by inversion).

    >>> encoder = PoissonRate(steps=1000, max_rate=100 * Hz)
    >>> abs(encoder.encode([[1.0] * 100]).rate().mean() - 100) < 5
    np.True_
    """

    random: ClassVar[bool] = True

    max_rate: float = parameter(default=100 * Hz, unit="1/ms", positive=True, doc="firing rate where the feature is 1")

    def check(self) -> None:
        if self.max_rate * self.dt > 1:
            raise InvalidValueError(
                f"PoissonRate gives at most one spike per step, so max_rate * dt must be at most 1; given "
                f"{self.max_rate:g} per ms * {self.dt:g} ms. Write max_rate=100 * Hz (a plain 100 is 100 per ms)"
            )

    def stronger(self, strength: float) -> PoissonRate:
        return self.replace(max_rate=min(self.max_rate * strength, 1 / self.dt))

    def encode(self, x: Any, *, seed: int = 0, samples: Any = None, epoch: int = 0) -> Spikes:
        features = checked_features(x, 0, 1, "Scale it first, as in x / 255 for 8-bit images")
        numbers = checked_samples(samples, len(features))
        name = f"PoissonRate/epoch {checked_epoch(epoch)}"
        parts = [self._part(features[part], numbers[part], seed, name) for part in chunks(features)]
        return Spikes.concatenate(parts)

    def _part(self, x: NDArray[Any], numbers: NDArray[np.int64], seed: int, name: str) -> Spikes:
        b, n = x.shape
        p = x.astype(np.float64).reshape(-1) * (self.max_rate * self.dt)
        place = np.flatnonzero(p > 0)  # sample * n + channel, within this part
        with np.errstate(divide="ignore"):  # p = 1 is never silent: the logarithm is -inf, and every gap 0
            log_silent = np.log1p(-p[place])
        stream = numbers[place // n] * n + place % n
        step = np.full(place.size, -1.0)
        found: list[tuple[NDArray[np.float64], NDArray[np.int64]]] = []
        draw = 0
        while place.size:  # one round per spike of the busiest channel; channels that passed the end drop out
            with np.errstate(over="ignore"):  # the smallest p of all wait for ever
                gap = np.floor(np.log1p(-uniform(seed, name, draw, stream)) / log_silent)
            step = step + 1 + gap
            inside = step < self.steps
            place, step, stream, log_silent = place[inside], step[inside], stream[inside], log_silent[inside]
            found.append((step, place))
            draw += 1
        steps = np.concatenate([s for s, _ in found]).astype(np.int64) if found else np.zeros(0, np.int64)
        places = np.concatenate([p for _, p in found]) if found else np.zeros(0, np.int64)
        return Spikes.from_events(steps, places % n, places // n, shape=(self.steps, b, n), dt=self.dt, sort=True)
