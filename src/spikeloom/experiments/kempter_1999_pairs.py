"""Pairs of Poisson trains, by chance or partly copied, and the weights that they drive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis import drift
from spikeloom.connections import OneToOne
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import PairSTDP

DT = 0.1 * ms
DELAY = 1 * ms
"""Of the dendrite: spikes that meet at the synapse are then no pair (see ``Plasticity``)."""
A_PLUS, TAU = 0.01, 20 * ms
NEAR = 20 * ms
"""Two spikes this near are called a coincidence."""


@final
@dataclass(frozen=True)
class Case:
    """Two trains: their rates (Hz), the part of the first that is copied into the second, and how much later."""

    name: str
    rates: tuple[float, float]
    copied: float = 0.0
    lag: float = 0.0
    a_minus: float = 0.0105

    @property
    def peaks(self) -> list[tuple[float, float]]:
        """What the copies add to chance."""
        return [(self.lag, self.copied)] if self.copied else []

    @property
    def predicted(self) -> float:
        """The drift, 1/s: nu_1 nu_2 (A+ tau+ - A- tau-) + c nu_1 W(d)."""
        return drift(self.window, rates=self.rates, peaks=self.peaks)

    def rule(self) -> PairSTDP:
        """The rule whose window this is."""
        return PairSTDP(a_plus=A_PLUS, a_minus=self.a_minus, tau_plus=TAU, tau_minus=TAU, bounds="none")

    def window(self, s: Any) -> Any:
        """The change by a pair of spikes at the distance ``s`` (ms) at the synapse."""
        return np.where(s > 0, A_PLUS, -self.a_minus) * np.exp(-np.abs(s) / TAU)

    def at_synapse(self, s: Any) -> Any:
        """The change by a pair whose spikes leave their neurons ``s`` apart, on the grid: 0 where they meet."""
        there = s + DELAY
        return np.where(np.abs(there) < DT / 2, 0.0, self.window(there))


@final
@dataclass(frozen=True)
class Simulated:
    """What came out: the weights at the end (they began at 0), their drift (1/s) and its standard error."""

    pre: Spikes
    post: Spikes
    weights: NDArray[np.float64]
    drift: float
    error: float
    coincidences: float
    """Pairs of spikes of a pair of neurons within 20 ms, for each s."""


def simulate(
    case: Case, neurons: int, duration: float, seed: int, progress: bool | Callable[[float], None] = False
) -> Simulated:
    """Independent pairs of neurons, each with one synapse, for ``duration`` ms."""
    pre, post = trains(case, neurons, round(duration / DT), seed)
    net = Network(dt=DT, seed=seed)
    cells = net.population("post", LIF(theta=1e9), neurons)  # only a kick moves them, not the weights that drift
    source = net.input("pre", neurons)
    net.connect(source, cells, OneToOne(), weight=0.0, delay=DELAY, rule=case.rule(), name="plastic")
    net.connect(net.input("kick", neurons), cells, OneToOne(), weight=2e9)
    record = run(net, {"pre": pre, "kick": post}, record=["post.spikes"], progress=progress)
    weights = record.state["plastic"]["weight"].numpy()
    change = weights / (duration / second)
    near = coincidences(pre, record["post.spikes"]) / neurons / (duration / second)
    error = change.std(ddof=1) / np.sqrt(neurons)
    return Simulated(pre, record["post.spikes"], weights, float(change.mean()), float(error), near)


def trains(case: Case, neurons: int, steps: int, seed: int) -> tuple[Spikes, Spikes]:
    """The trains of both sides, Poisson on the grid; copies reach the synapse ``case.lag`` after their originals."""
    random = stream(seed, f"trains {case.name}")
    alone = case.rates[1] - case.copied * case.rates[0]
    first, own = (_poisson(random, rate, neurons, steps) for rate in (case.rates[0], alone))
    again = first[random.random(first.size) < case.copied]
    moved = again // neurons + round((case.lag - DELAY) / DT)
    again = (moved * neurons + again % neurons)[(moved >= 0) & (moved < steps)]
    return tuple(
        Spikes.from_events(places // neurons, places % neurons, shape=(steps, 1, neurons), dt=DT)
        for places in (first, np.union1d(own, again))
    )  # pyright: ignore[reportReturnType]


def _poisson(random: np.random.Generator, rate: float, neurons: int, steps: int) -> NDArray[np.int64]:
    """Places step x neurons + neuron of the spikes of all neurons, each once, in order."""
    size = steps * neurons
    return np.unique(random.integers(0, size, random.poisson(size * rate * Hz * DT)))


def coincidences(first: Spikes, second: Spikes) -> float:
    """How many pairs of spikes of the neurons of the same number lie within 20 ms."""
    steps, width = first.shape[0], round(NEAR / DT)
    far = steps + 2 * width  # from one neuron to the next on one line
    a, b = (np.sort(s.neuron.astype(np.int64) * far + s.step) for s in (first, second))
    return float((np.searchsorted(b, a + width, "right") - np.searchsorted(b, a - width, "left")).sum())
