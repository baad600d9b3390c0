"""How evenly the work is shared: the firing rates of the neurons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.ticker import MaxNLocator

from spikeloom.plots.theme import LIGHT
from spikeloom.reports.drawing import THIRD, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.figures.sample_rasters import colour_of
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.text import count


@final
class FiringRates(Figure[Labelled]):
    """A histogram of the mean firing rate of each neuron over the test samples, for each spiking population."""

    section = "inside"
    order = 3

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        for name, values in run.result["firing_rates_hz"].items():
            rates = np.asarray(values, np.float64)
            drawing = canvas(THIRD, 2.35)
            axes = drawing.add_subplot()
            top = max(float(rates.max(initial=0.0)), 1e-9)
            bins = np.linspace(0, top, min(40, max(8, len(rates) // 4)) + 1)
            axes.hist(rates, bins=bins.tolist(), color=colour_of(run, name, LIGHT), alpha=0.85)
            mean = float(rates.mean()) if len(rates) else 0.0
            axes.axvline(mean, color=LIGHT.ink, linewidth=0.9, dashes=(4, 3))
            axes.annotate(
                f"mean {mean:.3g} Hz", (mean, 1), xycoords=("data", "axes fraction"), xytext=(4, -2),
                textcoords="offset points", va="top", fontsize=7.5, color=LIGHT.ink,
            )  # fmt: skip
            axes.set_xlim(0, None)
            axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
            axes.set_xlabel("mean firing rate (Hz)")
            axes.set_ylabel("neurons")
            silent = int((rates == 0).sum())
            told = f"{count(silent)} never fired for any test sample" if silent else "each fired for some test sample"
            note = f"{count(len(rates))} neurons of {name}; {told}."
            yield Picture(
                f"Firing rates of {name}", svg(drawing, f"Histogram of the firing rates of {name}"), note, size="third"
            )
