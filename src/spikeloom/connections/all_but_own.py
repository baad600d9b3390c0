"""Every neuron to all but its own partner."""

from __future__ import annotations

from typing import final

import numpy as np

from spikeloom.connections.base import Connection, Incoming
from spikeloom.core.errors import InvalidValueError


@final
class AllButOwn(Connection):
    """Source i to all targets but i, for two populations of the same size; within one, each neuron to all others.

    With :class:`~spikeloom.connections.OneToOne` onto a population of inhibitory neurons, this one back makes each
    neuron that fires silence all others: lateral inhibition.

    >>> offsets, source = AllButOwn().incoming(3, 3, key=0)
    >>> offsets, source
    (array([0, 2, 4, 6]), array([1, 2, 0, 2, 0, 1], dtype=int32))
    """

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        if sources != targets:
            raise InvalidValueError(
                f"AllButOwn() needs as many sources as targets; given {sources} and {targets}. For other pairs write "
                "Pairs(source=[...], target=[...])"
            )

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        return targets * (targets - 1)

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        others = np.arange(sources - 1, dtype=np.int32)
        own = np.arange(first, last, dtype=np.int32)[:, None]
        return np.arange(last - first + 1, dtype=np.int64) * (sources - 1), (others + (others >= own)).reshape(-1)
