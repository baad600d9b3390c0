"""What a rule is shown of a target's synapses at the end of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import NDArray


@final
@dataclasses.dataclass(frozen=True)
class Incoming:
    """The synapses onto all targets of a projection, as a rule looks at them at the end of a run.

    Target j has the weights (magnitudes) ``weights[offsets[j]:offsets[j + 1]]``, and of each of the rule's traces
    of the target the value ``traces[name][j]``.
    """

    weights: NDArray[np.float64]
    offsets: NDArray[np.int64]
    traces: Mapping[str, NDArray[np.float64]]

    def extremes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The largest and the smallest weight of each target; -inf and inf where it has none."""
        some = np.flatnonzero(np.diff(self.offsets))
        most, least = np.full(self.offsets.size - 1, -np.inf), np.full(self.offsets.size - 1, np.inf)
        if some.size:
            most[some] = np.maximum.reduceat(self.weights, self.offsets[some])
            least[some] = np.minimum.reduceat(self.weights, self.offsets[some])
        return most, least
