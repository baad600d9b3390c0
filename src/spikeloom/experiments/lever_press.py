"""Levers of which one brings food 10 to 30 s later: learned by an eligibility that lasts as long, and not otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.experiments import lever_press_agent as agent
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Inequality

LAST: Final = 300
"""Presses at the end by which a life is judged."""
FIRST: Final = 150
"""Presses at the beginning."""
KINDS: Final = ("learning", "short eligibility", "yoked food")
CHANCE: Final = 1 / agent.LEVERS


@final
class LeverConfig(Model):
    """How many agents live for how long, and how they learn."""

    lives: float = parameter(default=3, minimum=1, smooth=False, doc="agents of each kind, each with its own seed")
    presses: float = parameter(default=1800, minimum=LAST, smooth=False, doc="presses of a life, one every 2 s")
    tau_e: float = parameter(default=10 * second, unit="ms", positive=True, doc="eligibility of those who learn")
    short: float = parameter(default=1 * second, unit="ms", positive=True, doc="eligibility of the first control")
    eta: float = parameter(default=2e-6, unit="1/ms", minimum=0, doc="learning rate of all")


@final
class LeverPress(Experiment[LeverConfig]):
    r"""An agent of spiking neurons finds the lever that brings food 10 to 30 s after it was pressed.

    It presses one of three levers every 2 s, so that 5 to 15 other presses lie between a press and its food, and lights
    flash that mean nothing (:class:`~spikeloom.tasks.DelayedLeverPress`). Its network is in
    :mod:`~spikeloom.experiments.lever_press_agent`: senses drive three groups of neurons that compete, and pairs of
    spikes leave an eligibility at the synapses that fired the winners,

    .. math:: \dot w = \eta\, d(t)\, e(t), \qquad e(t) = \sum_k \Delta w_k\, \frac{t - t_k}{\tau_e}
       e^{-(t - t_k) / \tau_e}, \qquad d: \text{food less its running mean}

    (distal reward: Izhikevich 2007; this eligibility: Legenstein, Pecevski & Maass 2008,
    doi:10.1371/journal.pcbi.1000180; the mean: Fremaux, Sprekeler & Gerstner 2010,
    doi:10.1523/JNEUROSCI.6249-09.2010). Two controls have the same network and the same learning rate: one forgets
    after 1 s; the other is yoked, and its dopamine follows the food of an agent that learned, which has nothing to do
    with its own presses.
    """

    name = "lever-press"
    title = "The right lever is found though food comes 10 to 30 s later"
    citation = "E. M. Izhikevich (2007). Cereb Cortex 17, 2443-2452. doi:10.1093/cercor/bhl152"
    config = LeverConfig()
    full = LeverConfig(lives=10)

    def claims(self, config: LeverConfig) -> list[Claim]:
        source = (
            "Izhikevich 2007: distal reward is learned by an eligibility that lasts; here for actions, with controls"
        )
        judged = {
            "before": Inequality("<", 0.5),
            "learning": Inequality(">", 0.6),
            "least": Inequality(">", 0.5),
            "short eligibility": Inequality("<", 0.5),
            "yoked food": Inequality("<", 0.5),
            "over controls": Inequality(">", 0.2),
            "food": Inequality(">", 1.5),
        }
        expected: dict[str, Any] = dict.fromkeys(judged, "chance: 1/3")
        expected |= {"learning": "above chance", "least": "above chance", "over controls": "> 0", "food": "> 1"}
        return [
            Claim(quantity=QUANTITIES[name], published=expected[name], source=source, tolerance=tolerance)
            for name, tolerance in judged.items()
        ]

    def run(self, config: LeverConfig, seed: int, progress: Progress) -> Result:
        lives, presses = round(config.lives), round(config.presses)
        courses: dict[str, list[agent.Course]] = {kind: [] for kind in KINDS}
        for k in range(lives):
            for i, kind in enumerate(KINDS):
                done = (k * len(KINDS) + i) / (lives * len(KINDS))
                tell = part(progress, done, done + 1 / (lives * len(KINDS)), f"life {k + 1} of {lives}, {kind}")
                yoked = kind == "yoked food"
                course = agent.live_through(
                    3 * (seed * lives + k) + i,  # chance of its own: the yoked one does not repeat what the other did
                    presses,
                    tau_e=config.short if kind == "short eligibility" else config.tau_e,
                    eta=config.eta,
                    tell=tell,
                    given=courses["learning"][-1].food if yoked else None,
                )
                courses[kind].append(course)
        right = {kind: np.array([c.right(LAST) for c in found]) for kind, found in courses.items()}
        learned = courses["learning"]
        values = {
            "before": np.mean([(c.lever[:FIRST] == agent.RIGHT).mean() for c in learned]),
            "learning": right["learning"].mean(),
            "least": right["learning"].min(),
            "short eligibility": right["short eligibility"].mean(),
            "yoked food": right["yoked food"].mean(),
            "over controls": right["learning"].mean() - max(right[kind].mean() for kind in KINDS[1:]),
            "food": np.mean([c.food[-LAST:].mean() for c in learned]) / CHANCE,
        }
        return Result(
            measured={QUANTITIES[k]: float(v) for k, v in values.items()},
            data={"courses": courses, "taus": (config.tau_e, config.short)},
        )

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, legend, styled

        with styled():
            drawing = figure(7.8, 2.8)
            axes = drawing.add_subplot(1, 2, 1)
            for i, (kind, found) in enumerate(result.data["courses"].items()):
                hits = np.array([c.lever == agent.RIGHT for c in found])
                blocks = hits[:, : hits.shape[1] // 100 * 100].reshape(len(found), -1, 100).mean(2)
                minutes = (np.arange(blocks.shape[1]) + 0.5) * 200 / 60
                axes.plot(minutes, blocks.T, color=colour(i), linewidth=0.5, alpha=0.6)
                axes.plot(minutes, blocks.mean(0), color=colour(i), label=kind)
            axes.axhline(CHANCE, color="grey", linewidth=0.5, linestyle="--")
            axes.set(xlabel="time [min]", ylabel="presses of the right lever, part", ylim=(0, 1))
            legend(axes)
            axes = drawing.add_subplot(1, 2, 2)
            age = np.linspace(0, 40, 401)
            for i, tau in enumerate(tau / second for tau in result.data["taus"]):
                axes.plot(age, age / tau * np.exp(-age / tau), color=colour(i), label=f"eligibility, {tau:g} s")
            late = 2 - agent.LOOKING / second  # food is met at the beginning of a step, presses are made in its course
            axes.axvspan(10 + late, 30 + late, color="grey", alpha=0.2, linewidth=0, label="food comes")
            axes.set(xlabel="time since the press [s]", ylabel="what is left of a pair of spikes")
            legend(axes)
        return {"lever-press": drawing}


QUANTITIES: Final = {
    "before": f"right lever, part of the first {FIRST} presses, mean of all lives",
    "learning": f"right lever, part of the last {LAST} presses, mean of all lives",
    "least": f"right lever, part of the last {LAST} presses, the least of all lives",
    "short eligibility": f"right lever, part of the last {LAST} presses, with a short eligibility",
    "yoked food": f"right lever, part of the last {LAST} presses, with dopamine by the food of another",
    "over controls": "right lever, how much more often than in the better control",
    "food": f"food in the last {LAST} presses, times that of chance",
}
