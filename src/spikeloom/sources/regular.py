"""Events at regular intervals."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.sources.base import Events, Source
from spikeloom.sources.listing import at_every, by_step, steps_of


@final
class Regular(Source):
    r"""Events at regular intervals, for ever.

    .. math:: t_{jk} = start + j\,stagger + k\,interval, \qquad k = 0, 1, 2, \dots

    for neuron j; for a rate, write ``Regular(interval=1 / (50 * Hz))``. Without a ``stagger`` all neurons have their
    events together; with ``stagger=interval / neurons`` they take turns. Times are rounded down to steps one by one,
    so the mean interval is exact even where no step divides it.
    """

    interval: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time from one event to the next")
    start: float = parameter(default=0 * ms, unit="ms", minimum=0, doc="first event of neuron 0")
    stagger: float = parameter(default=0 * ms, unit="ms", minimum=0, doc="how much later each next neuron begins")

    gives_events: ClassVar[bool] = True
    gives_current: ClassVar[bool] = False
    listed: ClassVar[bool] = True

    def events(self, first: int, steps: int, dt: float, neurons: int, key: int) -> Events:
        begin = self.start + self.stagger * np.arange(neurons if self.stagger > 0 else 1)
        # A step more on either side, which by_step leaves out again: rounding must not lose an event.
        least = np.maximum(np.ceil(((first - 1) * dt - begin) / self.interval), 0.0)
        most = np.floor(((first + steps + 1) * dt - begin) / self.interval)
        many = np.maximum(most - least + 1, 0.0).astype(np.int64)
        neuron = np.repeat(np.arange(begin.size), many)
        k = least[neuron] + np.arange(neuron.size) - (np.cumsum(many) - many)[neuron]
        step = steps_of(begin[neuron] + k * self.interval, dt)
        if self.stagger > 0:
            return by_step(step, neuron, first, steps)
        return at_every(step, neurons, first, steps)
