"""What a source is: something that drives every neuron of a population on its own."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model
from spikeloom.synapses import Synapse

Events: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int32]]
"""Where each step's events begin and the last one's end, and the neuron of each event."""


class Source(Model):
    """Base of the sources, each one final subclass in a file of its own: of events, or of a current."""

    gives_events: ClassVar[bool] = False
    """Whether it gives events, each with the drive's weight."""

    gives_current: ClassVar[bool] = True
    """Whether it gives a current that is the same whatever happened before."""

    shifts_threshold: ClassVar[bool] = False
    """Whether it moves the threshold, by a normal number of standard deviation ``sigma`` in each step."""

    listed: ClassVar[bool] = False
    """Whether :meth:`events` lists its events; those of others that give events are drawn within the engine."""

    def receptor(self, weight: float) -> Synapse | None:
        """For noise that remembers: the current with its state, as a receptor at which nothing arrives."""
        return None

    def current(self, first: int, steps: int, dt: float, neurons: int) -> np.ndarray:
        """The current [pA] in each of ``steps`` steps of ``dt`` ms from step ``first`` on: (steps, 1 or neurons).

        A current is held over a step, at its value in the step's middle.
        """
        raise NotImplementedError(f"{type(self).__name__} gives no current")

    def events(self, first: int, steps: int, dt: float, neurons: int, key: int) -> Events:
        """The events in ``steps`` steps of ``dt`` ms from step ``first`` on, for a population of ``neurons``.

        Step k holds the times in [k dt, (k + 1) dt). What a step holds does not depend on the call that asks for it.

        Args:
            first: the first step, counted from the beginning of the simulation.
            steps: how many.
            dt: length of a step, ms.
            neurons: size of the population.
            key: for random events, which stream of numbers (:func:`spikeloom.core.random.key`).

        Returns:
            ``offsets`` (steps + 1,), int64, and ``index``, int32: ``index[offsets[i]:offsets[i + 1]]`` are the neurons
            that have an event in step ``first + i``, ascending; one with several stands there several times.

        Raises:
            InvalidValueError: the source is for other neurons than 0 ... ``neurons`` - 1.
        """
        raise NotImplementedError(f"{type(self).__name__} lists no events")


def middles(first: int, steps: int, dt: float) -> np.ndarray:
    """The times [ms] in the middle of steps."""
    return (np.arange(first, first + steps) + 0.5) * dt
