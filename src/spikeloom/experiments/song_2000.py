"""Competition by additive spike-timing dependent plasticity: two groups of synapses, and a rate that hardly moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.analysis import dip_test
from spikeloom.analysis.irregularity import cv
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV, nS, pF, second
from spikeloom.engines import run
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Interval, Tolerance
from spikeloom.network import Network
from spikeloom.neurons import ConductanceLIF
from spikeloom.plasticity import PairSTDP, Plasticity
from spikeloom.sources import Poisson
from spikeloom.synapses import ExponentialConductance

DT: Final = 0.1 * ms
SYNAPSES: Final = 1000
G_L: Final = 10 * nS
G_MAX: Final = 0.015 * G_L
CELL: Final = ConductanceLIF(
    c_m=200 * pF, g_l=G_L, e_l=-70 * mV, theta=-54 * mV, v_reset=-60 * mV, t_ref=0 * ms
)  # tau_m = 20 ms
EXCITATION = ExponentialConductance(tau=5 * ms, reversal=0 * mV)
INHIBITION = ExponentialConductance(tau=5 * ms, reversal=-70 * mV)
RULE: Final = PairSTDP(a_plus=0.005, a_minus=1.05 * 0.005, tau_plus=20 * ms, tau_minus=20 * ms, w_max=G_MAX)
WEAK, STRONG = 0.2, 0.8
"""Parts of the largest weight below and above which synapses are counted."""

RATES: Final = {  # Hz: mean weight, part of weak and of strong synapses, recomputed once from the paper's equations
    10.0: (0.556, 0.293, 0.402),
    20.0: (0.280, 0.686, 0.203),
    40.0: (0.144, 0.860, 0.088),
}
PAPER: Final = "Song, Miller & Abbott 2000, Figs. 1 and 2"
RECOMPUTED: Final = "recomputed once from the paper's equations, 1000 s"
PIECE: Final = 10 * second


@final
class SongConfig(Model):
    """How long the synapses compete. The network always has the paper's size."""

    duration: float = parameter(default=1000 * second, unit="ms", minimum=20_000, doc="model time for each input rate")
    watched: float = parameter(default=200 * second, unit="ms", minimum=10_000, doc="the last part, that is measured")

    def check(self) -> None:
        if self.watched > self.duration:
            object.__setattr__(self, "watched", self.duration)


@final
class Song(Experiment[SongConfig]):
    r"""One integrate-and-fire cell with 1000 plastic inputs that fire by chance, and 200 inhibitory ones at 10 Hz.

    Pair STDP without any other homeostasis, with hard bounds and a little more depression than potentiation, drives the
    weights apart: to nearly 0 or nearly the maximum. It also takes the rate of the cell to a low value that hardly
    depends on that of the input, and its spikes become irregular. In a run of less than 500 s the weights are still on
    their way, and the windows are wider.
    """

    name = "song-2000"
    title = "Spike-timing dependent plasticity makes synapses compete and keeps the rate of a cell"
    citation = (
        "S. Song, K. D. Miller & L. F. Abbott (2000). Competitive Hebbian learning through spike-timing-dependent "
        "synaptic plasticity. Nat Neurosci 3, 919-926. doi:10.1038/78829"
    )
    config = SongConfig()

    def claims(self, config: SongConfig) -> list[Claim]:
        short = config.duration < 500 * second
        width = 0.2 if short else 0.06
        allowed: Tolerance = Interval(8, 60) if short else Interval(12, 25)
        found = []
        least = 0.6 if short else 0.7
        for rate, (_, weak, strong) in RATES.items():
            at = f"input of {rate:g} Hz"
            found += [
                Claim(quantity=f"firing rate, {at} [Hz]", published="12 to 25", source=PAPER, tolerance=allowed),
                Claim(
                    quantity=f"CV, {at}",
                    published="> 0.7",
                    source=PAPER,
                    tolerance=Inequality(">", least),
                ),
                Claim(quantity=f"weights < 0.2, {at}", published=weak, source=RECOMPUTED, tolerance=Absolute(width)),
                Claim(quantity=f"weights > 0.8, {at}", published=strong, source=RECOMPUTED, tolerance=Absolute(width)),
                Claim(
                    quantity=f"dip test of one hump, p, {at}",
                    published="two humps",
                    source=PAPER,
                    tolerance=Inequality("<", 0.05),
                ),
            ]
        most = 2.0 if short else 1.5
        quantity = "largest firing rate, the smallest = 1, while the input changes fourfold"
        return [*found, Claim(quantity=quantity, published="< 1.5", source=PAPER, tolerance=Inequality("<", most))]

    def run(self, config: SongConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        cells: dict[float, Cell] = {}
        for k, rate in enumerate(RATES):
            at = f"input of {rate:g} Hz"
            tell = part(progress, k / len(RATES), (k + 1) / len(RATES), at)
            cell = cells[rate] = simulate(rate, config.duration, config.watched, seed, tell)
            measured |= {
                f"firing rate, {at} [Hz]": cell.rate,
                f"CV, {at}": cell.cv,
                f"weights < 0.2, {at}": (cell.weights < WEAK).mean(),
                f"weights > 0.8, {at}": (cell.weights > STRONG).mean(),
                f"dip test of one hump, p, {at}": dip_test(cell.weights, seed=seed).p,
            }
        rates = [cell.rate for cell in cells.values()]
        spread = max(rates) / min(rates) if min(rates) > 0 else np.inf
        measured["largest firing rate, the smallest = 1, while the input changes fourfold"] = spread
        return Result(measured=measured, data={"cells": cells})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.2, 4.4)
            grid = drawing.subplots(2, 3, sharex="row")
            for i, (rate, cell) in enumerate(result.data["cells"].items()):
                above, below = grid[0, i], grid[1, i]
                above.hist(cell.weights, bins=np.linspace(0, 1, 21).tolist(), color=colour(i), alpha=0.85)
                above.set(xlabel="weight (of its maximum)", ylabel="synapses" if i == 0 else "")
                above.set_title(f"input of {rate:g} Hz")
                below.plot(cell.times / second, cell.course, color=colour(i))
                below.set(xlabel="time (s)", ylabel="firing rate (Hz)" if i == 0 else "", yscale="log")
                below.set_ylim(2, 600)
                below.yaxis.set_major_formatter("{x:g}")
                below.yaxis.set_minor_formatter("")
        return {"competition": drawing}


@final
@dataclass(frozen=True)
class Cell:
    """What became of the cell: weights (of the maximum), rate (Hz) and CV of the part watched, the rate's course."""

    weights: NDArray[np.float64]
    rate: float
    cv: float
    times: NDArray[np.float64]
    course: NDArray[np.float64]


def network(seed: int, rule: Plasticity = RULE, weight: float = G_MAX) -> Network:
    """The cell and its inputs; conductances in units of the leak are those of the paper."""
    net = Network(dt=DT, seed=seed, dtype=torch.float64)
    cell = net.population("cell", CELL, 1)
    net.connect(net.input("exc", SYNAPSES), cell, weight=weight, synapse=EXCITATION, rule=rule)
    net.drive(cell, Poisson(rate=200 * 10 * Hz), weight=0.05 * G_L, synapse=INHIBITION)
    return net


def simulate(
    rate: float, duration: float, watched: float, seed: int, progress: Callable[[float], None] = lambda done: None
) -> Cell:
    """The cell with an input of ``rate`` Hz at each synapse, piece after piece."""
    net, state, spikes, times, course = network(seed), None, [], [], []
    pieces = [PIECE] * int(duration // PIECE) + ([duration % PIECE] if duration % PIECE >= DT else [])
    done = 0.0
    for k, piece in enumerate(pieces):
        given = poisson(rate, round(piece / DT), seed, k)
        record = run(net, given, state, record=["cell.spikes"], progress=False)
        state = record.state
        fired = record["cell.spikes"].time
        spikes.append(fired[fired + done >= duration - watched] + done)
        times.append(done + piece / 2)
        course.append(len(fired) / (piece * Hz))
        done += piece
        progress(done / duration)
    assert state is not None
    late = np.concatenate(spikes)
    train = Spikes.from_times(
        late - (duration - watched), np.zeros(len(late), np.int64), shape=(round(watched / DT), 1, 1), dt=DT
    )
    weights = state["exc->cell"]["weight"].numpy().reshape(-1) / G_MAX
    return Cell(weights, len(late) / (watched * Hz), float(cv(train)[0]), np.array(times), np.array(course))


def poisson(rate: float, steps: int, seed: int, piece: int) -> Spikes:
    """Independent Poisson spikes of all inputs."""
    random = stream(seed, f"input at {rate:g} Hz", piece)
    size = steps * SYNAPSES
    places = np.unique(random.integers(0, size, random.poisson(size * rate * Hz * DT)))
    return Spikes.from_events(places // SYNAPSES, places % SYNAPSES, shape=(steps, 1, SYNAPSES), dt=DT)
