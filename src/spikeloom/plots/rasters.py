"""Spikes as dots: neuron against time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.rate import population_rate
from spikeloom.analysis.window import Window, window
from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.plots import rates
from spikeloom.plots.style import colour, events, figure, label_ends, named, styled
from spikeloom.plots.theme import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def raster(
    spikes: Spikes | Mapping[str, Spikes],
    *,
    bin: float | None = None,
    neurons: int | None = None,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
    axes: Axes | Sequence[Axes] | None = None,
) -> Any:
    """One dot for each spike: neuron against time (ms), populations in colours, the first on top.

    Args:
        spikes: one population, or several by name.
        bin: of the mean rate (Hz) drawn below, a whole number of steps, ms; None: only the dots.
        neurons: at most so many of each population, evenly spaced; None: all.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.
        axes: to draw into, two of them with ``bin``; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: no population, a sample or a window that is not there, a bin that does not fit, axes that are
            too many or too few.
    """
    populations = named(spikes)
    parts = {name: window(part, sample, start, stop) for name, part in populations.items()}
    found = {
        name: population_rate(part, bin, sample=sample, start=start, stop=stop)
        for name, part in populations.items()
        if bin is not None
    }
    with styled():
        top, *below = _axes(axes, 1 if bin is None else 2)
        _dots(top, parts, whole(neurons, "neurons") if neurons is not None else None)
        if bin is not None:
            rates.draw(below[0], found, bin)
            top.tick_params(labelbottom=False)
            top.set_xlabel("")
            below[0].set_xlim(top.get_xlim())
            top.figure.align_ylabels([top, *below])
        return top.figure


def _axes(axes: Axes | Sequence[Axes] | None, wanted: int) -> list[Axes]:
    if axes is None:
        new = figure(6.4, 3.4 if wanted == 1 else 4.4)
        return list(new.subplots(wanted, 1, sharex=True, height_ratios=(3, 1)[:wanted], squeeze=False)[:, 0])
    given: list[Axes] = list(np.ravel(np.asarray(axes, object)))
    if len(given) != wanted:
        raise InvalidValueError(
            f"axes must be {'one' if wanted == 1 else 'two: for the dots and, with bin, for the rate below'}; "
            f"given {len(given)}"
        )
    return given


def _dots(axes: Axes, parts: Mapping[str, Window], most: int | None) -> None:
    """All dots, limits and labels; populations are bands above each other."""
    chosen = [_chosen(part.neurons, most) for part in parts.values()]
    height = sum(c.size for c in chosen)
    points = axes.bbox.height / axes.figure.dpi * 72
    drawn = sum(part.indices.size for part in parts.values())
    size = float(np.clip(0.8 * points / height, np.interp(np.log10(drawn + 1), (3.5, 5.5), (1.7, 0.6)), 3.0))
    names: list[tuple[float, str, str]] = []
    level = height
    for i, ((name, part), wanted) in enumerate(zip(parts.items(), chosen)):
        level -= wanted.size
        row = np.full(part.neurons, -1)
        row[wanted] = np.arange(wanted.size)
        row = row[part.indices]
        step = np.repeat(np.arange(part.steps), np.diff(part.offsets))[row >= 0]
        events(axes, (part.first + step) * part.dt, level + row[row >= 0], colour(i), size, clip=True)
        if i:
            axes.axhline(level + wanted.size - 0.5, color=LIGHT.line, linewidth=0.7, zorder=0)
        names.append((level + wanted.size / 2 - 0.5, name, colour(i)))
    one = next(iter(parts.values()))
    end = max((part.first + part.steps) * part.dt for part in parts.values())
    axes.set_xlim(one.first * one.dt, end)
    axes.set_ylim(-0.5, height - 0.5)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("neuron" if most is None or height == sum(p.neurons for p in parts.values()) else "neuron (some)")
    if len(parts) == 1:
        _number(axes, chosen[0])
    else:
        axes.set_yticks([])
        label_ends(axes, end, names)


def _chosen(neurons: int, most: int | None) -> NDArray[np.int64]:
    """All neurons, or ``most`` of them, evenly spaced."""
    if most is None or most >= neurons:
        return np.arange(neurons)
    return np.arange(most) * neurons // most


def _number(axes: Axes, chosen: NDArray[np.int64]) -> None:
    """Ticks that say which neuron a row is."""
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]).tick_values(0, max(chosen.size - 1, 1))
    places = [int(tick) for tick in ticks if 0 <= tick < chosen.size]
    axes.set_yticks(places, [str(chosen[p]) for p in places])
