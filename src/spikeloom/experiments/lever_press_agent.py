"""A small spiking network that presses levers, and learns from food that comes half a minute later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import live
from spikeloom.modulators import Outcome, RewardMinusMean
from spikeloom.network import Network
from spikeloom.neurons import StochasticLIF
from spikeloom.plasticity import Modulated, PairSTDP

DT: Final = 2 * ms
LEVERS, RIGHT, LIGHTS = 3, 1, 2
CELLS: Final = 5
"""Neurons for each thing that is seen, and for each lever."""
SEEN: Final = 2 + LEVERS + 1 + LIGHTS
"""Groups of senses: two for the cage itself, the last lever, food, the lights."""
LOOKING: Final = 200 * ms
"""How long the senses fire before each press."""
SENSE_RATE: Final = 50 * Hz
BEGIN, STRONGEST = 0.04, 0.12
"""Weight of the senses at the beginning, and the largest."""
BURST: Final = 200 * ms
"""Time constant of dopamine."""
MEMORY: Final = 20
"""Presses over which the mean of the food runs."""


@final
@dataclass(frozen=True)
class Course:
    """What came of one life: the lever of each press, the food of each, and the weights in the end."""

    lever: NDArray[np.int64]
    food: NDArray[np.float64]
    weight: NDArray[np.float64]

    def right(self, last: int) -> float:
        """The part of the ``last`` presses that were of the right lever."""
        return float((self.lever[-last:] == RIGHT).mean())


def network(seed: int, tau_e: float, eta: float) -> Network:
    """Senses that drive the cells of each lever; these compete, and the senses' synapses learn.

    Cells of a lever excite each other and inhibit those of the others; escape noise explores. What pairs of spikes,
    source before target, would add to a weight goes into an eligibility (s / tau_e) exp(-s / tau_e), which dopamine
    turns into weight.
    """
    net = Network(dt=DT, seed=seed)
    net.input("senses", SEEN * CELLS)
    cell = StochasticLIF(tau_m=20 * ms, theta=1.0, softness=0.2, rate_theta=50 * Hz)
    net.population("cells", cell, LEVERS * CELLS)
    net.modulator("dopamine", tau=BURST)
    pair = PairSTDP(a_plus=1.0, a_minus=0.0, tau_plus=20 * ms, w_max=STRONGEST)
    rule = Modulated(rule=pair, by="dopamine", tau_e=tau_e, eta=eta, eligibility="alpha")
    net.connect("senses", "cells", weight=np.full((SEEN * CELLS, LEVERS * CELLS), BEGIN), rule=rule)
    lever = np.arange(LEVERS * CELLS) // CELLS
    rivals = np.where(lever[:, None] == lever, 0.2, -0.4)
    np.fill_diagonal(rivals, 0.0)
    net.connect("cells", "cells", weight=rivals, delay=DT)
    return net


def live_through(
    seed: int,
    presses: int,
    *,
    tau_e: float,
    eta: float,
    tell: Callable[[float], None],
    given: NDArray[np.float64] | None = None,
) -> Course:
    """One life of so many presses, one every 2 s.

    With ``given`` dopamine follows this food, and not the agent's own.
    """
    from spikeloom.tasks import DelayedLeverPress

    task = DelayedLeverPress(levers=LEVERS, right=RIGHT, lights=LIGHTS, duration=presses * 2 * second)
    run = live(network(seed, tau_e, eta), record=["cells.count"])
    signal = RewardMinusMean(tau=MEMORY, begin=1 / LEVERS)
    memory, amount = signal.initial(), 0.0
    seen, _ = task.reset(seed=seed)
    lever, food = np.zeros(presses, np.int64), np.zeros(presses)
    for k in range(presses):
        record = run.advance(_senses(seen, seed, k, round(task.interval / DT)), released={"dopamine": amount})
        votes = record["cells.count"].numpy()[0].reshape(LEVERS, CELLS).sum(1)
        best = np.flatnonzero(votes == votes.max())
        lever[k] = best[int(stream(seed, "lever-press ties", k).random() * best.size)]
        seen, food[k], *_ = task.step(int(lever[k]))
        outcome = Outcome(reward=float(food[k] if given is None else given[k]))
        amount, memory = signal.release(outcome, memory)
        if k % 50 == 49:
            tell((k + 1) / presses)
    return Course(lever, food, run.state["senses->cells"]["weight"].numpy().copy())


def _senses(seen: NDArray[np.float32], seed: int, press: int, steps: int) -> Spikes:
    """Poisson spikes of the senses for what is seen, at the beginning of a stretch of so many steps."""
    looking = round(LOOKING / DT)
    active = np.repeat(np.concatenate([[1.0, 1.0], seen]), CELLS)
    fires = stream(seed, "lever-press senses", press).random((looking, SEEN * CELLS)) < SENSE_RATE * DT * active
    offsets = np.zeros(steps + 1, np.int64)
    offsets[1 : looking + 1] = np.cumsum(fires.sum(1))
    offsets[looking + 1 :] = offsets[looking]
    return Spikes(offsets, np.nonzero(fires)[1].astype(np.int32), (steps, 1, SEEN * CELLS), dt=DT)
