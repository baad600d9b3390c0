"""The picture of the experiment on Aplysia."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spikeloom.experiments import aplysia_sessions as sessions


def draw(animals: Sequence[Mapping[str, Any]]) -> Any:
    """Acquisition and extinction of the first animal, and means of all over the groups."""
    from spikeloom.plots.style import colour, figure, styled

    def mean(name: str) -> float:
        return float(np.mean([a[name] for a in animals]))

    def bars(axes: Any, names: Mapping[str, float], label: str, first: int = 0) -> None:
        axes.bar(range(len(names)), list(names.values()), 0.6, color=colour(first))
        axes.set_xticks(range(len(names)), [n.replace(" ", "\n") for n in names])
        axes.set_ylabel(label)

    one = animals[0]
    with styled():
        drawing = figure(7.2, 5.0)
        (curve, groups, blocking), (course, habituated, rested) = drawing.subplots(2, 3, width_ratios=(1, 1.25, 1))
        for k, a in enumerate(animals):
            curve.plot(sessions.CURVE, a["curve"], "o", color=colour(0), markersize=3, label=None if k else "run")
            fit = sessions.acquisition(a["curve"])[0]
            curve.plot(sessions.CURVE, fit, color=colour(1), label=None if k else "Rescorla & Wagner")
        curve.set(xlabel="trials", ylabel="enhancement E", title="acquisition")
        curve.legend(loc="lower right")
        responses = {n: mean(n) for n in ("paired", "unpaired", "alone", "CS+", "CS-")}
        bars(groups, responses, "spikes of a motor neuron")
        groups.set(title="conditioning")
        groups.tick_params(axis="x", labelsize=6.5)
        bars(blocking, {n: mean(n) for n in ("blocked", "control", "B without A")}, "enhancement E of B", 2)
        blocking.set(title="blocking, overshadowing")
        touches = np.arange(len(one["extinction"]) - 1)
        course.plot(touches, one["extinction"][:-1], ".-", color=colour(0), markersize=3)
        course.plot([touches[-1] + 6], one["extinction"][-1:], "o", color=colour(1), markersize=4)
        course.annotate("after\n20 min", (touches[-1] + 6, one["extinction"][-1]), (-26, 4), textcoords="offset points")
        course.set(xlabel="touch without shock", ylabel="spikes of a motor neuron", title="extinction", ylim=(0, None))
        shocks = ("none", "weak", "strong")
        back = {shock: float(np.mean([a[shock]["habituated"][-1] for a in animals])) for shock in shocks}
        before = float(np.mean([a["none"]["habituated"][-2] for a in animals]))
        bars(habituated, {"before": before, **back}, "response / first")
        habituated.set(title="habituated, shock, 90 s", ylim=(0, 1.6))
        for k, when in enumerate(("early", "late")):
            height = [float(np.mean([a[shock][when] for a in animals])) for shock in shocks]
            place = np.arange(3) + 0.35 * (k - 0.5)
            rested.bar(place, height, 0.33, color=colour(k), label=("90 s", "20 min")[k])
        rested.axhline(1, color="grey", linewidth=0.6)
        rested.set_xticks(range(3), list(shocks))
        rested.set(title="rested, shock", ylabel="response / first", ylim=(0, 2.0))
        rested.legend(loc="upper left")
    return drawing
