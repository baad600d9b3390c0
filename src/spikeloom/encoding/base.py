"""What an encoder is: features in, spikes (or a current) out, and nothing remembered in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, integers, to_numpy, whole
from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, declarations, parameter
from spikeloom.core.registry import find
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms

CHUNK = 1 << 20  # features encoded at a time: temporary arrays stay at some ten MB however many samples there are


class Encoder(Model):
    """Base of the encoders. An encoder is one final subclass in a file of its own.

    It declares its parameters (:func:`~spikeloom.core.parameters.parameter`) beside these two, and defines
    :meth:`encode`. The same arguments give the same spikes, whatever was encoded before and whatever stands beside a
    sample in the batch.
    """

    steps: int = parameter(default=100, unit="steps", minimum=1, doc="length of a sample, T")
    dt: float = parameter(default=1 * ms, unit="ms", positive=True, doc="length of a step")

    random: ClassVar[bool] = False
    """Whether the spikes depend on seed, sample and epoch. If not, data are encoded once for the whole training."""

    whole_numbers: ClassVar[tuple[str, ...]] = ("steps",)
    """The parameters that count something."""

    def __post_init__(self) -> None:
        for name in declarations(type(self)):
            value = getattr(self, name)
            if hasattr(value, "__len__") and not isinstance(value, str):
                raise InvalidValueError(f"{type(self).__name__}({name}={value!r}) is not possible; allowed: one number")
        super().__post_init__()
        for name in self.whole_numbers:
            value = getattr(self, name)
            if value % 1:
                raise InvalidValueError(
                    f"{type(self).__name__}({name}={value}) is not possible; allowed: whole numbers"
                )
            object.__setattr__(self, name, int(value))

    def encode(self, x: Any, *, seed: int = 0, samples: Any = None, epoch: int = 0) -> Spikes | Current:
        """The spikes (T, B, :meth:`outputs`) of features ``x`` (B, F), NumPy or torch.

        Args:
            x: (B, F) features; each encoder says in which range.
            seed: seed of an encoder that is :attr:`random`; the others ignore it, ``samples`` and ``epoch``.
            samples: (B,) number of each sample in its data set, 0 ... B - 1 if left out: a sample gets the same spikes
                in whatever batch it stands.
            epoch: the pass over the data: each has spikes of its own.

        Raises:
            InvalidValueError: a feature that is NaN, infinite or out of range; the message names sample and feature.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define encode(x)")

    def stronger(self, strength: float) -> Encoder | None:
        """The encoder that shows the same so many times as strong; ``None`` if this code has no strength."""
        return None

    def outputs(self, features: int) -> int:
        """How many channels ``features`` features become."""
        return features


def encoder_from_description(description: Mapping[str, Any]) -> Encoder:
    """The encoder that :meth:`Encoder.describe` described.

    Raises:
        UnknownNameError: there is no encoder of that name.
    """
    return find("spikeloom.encoding", Encoder, description["class"]).from_values(description)


def checked_features(x: object, low: float | None = None, high: float | None = None, hint: str = "") -> NDArray[Any]:
    """``x`` as a finite floating-point array (B, F) with values in [``low``, ``high``]; ``hint`` ends the error."""
    array = to_numpy(x, "x")
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidValueError(f"x must have the axes (B, F): samples, features; given shape {array.shape}")
    if array.dtype.kind != "f":
        array = array.astype(np.float32)
    finite(array, "x", ("sample", "feature"))
    if low is None or high is None or not array.size:
        return array
    least, most = array.dtype.type(low), array.dtype.type(high)  # 0.7 in float32 is not below 0.7 in float64
    if array.min() < least or array.max() > most:
        sample, feature = np.argwhere((array < least) | (array > most))[0]
        where = f"{array[sample, feature]:g} stands at sample {sample}, feature {feature}"
        raise InvalidValueError(f"x must lie in [{low:g}, {high:g}]; {where}. {hint}".rstrip())
    return array


def checked_samples(samples: object, count: int) -> NDArray[np.int64]:
    """The numbers of ``count`` samples; 0, 1, 2 ... if ``samples`` is ``None``."""
    if samples is None:
        return np.arange(count)
    numbers = integers(samples, "samples").astype(np.int64)
    if numbers.size != count or (count and numbers.min() < 0):
        raise InvalidValueError(f"samples must be {count} numbers >= 0, one for each row of x; given {samples!r}")
    return numbers


def chunks(x: NDArray[Any]) -> Iterator[slice]:
    """Slices of the samples of ``x`` (B, F), about ``CHUNK`` features each; one empty slice if there are none."""
    rows = max(1, CHUNK // x.shape[1])
    for start in range(0, max(1, len(x)), rows):
        yield slice(start, min(start + rows, len(x)))


def once_per_channel(delay: NDArray[np.float64], fires: NDArray[np.bool_], steps: int, dt: float) -> Spikes:
    """A spike of each channel where ``fires`` (B, C), at step round((T - 1) delay), with ``delay`` (B, C) in [0, 1]."""
    sample, channel = np.nonzero(fires)
    step = np.floor(delay[fires] * (steps - 1) + 0.5).astype(np.int64)
    return Spikes.from_events(step, channel, sample, shape=(steps, *delay.shape), dt=dt, sort=True)


def checked_epoch(epoch: object) -> int:
    """``epoch`` as an int, at least 0."""
    return whole(epoch, "epoch", minimum=0)
