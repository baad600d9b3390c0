"""What single hidden neurons do: their membrane potential, the threshold, and when they fire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
import torch
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from spikeloom.plots.theme import LIGHT
from spikeloom.reports.drawing import HALF, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.figures.sample_rasters import time_axis
from spikeloom.reports.kinds.labelled import Labelled

SHOWN = 5


@final
class Membranes(Figure[Labelled]):
    """Membrane potentials of a few neurons of each hidden layer during the first sample, busiest first."""

    section = "inside"
    order = 1

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        label = run.classes[run.samples.label[0]]
        for name in run.hidden():
            if name not in run.samples.potential:
                continue
            potential = run.samples.potential[name][:, 0]
            spikes = run.samples.spikes[name].select(0) if name in run.samples.spikes else None
            total = np.zeros(potential.shape[1], np.int64) if spikes is None else spikes.counts()[0]
            chosen = spread(total, potential.max(axis=0), SHOWN)
            theta = threshold(run, name)
            drawing = canvas(HALF, 3.3, layout=None)
            draw(drawing, run, name, chosen, theta)
            note = f"A sample of class {label}. Dots are spikes" + (
                ", dashes the threshold at rest." if theta is not None else "."
            )
            yield Picture(f"Membranes of {name}", svg(drawing, f"Membrane potentials of neurons in {name}"), note)


def draw(drawing: Canvas, run: Labelled, name: str, chosen: list[int], theta: np.ndarray | None) -> None:
    """One panel for each chosen neuron, all with the same axes."""
    potential = run.samples.potential[name][:, 0]
    spikes = run.samples.spikes[name].select(0) if name in run.samples.spikes else None
    panels = drawing.subplots(len(chosen), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    drawing.subplots_adjust(left=0.12, right=0.87, top=0.97, bottom=0.13, hspace=0.3)
    for panel, i in zip(panels, chosen, strict=True):
        panel.plot(run.samples.time, potential[:, i], color=LIGHT.hidden, linewidth=1.2)
        if theta is not None:
            panel.axhline(theta[i], color=LIGHT.muted, linewidth=0.7, dashes=(4, 3))
        if spikes is not None:
            at = spikes.time[spikes.neuron == i]
            level = theta[i] if theta is not None else potential[:, i].max()
            panel.plot(at, np.full(len(at), level), "o", color=LIGHT.ink, markersize=3.2, clip_on=False, zorder=4)
        panel.text(1.02, 0.5, f"neuron {i}", transform=panel.transAxes, va="center", color=LIGHT.muted, fontsize=7.5)
        panel.yaxis.set_major_locator(MaxNLocator(2))
        panel.spines["bottom"].set_visible(panel is panels[-1])
        panel.tick_params(axis="x", length=2.5 if panel is panels[-1] else 0)
    top = max(potential[:, chosen].max(), -np.inf if theta is None else theta[chosen].max())
    low = min(float(np.quantile(potential[:, chosen], 0.05)), 0.0)  # deep troughs would flatten everything else
    panels[0].set_ylim(low - 0.05 * (top - low), top + 0.15 * (top - low))
    time_axis(panels[-1], run)
    drawing.text(
        0.0, 0.55, "membrane potential v (mV)", rotation=90, va="center", ha="left", fontsize=8, color=LIGHT.muted
    )


def threshold(run: Labelled, name: str) -> np.ndarray | None:
    """Firing threshold of each neuron of a population, mV, or ``None`` where it has none."""
    theta = run.network.neuron(name).threshold()
    if theta is None:
        return None
    return np.broadcast_to(torch.as_tensor(theta).detach().cpu().double().numpy(), (run.network.size(name),))


def spread(spikes: np.ndarray, peak: np.ndarray, number: int) -> list[int]:
    """``number`` neurons from the most to the least active: equal steps through the ranking by spikes, then by peak."""
    ranking = np.lexsort((np.arange(len(spikes)), -peak, -spikes))
    firing = max(int((spikes > 0).sum()), 1)
    ranking = ranking[: max(firing + firing // 3, number)]  # the long tail of silent neurons would fill the picture
    places = np.unique(np.linspace(0, len(ranking) - 1, min(number, len(ranking))).round().astype(int))
    return [int(i) for i in ranking[places]]
