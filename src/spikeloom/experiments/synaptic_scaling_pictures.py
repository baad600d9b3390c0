"""The pictures of the experiment ``synaptic-scaling``."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeloom.core.units import second
from spikeloom.plots.style import colour, figure, legend, styled


def scaled(data: Any) -> Any:
    """Weights after scaling against those before, and how weights of one hump are distributed."""
    with styled():
        drawing = figure(7.2, 3.0)
        left, right = drawing.subplots(1, 2)
        for i, (name, (before, after)) in enumerate(data["scaled"].items()):
            left.plot(before[:, 0], after[:, 0], ".", color=colour(i), markersize=3, label=name)
        most = max(before.max() for before, _ in data["scaled"].values())
        left.plot([0, most], [0, most], color="grey", linewidth=0.8, zorder=0)
        left.set(xlabel="weight before (mV)", ylabel="weight after (mV)")
        legend(left)
        for i, (name, weights) in enumerate(data["weights"].items()):
            right.hist(weights, bins=np.linspace(0, 2, 41).tolist(), color=colour(i), alpha=0.6, label=name)
        right.set(xlabel="weight (mean = 1)", ylabel="synapses")
        legend(right)
    return drawing


def courses(found: Any) -> Any:
    """The rates of cells with Hebb's rule, alone and held."""
    names = list(dict.fromkeys(key.rsplit(", from ", 1)[0] for key in found))
    with styled():
        drawing = figure(7.2, 4.4)
        grid = drawing.subplots(2, (len(names) + 1) // 2, sharex=True, sharey=True, squeeze=False)
        for axes, name in zip(grid.reshape(-1), names, strict=False):
            for i, start in enumerate(("above", "below")):
                if f"{name}, from {start}" in found:
                    times, rates = found[f"{name}, from {start}"]
                    axes.plot(times / second, np.maximum(rates, 0.03), color=colour(i), label=f"from {start}")
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set_title(name)
        for axes in grid[-1]:
            axes.set_xlabel("time (s)")
        for axes in grid[:, 0]:
            axes.set_ylabel("firing rate (Hz)")
        grid[0, -1].legend(loc="lower right")
    return drawing
