"""Correlated Poisson inputs onto a linear Poisson neuron: what its weights must become, and what they become."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import Trace, run
from spikeloom.network import Network
from spikeloom.neurons import PoissonNeuron
from spikeloom.plasticity import SpikingPCA

Array = NDArray[np.float64]
DT: Final = 1 * ms
RATE: Final = 20 * Hz
GROUP: Final = 10
COPIED: Final = (0.5, 0.2)
"""Which part of a mother train each input of a group copies: two inputs of a group share this part of their spikes."""
TAU: Final = 20 * ms
GAIN: Final = 1e-3
"""How often the output fires for each arriving spike of weight 1, for small numbers."""
ETA: Final = 2.0


def trains(seed: int, duration: float) -> Spikes:
    """Two groups of inputs that fire at one rate; within a group spikes are shared, between them they are not."""
    steps, random = round(duration / DT), stream(seed, "trains")
    step, neuron = [], []
    for group, copied in enumerate(COPIED):
        mother = np.flatnonzero(random.random(steps) < RATE * DT / copied)
        which, member = np.nonzero(random.random((mother.size, GROUP)) < copied)
        step.append(mother[which])
        neuron.append(member + group * GROUP)
    shape = (steps, 1, GROUP * len(COPIED))
    return Spikes.from_events(np.concatenate(step), np.concatenate(neuron), shape=shape, dt=DT, sort=True)


def correlations(a_minus: float) -> Array:
    """The matrix Q of :class:`~spikeloom.plasticity.SpikingPCA` for these inputs, on the grid of steps [1/ms^2].

    Two inputs of a group fire together in a step with the probability copied * rate * dt; spikes of other steps meet by
    chance. A spike that arrives in the step in which the target fires counts with the whole height of the window.
    """
    size, chance = GROUP * len(COPIED), (RATE * DT) ** 2
    together = np.full((size, size), chance)
    for group, copied in enumerate(COPIED):
        mine = slice(group * GROUP, (group + 1) * GROUP)
        together[mine, mine] = copied * RATE * DT
    np.fill_diagonal(together, RATE * DT)
    keep = np.exp(-DT / TAU)
    return (together + (1 - a_minus) * chance * keep / (1 - keep)) / TAU / DT


def principal(a_minus: float) -> tuple[Array, float]:
    """The direction that the weights must find, of length 1, and the rate [Hz] at which the output must fire then."""
    values, vectors = np.linalg.eigh(correlations(a_minus))
    first = vectors[:, -1] * np.sign(vectors[:, -1].sum())
    return first, float(np.sqrt(GAIN * values[-1])) / Hz


def learn(seed: int, a_minus: float, duration: float, tell: Any) -> tuple[Array, float]:
    """The mean weights over the second half of a run, and the rate [Hz] at which they let the output fire."""
    first, rate = principal(a_minus)
    start = np.full((first.size, 1), 0.5 * rate * Hz / (GAIN * RATE * first.size))
    net = Network(dt=DT, seed=seed, dtype=torch.float64)
    cell = net.population("y", PoissonNeuron(rate=0 * Hz, gain=GAIN / DT), 1)
    rule = SpikingPCA(eta=ETA, a_minus=a_minus, tau_plus=TAU, tau_minus=TAU)
    net.connect(net.input("x", first.size), cell, weight=start, rule=rule)
    watch = Trace("x->y.weight", every=round(2 * second / DT))
    course = run(net, trains(seed, duration), record=[watch], progress=tell)["x->y.weight"][:, :, 0].numpy()
    mean = course[len(course) // 2 :].mean(0)
    return mean, float(GAIN * RATE * mean.sum() / Hz)
