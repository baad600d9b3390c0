"""How a network grows: calcium and synapses in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikeloom.core.arrays import finite, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.style import colour, figure, legend, styled
from spikeloom.plots.theme import LIGHT


def growth(
    times: Any,
    calcium: Mapping[str, Any],
    synapses: Mapping[str, Any],
    *,
    targets: Mapping[str, float] | None = None,
    lesion: float | None = None,
) -> Any:
    """Calcium of populations, above, and how many synapses there are, below, against time (s).

    Args:
        times: when it was measured, ms.
        calcium: of each population at these times.
        synapses: of each kind at these times.
        targets: of the calcium, by population: dashed lines.
        lesion: when something was cut, ms: a vertical line.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: times and values that do not fit together, or are not finite.
    """
    seconds = to_numpy(times, "times").astype(np.float64) / 1e3
    parts = [{name: _values(v, seconds, name) for name, v in part.items()} for part in (calcium, synapses)]
    with styled():
        made = figure(5.2, 3.8)
        upper, lower = made.subplots(2, 1, sharex=True)
        for axes, values, label in ((upper, parts[0], "calcium"), (lower, parts[1], "synapses")):
            for i, (name, value) in enumerate(values.items()):
                axes.plot(seconds, value, color=colour(i), label=name)
                if axes is upper and targets is not None and name in targets:
                    axes.axhline(targets[name], color=colour(i), linewidth=0.7, linestyle="--", zorder=0)
            if lesion is not None:
                axes.axvline(lesion / 1e3, color=LIGHT.quiet, linewidth=0.7, zorder=0)
            axes.set_ylim(bottom=0)
            axes.set_ylabel(label)
            legend(axes)
        lower.set_xlabel("time (s)")
        return made


def _values(values: Any, seconds: Any, name: str) -> Any:
    array = to_numpy(values, name).astype(np.float64)
    if array.shape != seconds.shape or array.ndim != 1 or not array.size:
        raise InvalidValueError(f"{name!r} has shape {array.shape}, and times {seconds.shape}; give one value for each")
    finite(array, name, ("time",))
    return array
