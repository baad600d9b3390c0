"""The rate of populations over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.analysis.rate import population_rate
from spikeloom.core.spikes import Spikes
from spikeloom.plots.style import colour, drawn, legend, named

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rate(
    spikes: Spikes | Mapping[str, Spikes],
    bin: float,
    *,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
    axes: Axes | None = None,
) -> Any:
    """The mean rate of the neurons of each population (Hz) over time (ms): see :func:`analysis.population_rate`.

    Args:
        spikes: one population, or several by name.
        bin: a whole number of steps, ms.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: no population, a sample or a window that is not there, a bin that does not fit.
    """
    populations = named(spikes)
    found = {
        name: population_rate(part, bin, sample=sample, start=start, stop=stop) for name, part in populations.items()
    }
    with drawn(axes, 6.4, 2.4) as axes:
        draw(axes, found, bin)
        legend(axes)
        return axes.figure


def draw(axes: Axes, found: Mapping[str, tuple[Any, Any]], bin: float) -> None:
    """Steps, filled where there is only one population."""
    for i, (name, (time, value)) in enumerate(found.items()):
        edges = np.append(time - bin / 2, time[-1] + bin / 2)
        if len(found) == 1:
            axes.stairs(value, edges, color=colour(i), fill=True, linewidth=0, alpha=0.85)
        else:
            axes.stairs(value, edges, baseline=None, color=colour(i), linewidth=1.0, label=name)
        axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, None)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("mean rate (Hz)")
