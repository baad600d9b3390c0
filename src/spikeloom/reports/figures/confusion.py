"""Which classes the network takes for which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.axes import Axes

from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import HALF, canvas, picture, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.text import count, short


@final
class Confusion(Figure[Labelled]):
    """Test samples by true and predicted class; correct ones on the diagonal."""

    section = "mistakes"
    order = 1

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        drawing = canvas(HALF, 3.9)
        draw(drawing.add_subplot(), run, LIGHT)
        yield Picture("Confusion matrix", svg(drawing, "Confusion matrix of the test samples"), worst(run))


def draw(axes: Axes, run: Labelled, theme: Theme) -> None:
    """The matrix: correct answers in blue, mistakes in orange, each strengthened by its share of the true class."""
    counts = run.confusion
    n = len(run.classes)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(n, dtype=bool)
    pixels = picture(share, limit=1.25)
    mistakes = picture(np.sqrt(share), limit=1.0)  # square root: a single mistake must be seen
    mistakes[..., :3] = (224, 107, 20)
    pixels[~right] = mistakes[~right]
    axes.imshow(pixels, interpolation="none")
    if n <= 20:
        for i, j in zip(*np.nonzero(counts), strict=True):
            axes.text(
                j, i, str(counts[i, j]), ha="center", va="center", fontsize=7.5 if n <= 12 else 5, color=theme.ink
            )
    places = np.arange(n) if n <= 30 else np.linspace(0, n - 1, 10).astype(int)
    names = [short(run.classes[i]) for i in places]
    turned = 60 if max(len(name) for name in names) > 3 else 0
    axes.set_xticks(places, names, rotation=turned)
    axes.set_yticks(places, names)
    axes.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=theme.line, linewidth=0.5)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")


def worst(run: Labelled) -> str:
    """The most frequent mistake in words."""
    mistakes = run.confusion - np.diag(np.diag(run.confusion))
    tested = f"{count(int(run.confusion.sum()))} test samples, {count(int(mistakes.sum()))} mistakes"
    if not mistakes.any():
        return f"{tested}."
    i, j = np.unravel_index(int(mistakes.argmax()), mistakes.shape)
    times = "once" if mistakes[i, j] == 1 else f"{mistakes[i, j]} times"
    return f"{tested}; the most frequent: {run.classes[i]} taken for {run.classes[j]}, {times}. Numbers are samples."
