"""One to one."""

from __future__ import annotations

from typing import final

import numpy as np

from spikeloom.connections.base import Connection, Incoming
from spikeloom.core.errors import InvalidValueError


@final
class OneToOne(Connection):
    """Source i to target i, for two populations of the same size; within one, each neuron to itself."""

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        if sources != targets:
            raise InvalidValueError(
                f"OneToOne() needs as many sources as targets; given {sources} and {targets}. For other pairs write "
                "Pairs(source=[...], target=[...])"
            )

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        return targets

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        return np.arange(last - first + 1, dtype=np.int64), np.arange(first, last, dtype=np.int32)
