"""How what some neurons listen to came about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np

from spikeloom.reports.drawing import HALF, canvas, svg, tinted
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.run import Run


@final
class GrowingFields(Figure):
    """The weights from the image to some neurons, after more and more samples: a row for each neuron."""

    section = "learning"
    order = 3

    def pictures(self, run: Run) -> Iterator[Picture]:
        grown = run.samples.grown
        if grown is None or run.image_shape is None or grown.fields.shape[2] != np.prod(run.image_shape):
            return
        times, neurons, _ = grown.fields.shape
        height, width = run.image_shape
        gap = max(round(width / 8), 1)
        limit = float(np.quantile(np.abs(grown.fields), 0.995)) or 1.0
        mosaic = np.zeros((neurons * (height + gap) - gap, times * (width + gap) - gap))
        for t in range(times):
            for n in range(neurons):
                top, left = n * (height + gap), t * (width + gap)
                mosaic[top : top + height, left : left + width] = grown.fields[t, n].reshape(height, width)
        drawing = canvas(HALF, min(6.0, 0.4 + HALF * mosaic.shape[0] / mosaic.shape[1]))
        axes = drawing.add_subplot()
        axes.imshow(tinted(mosaic, limit), interpolation="none", aspect="equal")
        axes.set_xticks(
            [t * (width + gap) + width / 2 - 0.5 for t in range(times)], [f"{n:,}" for n in grown.samples.tolist()]
        )
        axes.set_yticks([])
        axes.set_xlabel("training samples seen")
        axes.spines[:].set_visible(False)
        yield Picture(
            "How receptive fields grew",
            svg(drawing, "Input weights of some neurons after more and more samples"),
            f"The input weights of {neurons} neurons, a row for each. Orange excites, paper is zero.",
            size="half",
        )
