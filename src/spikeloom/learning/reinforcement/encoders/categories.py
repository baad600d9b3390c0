"""Categories: a group of neurons for each value."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import Hz
from spikeloom.learning.reinforcement.encoders.base import Active, ObservationEncoder
from spikeloom.learning.reinforcement.spaces import choices, start


class _Groups(NamedTuple):
    least: NDArray[np.int64]
    values: NDArray[np.int64]
    first: NDArray[np.int64]


@final
class Categories(ObservationEncoder):
    """The neurons of the value that is seen fire, at one rate; all others are silent.

    For spaces of whole numbers: the value v of entry e has the neurons of group first(e) + v - start(e), ``neurons``
    each; of a MultiBinary space each entry has a group for 0 and one for 1.

    >>> from gymnasium.spaces import Discrete
    >>> Categories(neurons=2).rates(1, Discrete(3)).tolist()
    [0.0, 0.0, 100.0, 100.0, 0.0, 0.0]
    """

    spaces: ClassVar[tuple[str, ...]] = ("Discrete", "MultiDiscrete", "MultiBinary")

    neurons: float = parameter(default=10, unit="neurons", minimum=1, doc="of each value")
    max_rate: float = parameter(default=100 * Hz, unit="1/ms", positive=True, doc="rate of the value that is seen")

    def check(self) -> None:
        if np.ndim(self.neurons) or np.ndim(self.max_rate) or self.neurons % 1:
            raise InvalidValueError("Categories(neurons=..., max_rate=...) needs one whole number and one rate")

    def prepare(self, space: Any) -> _Groups:
        count = choices(space)
        return _Groups(start(space), count, np.concatenate([[0], np.cumsum(count)]))

    def channels(self, prepared: _Groups) -> int:
        return int(prepared.first[-1]) * int(self.neurons)

    def lit(self, observation: Any, prepared: _Groups) -> Active:
        values = np.asarray(observation).reshape(-1)
        if values.size != prepared.values.size or values.dtype.kind not in "iub":
            raise InvalidValueError(
                f"the observation {observation!r} is not {prepared.values.size} whole numbers, as its space has"
            )
        place = values.astype(np.int64) - prepared.least
        if ((place < 0) | (place >= prepared.values)).any():
            raise InvalidValueError(f"the observation {observation!r} lies outside its space")
        group = (prepared.first[:-1] + place) * int(self.neurons)
        channels = np.add.outer(group, np.arange(int(self.neurons))).reshape(-1)
        return channels, np.full(channels.size, self.max_rate * 1e3)
