"""Networks with a field of dopamine, for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

import spikeloom as sl
from spikeloom.connections import OneToOne, Sparse
from spikeloom.modulators.field import DOPAMINE, Solver
from spikeloom.network import Field, Network
from spikeloom.plasticity import Modulated, PairSTDP
from spikeloom.units import Hz, um

PAIR = PairSTDP(bounds="none", a_plus=1.0, a_minus=0.0, tau_plus=10.0)
BOX: Any = {"extent": (40 * um,), "spacing": 4 * um, "uptake": 1 / 50}


def two(rule: Any = None, *, delay: float | None = 1.0, **field: Any) -> Network:
    """Two cells, 28 um apart, that a kick makes fire; each has one synapse."""
    net = Network(dt=1.0, seed=1)
    net.input("pre", 2)
    net.input("kick", 2)
    net.population("cell", sl.neurons.LIF(theta=15.0), 2)
    net.place("cell", [[6.0], [34.0]])
    net.field("dopamine", **{**BOX, **field})
    rule = Modulated(rule=PAIR, by="dopamine", tau_e=300.0) if rule is None else rule
    net.connect("pre", "cell", OneToOne(), weight=0.0, delay=delay, rule=rule)
    net.connect("kick", "cell", OneToOne(), weight=1000.0)
    return net


def pairs(steps: int, begin: int = 150, lag: int = 0) -> dict[str, sl.Spikes]:
    """A pair of 3 ms in both cells, at ``begin`` at the synapse."""
    how: Any = {"shape": (steps, 1, 2), "dt": 1.0}
    kick = sl.Spikes.from_times([begin + 3 - lag] * 2, [0, 1], **how)
    return {"pre": sl.Spikes.from_times([begin] * 2, [0, 1], **how), "kick": kick}


def held(field: Field, rises: Any, dt: float = 1.0) -> Any:
    """What is read in each interval, when each cell rises by ``rises`` (steps, cells) [nM]."""
    solver = Solver(field.medium, field.box, field.interval, rest=field.baseline)
    every, found = round(field.interval / dt), []
    c, pending = solver.resting(), np.zeros(field.box.cells)
    for t, rise in enumerate(rises):
        pending += rise
        if t % every == 0:
            begun = c + pending
            c = solver.advance(begun)
            pending[:] = 0
            found.append((begun + c) / 2)
    return np.array(found)


def busy(delay: float | None = 2.0) -> Network:
    """A network in which dopamine cells release what the synapses of others follow."""
    net = Network(dt=0.5, seed=5)
    cells = net.population("cells", sl.neurons.PoissonNeuron(rate=30 * Hz), 60)
    dopamine = net.population("dopaminergic", sl.neurons.PoissonNeuron(rate=10 * Hz), 5)
    box = (20.0, 30.0)
    net.place(cells, (6, 10), extent=box)
    net.place(dopamine, "random", extent=box)
    net.field("dopamine", extent=box, spacing=2.5, interval=2.0, medium=DOPAMINE, baseline=4.0)
    net.release(dopamine, "dopamine", amount=3000)
    rule = Modulated(rule=PairSTDP(bounds="hard"), by="dopamine", tau_e=40.0, eta=1e-3, eligibility="cascaded")
    net.connect(cells, cells, Sparse(indegree=8), weight=0.5, delay=delay, rule=rule)
    return net
