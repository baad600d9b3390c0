"""Which neuron for what? The 20 firing patterns of one model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
import torch

from spikeloom.core.parameters import Model
from spikeloom.core.units import ms
from spikeloom.engines import run
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.izhikevich_2004_patterns import PATTERNS, Pattern
from spikeloom.experiments.tolerance import Absolute
from spikeloom.network import Network

COLUMNS: Final = 4


@final
class IzhikevichPatternsConfig(Model):
    """Nothing is left to choose: settings, inputs and steps are those of the published program."""


@final
class IzhikevichPatterns(Experiment[IzhikevichPatternsConfig]):
    """The 20 firing patterns of cortical neurons, by one model with two equations.

    Each cell is run with the parameters, the input, the step and the scheme of the program that was published with
    figure 1 of Izhikevich 2004, doi:10.1109/TNN.2004.832719. What makes a pattern is said in words, and measured as yes
    or no.
    """

    name = "izhikevich-2004"
    title = "Which model to use for cortical spiking neurons: 20 firing patterns of one model"
    citation = (
        "E. M. Izhikevich (2004). Which model to use for cortical spiking neurons? IEEE Transactions on Neural "
        "Networks 15, 1063-1070. doi:10.1109/TNN.2004.832719"
    )
    config = IzhikevichPatternsConfig()

    def claims(self, config: IzhikevichPatternsConfig) -> list[Claim]:
        return [
            Claim(
                quantity=quantity(pattern),
                published=True,
                source=f"Izhikevich 2004, Fig. 1{pattern.letter}",
                tolerance=Absolute(0),
            )
            for pattern in PATTERNS
        ]

    def run(self, config: IzhikevichPatternsConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for i, pattern in enumerate(PATTERNS):
            progress(i / len(PATTERNS), pattern.name)
            spikes, v = simulate(pattern)
            measured[quantity(pattern)] = pattern.holds(spikes, v)
            data[pattern.letter] = {"spikes": spikes, "v": v}
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(9.0, 8.0)
            panels = drawing.subplots(-(-len(PATTERNS) // COLUMNS), COLUMNS, sharey=True).reshape(-1)
            for panel, pattern in zip(panels, PATTERNS, strict=True):
                shown = result.data[pattern.letter]
                panel.plot(
                    pattern.times, upswings(shown["spikes"], shown["v"], pattern), color=colour(0), linewidth=0.8
                )
                given = pattern.input()
                height = np.ptp(given) or 1.0
                panel.plot(pattern.times, -112 + 14 * (given - given.min()) / height, color=colour(1), linewidth=0.8)
                panel.set_title(f"({pattern.letter}) {pattern.name}")
                panel.set(xlim=(0, pattern.duration), ylim=(-118, 45), yticks=(-80, -40, 0))
            for panel in panels[::COLUMNS]:
                panel.set_ylabel("v [mV]")
            for panel in panels[-COLUMNS:]:
                panel.set_xlabel("t [ms]")
            drawing.suptitle(
                "Membrane potential; below it the input, from its lowest to its highest value", fontsize=8.5
            )
        return {"patterns": drawing}


def quantity(pattern: Pattern) -> str:
    """How the claim about a pattern is called."""
    return f"({pattern.letter}) {pattern.name}: {pattern.says}"


def simulate(pattern: Pattern) -> tuple[np.ndarray, np.ndarray]:
    """Spike times [ms] and the potential after each step [mV] of one cell, run by the library."""
    net = Network(dt=pattern.dt * ms, dtype=torch.float64)
    net.connect(net.input("electrode", 1), net.population("cell", pattern.neuron, 1), weight=1.0)
    state = {"cell": {name: torch.full((1, 1), value, dtype=torch.float64) for name, value in pattern.start().items()}}
    given = pattern.input().reshape(-1, 1, 1)
    record = run(net, given, state, record=["cell.spikes", "cell.v"])
    return pattern.times[record["cell.spikes"].step], record["cell.v"].numpy()[:, 0, 0]


def upswings(spikes: np.ndarray, v: np.ndarray, pattern: Pattern) -> np.ndarray:
    """The potential with the peak of each spike drawn in, which the reset within the same step hides."""
    shown = v.copy()
    shown[np.rint(spikes / pattern.dt).astype(int)] = pattern.neuron.v_peak
    return shown
