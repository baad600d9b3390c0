"""How strong the connections have become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from spikeloom.reports.figure import Picture
from spikeloom.reports.figures.weight_histograms import histogram
from spikeloom.reports.lives import LifeFigure, Lived


@final
class Synapses(LifeFigure):
    """The distribution of the weights of each projection that learns."""

    section = "inside"
    order = 1

    def pictures(self, run: Lived) -> Iterator[Picture]:
        for name, projection in run.network.projections.items():
            if projection.rule is not None and name in run.network.weights:
                yield histogram(run.network, name, last=projection.target == "actors")
