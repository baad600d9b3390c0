"""The same small window of weights at every place of an image."""

from __future__ import annotations

import math
import numbers
from typing import Any, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections.base import MOST, Connection, Incoming
from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, declarations, parameter

Shape = tuple[int, int, int]
"""Channels, height and width; neuron (c, y, x) of a population is number (c height + y) width + x."""


@final
class Convolution(Connection):
    r"""Each target neuron sees a window of the source, with weights that all neurons of its channel share.

    .. math:: x_{o,y,x} = \sum_{c,i,j} s_{c,\; y S - P + i,\; x S - P + j}\; w_{o,c,i,j}, \qquad 0 \le i, j < K

    with the stride S and the padding P; what lies outside of the source is silent. (A cross-correlation, as in all
    libraries of machine learning.) Sources are laid out as ``shape`` = (channels, height, width), row by row, and so
    are the targets, as :attr:`target_shape`. Weights have the shape (channels of the target, channels of the source,
    K, K), and are drawn as :class:`~spikeloom.connections.Dense` draws them: from a normal distribution of mean
    ``mean / F`` and standard deviation ``gain / sqrt(F)``, for the F weights that a target has.

    >>> edges = Convolution(shape=(2, 28, 28), channels=32, kernel=5, stride=2)
    >>> edges.target_shape, edges.target_size, edges.weight_shape(2 * 28 * 28, edges.target_size)
    ((32, 12, 12), 4608, (32, 2, 5, 5))
    """

    shape: Shape = parameter(default=None, doc="channels, height and width of the source")
    channels: int = parameter(default=None, minimum=1, doc="channels of the target")
    kernel: int = parameter(default=None, minimum=1, doc="height and width of the window")
    stride: int = parameter(default=1, minimum=1, doc="places from one window to the next")
    padding: int = parameter(default=0, minimum=0, doc="silent places that are added at each edge of the source")
    gain: float = parameter(default=1.0, unit="mV", minimum=0, doc="standard deviation of a target's summed weights")
    mean: float = parameter(default=0.0, unit="mV", doc="mean of a target's summed weights")

    dense: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_window(self, "Convolution(shape=(1, 28, 28), channels=32, kernel=5)", "channels", "kernel", "stride")
        for name in ("gain", "mean"):
            value, declaration = getattr(self, name), declarations(type(self))[name]
            number = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
            if not number or (declaration.minimum is not None and value < declaration.minimum):
                raise InvalidValueError(
                    f"Convolution({name}={value!r}) is not possible; allowed: {declaration.allowed()}"
                )
            object.__setattr__(self, name, float(value))

    @property
    def target_shape(self) -> Shape:
        """Channels, height and width of the target."""
        return (self.channels, *places(self.shape, self.kernel, self.stride, self.padding))

    @property
    def target_size(self) -> int:
        """How many neurons the target must have."""
        return math.prod(self.target_shape)

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        check_layout(self, self.shape, self.target_shape, sources, targets)

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        return self.channels * self.shape[0] * seen(self.shape, self.kernel, self.stride, self.padding)

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        channel = (self.shape[1] * self.shape[2]) * np.arange(self.shape[0], dtype=np.int32)
        place, inside = self._windows(first, last)
        found = channel[:, None] + place[:, None, :]
        inside = np.broadcast_to(inside[:, None, :], found.shape)
        return offsets_of(inside), found[inside]

    def places_of_weights(self, sources: int, targets: int, first: int, last: int) -> NDArray[np.int32]:
        inside = self._windows(first, last)[1]
        weights = np.arange(self.shape[0] * self.kernel**2, dtype=np.int32).reshape(self.shape[0], -1)
        channel = np.arange(first, last, dtype=np.int32) // math.prod(self.target_shape[1:])
        found = weights + np.int32(weights.size) * channel[:, None, None]
        return found[np.broadcast_to(inside[:, None, :], found.shape)]

    def _windows(self, first: int, last: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        return windows(self.shape, self.kernel, self.stride, self.padding, first, last)

    def weight_shape(self, sources: int, targets: int) -> tuple[int, int, int, int]:
        self.check_sizes(sources, targets)
        return (self.channels, self.shape[0], self.kernel, self.kernel)

    def draw(self, sources: int, targets: int, random: np.random.Generator) -> np.ndarray:
        shape = self.weight_shape(sources, targets)
        each = math.prod(shape[1:])
        return self.mean / each + self.gain / each**0.5 * random.standard_normal(shape)

    def apply(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        image = x.reshape(math.prod(x.shape[:-1]), *self.shape)
        y = torch.nn.functional.conv2d(image, weight, stride=self.stride, padding=self.padding)
        return y.reshape(*x.shape[:-1], self.target_size)

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values."""
        return {**super().describe(), "shape": list(self.shape)}


# -------------------------------------------------------------------------------------- windows, which pooling has, too
def check_window(model: Model, example: str, *names: str) -> None:
    """Check and keep a window's shape, its whole numbers ``names`` and its padding; ``example`` is a line to paste."""
    kind, given = type(model).__name__, model.values()
    missing = [name for name in ("shape", *names) if given[name] is None]
    if missing:
        raise InvalidValueError(f"{kind} needs {', '.join(missing)}; write {example}")
    shape = given["shape"]
    if not isinstance(shape, (tuple, list)) or len(shape) != 3:
        raise InvalidValueError(f"{kind}(shape={shape!r}) is not possible; allowed: (channels, height, width)")
    sides = (f"{kind}: {name} of shape" for name in ("channels", "height", "width"))
    object.__setattr__(model, "shape", tuple(whole(n, name) for n, name in zip(shape, sides, strict=True)))
    for name in (*names, "padding"):
        number = whole(given[name], f"{kind}: {name}", minimum=0 if name == "padding" else 1)
        object.__setattr__(model, name, number)
    now: Any = model
    _, height, width = now.shape
    if now.kernel > min(height, width) + 2 * now.padding:
        raise InvalidValueError(
            f"{kind}(kernel={now.kernel}) is larger than the source, {height} x {width} with a padding of "
            f"{now.padding}; give kernel up to {min(height, width) + 2 * now.padding}, or more padding"
        )
    if max(math.prod(now.shape), getattr(now, "channels", now.shape[0]) * math.prod(_places(now))) > MOST:
        raise InvalidValueError(f"{kind}: a population may have {MOST} neurons; {now!r} needs more")


def check_layout(model: Connection, source: Shape, target: Shape, sources: int, targets: int) -> None:
    """An error if populations of ``sources`` and ``targets`` neurons are not laid out so."""
    if (sources, targets) == (math.prod(source), math.prod(target)):
        return
    wanted = [f"{math.prod(shape)} neurons ({' x '.join(map(str, shape))})" for shape in (source, target)]
    raise InvalidValueError(
        f"{model!r} needs a source of {wanted[0]} and a target of {wanted[1]}; given {sources} and {targets}"
    )


def places(shape: Shape, kernel: int, stride: int, padding: int) -> tuple[int, int]:
    """Height and width of what a window makes of a source."""
    return (shape[1] + 2 * padding - kernel) // stride + 1, (shape[2] + 2 * padding - kernel) // stride + 1


def _places(model: Any) -> tuple[int, int]:
    return places(model.shape, model.kernel, model.stride, model.padding)


def seen(shape: Shape, kernel: int, stride: int, padding: int) -> int:
    """Synapses from one channel of the source to one of the target: those of all windows, edges left out."""
    number = 1
    for side, length in zip(shape[1:], places(shape, kernel, stride, padding), strict=True):
        at = np.arange(length)[:, None] * stride - padding + np.arange(kernel)
        number *= int(((at >= 0) & (at < side)).sum())
    return number


def windows(
    shape: Shape, kernel: int, stride: int, padding: int, first: int, last: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The windows of the targets ``first`` ... ``last`` - 1, (targets, kernel * kernel): their places in one channel of
    the source, and which of them lie inside of it.
    """
    _, height, width = shape
    rows, columns = places(shape, kernel, stride, padding)
    row, column = np.divmod(np.arange(first, last, dtype=np.int64) % (rows * columns), columns)
    offset = np.arange(kernel) - padding
    y, x = row[:, None] * stride + offset, column[:, None] * stride + offset
    inside = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]
    place = (y[:, :, None] * width + x[:, None, :]).astype(np.int32)
    return place.reshape(-1, kernel**2), inside.reshape(-1, kernel**2)


def offsets_of(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where the synapses of each target begin, if it has those that are ``inside`` (targets, ...)."""
    offsets = np.zeros(len(inside) + 1, np.int64)
    np.cumsum(inside.reshape(len(inside), math.prod(inside.shape[1:])).sum(axis=1), out=offsets[1:])
    return offsets
