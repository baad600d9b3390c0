"""All to all."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections.base import Connection, Incoming
from spikeloom.core.parameters import parameter


@final
class Dense(Connection):
    r"""Every source to every target.

    .. math:: x_j = \sum_i s_i\, w_{ij}

    Weights have the shape (sources, targets): one row holds what one source's spike adds, so an event-driven engine
    reads one contiguous row for each spike. They are drawn from a normal distribution of mean ``mean / sources`` and
    standard deviation ``gain / sqrt(sources)``.
    """

    gain: float = parameter(default=1.0, unit="mV", minimum=0, doc="standard deviation of a target's summed weights")
    mean: float = parameter(default=0.0, unit="mV", doc="mean of a target's summed weights")

    dense: ClassVar[bool] = True

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        return sources * targets

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        every = np.arange(sources, dtype=np.int32)
        return np.arange(last - first + 1, dtype=np.int64) * sources, np.tile(every, last - first)

    def weight_shape(self, sources: int, targets: int) -> tuple[int, int]:
        return (sources, targets)

    def places_of_weights(self, sources: int, targets: int, first: int, last: int) -> NDArray[np.int32]:
        row = np.arange(sources, dtype=np.int32) * np.int32(targets)
        return (row + np.arange(first, last, dtype=np.int32)[:, None]).reshape(-1)

    def draw(self, sources: int, targets: int, random: np.random.Generator) -> np.ndarray:
        return self.mean / sources + self.gain / sources**0.5 * random.standard_normal((sources, targets))

    def apply(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x @ weight

    def add_gradient(self, total: torch.Tensor, x: torch.Tensor, g: torch.Tensor) -> None:
        total.addmm_(x.T, g)

    def fan_out(self, sources: int, targets: int) -> float:
        return float(targets)
