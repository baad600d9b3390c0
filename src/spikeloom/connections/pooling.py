"""The sources of a small window, channel by channel."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from spikeloom.connections.base import Connection, Incoming
from spikeloom.connections.convolution import Shape, check_layout, check_window, offsets_of, places, seen, windows
from spikeloom.core.parameters import parameter


@final
class Pooling(Connection):
    """Each target neuron is connected to the sources of its own window and channel, all with the same fixed weight.

    Sources are laid out as ``shape`` = (channels, height, width), row by row, and so are the targets, as
    :attr:`target_shape`. The window of target (c, y, x) begins at row y stride - padding and column x stride - padding
    of channel c. Like :class:`~spikeloom.connections.Sparse` it has no array of weights: give one number to
    ``connect(..., weight=...)``.

    What it computes is the target's choice. With any other neuron it is a sum: divide the weight by kernel**2 for the
    mean. The maximum of Kheradpisheh et al. (2018, doi:10.1016/j.neunet.2017.12.005), where the first spike of a window
    wins, is a target that fires at its first input spike and is refractory for the rest of the sample:

    >>> from spikeloom.network import Network
    >>> from spikeloom.neurons import LIF
    >>> pool = Pooling(shape=(32, 24, 24), kernel=2)
    >>> net = Network(dt=1.0)
    >>> maps = net.population("maps", LIF(), 32 * 24 * 24)
    >>> pooled = net.population("pooled", LIF(theta=1.0, t_ref=1000.0), pool.target_size)
    >>> net.connect(maps, pooled, pool, weight=1.5).connection.target_shape
    (32, 12, 12)
    """

    shape: Shape = parameter(default=None, doc="channels, height and width of the source")
    kernel: int = parameter(default=2, minimum=1, doc="height and width of the window")
    stride: int | None = parameter(
        default=None, minimum=1, doc="places from one window to the next; kernel if not given"
    )
    padding: int = parameter(default=0, minimum=0, doc="silent places that are added at each edge of the source")

    def __post_init__(self) -> None:
        if self.stride is None:
            object.__setattr__(self, "stride", self.kernel)
        check_window(self, "Pooling(shape=(32, 24, 24), kernel=2)", "kernel", "stride")

    @property
    def target_shape(self) -> Shape:
        """Channels, height and width of the target."""
        return (self.shape[0], *places(*self._window()))

    @property
    def target_size(self) -> int:
        """How many neurons the target must have."""
        return math.prod(self.target_shape)

    def _window(self) -> tuple[Shape, int, int, int]:
        return self.shape, self.kernel, self.stride or self.kernel, self.padding

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        check_layout(self, self.shape, self.target_shape, sources, targets)

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        return self.shape[0] * seen(*self._window())

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        place, inside = windows(*self._window(), first, last)
        channel = np.arange(first, last, dtype=np.int32) // math.prod(self.target_shape[1:])
        found = place + channel[:, None] * np.int32(self.shape[1] * self.shape[2])
        return offsets_of(inside), found[inside]

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        return {**super().describe(), "shape": list(self.shape)}
