"""State variables over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.window import window
from spikeloom.core.arrays import integers, positive, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.plots.style import colour, drawn, label_ends
from spikeloom.plots.theme import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def traces(
    values: object,
    dt: float,
    *,
    neurons: Sequence[int] | NDArray[np.integer] | None = None,
    spikes: Spikes | None = None,
    threshold: float | None = None,
    variable: str = "v",
    unit: str = "mV",
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
    axes: Axes | None = None,
) -> Any:
    """A state variable of some neurons over time (ms), each spike as a stroke above the trace.

    Args:
        values: (T,), (T, N) or (T, B, N): list, NumPy or torch. Slice it to draw fewer neurons.
        dt: time from one value to the next, ms.
        neurons: which neuron each column is, for the labels and for ``spikes``; None: column i is neuron i.
        spikes: of the population; their steps may be shorter than ``dt``.
        threshold: drawn as a dashed line, in ``unit``.
        variable: what is drawn, for the label.
        unit: its unit, for the label.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: other axes, a sample, window or neuron that is not there.
    """
    column = _columns(values, sample)
    step = positive(dt, "dt", "dt=0.1 * ms")
    time = np.arange(column.shape[0]) * step
    inside = (time >= start - 1e-9 * step) & (time < (np.inf if stop is None else stop) - 1e-9 * step)
    if not inside.any():
        raise InvalidValueError(f"no value lies from start={start} to stop={stop} ms; the last is at {time[-1]:g} ms")
    time, column = time[inside], column[inside]
    number = np.arange(column.shape[1]) if neurons is None else integers(neurons, "neurons")
    if number.size != column.shape[1]:
        raise InvalidValueError(f"neurons must name each column once: {column.shape[1]} are there, given {number.size}")
    fired = [np.empty(0)] * number.size if spikes is None else _fired(spikes, number, sample, time[0], time[-1] + step)
    with drawn(axes, 6.4, 2.6) as axes:
        low, high = float(np.nanmin(column)), float(np.nanmax(column))
        high = high if threshold is None else max(high, threshold)
        top = high + 0.18 * ((high - low) or 1.0)
        for i in range(number.size):
            axes.plot(time, column[:, i], color=colour(i), linewidth=1.0, label=f"neuron {number[i]}")
            if fired[i].size:
                foot = column[np.clip(np.searchsorted(time, fired[i], "right") - 1, 0, time.size - 1), i]
                axes.vlines(fired[i], foot, top, color=colour(i), linewidth=1.0)
        if threshold is not None:
            axes.axhline(threshold, color=LIGHT.muted, linewidth=0.8, dashes=(4, 3), zorder=0)
        axes.set_xlim(time[0], time[-1] + step)
        axes.set_xlabel("time (ms)")
        axes.set_ylabel(f"{variable} ({unit})" if unit else variable)
        names = [(float(column[-1, i]), f"neuron {number[i]}", colour(i)) for i in range(number.size)]
        names = names if 1 < number.size <= 8 else []
        if threshold is not None:
            names.append((threshold, "threshold", LIGHT.muted))
        label_ends(axes, time[-1] + step, names)
        return axes.figure


def _columns(values: object, sample: int) -> NDArray[np.float64]:
    """(T, N) of one sample."""
    array = to_numpy(values, "values")
    if array.ndim == 3:
        if whole(sample, "sample", minimum=0) >= array.shape[1]:
            raise InvalidValueError(f"sample={sample} is not there; values have the shape {array.shape}")
        array = array[:, sample]
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 in array.shape:
        raise InvalidValueError(f"values must be (T,), (T, N) or (T, B, N), not empty; given shape {array.shape}")
    return array.astype(np.float64)


def _fired(spikes: Spikes, number: NDArray[Any], sample: int, start: float, stop: float) -> list[NDArray[np.float64]]:
    """The times (ms) of each neuron's spikes in [start, stop)."""
    part = window(spikes, sample)
    if number.size and not 0 <= int(number.min()) <= int(number.max()) < part.neurons:
        raise InvalidValueError(
            f"neurons must be 0 to {part.neurons - 1}, as many as spikes has; given {number.min()} to {number.max()}"
        )
    time = np.repeat(np.arange(part.steps, dtype=np.float64), np.diff(part.offsets)) * part.dt
    near = (time >= start - 1e-9) & (time < stop - 1e-9)
    time, neuron = time[near], part.indices[near]
    return [time[neuron == i] for i in number]
