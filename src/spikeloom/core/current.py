"""An analog input that does not change over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, positive, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.events import chosen

if TYPE_CHECKING:
    import torch


@final
class Current:
    """A constant input to each of ``N`` channels in each of ``B`` samples, over ``steps`` steps of ``dt`` ms.

    I[t, b, n] = values[b, n] for every step t: what direct-current encoding gives, stored once instead of T times.
    Immutable.

    Args:
        values: (B, N), NumPy or torch; float32 and float64 stay what they are, everything else becomes float32.
        steps: T, at least 1.
        dt: length of a step, ms.

    Raises:
        InvalidValueError: not two axes, NaN or infinite (the place is named), steps or dt not above zero.

    >>> Current([[0.0, 0.5], [1.0, 0.25]], steps=10, dt=1.0)
    Current(T=10, B=2, N=2, dt=1 ms, 0 to 1)
    """

    __slots__ = ("dt", "steps", "values")

    values: NDArray[np.floating[Any]]
    steps: int
    dt: float

    def __init__(self, values: object, steps: int, *, dt: float) -> None:
        array = to_numpy(values, "values")
        if array.ndim != 2 or array.shape[1] == 0:
            raise InvalidValueError(f"values must have the axes (B, N): samples, channels; given shape {array.shape}")
        array = np.ascontiguousarray(array, np.float64 if array.dtype == np.float64 else np.float32).view()
        finite(array, "values", ("sample", "channel"))
        array.flags.writeable = False
        put = object.__setattr__
        put(self, "values", array)
        put(self, "steps", whole(steps, "steps"))
        put(self, "dt", positive(dt, "dt", "dt=1 * ms"))

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, B, N): steps, samples, channels."""
        return (self.steps, *self.values.shape)  # pyright: ignore[reportReturnType]

    def select(self, samples: object) -> Current:
        """The given samples in the given order: an index, an array of them, a mask or a slice. B stays an axis.

        Raises:
            InvalidValueError: a sample that is not there.
        """
        return Current(self.values[chosen(samples, self.values.shape[0])], self.steps, dt=self.dt)

    def dense(self, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> torch.Tensor:
        """A tensor (T, B, N), float32 unless ``dtype`` says otherwise: one (B, N) block seen T times, not copied."""
        import torch

        block = torch.tensor(self.values, dtype=dtype or torch.float32, device=device)
        return block.expand(self.steps, *block.shape)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Current):
            return NotImplemented
        return self.shape == other.shape and self.dt == other.dt and np.array_equal(self.values, other.values)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        t, b, n = self.shape
        span = f"{self.values.min():g} to {self.values.max():g}" if b else "no samples"
        return f"Current(T={t}, B={b}, N={n}, dt={self.dt:g} ms, {span})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Current is immutable: {name} cannot be set; make a new Current(...)")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.values, self.steps, self.dt)


def _rebuild(values: NDArray[Any], steps: int, dt: float) -> Current:
    return Current(values, steps, dt=dt)
