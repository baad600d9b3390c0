"""Izhikevich's network of 1,000 neurons, and a reward that comes seconds after what earned it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import Pairs
from spikeloom.core.random import stream
from spikeloom.core.units import ms, pA, second
from spikeloom.engines import Trace, live
from spikeloom.network import Network
from spikeloom.neurons import Izhikevich
from spikeloom.plasticity import Modulated, PairSTDP
from spikeloom.sources import UniformNoise

N_E: Final = 800
N_I: Final = 200
OUTDEGREE: Final = 100
STRONGEST: Final = 4.0
KEPT: Final = 0.95
"""Of a spike's trace in a ms."""
A_PLUS, A_MINUS = 0.1, 0.15
TAU: Final = -1 * ms / math.log(KEPT)
TAU_E: Final = -10 * ms / math.log(0.99)
TAU_DOPAMINE: Final = -1 * ms / math.log(0.995)
BASELINE: Final = 0.002
REWARD: Final = 0.5
NEAR: Final = 20
"""Steps within which the target follows the source where that is rewarded."""
SOON: Final = (1000, 2000)
"""Steps after which the reward comes: the shortest, and by how much it varies."""
SHUFFLED: Final = (20_000, 100_000)
"""The same for the control: by then the trace of what earned it has gone, and others have come."""
EVERY: Final = 10_000
"""Steps between two looks at the weights."""


def network(seed: int) -> tuple[Network, int]:
    """The network, and where the rewarded synapse stands among the weights of a state: from neuron 0 to its first
    target.

    800 regular spiking and 200 fast spiking neurons (Izhikevich 2003) in steps of 1 ms, each with 100 synapses by
    chance, the excitatory ones onto all and the inhibitory ones onto the excitatory. As in the paper's program: a trace
    that a spike sets to 0.1 and that loses 5 % each ms, an eligibility that loses 1 % in 10 ms, dopamine that loses
    0.5 % in 1 ms, and weights that move by (0.002 + dopamine) x eligibility each 10 ms. Here these decays are
    continuous. A spike of the target in the step in which that of the source was fired counts as before it.
    """
    net = Network(dt=1 * ms, seed=seed)
    excitatory = torch.arange(N_E + N_I) < N_E
    cell = Izhikevich(
        a=torch.where(excitatory, 0.02, 0.1), d=torch.where(excitatory, 8.0, 2.0), scheme="half-steps", v_peak=30.0
    )
    cells = net.population("cells", cell, N_E + N_I)
    draws = stream(seed, "izhikevich-2007 synapses")
    targets = [draws.integers(0, n, OUTDEGREE * m) for n, m in ((N_E + N_I, N_E), (N_E, N_I))]
    if targets[0][0] == 0:  # onto itself: two different neurons are to be rewarded
        targets[0][0] = 1
    sources = [np.repeat(np.arange(a, b), OUTDEGREE) for a, b in ((0, N_E), (N_E, N_E + N_I))]
    weights = np.ones(sources[0].size)
    weights[0] = 0.0
    pair = PairSTDP(
        a_plus=A_PLUS / STRONGEST,
        a_minus=A_MINUS / KEPT / STRONGEST,  # on its way through the axon a spike finds the target's trace 1 ms older
        tau_plus=TAU,
        tau_minus=TAU,
        pairing="nearest",
        w_max=STRONGEST,
        site="axon",
    )
    net.modulator("dopamine", tau=TAU_DOPAMINE, baseline=BASELINE)
    rule = Modulated(rule=pair, by="dopamine", tau_e=TAU_E, eta=1 / (10 * ms))
    learned = Pairs(source=sources[0], target=targets[0])
    net.connect(cells, cells, learned, weight=weights, delay=1 * ms, rule=rule, name="excitatory")
    fixed = Pairs(source=sources[1], target=targets[1])
    net.connect(cells, cells, fixed, weight=-1.0, delay=1 * ms, name="inhibitory")
    net.drive(cells, UniformNoise(width=13 * pA))
    return net, int(np.flatnonzero(learned.order(N_E + N_I, 0, N_E + N_I) == 0)[0])


@final
@dataclass(frozen=True)
class Course:
    """What happened. Times in s."""

    weight: NDArray[np.float64]
    """Of the rewarded synapse, every 10 s."""
    eligibility: NDArray[np.float64]
    """Its trace, every 10 s."""
    rewards: NDArray[np.int64]
    """Steps in which dopamine came."""
    others: NDArray[np.float64]
    """All other weights at the end."""
    rate: NDArray[np.float64]
    """Mean rate of all neurons [Hz], second by second."""

    @property
    def strong(self) -> float:
        """The part of the other synapses above 3.6, 0.9 of the strongest."""
        return float((self.others > 0.9 * STRONGEST).mean())

    @property
    def reached(self) -> float:
        """When the rewarded synapse was first seen at 3.6 or more [s]; infinite if never."""
        above = np.flatnonzero(self.weight >= 0.9 * STRONGEST)
        return float((above[0] + 1) * EVERY * ms / second) if above.size else math.inf


def simulate(seed: int, seconds: int, tell: Callable[[float], None], delay: tuple[int, int] = SOON) -> Course:
    """Run the network; reward the coincidences of the one synapse after a ``delay`` (shortest, by how much more)."""
    net, tagged = network(seed)
    target = int(net.projections["excitatory"].connection.target[0])  # pyright: ignore[reportAttributeAccessIssue]
    watched = [Trace(f"excitatory.{what}", neurons=[tagged], every=EVERY) for what in ("weight", "eligibility_trace")]
    run = live(net, record=["cells.spikes", *watched])
    task, length = Task(0, target, delay, stream(seed, "izhikevich-2007 rewards")), round(second / net.dt)
    dopamine = np.zeros(seconds * length + sum(delay) + 1)
    rate, seen = [], {one.key: [] for one in watched}
    for now in range(0, seconds * length, length):
        found = run.advance(duration=1 * second, released={"dopamine": dopamine[now : now + length]})
        spikes = found["cells.spikes"]
        rate.append(len(spikes) / (N_E + N_I))
        np.add.at(dopamine, task.rewards(now, spikes), REWARD)
        for key, values in seen.items():
            values.extend(found[key].reshape(-1).tolist())
        tell((now + length) / (seconds * length))
    given = dopamine[: seconds * length]
    return Course(
        weight=np.array(seen["excitatory.weight"]),
        eligibility=np.array(seen["excitatory.eligibility_trace"]),
        rewards=np.repeat(np.arange(given.size), np.rint(given / REWARD).astype(np.int64)),
        others=np.delete(run.state["excitatory"]["weight"].numpy(), tagged),
        rate=np.array(rate),
    )


@final
class Task:
    """Rewards a target that fires within 20 ms after a source, after a delay by chance."""

    def __init__(self, source: int, target: int, delay: tuple[int, int], draws: np.random.Generator) -> None:
        self.source, self.target, self.delay, self.draws = source, target, delay, draws
        self.last = -(10**9)  # step in which the source fired last

    def rewards(self, now: int, spikes: Any) -> NDArray[np.int64]:
        """The steps in which rewards come for what happened in a stretch of ``spikes`` that began at ``now``."""
        first, then = (now + spikes.step[spikes.neuron == k] for k in (self.source, self.target))
        known = np.concatenate([[self.last], first])
        self.last = int(known[-1])
        before = known[np.searchsorted(known, then, side="right") - 1]  # the source's last, in the same step as well
        earned = then[(then > before) & (then - before < NEAR)]
        soonest, width = self.delay
        return earned + soonest + 1 + self.draws.integers(0, width, earned.size)
