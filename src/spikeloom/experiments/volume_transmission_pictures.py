"""The pictures of the experiment ``volume-transmission``."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeloom.modulators.field import VESICLE, instantaneous, steady
from spikeloom.plots.style import colour, figure, legend, styled


def diffusion(data: Any) -> Any:
    """A release in time, what uptake leaves of its peak, and a steady release; lines are closed forms."""
    m, taken, free = data["medium"], data["taken"], data["free"]
    with styled():
        drawing = figure(9.0, 2.8)
        left, middle, right = drawing.subplots(1, 3)
        for i, k in enumerate((0, 1, 4, 9)):
            rows = np.unique(np.geomspace(1, len(taken.times), 24).astype(int)) - 1
            r = float(taken.radii[k])
            left.plot(taken.times[rows], taken.values[rows, k], "o", color=colour(i), markersize=2.5)
            exact = instantaneous(m, VESICLE, r, taken.times)
            left.plot(taken.times, exact, color=colour(i), linewidth=0.9, label=f"{r:g} µm")
        left.set(
            xscale="log", yscale="log", ylim=(0.03, 4000), xlabel="time after a release (ms)", ylabel="dopamine (nM)"
        )
        left.xaxis.set_major_formatter("{x:g}")
        legend(left)
        radii = taken.radii[:7]
        factors = [taken.peak(k)[1] / free.peak(k)[1] for k in range(7)]
        middle.plot(radii, factors, "o-", color=colour(0), markersize=3)
        middle.set(xlabel="distance (µm)", ylabel="peak with uptake / without", ylim=(0, 1.05))
        r, c = data["steady"]
        near = (r > 0.5) & (r < 16)
        right.plot(r[near], (r * c)[near], color=colour(0), linewidth=2.2, alpha=0.5, label="solver")
        right.plot(r[near], (r * steady(m, 1.0, r))[near], color=colour(1), linewidth=0.9, label="closed form")
        right.set(yscale="log", xlabel="distance (µm)", ylabel="r x dopamine of 1 molecule / ms (µm nM)")
        legend(right)
    return drawing


def gating(data: Any) -> Any:
    """The field of a burst, how alike neighbours change, and how change falls with the distance from a release."""
    changes, side = data["changes"], data["side"]
    n = round(side / data["grid"])
    with styled():
        drawing = figure(9.0, 2.9)
        left, middle, right = drawing.subplots(1, 3)
        level = data["level"].reshape(n, n, n)[:, :, n // 2]
        image = left.imshow(level.T, origin="lower", extent=(0, side, 0, side), cmap="magma")
        drawing.colorbar(image, ax=left, label="dopamine (nM)")
        left.set(xlabel="x (µm)", ylabel="y (µm)", title="after 300 ms of a burst")
        scale = 1 / changes["both"].max()
        for i, (name, label) in enumerate(
            (("both", "both paired"), ("first", "first paired"), ("second", "second paired"))
        ):
            first, second = changes[name].reshape(-1, 2).T * scale
            middle.plot(first, second, ".", color=colour(i), markersize=3, label=label)
        middle.set(xlabel="change of the first synapse", ylabel="change of the second, 1 µm away")
        middle.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
        legend(middle)
        r, law = data["law"]
        right.plot(r, law / law[0], "o", color=colour(0), markersize=3, label="synapses")
        falls = np.exp(-r / data["reach"]) / r
        right.plot(r, falls / falls[0], color=colour(1), linewidth=0.9, label="closed form")
        right.set(yscale="log", xlabel="distance from the release (µm)", ylabel="change of weight / that at 4 µm")
        legend(right)
    return drawing
