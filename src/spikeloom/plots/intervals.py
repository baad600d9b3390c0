"""The distribution of interspike intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.analysis.intervals import isi
from spikeloom.analysis.irregularity import cv
from spikeloom.core.arrays import whole
from spikeloom.core.spikes import Spikes
from spikeloom.plots.style import colour, drawn
from spikeloom.plots.theme import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def isi_histogram(
    spikes: Spikes,
    *,
    bins: int = 60,
    log: bool = False,
    neuron: int | None = None,
    minimum: int = 3,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
    axes: Axes | None = None,
) -> Any:
    """How many interspike intervals are how long (ms), with the coefficient of variation in the title.

    Args:
        spikes: what was recorded.
        bins: how many, from the shortest to the longest interval.
        log: whether interval lengths are on a logarithmic axis.
        neuron: of which neuron; None: of all, and the title has the mean CV of the neurons.
        minimum: neurons with fewer spikes do not enter the CV; at least 3.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: a sample, window or neuron that is not there, fewer than one bin.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    number = whole(bins, "bins")
    length = isi(spikes, neuron=neuron, sample=sample, start=start, stop=stop)
    if log:
        length = length[length > 0]
    every = cv(spikes, minimum=minimum, sample=sample, start=start, stop=stop)
    every = every if neuron is None else every[[neuron]]
    known = every[np.isfinite(every)]
    with drawn(axes, 4.4, 2.8) as axes:
        if length.size:
            axes.hist(length, bins=_edges(length, number, spikes.dt, log), color=colour(0), alpha=0.85)
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        if log:
            axes.set_xscale("log")
            near = length.size and length.max() < 100 * length.min()
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if near else (1,)))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter(NullFormatter())
        else:
            axes.set_xlim(0, None)
        axes.set_xlabel("interspike interval (ms)")
        axes.set_ylabel("intervals")
        if not known.size:
            title = "too few spikes for a CV"
        elif neuron is not None:
            title = f"neuron {neuron}: CV {known[0]:.2f}"
        else:
            title = f"CV {known.mean():.2f}, the mean of {known.size} neuron{'s' if known.size > 1 else ''}"
        axes.set_title(title, color=LIGHT.ink)
        return axes.figure


def _edges(length: Any, number: int, dt: float, log: bool) -> Any:
    """Edges of the bins; linear ones are whole steps wide, so each holds as many possible intervals as the next."""
    low, high = float(length.min()), float(length.max())
    if log:
        return np.geomspace(low * 0.999, max(high, low + dt) * 1.001, number + 1)
    width = max(1, round((high - low) / dt / number)) * dt
    return low - dt / 2 + np.arange(int((high - low) / width + 1e-9) + 2) * width
