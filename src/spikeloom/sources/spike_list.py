"""Given spikes."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, final

import numpy as np

from spikeloom.core.arrays import finite, in_range, integers, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.spikes import Spikes
from spikeloom.sources.base import Events, Source
from spikeloom.sources.listing import at_every, by_step, steps_of


@final
class SpikeList(Source):
    r"""Events at given times, counted from the beginning of the simulation.

    .. math:: S_j(t) = \sum_{e:\, neurons_e = j} \delta(t - times_e)

    ``times`` [ms] ascend; ``neurons`` says at which neuron each event is, and without it each is at every neuron. What
    :class:`~spikeloom.core.spikes.Spikes` hold, :meth:`from_spikes` takes.

    >>> from spikeloom.units import ms
    >>> SpikeList(times=[1.0 * ms, 1.5 * ms, 7.0 * ms], neurons=[0, 4, 0])
    SpikeList(3 events from 1 to 7 ms)
    """

    times: Any = parameter(default=None, unit="ms", doc="when each event is, ascending")
    neurons: Any = parameter(default=None, doc="at which neuron each event is; None: at every one")

    gives_events: ClassVar[bool] = True
    gives_current: ClassVar[bool] = False
    listed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.times is None:
            raise InvalidValueError(
                "SpikeList needs times; write SpikeList(times=[1 * ms, 7 * ms], neurons=[0, 4]), or "
                "SpikeList.from_spikes(spikes)"
            )
        times = to_numpy(self.times, "SpikeList: times").astype(np.float64)  # a copy
        if times.ndim != 1:
            raise InvalidValueError(f"SpikeList: times have the shape {times.shape}; allowed: one-dimensional")
        finite(times, "SpikeList: times", ("event",))
        if times.size and times[0] < 0:
            raise InvalidValueError(f"SpikeList: times[0] is {times[0]:g} ms; allowed: >= 0 ms")
        falls = np.flatnonzero(times[1:] < times[:-1])
        if falls.size:
            at = int(falls[0]) + 1
            raise InvalidValueError(
                f"SpikeList: times[{at}] is {times[at]:g} ms after {times[at - 1]:g} ms; allowed: ascending. To sort, "
                "write order = np.argsort(times); SpikeList(times=times[order], neurons=neurons[order])"
            )
        object.__setattr__(self, "times", times)
        if self.neurons is None:
            return
        given = np.asarray(self.neurons, np.int64) if np.size(self.neurons) == 0 else self.neurons
        neurons = integers(given, "SpikeList: neurons").astype(np.int64)
        if neurons.size != times.size:
            raise InvalidValueError(
                f"SpikeList: {times.size} times and {neurons.size} neurons; allowed: one neuron for each time"
            )
        in_range(neurons, 2**31 - 1, "SpikeList: neurons", "the numbers of neurons begin at 0")
        object.__setattr__(self, "neurons", neurons)

    @classmethod
    def from_spikes(cls, spikes: Spikes, sample: int = 0) -> SpikeList:
        """The events of one ``sample`` of ``spikes``, each at the beginning of its step.

        Raises:
            InvalidValueError: not ``Spikes``, or a sample that they have not.

        >>> SpikeList.from_spikes(Spikes.from_events(step=[0, 30], neuron=[1, 0], shape=(50, 1, 2), dt=0.1))
        SpikeList(2 events from 0 to 3 ms)
        """
        if not isinstance(spikes, Spikes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"SpikeList.from_spikes({type(spikes).__name__}): give Spikes")
        number = whole(sample, "sample", minimum=0)
        if number >= spikes.shape[1]:
            raise InvalidValueError(f"sample={sample} is not there; allowed: 0 to {spikes.shape[1] - 1}, of {spikes}")
        one = spikes.select([number])
        return cls(times=one.time, neurons=one.neuron)

    @functools.cached_property
    def _needed(self) -> int:
        """How many neurons a population must have at least."""
        return 0 if self.neurons is None else int(self.neurons.max(initial=-1)) + 1

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        neurons = None if self.neurons is None else self.neurons.tolist()
        return {"class": "SpikeList", "times": self.times.tolist(), "neurons": neurons}

    def __repr__(self) -> str:
        span = f" from {self.times[0]:g} to {self.times[-1]:g} ms" if self.times.size else ""
        return f"SpikeList({self.times.size} events{' at every neuron' * (self.neurons is None)}{span})"

    def events(self, first: int, steps: int, dt: float, neurons: int, key: int) -> Events:
        if self._needed > neurons:
            in_range(self.neurons, neurons, "SpikeList: neurons", f"the population has {neurons}")
        # A step more on either side, which by_step leaves out again: rounding must not lose an event.
        begin, end = np.searchsorted(self.times, [(first - 1) * dt, (first + steps + 1) * dt])
        step = steps_of(self.times[begin:end], dt)
        if self.neurons is None:
            return at_every(step, neurons, first, steps)
        return by_step(step, self.neurons[begin:end], first, steps)
