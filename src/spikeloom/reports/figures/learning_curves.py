"""How loss, accuracy and activity went over the epochs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from spikeloom.plots.style import label_ends
from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import THIRD, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.text import count, percent


@final
class LearningCurves(Figure[Labelled]):
    """Accuracy, loss and spikes per sample against the epoch, for training and validation data."""

    section = "learning"
    order = 1

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        best = run.result.get("best_epoch")
        kept = "" if best is None else f" The weights of epoch {best} were kept."
        for title, draw, note in (
            ("Accuracy", accuracy, f"Share of samples classified correctly.{kept}"),
            ("Loss", loss, "What the rule makes small: cross-entropy and any regularisers."),
            ("Activity", activity, "Spikes of all neurons for one training sample."),
        ):
            drawing = canvas(THIRD, 2.35)
            draw(drawing.add_subplot(), run, LIGHT)
            yield Picture(title, svg(drawing, f"{title} against epoch"), note, size="third")


def accuracy(axes: Axes, run: Labelled, theme: Theme) -> None:
    """Training and validation accuracy over the epochs, and the test accuracy at the end."""
    test = run.result["test_accuracy"]
    _pair(axes, run, theme, "accuracy", (test, f"test {percent(test)}", theme.ink))
    axes.plot([run.history[-1]["epoch"]], [test], "o", color=theme.ink, markersize=3.5, clip_on=False, zorder=5)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    axes.set_ylabel("accuracy (%)")


def loss(axes: Axes, run: Labelled, theme: Theme) -> None:
    """Training and validation loss over the epochs, from 0 up."""
    _pair(axes, run, theme, "loss", None)
    axes.set_ylabel("loss (nats)")


def activity(axes: Axes, run: Labelled, theme: Theme) -> None:
    """Spikes per sample over the epochs."""
    epoch, spikes = run.curve("epoch"), run.curve("spikes_per_sample")
    _line(axes, epoch, spikes, theme.hidden, 1.5)
    _frame(axes, epoch, theme)
    axes.set_ylim(0, None)
    if np.isfinite(spikes[-1]):
        label_ends(axes, epoch[-1], [(spikes[-1], count(spikes[-1]), theme.hidden)])
    axes.set_ylabel("spikes per sample")


def _pair(axes: Axes, run: Labelled, theme: Theme, quantity: str, extra: tuple[float, str, str] | None) -> None:
    epoch = run.curve("epoch")
    labels = [] if extra is None else [extra]
    for name, colour, width in (("train", theme.muted, 0.9), ("validation", theme.readout, 1.5)):
        curve = run.curve(f"{name}_{quantity}")
        seen = np.flatnonzero(np.isfinite(curve))
        if len(seen):
            _line(axes, epoch, curve, colour, width)
            labels.append((float(curve[seen[-1]]), name, colour))
    _frame(axes, epoch, theme)
    if quantity == "loss":
        axes.set_ylim(0, None)
    label_ends(axes, epoch[-1], labels)


def _line(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str, width: float) -> None:
    marker = "o" if len(x) < 2 else ""
    axes.plot(x, y, marker=marker, markersize=3, color=colour, linewidth=width, solid_joinstyle="round", clip_on=False)


def _frame(axes: Axes, epoch: np.ndarray, theme: Theme) -> None:
    axes.set_xlabel("epoch")
    axes.set_xlim(min(epoch[0], epoch[-1] - 1), epoch[-1])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=theme.line, linewidth=0.6)
    axes.set_axisbelow(True)
