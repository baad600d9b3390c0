"""What in the image each hidden neuron listens to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from spikeloom.network import Network
from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import HALF, canvas, svg, tinted
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.run import Run
from spikeloom.synapses import Delta

MOST = {"small": (8, 6), "large": (6, 5)}
"""Columns and rows of the mosaic, for images up to 16 pixels wide and for larger ones."""


@final
class ReceptiveFields(Figure):
    """The weights from the image to single neurons of the first layer, each drawn as an image."""

    section = "inside"
    order = 2

    def pictures(self, run: Run) -> Iterator[Picture]:
        name = first_projection(run)
        if name is None:
            return
        neurons = run.weight(name).shape[1]
        most = MOST["small" if max(run.image_shape or (0,)) <= 16 else "large"]
        columns = min(most[0], math.ceil(math.sqrt(1.3 * neurons)))
        drawing = canvas(HALF, 3.3)
        shown = draw(drawing.add_subplot(), run, LIGHT, name, columns, most[1])
        which = f"{shown} of the {neurons} neurons" if shown < neurons else f"all {neurons} neurons"
        yield Picture(
            "Receptive fields",
            svg(drawing, "Input weights of hidden neurons as images"),
            f"The input weights of {which}, strongest first. Orange excites, blue inhibits, paper is zero.",
        )


def first_projection(run: Run) -> str | None:
    """The projection that starts at the input, if the input is one image, pixel by channel."""
    if run.image_shape is None:
        return None
    pixels = run.image_shape[0] * run.image_shape[1]
    for name, projection in run.network.projections.items():
        if projection.source not in run.network.inputs or name not in run.network.weights:
            continue
        weight = run.weight(name)
        if weight.ndim == 2 and weight.shape[0] == pixels:
            return name
    return None


def draw(axes: Axes, run: Run, theme: Theme, name: str, columns: int, rows: int) -> int:
    """A mosaic of up to ``columns * rows`` fields, strongest first; returns how many."""
    assert run.image_shape is not None
    height, width = run.image_shape
    weight = run.weight(name)
    order = np.argsort(-np.linalg.norm(weight, axis=0), kind="stable")[: columns * rows]
    columns = min(columns, len(order))
    rows = -(-len(order) // columns)
    limit = float(np.quantile(np.abs(weight[:, order]), 0.995)) or 1.0
    gap = max(round(width / 8), 1)
    mosaic = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap))
    for place, neuron in enumerate(order):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        mosaic[top : top + height, left : left + width] = weight[:, neuron].reshape(height, width)
        axes.add_patch(_frame(left, top, width, height, theme))
    axes.imshow(tinted(mosaic, limit), interpolation="none", aspect="equal")
    axes.set_xticks([-0.5, width - 0.5], ["0", str(width)])
    axes.set_yticks([-0.5, height - 0.5], ["0", str(height)])
    axes.set_xlabel("pixel column", loc="left")
    axes.set_ylabel("pixel row", loc="top")
    axes.spines[:].set_visible(False)
    scale(axes, theme, limit, f"weight ({unit(run.network, name)})")
    return len(order)


def scale(axes: Axes, theme: Theme, limit: float, label: str) -> None:
    """The key to the colours: from -limit (blue) over nothing to +limit (orange)."""
    bar = axes.inset_axes((1.03, 0.0, 0.025, 1.0))
    bar.imshow(
        tinted(np.linspace(limit, -limit, 101)[:, None], limit),
        aspect="auto",
        extent=(0, 1, -limit, limit),
        interpolation="none",
    )
    bar.set_xticks([])
    bar.yaxis.tick_right()
    bar.yaxis.set_label_position("right")
    bar.set_ylabel(label)
    bar.spines[:].set_visible(False)


def unit(network: Network, projection: str) -> str:
    """The unit of a projection's weights: what an arriving spike adds to its target."""
    synapse = network.projections[projection].synapse
    if not isinstance(synapse, Delta):
        return synapse.unit
    neuron = network.populations[network.projections[projection].target].neuron
    if getattr(neuron, "input", "delta") == "current":
        return "pA"
    return neuron.state.get("i", neuron.state.get("v", "1"))


def _frame(left: float, top: float, width: int, height: int, theme: Theme) -> Rectangle:
    return Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor=theme.line, linewidth=0.6)
