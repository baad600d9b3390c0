"""What a source is: something that drives every neuron of a population on its own."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from spikeloom.core.parameters import Model


class Source(Model):
    """Base of the sources, each one final subclass in a file of its own: of events, or of a current."""

    gives_events: ClassVar[bool] = False

    def current(self, first: int, steps: int, dt: float, neurons: int) -> np.ndarray:
        """The current [pA] in each of ``steps`` steps of ``dt`` ms from step ``first`` on: (steps, 1 or neurons).

        A current is held over a step, at its value in the step's middle.
        """
        raise NotImplementedError(f"{type(self).__name__} gives no current")


def middles(first: int, steps: int, dt: float) -> np.ndarray:
    """The times [ms] in the middle of steps."""
    return (np.arange(first, first + steps) + 0.5) * dt
