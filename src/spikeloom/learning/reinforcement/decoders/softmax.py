"""An action drawn in proportion to the exponential of the counts."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.decoders.base import ActionDecoder, Uniform, in_groups
from spikeloom.learning.reinforcement.decoders.winner import whole_neurons


@final
class Softmax(ActionDecoder):
    r"""A random action: the more its group of neurons fired, the more probable.

    .. math:: P(a) = \frac{e^{n_a / T}}{\sum_b e^{n_b / T}}, \qquad n_a = \sum_{i \in a} \text{count}_i

    T is in spikes: at a high temperature every action is tried, at a low one that with the most spikes is taken. Drawn
    by inversion, from one uniform number.

    Source: Sutton & Barto 2018, "Reinforcement Learning" (2nd ed.), section 2.8.

    >>> from gymnasium.spaces import Discrete
    >>> Softmax(temperature=2).probabilities([1, 3], Discrete(2)).round(3).tolist()
    [0.269, 0.731]
    """

    temperature: float = parameter(default=1.0, unit="spikes", positive=True, doc="T")
    neurons: float = parameter(default=1, unit="neurons", minimum=1, doc="of each action")

    def check(self) -> None:
        whole_neurons(self)

    def wanted(self, space: Any) -> int:
        return int(space.n) * int(self.neurons)

    def probabilities(self, counts: Any, space: Any) -> NDArray[np.float64]:
        """The probability of each action."""
        votes = in_groups(counts, int(space.n)) / self.temperature
        weights = np.exp(votes - votes.max())
        return weights / weights.sum()

    def decode(self, counts: NDArray[np.float64], space: Any, uniform: Uniform) -> int:
        below = np.cumsum(self.probabilities(counts, space))
        chosen = int(np.searchsorted(below, uniform() * below[-1], side="right"))
        return min(chosen, below.size - 1) + int(space.start)
