"""The events of a sensor, as they are: each event a spike."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.learning.reinforcement.encoders.base import Active, ObservationEncoder
from spikeloom.learning.reinforcement.spaces import shape_of


class _Sensor(NamedTuple):
    bins: int
    channels: int


@final
class EventStream(ObservationEncoder):
    r"""How many events each pixel of a sensor had since the last observation; as many spikes of its channel.

    .. math:: t_j = \left\lfloor \frac{(b + (2 j + 1) / 2 n)\, T}{B} \right\rfloor, \qquad j = 0 \ldots n - 1

    An observation is an array of counts n >= 0, flattened: polarity, row, column for an event camera. With
    ``time_bins`` its first axis is time, in B bins that fill the T steps of an observation (B = 1 without). The n
    events of a bin are spread over it evenly: nothing is drawn at random. Counts are rounded to whole numbers.

    Events are few among all that a space allows: an agent, whose synapses are scaled by how much its senses fire, has
    to be told how many ``events`` an observation has, about.

    >>> from gymnasium.spaces import Box
    >>> camera = Box(0, 9, (2, 1, 2))
    >>> spikes = EventStream().spikes([[[0, 2]], [[1, 0]]], camera, steps=4, dt=1.0, key=0, begin=0)
    >>> spikes.step.tolist(), spikes.neuron.tolist()
    ([1, 2, 3], [1, 2, 1])
    """

    spaces: ClassVar[tuple[str, ...]] = ("Box", "MultiBinary")

    time_bins: bool = parameter(default=False, choices=(False, True), doc="the first axis of an observation is time")
    interval: float = parameter(default=20 * ms, unit="ms", positive=True, doc="between observations, for rates")
    events: float | None = parameter(
        default=None, optional=True, unit="events", minimum=1, doc="in an observation, what an agent is scaled by"
    )

    def check(self) -> None:
        if np.ndim(self.interval) or (self.events is not None and np.ndim(self.events)):
            raise InvalidValueError("EventStream(interval=..., events=...) takes one number for each, no array")

    def prepare(self, space: Any) -> _Sensor:
        shape = shape_of(space)
        if self.time_bins and len(shape) < 2:
            raise InvalidValueError(
                f"EventStream(time_bins=True) needs observations with the axes (time, channels...); given shape {shape}"
            )
        bins = shape[0] if self.time_bins else 1
        return _Sensor(bins, int(np.prod(shape)) // bins)

    def channels(self, prepared: _Sensor) -> int:
        return prepared.channels

    def examples(self, space: Any, count: int) -> list[Any]:
        """Observations of ``events`` events each, anywhere; random elements of ``space`` where that is not given."""
        if self.events is None:
            return super().examples(space, count)
        sensor = self.prepared(space)
        size = sensor.bins * sensor.channels
        places = stream(0, "EventStream examples").integers(size, size=(count, round(self.events)))
        return [np.bincount(place, minlength=size) for place in places]

    def lit(self, observation: Any, prepared: _Sensor) -> Active:
        counts = _counts(observation, prepared).sum(0)
        which = np.flatnonzero(counts)
        return which, counts[which] * (1e3 / self.interval)

    def spikes(self, observation: Any, space: Any, steps: int, dt: float, key: int, begin: int) -> Spikes:
        sensor = self.prepared(space)
        counts = _counts(observation, sensor)
        which, channel = np.nonzero(counts)
        events = counts[which, channel]
        n = np.repeat(events, events)
        j = np.arange(n.size) - np.repeat(np.cumsum(events) - events, events)
        step = ((np.repeat(which, events) + (2 * j + 1) / (2 * n)) * steps / sensor.bins).astype(np.int64)
        shape = (steps, 1, sensor.channels)
        return Spikes.from_events(step, np.repeat(channel, events), shape=shape, dt=dt, sort=True)


def _counts(observation: Any, sensor: _Sensor) -> Any:
    values = np.asarray(observation, np.float64)
    if values.size != sensor.bins * sensor.channels:
        raise InvalidValueError(
            f"the observation has {values.size} entries; its space has {sensor.bins * sensor.channels}"
        )
    if not np.isfinite(values).all() or (values < 0).any():
        raise InvalidValueError("an observation of events counts them: finite numbers >= 0 are expected")
    return np.rint(values).astype(np.int64).reshape(sensor.bins, sensor.channels)
