"""Fremaux, Sprekeler & Gerstner 2013: spiking actors and critics learn a track, a water maze and a pole on a cart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.experiments import fremaux_2013_agents as agents
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Inequality

FEW: Final = 5
"""Trials at the beginning and at the end of the water maze that are compared."""

BEST: Final = "CartPole-v1: mean return over 100 consecutive episodes"
MOST: Final = "CartPole-v1: mean return over 100 consecutive episodes, in 2 of 3 lives"
SHUFFLED: Final = "CartPole-v1: mean return of the last 100 episodes, TD errors shuffled"
CONSTANT: Final = "CartPole-v1: mean return of the last 100 episodes, TD error constant"
TRACK: Final = "linear track: value of the places, root of the mean squared error"
TRACK_SHUFFLED: Final = "linear track: the same, TD errors shuffled"
MAZE: Final = "water maze: time of the last 5 trials, part of the first 5"
MAZE_SHUFFLED: Final = "water maze: the same, TD errors shuffled"


@final
class FremauxConfig(Model):
    """How many lives, and how long."""

    lives: float = parameter(default=1, minimum=1, maximum=3, smooth=False, doc="lives with a pole, each with its seed")
    episodes: float = parameter(
        default=400, minimum=1, smooth=False, doc="episodes of each at most, if it is not solved"
    )
    control: float = parameter(default=200, minimum=1, smooth=False, doc="episodes of a control")
    swimmers: float = parameter(
        default=3, minimum=1, smooth=False, doc="lives in the water maze, half as many controls"
    )
    trials: float = parameter(default=25, minimum=2 * FEW, smooth=False, doc="trials of each")
    runs: float = parameter(default=100, minimum=1, smooth=False, doc="runs along the track")


@final
class Fremaux2013(Experiment[FremauxConfig]):
    r"""Reinforcement learning by spiking neurons with three-factor synapses, and nothing else.

    .. math:: \dot w = \eta\, \delta(t)\, e(t), \qquad \delta = r + \gamma V' - V

    V is the spikes of a critic population, delta is released as a modulator to all synapses, and e gathers pairs of
    spikes, source before target (TD-LTP): :class:`~spikeloom.learning.reinforcement.agents.ActorCritic`. No error is
    propagated back. Where it differs from the paper: time is cut into decisions of 20 ms of network time, senses are
    tiles that fire regularly instead of Gaussian place cells that fire by chance, and critic neurons have no noise.

    The linear track has an exact solution, V = gamma to the power of the steps left, here held to a root mean squared
    error of 0.05. The water maze has to be found in less than half of the time after 20 trials. CartPole-v1 has to
    reach the threshold of Gymnasium, 475 of 500 over 100 consecutive episodes; its errors are released with a gain
    that falls with the running mean of the returns, so that learning ends by itself there. Controls are the same
    agents with the errors of other decisions, drawn at random, or with the same one always; they have to miss it.
    """

    name = "fremaux-2013"
    title = "Spiking actors and critics learn by three factors: track, water maze, CartPole"
    citation = (
        "N. Fremaux, H. Sprekeler, W. Gerstner (2013). PLoS Comput Biol 9, e1003024. doi:10.1371/journal.pcbi.1003024"
    )
    config = FremauxConfig()
    full = FremauxConfig(lives=3, swimmers=10)

    def claims(self, config: FremauxConfig) -> list[Claim]:
        paper = "Fremaux et al. 2013, shown as figures"
        control = "nothing is learned without the critic's own error"
        threshold = "Gymnasium's threshold for CartPole-v1"
        rows = [
            (TRACK, "0", "TD learning: the discounted reward", Inequality("<=", 0.05)),
            (TRACK_SHUFFLED, "not 0", control, Inequality(">", 0.1)),
            (MAZE, "falls within some 20 trials", paper, Inequality("<", 0.5)),
            (MAZE_SHUFFLED, "1", control, Inequality(">", 0.5)),
            (_best(config), 475, threshold, Inequality(">=", agents.ENOUGH)),
            (SHUFFLED, "some 20, by chance", control, Inequality("<", 60)),
            (CONSTANT, "some 20, by chance", control, Inequality("<", 60)),
        ]
        return [Claim(quantity=q, published=p, source=s, tolerance=t) for q, p, s, t in rows]

    def run(self, config: FremauxConfig, seed: int, progress: Progress) -> Result:
        lives, swimmers = round(config.lives), round(config.swimmers)
        tell = part(progress, 0.0, 0.04, "linear track")
        track = agents.run_along(seed, round(config.runs), "td", tell)
        lost = agents.run_along(seed, round(config.runs), "shuffled", part(progress, 0.04, 0.08, "the same, shuffled"))
        swum: dict[str, Any] = {}
        for signal, many, begin, end in (("td", swimmers, 0.08, 0.15), ("shuffled", (swimmers + 1) // 2, 0.15, 0.35)):
            steps = np.linspace(begin, end, many + 1)
            swum[signal] = np.array([
                agents.swim(
                    seed * swimmers + k, round(config.trials), signal,
                    part(progress, steps[k], steps[k + 1], f"water maze, {signal}, life {k + 1} of {many}"),
                )
                for k in range(many)
            ])  # fmt: skip
        balanced: dict[str, list[agents.Balanced]] = {}
        for signal, begin, end in (("shuffled", 0.35, 0.4), ("constant", 0.4, 0.45), ("td", 0.45, 1.0)):
            many = lives if signal == "td" else 1
            steps, limit = np.linspace(begin, end, many + 1), config.episodes if signal == "td" else config.control
            balanced[signal] = [
                agents.balance(
                    seed * lives + k, round(limit), signal,
                    part(progress, steps[k], steps[k + 1], f"CartPole, {signal}, life {k + 1} of {many}"),
                )
                for k in range(many)
            ]  # fmt: skip
        best = sorted((life.best if len(life.returns) >= agents.OVER else 0.0) for life in balanced["td"])
        change = {signal: times[:, -FEW:].mean() / times[:, :FEW].mean() for signal, times in swum.items()}
        measured = {
            TRACK: track.error,
            TRACK_SHUFFLED: lost.error,
            MAZE: float(change["td"]),
            MAZE_SHUFFLED: float(change["shuffled"]),
            _best(config): best[1] if lives == 3 else best[0],
            SHUFFLED: float(balanced["shuffled"][0].returns[-agents.OVER :].mean()),
            CONSTANT: float(balanced["constant"][0].returns[-agents.OVER :].mean()),
        }
        return Result(measured=measured, data={"track": (track, lost), "maze": swum, "pole": balanced})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, legend, styled

        track, lost = result.data["track"]
        with styled():
            drawing = figure(9.6, 2.8)
            axes = drawing.add_subplot(1, 3, 1)
            axes.plot(track.place, track.exact, color="grey", linewidth=2, alpha=0.5, label="exact")
            axes.plot(track.place, track.value, color=colour(0), label="critic")
            axes.plot(lost.place, lost.value, color=colour(1), linewidth=0.7, label="shuffled")
            axes.set(xlabel="place on the track [m]", ylabel="value")
            legend(axes)
            axes = drawing.add_subplot(1, 3, 2)
            for i, (signal, times) in enumerate(result.data["maze"].items()):
                trial = np.arange(1, times.shape[1] + 1)
                axes.plot(trial, times.T, color=colour(i), linewidth=0.4, alpha=0.5)
                axes.plot(trial, times.mean(0), color=colour(i), label=LABELS[signal])
            axes.set(xlabel="trial in the water maze", ylabel="time to the platform [s]", ylim=(0, None))
            legend(axes)
            axes = drawing.add_subplot(1, 3, 3)
            for i, signal in enumerate(LABELS):
                for k, life in enumerate(result.data["pole"][signal]):
                    label = LABELS[signal] if k == 0 else None
                    axes.plot(np.arange(1, len(life.returns) + 1), life.returns, color=colour(i), label=label)
            axes.axhline(agents.ENOUGH, color="grey", linewidth=0.5, linestyle="--")
            axes.set(xlabel="episode of CartPole", ylabel="return", ylim=(0, None))
            legend(axes)
        return {"fremaux-2013": drawing}


LABELS: Final = {"td": "own error", "shuffled": "shuffled", "constant": "constant"}


def _best(config: FremauxConfig) -> str:
    return MOST if round(config.lives) == 3 else BEST
