"""The same small network many times side by side in the engine: what each learns from its own spikes and reward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import Pairs
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import run
from spikeloom.experiments.reward_gradient_exact import CELL, DT, HIDDEN, INPUT, INPUTS, PAIRS, STEPS, WEIGHTS, reward
from spikeloom.network import Network
from spikeloom.plasticity import Modulated, PairSTDP, Plasticity, ScoreFunction

FOREVER: Final = 1e12 * ms
"""Time constant of the eligibility: nothing is forgotten within an episode."""
SCORE: Final = ScoreFunction(a=1.0, tau=CELL.tau_m, floor=0.0, w_min=-1e3, w_max=1e3, site="axon")
"""The gradient of the logarithm of the probability of the spikes: (S - rho) epsilon / Delta."""
HEBB: Final = PairSTDP(
    a_plus=1 / CELL.softness, a_minus=0.0, tau_plus=CELL.tau_m, tau_minus=CELL.tau_m, bounds="none", site="axon"
)
"""The same without the expectation: S epsilon / Delta."""


def network(copies: int, seed: int, rule: Plasticity) -> Network:
    """So many copies of the network, which share nothing but the input."""
    net = Network(dt=DT, seed=seed)
    net.input("in", INPUTS)
    sizes = {"in": 0, "hidden": HIDDEN, "out": 1}  # by how much the next copy's neurons are further on
    for name in ("hidden", "out"):
        net.population(name, CELL, sizes[name] * copies)
    net.modulator("success")
    learned = Modulated(rule=rule, by="success", tau_e=FOREVER, eta=1 / ms)
    for name, pairs in PAIRS.items():
        first, last = name.split("->")
        source, target = (
            (np.arange(copies)[:, None] * sizes[part] + pairs[:, k]).ravel() for k, part in enumerate((first, last))
        )
        net.connect(
            first,
            last,
            Pairs(source=source, target=target),
            weight=np.tile(WEIGHTS[name], copies),
            delay=None if first == "in" else DT,
            rule=learned,
        )
    return net


@final
@dataclass(frozen=True)
class Episodes:
    """One episode of each copy: spikes (copies, steps, neurons), rewards, and by how much the weights moved."""

    hidden: NDArray[np.bool_]
    out: NDArray[np.bool_]
    reward: NDArray[np.float64]
    change: NDArray[np.float64]
    """Under the reward (copies, weights)."""
    centred: NDArray[np.float64]
    """Under the reward less the baseline."""


def episodes(copies: int, seed: int, rule: Plasticity, baseline: float) -> Episodes:
    """Run all copies until the last step but one; there each gets its reward.

    The reward is a signal that all copies read. So the run goes on once for each value that the reward can have, and
    those that have earned it are looked at.
    """
    net, given = (
        network(copies, seed, rule),
        [Spikes.from_dense(x[:, None], dt=DT) for x in np.split(INPUT, [STEPS - 1])],
    )
    keys = ["hidden.train", "out.train"]
    first = run(net, given[0], released={"success": np.zeros(STEPS - 1)}, record=keys)
    begun = _weights(net, first.state)
    change, centred = np.empty_like(begun), np.empty_like(begun)
    earned = reward(*(_of_copies(first[k], copies) for k in keys))
    ends: list[Any] = []
    for value in np.unique(earned):
        for less, into in ((0.0, change), (baseline, centred)):
            last = run(net, given[1], first.state, released={"success": np.array([value - less])}, record=keys)
            into[earned == value] = (_weights(net, last.state) - begun)[earned == value]
        ends.append(last)
    spikes = [np.concatenate([_of_copies(r[k], copies) for r in (first, ends[0])], 1) for k in keys]
    return Episodes(*spikes, reward=earned, change=change, centred=centred)


def _of_copies(train: Any, copies: int) -> NDArray[np.bool_]:
    """A train (steps, 1, copies * neurons) as (copies, steps, neurons)."""
    steps = train.shape[0]
    return train[:, 0].numpy().astype(bool).reshape(steps, copies, -1).swapaxes(0, 1)


def _weights(net: Network, state: Any) -> NDArray[np.float64]:
    """The weights of each copy (copies, weights), in the order of :data:`PAIRS`."""
    found = []
    for name, pairs in PAIRS.items():
        p = net.projections[name]
        order = p.connection.order(net.size(p.source), 0, net.size(p.target))  # pyright: ignore[reportAttributeAccessIssue]
        flat = np.empty(order.size)
        flat[order] = state[name]["weight"].numpy()
        found.append(flat.reshape(-1, len(pairs)))
    return np.concatenate(found, 1)
