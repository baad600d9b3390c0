"""How what some neurons listen to came about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.plots.mosaic import corners, mosaic
from spikeloom.reports.drawing import HALF, canvas, svg, tinted
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.figures.receptive_fields import explain, one_channel
from spikeloom.reports.kinds.labelled import Labelled

LABEL = 0.42
"""Width of a label below the pictures, in inches."""


@final
class GrowingFields(Figure[Labelled]):
    """What some neurons of a layer listen to, after more and more samples: a row for each neuron."""

    section = "learning"
    order = 3

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        for name, grown in run.samples.grown.items():
            images = seen(grown.fields, run.image_shape)
            if images is None:
                continue
            many = images.shape[1]
            if grown.fields.ndim == 3:
                title, described = "How receptive fields grew", "Input weights of some neurons"
                note = f"The input weights of {many} neurons, a row for each. Orange excites, paper is zero."
            else:
                target = run.network.projections[name].target
                title, described = f"How the maps of {target} grew", f"What some maps of {target} look for,"
                note = f"{many} maps of {target}, a row for each. {explain(run.network, name, grown.fields.shape[2])}"
            yield Picture(title, _drawn(images, grown.samples, f"{described} after more and more samples"), note)


def seen(fields: NDArray[Any], image_shape: tuple[int, int] | None) -> NDArray[Any] | None:
    """The fields as images (times, neurons, rows, columns), or ``None`` where they are none."""
    if fields.ndim == 5:
        return one_channel(fields)
    if image_shape is None or fields.shape[2] != np.prod(image_shape):
        return None
    return fields.reshape(*fields.shape[:2], *image_shape)


def _drawn(images: NDArray[Any], samples: NDArray[np.int64], description: str) -> str:
    """A row of pictures for each neuron, a column for each time."""
    times, many, height, width = images.shape
    limit = float(np.quantile(np.abs(images), 0.995)) or 1.0
    pixels = mosaic(images.swapaxes(0, 1).reshape(many * times, height, width), columns=times)
    drawing = canvas(HALF, min(6.0, 0.4 + HALF * pixels.shape[0] / pixels.shape[1]))
    axes = drawing.add_subplot()
    axes.imshow(tinted(pixels, limit), interpolation="none", aspect="equal")
    every = max(1, math.ceil(times * LABEL / HALF))
    first = (times - 1) % every
    at = [left + width / 2 - 0.5 for _, left in corners(times, times, height, width)]
    axes.set_xticks(at[first::every], [f"{n:,}" for n in samples.tolist()[first::every]])
    axes.set_yticks([])
    axes.set_xlabel("training samples seen")
    axes.spines[:].set_visible(False)
    return svg(drawing, description)
