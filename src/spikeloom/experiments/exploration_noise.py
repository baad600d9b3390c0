"""Exploration: how well is learned, over how much noise there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.experiments import exploration_noise_network as network
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality
from spikeloom.learning.reinforcement.exploration import (
    Exploration,
    Exponential,
    MembraneNoise,
    Temperature,
    ThresholdTremor,
)

NOISE: Final = "learning from noise: Legenstein et al. 2010"
DROWNED: Final = "chance is 0.25"
KINDS: Final[Mapping[str, tuple[type[Exploration], str, tuple[float, ...]]]] = {
    "membrane noise": (MembraneNoise, "mV in a step", (0, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)),
    "threshold noise": (ThresholdTremor, "mV", (0, 0.05, 0.2, 0.4, 0.8, 3.2, 6.4, 12.8, 51.2)),
    "temperature": (Temperature, "spikes", (0, 1, 4, 8, 16, 32, 64, 128, 256)),
}
"""What is varied, its unit, and its amounts."""
FADING: Final = 1.6
"""What the noise that fades begins with [mV]."""


@final
class ExplorationConfig(Model):
    """How long is learned, and how often."""

    trials: float = parameter(default=300, minimum=40, doc="of each run")
    runs: float = parameter(default=3, minimum=1, doc="seeds for each amount")
    eta: float = parameter(default=3e-4, unit="1/ms", positive=True, doc="learning rate")


@final
class ExplorationNoise(Experiment[ExplorationConfig]):
    """A habit, and something better beside it.

    Four levers pay 0, 1/3, 2/3 and 1. A network of spiking neurons presses the second one, because its synapses are
    20 % stronger at the beginning, and expects what that pays: nothing surprises it. Without noise nothing is ever
    tried, so nothing is learned. With some, the better levers are found, and their synapses grow (Hebb's rule, an
    eligibility, and reward less the usual reward as third factor; learning from neuronal noise as in Legenstein et al.
    2010). With too much, what was learned no longer decides what is done. Noise enters at the membrane, at the
    threshold, or in the choice (temperature); where it fades it does not cost what it costs for ever. Performance is
    the share of the last quarter of trials in which the best lever is pressed; chance is 0.25. The bounds of the claims
    are this project's own, chosen after pilot runs on other seeds, and before the first full one.
    """

    name = "exploration-noise"
    title = "Learning fails without noise and with too much"
    citation = (
        "R. Legenstein, S. M. Chase, A. B. Schwartz & W. Maass (2010). J. Neurosci. 30, 8400-8410. "
        "doi:10.1523/JNEUROSCI.4284-09.2010"
    )
    config = ExplorationConfig()
    full = ExplorationConfig(trials=600, runs=10)

    def claims(self, config: ExplorationConfig) -> list[Claim]:
        found: list[Claim] = []
        for kind in KINDS:
            for what, published, source, tolerance in (
                ("best lever without any", "never found", NOISE, Inequality("<=", 0.05)),
                ("best lever with the best amount", "found", NOISE, Inequality(">=", 0.8)),
                ("best lever with the largest amount", "not kept", DROWNED, Inequality("<=", 0.5)),
                ("the best amount lies in between", True, "both together", Absolute(0)),
            ):
                found.append(Claim(quantity=f"{kind}: {what}", published=published, source=source, tolerance=tolerance))
        found.append(
            Claim(
                quantity="membrane noise that fades: best lever, more than with noise that stays",
                published="more",
                source="what a schedule is for",
                tolerance=Inequality(">=", 0.2),
            )
        )
        return found

    def run(self, config: ExplorationConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for k, (kind, (make, _, amounts)) in enumerate(KINDS.items()):
            shares: list[list[float]] = []
            for i, amount in enumerate(amounts):
                progress((k + i / len(amounts)) / (len(KINDS) + 0.2), f"{kind} {amount:g}")
                shares.append(self._shares(config, seed, make(amount=amount)))
            data[kind] = np.array(shares)
            mean = data[kind].mean(1)
            measured |= {
                f"{kind}: best lever without any": mean[0],
                f"{kind}: best lever with the best amount": mean.max(),
                f"{kind}: best lever with the largest amount": mean[-1],
                f"{kind}: the best amount lies in between": bool(0 < mean.argmax() < len(mean) - 1),
            }
        progress(len(KINDS) / (len(KINDS) + 0.2), "noise that fades")
        blocks = config.trials / network.BLOCK
        fades = MembraneNoise(amount=Exponential(begin=FADING, end=0.0, episodes=blocks / 4))
        data["fading"] = np.array(self._shares(config, seed, fades))
        stays = data["membrane noise"][KINDS["membrane noise"][2].index(FADING)].mean()
        name = "membrane noise that fades: best lever, more than with noise that stays"
        return Result(measured=measured | {name: data["fading"].mean() - stays}, data=data)

    def _shares(self, config: ExplorationConfig, seed: int, exploration: Exploration) -> list[float]:
        """The share of the best lever in the last quarter of trials, for each run."""
        trials, runs = int(config.trials), int(config.runs)
        last = [network.choices(runs * seed + i, exploration, trials, config.eta)[-trials // 4 :] for i in range(runs)]
        return [float((levers == network.LEVERS - 1).mean()) for levers in last]

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.8, 2.6)
            panels = drawing.subplots(1, len(KINDS), sharey=True)
            for k, (axes, (kind, (_, unit, amounts))) in enumerate(zip(panels, KINDS.items(), strict=True)):
                draw(axes, amounts, result.data[kind], colour(k))
                axes.set(title=kind, xlabel=f"{kind} ({unit})")
            fading = float(result.data["fading"].mean())
            panels[0].plot([FADING], [fading], "D", color=colour(3), markersize=4)
            panels[0].annotate("fades", (FADING, fading), xytext=(4, 3), textcoords="offset points", color=colour(3))
            panels[0].set(ylabel="best lever (share of trials)", ylim=(-0.03, 1.06))
        return {"exploration-noise": drawing}


def draw(axes: Any, amounts: tuple[float, ...], shares: NDArray[np.float64], colour: str) -> None:
    """The mean over runs, and each run, over the amounts on a logarithmic axis that begins with 0."""
    least = min(a for a in amounts if a > 0)
    axes.set_xscale("symlog", linthresh=least, linscale=0.5)
    axes.plot(amounts, shares.mean(1), "-", color=colour)
    axes.plot(np.repeat(amounts, shares.shape[1]), shares.ravel(), ".", color=colour, alpha=0.5, markersize=4)
    axes.axhline(1 / network.LEVERS, color="grey", linewidth=0.6, linestyle="--")
    axes.annotate("chance", (0, 1 / network.LEVERS), xytext=(3, 3), textcoords="offset points")
    axes.set_xlim(0, amounts[-1] * 1.2)
    axes.set_xticks(amounts[::2], [f"{a:g}" for a in amounts[::2]])
    axes.minorticks_off()
