"""How strong the connections are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.ticker import MaxNLocator

from spikeloom.plots.theme import LIGHT
from spikeloom.reports.drawing import THIRD, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.figures.receptive_fields import unit
from spikeloom.reports.run import Run
from spikeloom.reports.text import count


@final
class WeightHistograms(Figure[Run]):
    """The distribution of the weights of each projection."""

    section = "inside"
    order = 4

    def pictures(self, run: Run) -> Iterator[Picture]:
        for name in run.learned():
            projection = run.network.projections[name]
            weight = run.weight(name).ravel()
            drawing = canvas(THIRD, 2.35)
            axes = drawing.add_subplot()
            bins = min(60, max(10, int(np.sqrt(weight.size))))
            colour = LIGHT.readout if projection.target == run.answers else LIGHT.hidden
            axes.hist(weight, bins=bins, color=colour, alpha=0.85)
            axes.axvline(0, color=LIGHT.muted, linewidth=0.7)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.set_xlabel(f"weight ({unit(run.network, name)})")
            axes.set_ylabel("synapses")
            mean, deviation = f"{weight.mean():+.3f}", f"{weight.std():.3f} {unit(run.network, name)}"
            yield Picture(
                f"Weights {projection.source} → {projection.target}",
                svg(drawing, f"Histogram of the weights {name}"),
                f"{count(weight.size)} synapses, mean {mean}, standard deviation {deviation}.",
                size="third",
            )
