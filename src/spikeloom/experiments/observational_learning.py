"""Observational learning: a critic that learns from what happens to somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.observational_learning_animal import APPROACH, LOOK, OPTIONS, Animal, spikes
from spikeloom.experiments.tolerance import Absolute, Inequality

Array = NDArray[np.float64]

TEMPERATURE: Final = 0.15
"""Of a choice between two values."""
FIRST: Final = 5
"""Own choices in the test, which nothing follows, as in Fiorito & Scotto; and right ones in a row to the criterion."""

FIORITO: Final = "Fiorito & Scotto 1992, doi:10.1126/science.256.5056.545: observers choose as the demonstrator did"
SAME: Final = "the same stimuli, the same outcomes, the same update"
NOTHING: Final = "without a vicarious outcome nothing is taught"

EQUAL = "vicarious reward: observer's weights less demonstrator's, largest [mV]"
MOVED = "vicarious reward: how far the demonstrator's weights moved, largest [mV]"
OFF = "no vicarious reward: change of the observer's weights, largest [mV]"
EYES = "seen with other spikes: correlation of the changes of both"
CHOSEN = "observers: part of their first five choices that is the demonstrated option"
ABOVE = "observers: above chance by [standard errors]"
WATCHED = "watched without vicarious reward: above chance by [standard errors]"
UNREWARDED = "demonstrator unrewarded: above chance by [standard errors]"
TRIALS = "trials to criterion: naive / observers"
FEWER = "trials to criterion: naive less observers [standard errors]"

GROUPS: Final = {"observers": 1.0, "demonstrator unrewarded": 0.0, "watched only": None, "naive": None}
"""What the demonstrator gets, as the observer feels it; ``None``: nothing is felt."""


@final
class ObservationConfig(Model):
    """How many animals, and how many trials."""

    animals: float = parameter(default=40, minimum=4, doc="of each group; for one half the other option is right")
    demonstrations: float = parameter(default=4, minimum=1, doc="trials that an observer watches")
    trials: float = parameter(default=20, minimum=10, doc="own trials, each rewarded if the choice is right")


@final
class ObservationalLearning(Experiment[ObservationConfig]):
    r"""An observer that sees what a demonstrator sees, and feels its reward, learns what the demonstrator learns.

    .. math:: \delta = r - V, \qquad \dot w_i = \eta\, \delta(t)\, e_i, \qquad \tau_e \dot e_i = -e_i + \sum_k
              \delta(t - t_i^k)

    Two animals, each a network of its own: spiking cells that see one of two options, and a critic of spiking cells
    whose rate is the value V. The error is released as a modulator, and a spike seen is a tag of its synapses
    (``Modulated(rule=Homosynaptic(...))``). What is vicarious is the outcome alone: the observer subtracts its own
    V from the demonstrator's r. Then observers choose for themselves, between the values of two looks. Groups that
    watched and felt nothing, and that watched a demonstrator who got nothing, tell learning from imitation.
    """

    name = "observational-learning"
    title = "Learning from the outcomes of another one"
    citation = (
        "G. Fiorito & P. Scotto (1992). Observational learning in Octopus vulgaris. Science 256, 545-547. "
        "doi:10.1126/science.256.5056.545"
    )
    config = ObservationConfig()
    full = ObservationConfig(animals=200)

    def claims(self, config: ObservationConfig) -> list[Claim]:
        rows = (
            (EQUAL, 0.0, SAME, Absolute(1e-12)),
            (MOVED, "> 0", SAME, Inequality(">", 0.05)),
            (OFF, 0.0, NOTHING, Absolute(0)),
            (EYES, 1.0, "the same stimuli, seen by chance", Inequality(">", 0.9)),
            (CHOSEN, 0.86, f"{FIORITO} (red; 0.70 of white; recalled)", Inequality(">", 0.7)),
            (ABOVE, "> 0", FIORITO, Inequality(">", 3)),
            (WATCHED, 0.0, NOTHING, Absolute(3)),
            (UNREWARDED, "no more than chance", "what is learned is the outcome", Inequality("<", 3)),
            (TRIALS, "> 1", f"{FIORITO}, sooner", Inequality(">", 1.2)),
            (FEWER, "> 0", f"{FIORITO}, sooner", Inequality(">", 3)),
        )
        return [Claim(quantity=q, published=p, source=s, tolerance=t) for q, p, s, t in rows]

    def run(self, config: ObservationConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "an observer and its demonstrator")
        measured = updates(int(config.demonstrations), seed)
        right: dict[str, Array] = {}
        for k, (group, outcome) in enumerate(GROUPS.items()):
            rows = []
            for n in range(int(config.animals)):
                progress(0.05 + 0.95 * (k + n / config.animals) / len(GROUPS), group)
                shown = 0 if group == "naive" else int(config.demonstrations)
                rows.append(life(1000 * seed + n, n % OPTIONS, outcome, shown, int(config.trials)))
            right[group] = np.array(rows)
        early = {group: rows[:, :FIRST].mean(1) for group, rows in right.items()}
        needed = {group: np.array([criterion(row[FIRST:]) for row in rows]) for group, rows in right.items()}
        observed, naive = needed["observers"], needed["naive"]
        error = np.sqrt(observed.var(ddof=1) / observed.size + naive.var(ddof=1) / naive.size)
        measured |= {
            CHOSEN: early["observers"].mean(),
            ABOVE: above_chance(early["observers"]),
            WATCHED: above_chance(early["watched only"]),
            UNREWARDED: above_chance(early["demonstrator unrewarded"]),
            TRIALS: naive.mean() / observed.mean(),
            FEWER: (naive.mean() - observed.mean()) / max(error, 1e-9),
        }
        return Result(measured=measured, data={"right": right, "needed": needed})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.2, 2.9)
            left, right = drawing.subplots(1, 2, width_ratios=(1.6, 1))
            for k, (group, rows) in enumerate(result.data["right"].items()):
                part, trial = rows.mean(0), np.arange(rows.shape[1]) - FIRST + 1
                error = np.sqrt(part * (1 - part) / len(rows))
                left.plot(trial, part, "--" if group == "naive" else "-", color=colour(k), label=group)
                left.fill_between(trial, part - error, part + error, color=colour(k), alpha=0.15, linewidth=0)
            left.axhline(0.5, color="grey", linewidth=0.6)
            left.axvline(0.5, color="grey", linewidth=0.6)
            left.set(
                xlabel="own trial (to 0: test, not rewarded)",
                ylabel="part that chooses the right option",
                ylim=(0, 1.02),
            )
            left.legend(loc="lower right")
            for k, needed in enumerate(result.data["needed"].values()):
                error = needed.std(ddof=1) / np.sqrt(needed.size)
                right.bar(k, needed.mean(), 0.6, yerr=error, color=colour(k), error_kw={"linewidth": 0.8})
            right.set_xticks(range(len(GROUPS)), [group.replace(" ", "\n") for group in GROUPS])
            right.tick_params(axis="x", labelsize=6.5)
            right.set(ylabel=f"trials until {FIRST} right ones in a row")
        return {"observation": drawing}


def updates(demonstrations: int, seed: int) -> dict[str, Any]:
    """A demonstrator and three observers born alike: all see it go to both options, the first of which is right."""
    demonstrator, observer, indifferent, other = (Animal(seed) for _ in range(4))
    born = demonstrator.weights
    for k in range(OPTIONS * demonstrations):
        option = k % OPTIONS
        seen, outcome = spikes(option, APPROACH, seed, 0, k), float(option == 0)
        for animal in (demonstrator, observer):
            animal.learn(outcome - animal.see(seen, APPROACH))
        other.learn(outcome - other.see(spikes(option, APPROACH, seed, 1, k), APPROACH))
        indifferent.see(seen, APPROACH)
        indifferent.rest()
    changes = (demonstrator.weights - born).mean(1), (other.weights - born).mean(1)
    return {
        EQUAL: np.abs(observer.weights - demonstrator.weights).max(),
        MOVED: np.abs(demonstrator.weights - born).max(),
        OFF: np.abs(indifferent.weights - born).max(),
        EYES: np.corrcoef(*changes)[0, 1],
    }


def life(seed: int, right: int, felt: float | None, demonstrations: int, trials: int) -> Array:
    """Which own choices of an animal are right, after it has watched a demonstrator that always chooses right.

    First those of the test, which nothing follows, and then ``trials`` in which the right one is rewarded.
    ``felt`` is the outcome of the demonstrator for it; ``None`` if it feels nothing.
    """
    animal = Animal(seed)
    for k in range(demonstrations):
        value = animal.see(spikes(right, APPROACH, seed, 2, k), APPROACH)
        if felt is None:
            animal.rest()
        else:
            animal.learn(felt - value)
    chosen = np.zeros(FIRST + trials)
    chances = stream(seed, "choices").random(chosen.size)
    for k in range(chosen.size):
        values = np.zeros(OPTIONS)
        for option in range(OPTIONS):
            values[option] = animal.see(spikes(option, LOOK, seed, 3, k, option), LOOK)
            animal.rest()
        first = 1 / (1 + np.exp((values[1] - values[0]) / TEMPERATURE))
        choice = 0 if chances[k] < first else 1
        outcome = chosen[k] = float(choice == right)
        if k >= FIRST:
            animal.learn(outcome - animal.see(spikes(choice, APPROACH, seed, 4, k), APPROACH))
    return chosen


def criterion(row: Array) -> int:
    """Trials until five right choices in a row are complete; one more than there are, if they never are.

    >>> criterion(np.array([0, 1, 1, 1, 1, 1, 0])), criterion(np.zeros(7))
    (6, 8)
    """
    runs = np.convolve(row, np.ones(FIRST), "valid") == FIRST
    return int(np.argmax(runs)) + FIRST if runs.any() else row.size + 1


def above_chance(parts: Array) -> float:
    """How far the mean over animals is above one half, in standard errors of choices by chance.

    >>> above_chance(np.array([1.0, 1.0, 1.0, 1.0]))
    4.47213595499958
    """
    return float((parts.mean() - 0.5) / (0.5 / np.sqrt(parts.size * FIRST)))
