"""Auto- and cross-correlograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.analysis.correlograms import Unit, autocorrelogram, cross_correlogram
from spikeloom.core.spikes import Spikes
from spikeloom.plots.style import colour, drawn
from spikeloom.plots.theme import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def correlogram(
    first: Spikes,
    bin: float,
    max_lag: float,
    *,
    second: Spikes | None = None,
    neuron: int | None = None,
    neurons: tuple[int, int] | None = None,
    unit: Unit = "rate",
    corrected: bool = False,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
    axes: Axes | None = None,
) -> Any:
    """How many spikes follow a spike (Hz, or pairs) at which lag (ms), and the level of chance as a dashed line.

    Args:
        first: what was recorded: by itself for its autocorrelogram.
        bin: a whole number of steps, ms.
        max_lag: the lags go from -max_lag to max_lag, ms.
        second: whose spikes are counted around those of ``first``; None: each neuron's own.
        neuron: autocorrelogram of this neuron; None: of all, pooled.
        neurons: cross-correlogram of one neuron of ``first`` and one of ``second`` (``first`` itself if there is no
            second); None: of all, as if each population were one neuron.
        unit: ``"rate"`` (Hz) or ``"count"`` (pairs of spikes).
        corrected: whether chance is subtracted.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: as :func:`analysis.autocorrelogram` and :func:`analysis.cross_correlogram`.
    """
    given: Any = {"unit": unit, "sample": sample, "start": start, "stop": stop}

    def found(minus_chance: bool) -> Any:
        if second is None and neurons is None:
            return autocorrelogram(first, bin, max_lag, neuron=neuron, corrected=minus_chance, **given)
        other = first if second is None else second
        return cross_correlogram(first, other, bin, max_lag, neurons=neurons, corrected=minus_chance, **given)

    lag, value = found(corrected)
    chance = np.zeros_like(lag) if corrected else value - found(True)[1]
    length = float(lag[1] - lag[0])
    with drawn(axes, 4.8, 2.8) as axes:
        edges = np.append(lag - length / 2, lag[-1] + length / 2)
        axes.stairs(np.nan_to_num(value), edges, color=colour(0), fill=True, linewidth=0, alpha=0.85)
        axes.plot(lag, chance, color=LIGHT.muted, linewidth=0.9, dashes=(4, 3))
        axes.annotate(
            "chance", (1, float(np.nan_to_num(chance[-1]))), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=7.5, color=LIGHT.muted, annotation_clip=False,
        )  # fmt: skip
        axes.set_xlim(edges[0], edges[-1])
        if not corrected:
            axes.set_ylim(0, None)
        axes.set_xlabel("lag (ms)")
        word = "rate at this lag (Hz)" if unit == "rate" else "pairs of spikes"
        axes.set_ylabel(f"{word}, minus chance" if corrected else word)
        return axes.figure
