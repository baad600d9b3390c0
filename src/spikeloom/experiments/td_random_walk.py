"""Temporal-difference learning on Sutton and Barto's random walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute

Array = NDArray[np.float64]
STATES: Final = 5
RATES: Final = (0.05, 0.1, 0.15)
ERRORS: Final[Mapping[tuple[float, int], float]] = {
    (0.05, 1): 0.2288, (0.05, 10): 0.1748, (0.05, 50): 0.0528, (0.05, 100): 0.0361,
    (0.1, 1): 0.2222, (0.1, 10): 0.1291, (0.1, 50): 0.0498, (0.1, 100): 0.0573,
    (0.15, 1): 0.2161, (0.15, 10): 0.0966, (0.15, 50): 0.0687, (0.15, 100): 0.0726,
}  # fmt: skip
"""Root mean square error over the states by learning rate and episode: mean of many runs, recomputed."""


@final
class RandomWalkConfig(Model):
    """How many runs are averaged."""

    runs: float = parameter(
        default=1000, minimum=20, smooth=False, doc="runs; the error of 100 would be half the tolerance"
    )


@final
class TDRandomWalk(Experiment[RandomWalkConfig]):
    r"""Values of five states in a row, learned from walks that end at either side; 1 is paid at the right.

    .. math:: V(s) \leftarrow V(s) + \alpha\,\big(r + V(s') - V(s)\big), \qquad V^* = (1, 2, 3, 4, 5) / 6

    V begins at 1/2. The error falls, and rests the higher the larger alpha is.
    """

    name = "td-random-walk"
    title = "Temporal-difference learning of values on a random walk"
    citation = (
        "R. S. Sutton & A. G. Barto (2018). Reinforcement Learning: An Introduction, 2nd ed., example 6.2. MIT Press; "
        "R. S. Sutton (1988). Learning to predict by the methods of temporal differences. Mach Learn 3, 9-44. "
        "doi:10.1007/BF00115009"
    )
    config = RandomWalkConfig()
    full = RandomWalkConfig(runs=10_000)

    def claims(self, config: RandomWalkConfig) -> list[Claim]:
        source = "Sutton & Barto 2018, example 6.2, recomputed"
        found = [
            Claim(
                quantity=f"error at alpha {rate:g}, episode {episode}", published=value, source=source,
                tolerance=Absolute(0.006),
            )
            for (rate, episode), value in ERRORS.items()
        ]  # fmt: skip
        exact = "(1, 2, 3, 4, 5) / 6: Sutton & Barto 2018, equation of example 6.2"
        quantity = "largest distance of the true values, solved from the walk"
        return [*found, Claim(quantity=quantity, published=0.0, source=exact, tolerance=Absolute(1e-12))]

    def run(self, config: RandomWalkConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "walks")
        episodes = max(episode for _, episode in ERRORS)
        error, values = learn(round(config.runs), episodes, seed)
        measured: dict[str, Any] = {
            f"error at alpha {rate:g}, episode {episode}": float(error[RATES.index(rate), episode])
            for rate, episode in ERRORS
        }
        apart = np.abs(true_values() - np.arange(1, STATES + 1) / (STATES + 1)).max()
        measured["largest distance of the true values, solved from the walk"] = float(apart)
        return Result(measured=measured, data={"error": error, "values": values})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(6.6, 2.7)
            left, right = drawing.subplots(1, 2)
            for k, rate in enumerate(RATES):
                left.plot(result.data["error"][k], color=colour(k), label=f"alpha {rate:g}")
                shown = [episode for r, episode in ERRORS if r == rate]
                left.plot(shown, [ERRORS[rate, e] for e in shown], "o", color=colour(k), markersize=3.5)
            left.set(
                xlabel="episode", ylabel="error of V (rms, mean of runs)", title="lines: measured; dots: published"
            )
            left.legend()
            states = np.arange(1, STATES + 1)
            for k, episode in enumerate((1, 10, 100)):
                right.plot(states, result.data["values"][episode], "o-", color=colour(k), label=f"{episode} episodes",
                           markersize=3)  # fmt: skip
            right.plot(states, true_values(), color="black", linewidth=0.8, label="true")
            right.set(xlabel="state", ylabel="V (mean of runs, alpha 0.1)", xticks=states, ylim=(0, 1))
            right.legend(loc="upper left")
        return {"walk": drawing}


def true_values() -> Array:
    """The chance of leaving at the right, from each state: the solution of V = P V + p."""
    steps = 0.5 * (np.eye(STATES, k=1) + np.eye(STATES, k=-1))
    paid = np.zeros(STATES)
    paid[-1] = 0.5
    return np.asarray(np.linalg.solve(np.eye(STATES) - steps, paid), np.float64)


def learn(runs: int, episodes: int, seed: int) -> tuple[Array, Array]:
    """Walks of many runs at once, the same ones for all learning rates.

    Returns:
        The error for each rate after each episode, mean of the runs, and the mean values at alpha 0.1: (episodes + 1,
        states). Entry 0 is before the first episode.
    """
    random = stream(seed, "random walk")
    rate = np.array(RATES)[:, None]
    value = np.zeros((len(RATES), runs, STATES + 2))  # states 0 and STATES + 1 are the ends, worth nothing
    value[:, :, 1:-1] = 0.5
    true = true_values()
    error, values = [_rms(value, true)], [value[1, :, 1:-1].mean(0)]
    for _ in range(episodes):
        who, state = np.arange(runs), np.full(runs, (STATES + 1) // 2)
        while who.size:
            after = state + np.where(random.random(who.size) < 0.5, -1, 1)
            reward = np.where(after == STATES + 1, 1.0, 0.0)
            value[:, who, state] += rate * (reward + value[:, who, after] - value[:, who, state])
            on = (after > 0) & (after <= STATES)
            who, state = who[on], after[on]
        error.append(_rms(value, true))
        values.append(value[1, :, 1:-1].mean(0))
    return np.asarray(error, np.float64).T, np.asarray(values, np.float64)


def _rms(value: Array, true: Array) -> Array:
    return np.asarray(np.sqrt(np.square(value[:, :, 1:-1] - true).mean(axis=2)).mean(axis=1), np.float64)
