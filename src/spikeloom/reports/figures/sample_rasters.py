"""Some test samples on their way through the network: input, hidden spikes, and what the read-out makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.figure import SubFigure
from matplotlib.ticker import MaxNLocator

from spikeloom.plots.style import events, label_ends
from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import HALF, canvas, picture, png_address, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.text import count, short


@final
class SampleRasters(Figure[Labelled]):
    """For each sample the spikes of every population above the read-out's membrane, on one time axis."""

    section = "samples"
    order = 1

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        for k in range(len(run.samples)):
            drawing = canvas(HALF, 0.55 + 0.95 * sum(heights(run)))
            draw(drawing, run, k, LIGHT)
            label, said = (run.classes[run.samples.label[k]], run.classes[run.samples.prediction[k]])
            fired = ", ".join(f"{count(len(run.samples.spikes[name].select(k)))} {name}" for name in layers(run))
            yield Picture(
                title=f"True class {label}",
                svg=svg(drawing, f"Spikes and read-out for a sample of class {label}, taken for {said}"),
                note=f"Spikes: {fired}." + (" The highest peak wins." if run.decoder == "MaxPotential" else ""),
                thumbnail=_thumbnail(run, k),
                badge=f"✓ network says {said}" if said == label else f"✗ network says {said}",
                wrong=said != label,
            )


def draw(drawing: Canvas | SubFigure, run: Labelled, k: int, theme: Theme) -> None:
    """All panels of sample ``k`` below one another."""
    panels = drawing.subplots(len(heights(run)), 1, sharex=True, height_ratios=heights(run), squeeze=False)[:, 0]
    for panel, name in zip(panels, layers(run), strict=False):
        raster(panel, run, name, k, theme)
    if run.network.output in run.samples.potential:
        readout(panels[-1], run, k, theme)
    time_axis(panels[-1], run)
    drawing.align_ylabels(panels)


def heights(run: Labelled) -> list[float]:
    """The relative heights of the panels: less for small populations, most for the read-out's membranes."""
    rasters = [1.0 if run.samples.spikes[name].shape[2] > 16 else 0.55 for name in layers(run)]
    return rasters + [1.15] * (run.network.output in run.samples.potential)


def layers(run: Labelled) -> list[str]:
    """The populations whose spikes were kept: inputs first, then in the network's order."""
    inner = [name for name in run.network.populations if name in run.samples.spikes]
    return [name for name in run.samples.spikes if name not in inner] + inner


def colour_of(run: Labelled, name: str, theme: Theme) -> str:
    """The colour of a population's role."""
    if name == run.network.output:
        return theme.readout
    return theme.hidden if name in run.network.populations else theme.input


def raster(axes: Axes, run: Labelled, name: str, k: int, theme: Theme) -> None:
    """The spikes of population ``name`` in sample ``k``: neuron against time."""
    spikes = run.samples.spikes[name].select(k)
    neurons = spikes.shape[2]
    colour = colour_of(run, name, theme)
    events(axes, spikes.time, spikes.neuron, colour, size=float(np.clip(160 / neurons, 1.7, 3.2)))
    axes.set_ylim(-0.5, neurons - 0.5)
    axes.set_yticks([0, neurons - 1])
    axes.set_ylabel(f"{name}\n{'neuron' if name in run.network.populations else 'channel'}")
    axes.yaxis.label.set_color(colour)


def readout(axes: Axes, run: Labelled, k: int, theme: Theme) -> None:
    """The membrane potentials of the output population: the chosen and the true class by name, the others in grey."""
    potential = run.samples.potential[run.network.output][:, k]
    label, said = int(run.samples.label[k]), int(run.samples.prediction[k])
    time = run.samples.time
    for i in range(potential.shape[1]):
        if i not in (label, said):
            axes.plot(time, potential[:, i], color=theme.quiet, linewidth=0.7)
    ends = []
    for i, colour in ((label, theme.ink), (said, theme.readout)) if label != said else ((said, theme.readout),):
        axes.plot(time, potential[:, i], color=colour, linewidth=1.7, clip_on=False)
        if run.decoder == "MaxPotential":
            peak = int(potential[:, i].argmax())
            axes.plot(time[peak], potential[peak, i], "o", color=colour, markersize=4, clip_on=False, zorder=5)
        ends.append((float(potential[-1, i]), short(run.classes[i]), colour))
    axes.set_xlim(0, max(time[-1], run.samples.dt))
    label_ends(axes, time[-1], ends, size=8.5)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_ylabel(f"{run.network.output}\nv (mV)")
    axes.yaxis.label.set_color(theme.readout)


def time_axis(axes: Axes, run: Labelled) -> None:
    """The common axis of the panels: the sample's whole duration in ms."""
    axes.set_xlim(-0.5 * run.samples.dt, (run.samples.steps - 0.5) * run.samples.dt)
    axes.set_xlabel("time (ms)")
    axes.xaxis.set_major_locator(MaxNLocator(6))


def _thumbnail(run: Labelled, k: int) -> str:
    image = run.image(k)
    return "" if image is None else png_address(picture(image, limit=1.0))
