"""The events of a batch: what flows between encoders, engines and reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import in_range, integers, positive, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.events import (
    check_rows,
    checked_shape,
    chosen,
    offsets_of,
    rows_from_dense,
    rows_from_events,
    steps_of_times,
)

if TYPE_CHECKING:
    import torch


@final
class Spikes:
    """The spikes of ``B`` samples of ``N`` neurons over ``T`` steps of ``dt`` ms, as a sorted list of events.

    Row ``r = b * T + t`` (sample b, step t) holds the neurons ``indices[offsets[r]:offsets[r + 1]]`` in ascending
    order; the same neuron twice in a row is two events. So each sample is one contiguous block, and memory follows the
    events, not T x B x N. Immutable: the arrays cannot be written through it.

    Args:
        offsets: (B * T + 1,) where each row begins; from 0 up to the number of events. int64 is not copied.
        indices: (E,) the neuron of each event. int32 is not copied.
        shape: (T, B, N), with T and N at least 1.
        dt: length of a step, ms.
        check: False skips every check, for producers that have already made the arrays right (int64 and int32).

    Raises:
        InvalidValueError: a neuron outside the shape, rows that are not ascending, offsets that do not fit.

    >>> Spikes.from_events(step=[0, 2, 2], neuron=[1, 0, 3], shape=(5, 1, 4), dt=1.0)
    Spikes(T=5, B=1, N=4, dt=1 ms, 3 events, density 15 %)
    """

    __slots__ = ("_indices", "_offsets", "dt", "indices", "offsets", "shape")

    shape: tuple[int, int, int]
    dt: float
    offsets: NDArray[np.int64]
    indices: NDArray[np.int32]
    _offsets: NDArray[np.int64]
    _indices: NDArray[np.int32]

    def __init__(
        self, offsets: object, indices: object, shape: Sequence[int], *, dt: float, check: bool = True
    ) -> None:
        first: Any = offsets
        events: Any = indices
        if check:
            shape = checked_shape(shape)
            dt = positive(dt, "dt", "dt=1 * ms")
            first = np.ascontiguousarray(integers(offsets, "offsets"), np.int64)
            events = integers(indices, "indices")
            in_range(events, shape[2], "indices", f"N = {shape[2]} in shape {shape}")
            events = np.ascontiguousarray(events, np.int32)
            check_rows(first, events, shape[0], shape[1])
        put = object.__setattr__
        put(self, "shape", shape)
        put(self, "dt", dt)
        put(self, "_offsets", first)
        put(self, "_indices", events)
        put(self, "offsets", _read_only(first))
        put(self, "indices", _read_only(events))

    # ------------------------------------------------------------------------------------------------------ made from
    @classmethod
    def from_dense(cls, array: object, dt: float) -> Spikes:
        """The non-zero entries of ``array`` (T, B, N), NumPy or torch: a count c is c events of that neuron and step.

        Raises:
            InvalidValueError: not three axes, or an entry that is not a whole number >= 0 (its place is named).
        """
        dt = positive(dt, "dt", "dt=1 * ms")
        (offsets, indices), shape = rows_from_dense(array)
        return cls(offsets, indices, shape, dt=dt, check=False)

    @classmethod
    def from_events(
        cls,
        step: object,
        neuron: object,
        sample: object = None,
        *,
        shape: Sequence[int],
        dt: float,
        sort: bool = False,
    ) -> Spikes:
        """From one entry per event, in the order of (sample, step); ``sample`` may be left out where B is 1.

        Linear in the number of events when they are in the order of (sample, step, neuron).

        Raises:
            InvalidValueError: unequal lengths, an index outside ``shape``, events out of order (unless ``sort=True``).
        """
        size = checked_shape(shape)
        dt = positive(dt, "dt", "dt=1 * ms")
        offsets, indices = rows_from_events(step, neuron, sample, size, sort)
        return cls(offsets, indices, size, dt=dt, check=False)

    @classmethod
    def from_times(
        cls,
        times: object,
        neuron: object,
        sample: object = None,
        *,
        shape: Sequence[int],
        dt: float,
        sort: bool = False,
    ) -> Spikes:
        """Like :meth:`from_events`, with ``times`` in ms: step t holds the times in [t dt, (t + 1) dt).

        A time within 1e-9 of a step's beginning counts as that beginning, so that 0.3 ms is step 3 of dt = 0.1 ms.

        Raises:
            InvalidValueError: as :meth:`from_events`, or a time that is not finite or lies outside [0, T dt).
        """
        size = checked_shape(shape)
        dt = positive(dt, "dt", "dt=1 * ms")
        step = steps_of_times(times, size[0], dt)
        return cls.from_events(step, neuron, sample, shape=size, dt=dt, sort=sort)

    @classmethod
    def concatenate(cls, parts: Sequence[Spikes]) -> Spikes:
        """The samples of all ``parts`` one after another; they must agree in T, N and dt.

        Raises:
            InvalidValueError: no parts, or parts that do not fit together.
        """
        parts = list(parts)
        if not parts:
            raise InvalidValueError("nothing to concatenate: give at least one Spikes")
        (t, _, n), dt = parts[0].shape, parts[0].dt
        for i, part in enumerate(parts):
            if (part.shape[0], part.shape[2], part.dt) != (t, n, dt):
                raise InvalidValueError(f"T, N and dt must be the same; part 0 is {parts[0]}, part {i} is {part}")
        offsets = offsets_of(np.concatenate([np.diff(part.offsets) for part in parts]))
        indices = np.concatenate([part.indices for part in parts])
        return cls(offsets, indices, (t, sum(part.shape[1] for part in parts), n), dt=dt, check=False)

    # -------------------------------------------------------------------------------------------------------- seen as
    def dense(self, dtype: torch.dtype | None = None, device: torch.device | str = "cpu") -> torch.Tensor:
        """A tensor (T, B, N) of spike counts; float32 unless ``dtype`` says otherwise."""
        import torch

        t, b, n = self.shape
        sample, step = np.divmod(self._row(), t)
        place = (step * b + sample) * n + self.indices
        first = np.ones(place.size, np.bool_)
        first[1:] = place[1:] != place[:-1]  # repeated events are neighbours, so counting them takes one pass
        start = np.flatnonzero(first)
        count = torch.from_numpy(np.diff(start, append=place.size))  # pyright: ignore[reportUnknownMemberType]
        out = torch.zeros(t * b * n, dtype=dtype or torch.float32, device=device)
        out[torch.from_numpy(place[start]).to(device)] = count.to(out)  # pyright: ignore[reportUnknownMemberType]
        return out.view(t, b, n)

    def counts(self) -> NDArray[np.int64]:
        """How often each neuron fires in each sample: (B, N)."""
        t, b, n = self.shape
        place = self._row() // t * n + self.indices
        return np.bincount(place, minlength=b * n).reshape(b, n)

    def rate(self) -> NDArray[np.float64]:
        """Mean firing rate of each neuron in each sample over the T dt ms: (B, N), Hz."""
        return np.multiply(self.counts(), 1e3 / (self.shape[0] * self.dt), dtype=np.float64)

    @property
    def step(self) -> NDArray[np.int64]:
        """Step of each event: (E,)."""
        return self._row() % self.shape[0]

    @property
    def sample(self) -> NDArray[np.int64]:
        """Sample of each event: (E,)."""
        return self._row() // self.shape[0]

    @property
    def neuron(self) -> NDArray[np.int32]:
        """Neuron of each event: (E,)."""
        return self.indices

    @property
    def time(self) -> NDArray[np.float64]:
        """Time of each event, where its step begins: (E,), ms."""
        return np.multiply(self.step, self.dt, dtype=np.float64)

    @property
    def density(self) -> float:
        """Events per step, sample and neuron: E / (T B N)."""
        t, b, n = self.shape
        return len(self) / (t * b * n) if b else 0.0

    def buffers(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """``offsets`` and ``indices`` without write protection, for kernels that only read them.

        Numba compiles a kernel once more for read-only arrays, and torch warns about them. Nobody may write into these.
        """
        offsets = self._offsets if self._offsets.flags.writeable else self._offsets.copy()
        indices = self._indices if self._indices.flags.writeable else self._indices.copy()
        return offsets, indices

    # ---------------------------------------------------------------------------------------------------------- parts
    def select(self, samples: object) -> Spikes:
        """The given samples in the given order: an index, an array of them, a mask or a slice. B stays an axis.

        Raises:
            InvalidValueError: a sample that is not there.
        """
        t, b, _ = self.shape
        return self._blocks(chosen(samples, b) * t, t)

    def window(self, start: int, stop: int) -> Spikes:
        """Steps ``start`` up to, but not including, ``stop``, as new ``Spikes`` that begin at step 0.

        Raises:
            InvalidValueError: not 0 <= start < stop <= T.
        """
        t, b, _ = self.shape
        if not 0 <= whole(start, "start", minimum=0) < whole(stop, "stop") <= t:
            raise InvalidValueError(f"a window needs 0 <= start < stop <= {t} (T); given start={start}, stop={stop}")
        return self._blocks(np.arange(b) * t + start, stop - start)

    def _blocks(self, rows: NDArray[np.int64], t: int) -> Spikes:
        """Blocks of ``t`` rows, one beginning at each of ``rows``, put one after another."""
        begin, end = self._offsets[rows], self._offsets[rows + t]
        length = end - begin
        shift = begin - (np.cumsum(length) - length)
        offsets = np.empty(rows.size * t + 1, np.int64)
        offsets[:-1].reshape(-1, t)[:] = self._offsets[rows[:, None] + np.arange(t)] - shift[:, None]
        offsets[-1] = length.sum()
        if rows.size and (begin[1:] == end[:-1]).all():  # neighbours in memory: a view is enough
            indices = self._indices[begin[0] : end[-1]]
        else:
            indices = self._indices[np.arange(offsets[-1]) + np.repeat(shift, length)]
        return Spikes(offsets, indices, (t, rows.size, self.shape[2]), dt=self.dt, check=False)

    def _row(self) -> NDArray[np.int64]:
        """Row b * T + t of each event: (E,)."""
        return np.repeat(np.arange(self._offsets.size - 1), np.diff(self._offsets))

    # ------------------------------------------------------------------------------------------------------ an object
    def __len__(self) -> int:
        return self._indices.size

    def __bool__(self) -> bool:  # a batch without a single spike is still a batch
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Spikes):
            return NotImplemented
        same = self.shape == other.shape and self.dt == other.dt
        return same and all(map(np.array_equal, (self.offsets, self.indices), (other.offsets, other.indices)))

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        t, b, n = self.shape
        return f"Spikes(T={t}, B={b}, N={n}, dt={self.dt:g} ms, {len(self)} events, density {100 * self.density:.3g} %)"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Spikes are immutable: {name} cannot be set; make new ones, as with Spikes.from_events")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self._offsets, self._indices, self.shape, self.dt)


def _rebuild(offsets: object, indices: object, shape: tuple[int, int, int], dt: float) -> Spikes:
    return Spikes(offsets, indices, shape, dt=dt)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
