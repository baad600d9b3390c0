"""Exactly these pairs."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections.base import MOST, Connection, Incoming
from spikeloom.core.arrays import in_range, integers
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter


@final
class Pairs(Connection):
    """One synapse for each pair of ``source[i]`` and ``target[i]``, such as those read from a file.

    A pair that stands there several times gets as many synapses. Weights and delays given as arrays are in the same
    order as the pairs.

    >>> offsets, source = Pairs(source=[5, 2, 5], target=[1, 1, 0]).incoming(6, 2, key=0)
    >>> offsets, source
    (array([0, 1, 3]), array([5, 2, 5], dtype=int32))
    """

    source: Any = parameter(default=None, doc="index of the source of each synapse, in its population")
    target: Any = parameter(default=None, doc="index of the target of each synapse, in its population")

    def __post_init__(self) -> None:
        for name in ("source", "target"):
            if getattr(self, name) is None:
                raise InvalidValueError(f"Pairs needs {name}; write Pairs(source=[0, 1], target=[3, 3])")
            given: NDArray[Any] = integers(getattr(self, name), f"Pairs: {name}")
            in_range(given, MOST, f"Pairs: {name}", "indices of neurons")
            array = given.astype(np.int32)  # a copy: the caller may write into theirs
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if len(self.source) != len(self.target):
            raise InvalidValueError(
                f"Pairs: source and target must be of equal length; given {len(self.source)} and {len(self.target)}"
            )

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        in_range(self.source, sources, "Pairs: source", f"the source has {sources} neurons")
        in_range(self.target, targets, "Pairs: target", f"the target has {targets} neurons")

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        return len(self.source)

    def order(self, sources: int, first: int, last: int) -> NDArray[np.int64]:
        """Which pair each synapse of :meth:`incoming` is: ``weight[order]`` are the weights of these synapses."""
        from spikeloom.connections.by_source import stable_order

        chosen = np.flatnonzero((self.target >= first) & (self.target < last))
        chosen = chosen[stable_order(self.source[chosen], sources)]
        return chosen[stable_order(self.target[chosen] - np.int32(first), last - first)]

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        order = self.order(sources, first, last)
        offsets = np.zeros(last - first + 1, np.int64)
        np.cumsum(np.bincount(self.target[order] - first, minlength=last - first), out=offsets[1:])
        return offsets, self.source[order]

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        return {"class": "Pairs", "source": self.source.tolist(), "target": self.target.tolist()}

    def __repr__(self) -> str:
        return f"Pairs({len(self.source)} pairs)"
