"""Each neuron points somewhere, and they vote."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.decoders.base import ActionDecoder, Uniform, in_groups
from spikeloom.learning.reinforcement.decoders.winner import whole_neurons
from spikeloom.learning.reinforcement.spaces import kind, shape_of


@final
class PopulationVector(ActionDecoder):
    r"""The mean of what the neurons stand for, each weighted by its spikes.

    ``over="line"``: every coordinate of a Box has ``neurons`` of its own, with values evenly from its lower to its
    upper bound, and :math:`a = \sum_i n_i a_i / \sum_i n_i`; the middle of the range without any spike.

    ``over="ring"``: the neurons point around a circle, :math:`\phi_i = 2 \pi i / N`, and

    .. math:: (x, y) = \frac{1}{\sum_i n_i} \sum_i n_i \, (\cos \phi_i, \sin \phi_i)

    A Box of two coordinates gets the vector itself, scaled to its bounds; one of a single coordinate the angle, which
    wraps around from its upper to its lower bound; a Discrete space of N actions around a circle the one that is
    nearest. Without a direction (no spike, or all sides alike) the vector is zero, and the angle and the action are
    drawn.

    Source: Georgopoulos, Schwartz & Kettner 1986, doi:10.1126/science.3749885.

    >>> from gymnasium.spaces import Box
    >>> PopulationVector(neurons=3).decode([0, 1, 3], Box(-2, 2, (1,)), uniform=lambda: 0.5).tolist()
    [1.5]
    """

    spaces: ClassVar[tuple[str, ...]] = ("Box", "Discrete")

    neurons: float = parameter(default=16, unit="neurons", minimum=2, doc="of each coordinate, or around the circle, N")
    over: str = parameter(default="line", choices=("line", "ring"), doc="what the neurons stand for")

    def check(self) -> None:
        whole_neurons(self)

    def wanted(self, space: Any) -> int:
        if kind(space) == "Discrete":
            if self.over == "line":
                raise InvalidValueError(
                    f'PopulationVector(over="line") gives numbers, but {space} has separate actions; write over="ring" '
                    "where they lie around a circle, or use Winner or Softmax"
                )
            return int(self.neurons)
        _box(space)
        coordinates = int(np.prod(shape_of(space)))
        if self.over == "ring" and coordinates > 2:
            raise InvalidValueError(
                f"a ring of neurons gives an angle or a direction in a plane, but {space} has {coordinates} "
                'coordinates; write PopulationVector(over="line")'
            )
        return int(self.neurons) * (1 if self.over == "ring" else coordinates)

    def decode(self, counts: NDArray[np.float64], space: Any, uniform: Uniform) -> Any:
        neurons = int(self.neurons)
        if self.over == "line":
            return self._line(in_groups(counts, self.wanted(space)), space)
        votes = in_groups(counts, neurons)
        angle = np.arange(neurons) * (2 * np.pi / neurons)
        total = max(float(votes.sum()), 1e-300)
        x, y = float(votes @ np.cos(angle)) / total, float(votes @ np.sin(angle)) / total
        if kind(space) == "Box" and int(np.prod(shape_of(space))) == 2:
            low, high = _box(space)
            vector = (low + high) / 2 + (high - low) / 2 * np.array([x, y])
            return np.clip(vector, low, high).astype(space.dtype).reshape(space.shape)
        turn = uniform() if np.hypot(x, y) < 1e-9 else float(np.arctan2(y, x)) / (2 * np.pi) % 1.0
        if kind(space) == "Discrete":
            return int(np.floor(turn * int(space.n) + 0.5)) % int(space.n) + int(space.start)
        low, high = _box(space)
        return np.clip(low + (high - low) * turn, low, high).astype(space.dtype).reshape(space.shape)

    def _line(self, votes: NDArray[np.float64], space: Any) -> Any:
        low, high = _box(space)
        votes = votes.reshape(low.size, -1)
        value = np.linspace(0.0, 1.0, votes.shape[1])
        total = votes.sum(1)
        place = np.where(total > 0, votes @ value / np.where(total > 0, total, 1.0), 0.5)
        return np.clip(low + (high - low) * place, low, high).astype(space.dtype).reshape(space.shape)


def _box(space: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = (np.asarray(bound, np.float64).reshape(-1) for bound in (space.low, space.high))
    if not (np.isfinite(low) & np.isfinite(high)).all():
        raise InvalidValueError(
            f"the action space {space} has no bounds; bound it with gymnasium.wrappers.RescaleAction, or a wrapper of "
            "your own"
        )
    return low, high
