"""What short-term plasticity is: a factor for each spike of a source, that depends on its spikes before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from spikeloom.core.parameters import Model


class ShortTerm(Model):
    """Base of the short-term plasticities, each one final subclass in a file of its own.

    All synapses of a source that share the parameters are always in the same state: it is kept once for each source,
    costs nothing while the source is silent, and moves on exactly over the time between two spikes. A subclass
    declares its parameters, its ``state``, ``initial_values()``, ``constants()``, and in the step language
    ``on_spike(elapsed, <state>, <constants>)``, which returns the factor and the state after the spike; ``elapsed`` is
    the time [ms] since the source's last spike.
    """

    state: ClassVar[Mapping[str, str]] = {}

    on_spike: ClassVar[Callable[..., Any]]

    def initial_values(self) -> dict[str, float]:
        """The state of a source that has never fired."""
        raise NotImplementedError(f"{type(self).__name__} does not define initial_values")

    def constants(self) -> dict[str, float]:
        """The constants of ``on_spike``."""
        raise NotImplementedError(f"{type(self).__name__} does not define constants")

    def initial(self, sources: int) -> dict[str, np.ndarray]:
        """The state of so many sources, with the step of the ``last`` spike of each (before the beginning: -1)."""
        found = {k: np.full(sources, v, np.float64) for k, v in self.initial_values().items()}
        return {**found, "last": np.full(sources, -1.0)}
