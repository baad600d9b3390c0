"""The action whose neurons fire most."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.decoders.base import ActionDecoder, Uniform, in_groups


@final
class Winner(ActionDecoder):
    """The action whose group of neurons fired most; among equals one is drawn.

    >>> from gymnasium.spaces import Discrete
    >>> Winner(neurons=2).decode([0, 3, 2, 2, 1, 0], Discrete(3), uniform=lambda: 0.5)
    1
    """

    neurons: float = parameter(default=1, unit="neurons", minimum=1, doc="of each action")

    def check(self) -> None:
        whole_neurons(self)

    def wanted(self, space: Any) -> int:
        return int(space.n) * int(self.neurons)

    def decode(self, counts: NDArray[np.float64], space: Any, uniform: Uniform) -> int:
        votes = in_groups(counts, int(space.n))
        best = np.flatnonzero(votes == votes.max())
        chosen = best[0] if best.size == 1 else best[int(uniform() * best.size)]
        return int(chosen) + int(space.start)


def whole_neurons(decoder: Any) -> None:
    """Check that ``decoder.neurons`` is a whole number.

    Raises:
        InvalidValueError: it is not.
    """
    if decoder.neurons % 1:
        name = type(decoder).__name__
        raise InvalidValueError(f"{name}(neurons={decoder.neurons}) is not possible; allowed: whole numbers >= 1")
