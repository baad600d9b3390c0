"""A chooser with a habit: a small network of spiking neurons in front of some levers, for ``exploration-noise``."""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.random import key, stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import live
from spikeloom.learning.reinforcement.decoders import Softmax, Winner
from spikeloom.learning.reinforcement.exploration import Exploration, Temperature
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import Modulated, PairSTDP

LEVERS: Final = 4
GROUP: Final = 5
"""Neurons that speak for a lever."""
SENSES: Final = 20
HABIT: Final = 1
"""The lever that is pressed before anything is learned; the last one pays most."""
WEIGHT, MORE = 0.08, 1.2
"""Of a synapse from the senses at the beginning [mV], and how much more those of the habit have."""
BLOCK: Final = 10
"""Trials in which the amount of exploration stays."""


def pays(lever: int) -> float:
    """The reward of a lever: 0, 1/3, 2/3, 1."""
    return lever / (LEVERS - 1)


def network(seed: int, exploration: Exploration | None, eta: float) -> Network:
    """Senses that drive a group of neurons for each lever; groups inhibit each other."""
    net = Network(dt=1 * ms, seed=seed)
    net.input("senses", SENSES)
    net.input("copy", LEVERS)
    size = LEVERS * GROUP
    net.population("actors", LIF(tau_m=10 * ms, theta=1.0), size)
    net.modulator("surprise")
    hebb = PairSTDP(a_plus=1.0, a_minus=0.0, tau_plus=10 * ms, bounds="none", w_min=0.0, w_max=0.2)
    rule = Modulated(rule=hebb, by="surprise", eta=eta, tau_e=50 * ms)
    group = np.arange(size) // GROUP
    weight = np.where(group == HABIT, MORE * WEIGHT, WEIGHT)
    net.connect("senses", "actors", weight=np.tile(weight, (SENSES, 1)), rule=rule)
    net.connect("copy", "actors", weight=np.where(np.arange(LEVERS)[:, None] == group, 0.5, -0.5))
    net.connect("actors", "actors", weight=np.where(group[:, None] == group, 0.0, -0.3))
    if exploration is not None:
        exploration.install(net, "actors")
    return net


def choices(seed: int, exploration: Exploration | None, trials: int, eta: float) -> NDArray[np.int64]:
    """The lever of each trial.

    A trial: 40 ms with the senses on, in which the groups compete; the lever of the one that fired most (or one that
    the temperature draws); 20 ms in which a copy of the action excites its group and inhibits the others, so that the
    synapses know what was done; its reward less the usual one, and 40 ms of silence.
    """
    net = network(seed, exploration, eta)
    chance = stream(seed, "exploration-noise").random
    plain: Any = Softmax(neurons=GROUP) if isinstance(exploration, Temperature) else Winner(neurons=GROUP)
    open_run, decoder, usual, chosen = live(net, record=["actors.count"]), plain, pays(HABIT), []
    for trial in range(trials):
        if exploration is not None and trial % BLOCK == 0:
            state = open_run.state
            exploration.begin(net, "actors", trial // BLOCK)
            decoder = exploration.decoder(plain, trial // BLOCK)
            open_run = live(net, state, record=["actors.count"])
        found = open_run.advance(_seen(-1), released={"surprise": 0.0})
        lever = decoder.decode(found["actors.count"].numpy()[0], _levers(), chance)
        open_run.advance(_seen(lever), released={"surprise": 0.0})
        open_run.advance(_silence(), released={"surprise": pays(lever) - usual})
        usual += 0.1 * (pays(lever) - usual)
        chosen.append(lever)
    return np.array(chosen)


@functools.cache
def _levers() -> Any:
    from gymnasium.spaces import Discrete

    return Discrete(LEVERS)


@functools.cache
def _seen(lever: int) -> dict[str, Spikes]:
    """The senses for 40 ms, or for 20 ms together with the copy of an action; the same in every trial."""
    steps = 40 if lever < 0 else 20
    senses = np.zeros((steps, 1, SENSES))
    order = np.argsort([key(0, f"sense {i}") for i in range(SENSES)])
    for k, i in enumerate(order):
        senses[np.arange(k % 10, steps, 10), 0, i] = 1
    copy = np.zeros((steps, 1, LEVERS))
    if lever >= 0:
        copy[:, 0, lever] = 1
    return {"senses": Spikes.from_dense(senses, dt=1 * ms), "copy": Spikes.from_dense(copy, dt=1 * ms)}


@functools.cache
def _silence() -> dict[str, Spikes]:
    return {
        "senses": Spikes.from_dense(np.zeros((40, 1, SENSES)), dt=1 * ms),
        "copy": Spikes.from_dense(np.zeros((40, 1, LEVERS)), dt=1 * ms),
    }
