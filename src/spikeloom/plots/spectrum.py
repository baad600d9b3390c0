"""The power spectrum of population rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.analysis.spectrum import peak_frequency, power_spectrum
from spikeloom.core.spikes import Spikes
from spikeloom.plots.style import colour, drawn, legend, named

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def spectrum(
    spikes: Spikes | Mapping[str, Spikes],
    bin: float,
    *,
    band: tuple[float, float] | None = None,
    segment: float | None = None,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
    axes: Axes | None = None,
) -> Any:
    """Power spectral density of the population rate (Hz^2 / Hz) against frequency (Hz).

    Args:
        spikes: one population, or several by name.
        bin: a whole number of steps, ms.
        band: lowest and highest frequency that is drawn, plain numbers of Hz; the peak within is marked. None: all, and
            none is marked.
        segment: length of Welch's windows, ms: see :func:`analysis.power_spectrum`.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: no population, a sample or a window that is not there, a bin, segment or band that does not
            fit.
    """
    given: Any = {"segment": segment, "sample": sample, "start": start, "stop": stop}
    populations = named(spikes)
    found = {name: power_spectrum(part, bin, **given) for name, part in populations.items()}
    peaks = {name: peak_frequency(part, bin, band, **given) for name, part in populations.items() if band is not None}
    with drawn(axes, 4.8, 2.8) as axes:
        for i, (name, (frequency, power)) in enumerate(found.items()):
            low, high = (frequency[1], frequency[-1]) if band is None else band
            shown = (frequency >= low) & (frequency <= high)
            axes.plot(frequency[shown], power[shown], color=colour(i), linewidth=1.2, label=name)
            axes.set_xlim(low, high)
            peak = peaks.get(name, np.nan)
            if np.isfinite(peak):
                height = float(power[np.searchsorted(frequency, peak)])
                axes.plot([peak], [height], "o", color=colour(i), markersize=3.5, zorder=5)
                axes.annotate(
                    f"{peak:.0f} Hz", (peak, height), xytext=(5, 2), textcoords="offset points", color=colour(i),
                    fontsize=7.5,
                )  # fmt: skip
        axes.set_ylim(0, None)
        axes.set_xlabel("frequency (Hz)")
        axes.set_ylabel("power density (Hz²/Hz)")
        legend(axes)
        return axes.figure
