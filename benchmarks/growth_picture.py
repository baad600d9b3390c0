"""The picture of growth.py: time against neurons, synapses of a neuron, and rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from density_picture import GREY, INK, STYLE, TRAIN
from growth_model import Fit
from matplotlib.ticker import FuncFormatter, NullFormatter

AXES = {
    "neurons": ("neurons", "{indegree:,} synapses of a neuron, {wanted_Hz:g} Hz"),
    "indegree": ("synapses of a neuron", "{neurons:,} neurons, {wanted_Hz:g} Hz"),
    "rate_Hz": ("mean rate [Hz]", "{neurons:,} neurons, {indegree:,} synapses each"),
}
"""What grows in each sweep, and its title: what stays."""
PARTS = (
    ("update", "updates", "--", "neuron updates"),
    ("event", "events", ":", "synaptic events"),
    ("step", "steps", "-.", "steps"),
)


def draw(sweeps: dict[str, list[dict[str, Any]]], found: Fit, path: Path) -> Path:
    """Draw the sweeps, by the quantity that grows, with the fit and its parts. Returns ``path``."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(sweeps), figsize=(10.0, 3.6), sharey=True, layout="constrained")
        for axis, (name, unsorted) in zip(axes, sweeps.items(), strict=True):
            points = sorted(unsorted, key=lambda p: p[name])
            x = [p[name] for p in points]
            model = [p["model_s"] for p in points]

            def by(seconds: list[float], model: list[float] = model) -> list[float]:
                return [s / m for s, m in zip(seconds, model, strict=True)]

            axis.plot(x, by([p["seconds"] for p in points]), "o", color=TRAIN, markersize=5, label="measured")
            axis.plot(x, by([found.seconds(p) for p in points]), "-", color=INK, linewidth=1, label="fit")
            for cost, count, line, label in PARTS:
                part = by([getattr(found, cost) * p[count] for p in points])
                if all(part):
                    axis.plot(x, part, line, color=GREY, linewidth=1.2, label=label)
            label, title = AXES[name]
            axis.set(xscale="log", yscale="log", xlabel=label, title=title.format(**points[0]))
            axis.set_xticks(sorted({float(f"{v:.3g}") for v in x}))
            axis.xaxis.set_minor_formatter(NullFormatter())
            axis.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.4g}"))
            axis.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
            axis.grid(True, which="major", color=GREY, alpha=0.25, linewidth=0.6)
        axes[0].set_ylabel("time [s] of a second of model time")
        axes[0].legend(frameon=False, fontsize=8)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Software": None})
        plt.close(figure)
    return path
