"""Pictures of the experiment ``maia-2010-avoidance``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from spikeloom.experiments.maia_2010_avoidance import Course

NAMES: Final = {
    "fear": "fear conditioning", "training": "training", "safe": "no shocks", "exposure": "exposure",
    "after exposure": "no shocks after it",
}  # fmt: skip
BRANCHES: Final[Mapping[str, tuple[str, ...]]] = {
    "not exposed": ("training", "safe"),
    "exposed": ("training", "exposure", "after exposure"),
}


def table(courses: Mapping[str, Course]) -> Any:
    """Avoidance of animals with a table, trial by trial, by what drives them; and what they fear after each phase."""
    from spikeloom.plots.style import figure, styled

    with styled():
        drawing = figure(7.2, 2.7)
        left, right = drawing.subplots(1, 2, width_ratios=(1.4, 1))
        _avoidance(left, courses["two factors"], 2, {"not exposed, two factors": BRANCHES["not exposed"]})
        _avoidance(left, courses["table"], 0, BRANCHES)
        left.set(title="actor and critic (table), and Mowrer's two factors")
        left.legend(loc=(0.53, 0.52))
        _fear(right, [courses["table"]])
        right.set_title("table: what is feared")
    return drawing


def cells(animals: Sequence[Course]) -> Any:
    """The same for animals of spiking cells: the mean of all in blocks of ten trials, and each in its fear."""
    from spikeloom.experiments.maia_2010_avoidance import Course
    from spikeloom.plots.style import figure, styled

    mean = Course()
    for phase in animals[0].avoided:
        mean.avoided[phase] = np.concatenate([one.avoided[phase] for one in animals], axis=1)
    with styled():
        drawing = figure(7.2, 2.7)
        left, right = drawing.subplots(1, 2, width_ratios=(1.4, 1))
        _avoidance(left, mean, 0, BRANCHES)
        left.set(title=f"{len(animals)} animals of spiking cells")
        left.legend(loc="center right")
        _fear(right, animals)
        right.set_title("what each fears")
    return drawing


def _avoidance(axes: Any, course: Course, first: int, lines: Mapping[str, tuple[str, ...]]) -> None:
    from spikeloom.plots.style import colour

    for k, (name, phases) in enumerate(lines.items()):
        avoided, begin = [], 0
        for phase in phases:
            trials = course.avoided[phase]
            if phase == "exposure":
                axes.axvspan(begin, begin + len(trials), color="0.93", label="responses prevented")
                avoided.append(np.full(len(trials) // 10, np.nan))
            else:
                blocks = len(trials) // 10
                avoided.append(trials[: 10 * blocks].reshape(blocks, -1).mean(axis=1))
            begin += len(trials)
        found = np.concatenate(avoided)
        axes.plot(10 * np.arange(len(found)) + 5, 100 * found, color=colour(first + k), label=name)
    training = len(course.avoided["training"])
    axes.axvline(training, color="0.6", linewidth=0.8, linestyle=":")
    axes.set(xlabel="trial (dotted: the last shock)", ylabel="avoided (%), blocks of 10", ylim=(-4, 104))


def _fear(axes: Any, animals: Sequence[Course]) -> None:
    from spikeloom.plots.style import colour

    for k, phase in enumerate(NAMES):
        for j, one in enumerate(animals):
            steps = np.arange(1, len(one.value[phase]) + 1)
            axes.plot(steps, one.value[phase], color=colour(k), alpha=1 if len(animals) == 1 else 0.7,
                      label=NAMES[phase] if j == 0 else None)  # fmt: skip
    axes.axhline(-0.1, color="0.6", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="step of the signal",
        ylabel="V (shocks)",
        ylim=(-1.15, 0.6),
        xticks=range(1, len(animals[0].value["fear"]) + 1),
    )
    axes.legend(loc="upper left", ncols=2, columnspacing=1, handlelength=1.2)
