"""What in the image each hidden neuron listens to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from spikeloom.connections import Convolution
from spikeloom.network import Network
from spikeloom.network.preferred import origin, preferred
from spikeloom.plots.mosaic import corners, mosaic
from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import HALF, canvas, svg, tinted
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.synapses import Delta

MOST = {"small": (8, 6), "large": (6, 5)}
"""Columns and rows of the mosaic, for images up to 16 pixels wide and for larger ones."""


@final
class ReceptiveFields(Figure[Labelled]):
    """What single neurons of the first layer, and the maps of convolutions, listen to: each drawn as an image."""

    section = "inside"
    order = 2

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        name = first_projection(run)
        if name is not None:
            images = fields(run, name)
            drawing, which = _drawn(run, name, images, "neurons")
            yield Picture(
                "Receptive fields",
                svg(drawing, "Input weights of hidden neurons as images"),
                f"The input weights of {which}, strongest first. Orange excites, blue inhibits, paper is zero.",
            )
        for name, projection in run.network.projections.items():
            if name in run.network.weights and isinstance(projection.connection, Convolution):
                found = preferred(run.network, name).numpy()
                drawing, which = _drawn(run, name, one_channel(found), "maps")
                yield Picture(
                    f"What the maps of {projection.target} look for",
                    svg(drawing, f"What the maps of {projection.target} look for, as images"),
                    f"{which[0].upper()}{which[1:]}, strongest first. {explain(run.network, name, found.shape[1])}",
                )


def first_projection(run: Labelled) -> str | None:
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


def fields(run: Labelled, name: str) -> NDArray[np.float64]:
    """The weights from the image to each neuron, (neurons, rows, columns)."""
    assert run.image_shape is not None
    return run.weight(name).T.reshape(-1, *run.image_shape)


def one_channel(images: NDArray[Any]) -> NDArray[Any]:
    """Images (..., channels, rows, columns) without their channels: of two the first less the second, else the sum."""
    return images[..., 0, :, :] - images[..., 1, :, :] if images.shape[-3] == 2 else images.sum(axis=-3)


def explain(network: Network, name: str, channels: int) -> str:
    """What the images of a convolution's maps show."""
    projection = network.projections[name]
    below = origin(network, name)
    told = "Their" if below == projection.source else "Seen through the layers below, as mean"
    told += f" weights from {below}"
    if channels == 2:
        told += ": the first of two channels less the second"
    elif channels > 2:
        told += f", summed over {channels} channels"
    return f"{told}. Orange is above zero, blue below, paper is zero."


def draw(axes: Axes, images: NDArray[Any], theme: Theme, columns: int, rows: int, label: str) -> int:
    """A mosaic of up to ``columns * rows`` of the ``images``, strongest first; returns how many. ``label``: what the
    numbers are.
    """
    height, width = images.shape[1:]
    order = np.argsort(-np.linalg.norm(images.reshape(len(images), -1).T, axis=0), kind="stable")[: columns * rows]
    columns = min(columns, len(order))
    limit = float(np.quantile(np.abs(images[order]), 0.995)) or 1.0
    for top, left in corners(len(order), columns, height, width):
        axes.add_patch(_frame(left, top, width, height, theme))
    axes.imshow(tinted(mosaic(images[order], columns), limit), interpolation="none", aspect="equal")
    axes.set_xticks([-0.5, width - 0.5], ["0", str(width)])
    axes.set_yticks([-0.5, height - 0.5], ["0", str(height)])
    axes.set_xlabel("pixel column", loc="left")
    axes.set_ylabel("pixel row", loc="top")
    axes.spines[:].set_visible(False)
    scale(axes, theme, limit, label)
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


def _drawn(run: Labelled, name: str, images: NDArray[Any], what: str) -> tuple[Any, str]:
    """A drawing of the images, and which they are in words."""
    most = MOST["small" if max(images.shape[1:]) <= 16 else "large"]
    many = len(images)
    drawing = canvas(HALF, 3.3)
    columns = min(most[0], math.ceil(math.sqrt(1.3 * many)))
    direct = origin(run.network, name) == run.network.projections[name].source
    label = f"weight ({unit(run.network, name)})" if direct else "weighted mean of weights"
    shown = draw(drawing.add_subplot(), images, LIGHT, columns, most[1], label)
    return drawing, f"{shown} of the {many} {what}" if shown < many else f"all {many} {what}"


def _frame(left: float, top: float, width: int, height: int, theme: Theme) -> Rectangle:
    return Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor=theme.line, linewidth=0.6)
