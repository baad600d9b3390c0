"""What was earned, how long it took, and how wrong the agent was, episode by episode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from spikeloom.plots.style import label_ends
from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import THIRD, WIDE, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.rewarded import Rewarded
from spikeloom.reports.text import number


@final
class Episodes(Figure[Rewarded]):
    """Return, length and prediction error against the episode: each a dot, and their mean over the last ones."""

    section = "learning"
    order = 1

    def pictures(self, run: Rewarded) -> Iterator[Picture]:
        over = max(1, min(int(run.result["over"]), len(run.curve("returns")) // 5))  # a line, also of a short run
        drawing = canvas(WIDE, 2.6)
        axes = drawing.add_subplot()
        draw(axes, run.curve("returns"), over, LIGHT.readout, LIGHT)
        axes.set_ylabel("return (sum of rewards)")
        note = f"The line is the mean of the last {over} episodes."
        until = run.result.get("until")
        if until is not None:
            axes.axhline(until, color=LIGHT.muted, linewidth=0.8, linestyle="--", zorder=1)
            note += f" The training was to end where the mean of {run.result['over']} reaches {until:g} (dashed)."
        yield Picture("Return", svg(drawing, "Return against episode"), note, size="wide")
        for title, name, label, colour, said in (
            ("Length", "lengths", "decisions", LIGHT.hidden, "How many decisions an episode took."),
            (
                "Error",
                "errors",
                "mean size of the error",
                LIGHT.input,
                "By how much predictions were wrong, in the mean.",
            ),
        ):
            values = run.curve(name)
            if values.size:
                drawing = canvas(THIRD, 2.35)
                axes = drawing.add_subplot()
                draw(axes, values, over, colour, LIGHT)
                axes.set_ylabel(label)
                yield Picture(title, svg(drawing, f"{title} against episode"), said, size="third")


def draw(axes: Axes, values: NDArray[np.float64], over: int, colour: str, theme: Theme) -> None:
    """Dots of all ``values``, and the mean of the last ``over`` at each."""
    episode = np.arange(1, values.size + 1)
    dots = {"alpha": 0.4, "markersize": 4 if values.size < 300 else 2.5, "markeredgewidth": 0}
    axes.plot(episode, values, ".", color=colour, rasterized=values.size > 2000, **dots)
    mean = np.convolve(values, np.ones(over) / over, "valid")
    axes.plot(episode[over - 1 :], mean, color=colour, linewidth=1.5, marker="o" if mean.size < 2 else "", markersize=3)
    axes.set_xlabel("episode")
    axes.set_xlim(0.5, values.size + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=theme.line, linewidth=0.6)
    axes.set_axisbelow(True)
    label_ends(axes, float(values.size), [(float(mean[-1]), number(float(mean[-1])), colour)])
