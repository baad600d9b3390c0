"""The picture of density.py: time against spikes, and synaptic events per second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from spikeloom.engines.cpu.products import DENSE

INK, GREY, TRAIN, INFER = "#22303c", "#8a97a3", "#b3401f", "#1f6f8b"
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.edgecolor": INK,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
TITLES = {"input": "Input spikes (feed-forward)", "hidden": "Hidden spikes (recurrent)"}


def draw(sweeps: dict[str, list[dict[str, Any]]], path: Path) -> Path:
    """Draw both sweeps: times above, synaptic events per second below. Returns ``path``."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            2, 2, figsize=(9.0, 6.2), sharex="col", sharey="row", height_ratios=(2, 1), layout="constrained"
        )
        for k, (name, points) in enumerate(sweeps.items()):
            density = [100 * p[f"{name}_density"] for p in points]
            times, rates = axes[0, k], axes[1, k]
            for what, colour, title in (("train", TRAIN, "training step"), ("infer", INFER, "inference")):
                ours = [p["cpu"][f"{what}_ms"] for p in points]
                dense = [p["reference"][f"{what}_ms"] for p in points]
                times.plot(density, ours, "o-", color=colour, markersize=4, label=f"{title}, event-driven (cpu)")
                times.plot(
                    density, dense, "s--", color=colour, alpha=0.45, markersize=3, label=f"{title}, dense (reference)"
                )
                alone = [p["products"][f"{what}_ms"] for p in points]
                times.plot(density, alone, ":", color=colour, alpha=0.7, label=f"{title}, dense products alone")
                rates.plot(
                    density,
                    [p["synaptic_events_per_s"][what] / 1e9 for p in points],
                    "o-",
                    color=colour,
                    markersize=4,
                    label=title,
                )
            for axis in (times, rates):
                axis.set(xscale="log", yscale="log")
                axis.grid(True, which="major", color=GREY, alpha=0.25, linewidth=0.6)
                axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
                axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
            times.set_title(TITLES[name], loc="left", fontsize=10)
            rates.set_xlabel(
                f"density of the {name} spikes [% of {'channels' if name == 'input' else 'neurons'} per step]"
            )
        axes[0, 0].set_ylabel("time [ms]")
        axes[1, 0].set_ylabel("synaptic events [10⁹/s]")
        axes[1, 0].legend(frameon=False, fontsize=8)
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False, fontsize=8
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=160)
        plt.close(figure)
    return path


def draw_switch(points: list[dict[str, Any]], path: Path) -> Path:
    """Draw the engine's two ways over a dense input. Returns ``path``."""
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(5.4, 4.0), layout="constrained")
        events = [p["input_density"] for p in points]
        for what, colour, title in (("train", TRAIN, "training step"), ("infer", INFER, "inference")):
            for way, line in (("events", "o-"), ("products", "s--")):
                times = [p[way][f"{what}_ms"] for p in points]
                axis.plot(events, times, line, color=colour, markersize=4, label=f"{title}, {way}")
        axis.axvline(DENSE, color=GREY, linewidth=1, label="threshold of the engine")
        axis.set(xlim=(0, None), ylim=(0, None), xlabel="input [events per channel and step]", ylabel="time [ms]")
        axis.grid(True, color=GREY, alpha=0.25, linewidth=0.6)
        figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=160)
        plt.close(figure)
    return path
