"""The networks in which synaptic scaling and its kin are put to the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import OneToOne, Sparse
from spikeloom.core.distributions import Uniform
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV, second
from spikeloom.engines import Trace, run
from spikeloom.experiments import song_2000
from spikeloom.network import Network
from spikeloom.neurons import LIF, HomeostaticLIF, LeakyIntegrator, Neuron, PoissonNeuron
from spikeloom.plasticity import (
    Decaying,
    Fixed,
    Hebb,
    KeepSign,
    Normalised,
    Plasticity,
    Scaled,
    VanRossumSTDP,
)
from spikeloom.sources import Poisson

Array = NDArray[np.float64]

# ----------------------------------------------------------------------------------------- scaling, and nothing else
TARGET: Final = 5 * Hz
SCALING: Final = Scaled(
    rule=Fixed(bounds="none"), target=TARGET, beta=1 * second, tau=100 * second, tau_rate=2 * second
)
INPUTS, CELLS = 200, 10


def scaled_weights(condition: str, duration: float, seed: int) -> tuple[Any, Any]:
    """Weights (inputs, cells) before and after scaling: with the input blocked, or with more of it from elsewhere."""
    before = stream(seed, "weights").lognormal(np.log(0.3), 0.5, (INPUTS, CELLS))
    net = Network(dt=1 * ms, seed=seed, dtype=torch.float64)
    source = net.population("input", PoissonNeuron(rate=0 * Hz if condition == "blocked" else 10 * Hz), INPUTS)
    cells = net.population("cells", LIF(theta=15 * mV, t_ref=2 * ms), CELLS)
    net.connect(source, cells, weight=before, rule=SCALING)
    if condition == "driven":
        net.drive(cells, Poisson(rate=600 * Hz), weight=0.5 * mV)
    record = run(net, duration=duration, record=[], progress=False)
    return before, record.state["input->cells"]["weight"].numpy()


def linear_loop(begin: float, duration: float, every: float) -> tuple[Any, Array]:
    """Times (ms) and the weight onto a linear neuron without a memory, whose input is 1 and whose target is 5 Hz."""
    rule = SCALING.replace(target=5 * Hz, interval=every)
    net = Network(dt=every, dtype=torch.float64)
    cell = net.population("cell", LeakyIntegrator(tau_m=every / 100), 1)  # v follows its input within a step
    net.connect(net.input("input", 1), cell, weight=begin, rule=rule)
    steps = round(duration / every)
    wanted = [Trace("input->cell.weight", every=1)]
    record = run(net, np.ones((steps, 1, 1)), record=wanted, engine="steps", progress=False)
    return every * np.arange(1, steps + 1), record["input->cell.weight"].numpy().reshape(-1)


def spiking_loop(duration: float, watched: float, seed: int) -> Array:
    """The rates (Hz) at the end of neurons that fire in proportion to their input; each has 20 inputs of 20 Hz."""
    net = Network(dt=1 * ms, seed=seed, dtype=torch.float64)
    source = net.population("input", PoissonNeuron(rate=20 * Hz), 20)
    cells = net.population("cells", PoissonNeuron(rate=0 * Hz, gain=1000 * Hz), 200)
    net.connect(source, cells, weight=0.002, rule=SCALING.replace(tau=20 * second))
    spikes = run(net, duration=duration, record=["cells.spikes"], progress=False)["cells.spikes"]
    late = spikes.time >= duration - watched
    return np.bincount(spikes.neuron[late], minlength=200) / (watched * Hz)


# ------------------------------------------------------------------------- depression that grows with the weight
VAN_ROSSUM: Final = VanRossumSTDP(c_p=1.0, c_d=0.003, noise=0.015, tau_plus=20 * ms, tau_minus=20 * ms, w_max=5000.0)
IN_LOOP: Final = 0.04
"""The equilibrium of weights [nS] that no correlation raises, in the cell of ``song-2000``."""


def equilibrium(rule: VanRossumSTDP) -> float:
    """The weight at which growth and shrinking by independent spikes are equal."""
    return rule.c_p * rule.tau_plus / (rule.c_d * rule.tau_minus)


def apart(duration: float, seed: int, progress: Callable[[float], None]) -> Array:
    """1000 weights between independent Poisson neurons of 40 Hz."""
    net = Network(dt=0.1 * ms, seed=seed, dtype=torch.float64)
    first, second_ = (net.population(n, PoissonNeuron(rate=40 * Hz, gain=0 * Hz), 1000) for n in ("first", "second"))
    begin = Uniform(0.0, 2 * equilibrium(VAN_ROSSUM))
    net.connect(first, second_, OneToOne(), weight=begin, delay=1 * ms, rule=VAN_ROSSUM)
    record = run(net, duration=duration, record=[], progress=progress)
    return record.state["first->second"]["weight"].numpy()


def in_loop(duration: float, seed: int, progress: Callable[[float], None]) -> Array:
    """The weights [nS] onto the cell of ``song-2000``, with this rule in place of the additive one; inputs of 20 Hz."""
    rule = VAN_ROSSUM.replace(c_p=IN_LOOP * VAN_ROSSUM.c_d, w_max=100 * IN_LOOP)
    net, state = song_2000.network(seed, rule, IN_LOOP), None
    pieces = round(duration / song_2000.PIECE)
    for k in range(pieces):
        given = song_2000.poisson(20.0, round(song_2000.PIECE / song_2000.DT), seed, k)
        state = run(net, given, state, record=[], progress=False).state
        progress((k + 1) / pieces)
    assert state is not None
    return state["exc->cell"]["weight"].numpy().reshape(-1)


# -------------------------------------------------------------------------------------- Hebb alone, and what holds it
GOAL: Final = 10 * Hz
HEBB: Final = KeepSign(rule=Hebb(eta=0.02, theta=GOAL, bounds="none"))
STARTS: Final = {"above": 0.42 * mV, "below": 0.31 * mV}
"""Weights with which the cells begin to fire faster or slower than Hebb's threshold."""
PLAIN: Final = LIF(theta=15 * mV, t_ref=2 * ms)
CURES: Final[dict[str, tuple[Plasticity, Neuron]]] = {
    "scaling": (
        Scaled(rule=HEBB, target=GOAL, beta=1 * second, tau=200 * second, tau_rate=1 * second),
        PLAIN,
    ),
    "normalisation": (Normalised(rule=HEBB, total=100 * 0.38 * mV), PLAIN),
    "heterosynaptic decay": (Decaying(rule=HEBB, baseline=0.38 * mV, beta=0.05, power=0), PLAIN),
    "adaptive threshold": (
        HEBB,
        HomeostaticLIF(theta=15 * mV, lowest=1 * mV, highest=1000 * mV, eta=0.1 * mV, target=GOAL, t_ref=2 * ms),
    ),
}


def cells_with(rule: Plasticity, neuron: Neuron, weight: float, duration: float, seed: int) -> Spikes:
    """Ten cells, each with 100 of 400 inputs of 20 Hz."""
    net = Network(dt=1 * ms, seed=seed, dtype=torch.float64)
    source = net.population("input", PoissonNeuron(rate=20 * Hz), 400)
    chosen = Sparse(indegree=100, multapses=False)
    net.connect(source, net.population("cells", neuron, 10), chosen, weight=weight, rule=rule)
    return run(net, duration=duration, record=["cells.spikes"], progress=False)["cells.spikes"]


def course(spikes: Spikes, bin: float) -> tuple[Any, Array]:
    """Times (ms) and the mean rate (Hz) of the cells."""
    edges = np.arange(0, spikes.shape[0] * spikes.dt + bin / 2, bin)
    return edges[:-1] + bin / 2, np.histogram(spikes.time, edges)[0] / (spikes.shape[2] * bin * Hz)
