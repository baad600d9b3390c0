"""An animal of the experiment on observational learning: it sees, values, chooses, and is taught by outcomes."""

from __future__ import annotations

from typing import Final, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import Dense
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV
from spikeloom.engines import live
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import Homosynaptic, Modulated

DT: Final = 1 * ms
OPTIONS: Final = 2
EACH, CRITIC = 40, 20
"""Cells that see each option; cells of the critic."""

LOOK, APPROACH, PAUSE = 200 * ms, 300 * ms, 1500 * ms
"""A look at one option before a choice; how long the chosen one is seen; the dark after each."""
SEEN: Final = 40 * Hz
"""Rate of the cells that see an option."""
FULL: Final = 100 * Hz
"""The rate of the critic that means a value of 1."""

RULE: Final = Modulated(
    rule=Homosynaptic(a=1.0, bounds="none"), by="error", tau_e=500 * ms, eta=2e-4
)  # fmt: skip
"""A spike tags its synapses for half a second; the error turns tags into weight: the linear critic."""


def spikes(option: int | None, length: float, seed: int = 0, *place: int) -> Spikes:
    """What is seen of an option in ``length`` ms, by chance; of ``None``, in the dark, nothing."""
    steps = round(length / DT)
    seen = np.zeros((steps, OPTIONS * EACH), bool)
    if option is not None:
        drawn = stream(seed, "seen", *place).random((steps, EACH)) < SEEN * DT
        seen[:, option * EACH : (option + 1) * EACH] = drawn
    step, cell = np.nonzero(seen)
    return Spikes.from_events(step, cell, shape=(steps, 1, OPTIONS * EACH), dt=DT)


def network(seed: int) -> Network:
    """What is seen, and a critic whose rate is the value of it."""
    draw = stream(seed, "critic")
    net = Network(dt=DT, seed=seed, dtype=torch.float64)
    net.input("options", OPTIONS * EACH)
    thresholds = draw.uniform(13 * mV, 17 * mV, CRITIC)
    net.population("critic", LIF(tau_m=20 * ms, theta=thresholds), CRITIC)
    weight = 0.4 * mV * (1 + 0.2 * draw.standard_normal((OPTIONS * EACH, CRITIC)).clip(-2, 2))
    net.modulator("error", tau=50 * ms)
    net.connect("options", "critic", Dense(), weight=weight, rule=RULE)
    return net


@final
class Animal:
    """A critic that runs on from moment to moment; animals of the same ``seed`` are born alike."""

    def __init__(self, seed: int) -> None:
        self.net = network(seed)
        self._run = live(self.net, record=["critic.count"])
        self.rest()

    def see(self, seen: Spikes, shown: float) -> float:
        """The value of what is seen, for ``shown`` ms of it."""
        record = self._run.advance({"options": seen}, released={"error": 0.0})
        return float(record["critic.count"].sum()) / (CRITIC * FULL * shown)

    def learn(self, error: float) -> None:
        """An outcome that was worth so much more than expected, and the pause after it."""
        self._run.advance({"options": spikes(None, PAUSE)}, released={"error": error})

    def rest(self) -> None:
        """A pause without an outcome, in which tags fade."""
        self._run.advance({"options": spikes(None, PAUSE)}, released={"error": 0.0})

    @property
    def weights(self) -> NDArray[np.float64]:
        """Of the critic: (what is seen, cells)."""
        return self._run.state["options->critic"]["weight"].numpy().copy()
