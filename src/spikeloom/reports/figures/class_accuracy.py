"""Which classes the network knows well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np

from spikeloom.plots.theme import LIGHT
from spikeloom.reports.drawing import HALF, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.text import percent, short


@final
class ClassAccuracy(Figure[Labelled]):
    """The share of each class's test samples that were classified correctly (recall)."""

    section = "mistakes"
    order = 2

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        total = run.confusion.sum(axis=1)
        share = np.where(total > 0, run.confusion.diagonal() / np.maximum(total, 1), np.nan)
        n = len(share)
        if n > 40 or not np.isfinite(share).any():
            return
        drawing = canvas(HALF, 3.9)
        axes = drawing.add_subplot()
        place = np.arange(n)
        low = max(0.0, np.floor(20 * np.nanmin(share) - 1) / 20)
        axes.hlines(place, low, share, color=LIGHT.line, linewidth=1.2)
        axes.plot(share, place, "o", color=LIGHT.input, markersize=5, clip_on=False)
        overall = run.confusion.trace() / total.sum()
        axes.axvline(overall, color=LIGHT.muted, linewidth=0.8, dashes=(4, 3), zorder=0)
        axes.annotate(
            f"all {percent(overall)} ",
            (overall, 1.0),
            xycoords=("data", "axes fraction"),
            ha="right",
            va="center",
            fontsize=7.5,
            color=LIGHT.muted,
        )
        for y, value in zip(place, share, strict=True):
            text = percent(value) if np.isfinite(value) else "no samples"
            axes.annotate(
                text,
                (1.03, y),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=7.5,
                color=LIGHT.ink,
                annotation_clip=False,
            )
        axes.set_yticks(place, [short(c) for c in run.classes])
        axes.set_ylim(n - 0.4, -0.6)
        axes.set_xlim(low, 1.0)
        axes.set_xticks(ticks := np.linspace(low, 1.0, 3), [f"{100 * t:.3g}" for t in ticks])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("correct (%)")
        axes.set_ylabel("true class")
        note = f"Least known: {run.classes[int(np.nanargmin(share))]}. Dashes mark all test samples together."
        yield Picture("Accuracy by class", svg(drawing, "Accuracy for each class"), note)
