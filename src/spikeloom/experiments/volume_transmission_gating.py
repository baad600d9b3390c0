"""Synapses in a field of dopamine: it gates all that are near, and coincidence says which of them change."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import OneToOne
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV, um
from spikeloom.engines import At, run
from spikeloom.modulators.field import VESICLE, Medium
from spikeloom.network import Network
from spikeloom.neurons import LIF, PoissonNeuron
from spikeloom.plasticity import Modulated, PairSTDP

BEGIN: Final = 20 * ms
"""When sources fire; their targets, where they do, 3 ms later."""

TAU_E: Final = 1000 * ms
APART: Final = 1 * um
DENSITY: Final = 0.104
"""Terminals of dopamine in a um3."""

RELEASE: Final = 0.06
"""Probability that a spike releases a vesicle."""

BURST: Final = 20 * Hz


def network(places: Any, side: float, spacing: float, medium: Medium, seed: int) -> Network:
    """Synapses at ``places``, each onto a cell of its own, in a cube filled with a field of dopamine."""
    net = Network(dt=1 * ms, seed=seed)
    many = len(places)
    cells = net.population("cells", LIF(theta=15 * mV), many)
    net.place(cells, places)
    net.field("dopamine", extent=(side,) * 3, spacing=spacing, interval=2 * ms, medium=medium, edges="periodic")
    pair = PairSTDP(bounds="none", a_plus=1.0, a_minus=1.0)
    rule = Modulated(rule=pair, by="dopamine", tau_e=TAU_E, eta=1e-6)
    net.connect(net.input("source", many), cells, OneToOne(), weight=0.0, delay=1 * ms, rule=rule)
    net.connect(net.input("kick", many), cells, OneToOne(), weight=1000 * mV)
    return net


def inputs(pre: Any, post: Any, steps: int) -> dict[str, Spikes]:
    """One spike of the sources and one of the targets that are named by these truth values."""
    found: dict[str, Spikes] = {}
    for name, chosen, time in (("source", pre, BEGIN), ("kick", post, BEGIN + 2 * ms)):
        channels = np.flatnonzero(chosen)
        times = np.full(channels.size, float(time))
        found[name] = Spikes.from_times(times, channels, shape=(steps, 1, len(chosen)), dt=1 * ms)
    return found


def distance_law(
    radii: Any, side: float, spacing: float, medium: Medium, seed: int, progress: Any
) -> NDArray[np.float64]:
    """The changes of synapses at these distances from a point that releases a vesicle, along an axis of the cube."""
    middle = (np.floor(side / spacing / 2) + 0.5) * spacing
    places = np.tile([middle] * 3, (len(radii), 1))
    places[:, 0] += radii
    net = network(places, side, spacing, medium, seed)
    steps = 600
    amounts = np.zeros((steps, 1))
    amounts[50] = VESICLE
    every = np.ones(len(radii), bool)
    record = run(
        net,
        inputs(every, every, steps),
        released={"dopamine": At([[middle] * 3], amounts)},
        record=[],
        progress=progress,
    )
    return record.state["source->cells"]["weight"].numpy()


def couples(many: int, side: float, seed: int) -> NDArray[np.float64]:
    """Places of pairs of synapses, a micrometre apart in any direction: (2 many, 3), pair after pair."""
    random = stream(seed, "couples")
    first = APART + random.random((many, 3)) * (side - 2 * APART)
    way = random.standard_normal((many, 3))
    second = first + APART * way / np.linalg.norm(way, axis=1, keepdims=True)
    return np.stack([first, second], axis=1).reshape(-1, 3)


def burst(
    pre: Any, post: Any, places: Any, side: float, spacing: float, medium: Medium, seed: int, *, released: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Changes of synapses after a burst of dopamine cells whose terminals are all over the cube, and the field [nM]."""
    net = network(places, side, spacing, medium, seed)
    terminals = round(DENSITY * side**3)
    net.population("dopamine cells", PoissonNeuron(rate=RELEASE * BURST), terminals)
    net.place("dopamine cells", "random", extent=(side,) * 3)
    steps = 300
    net.release("dopamine cells", "dopamine", amount=VESICLE if released else 0.0)
    record = run(net, inputs(pre, post, steps), record=["dopamine.level"])
    return record.state["source->cells"]["weight"].numpy(), record["dopamine.level"][-1, 0].numpy()
