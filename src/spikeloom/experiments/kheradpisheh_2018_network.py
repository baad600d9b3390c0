"""The network of Kheradpisheh et al. for handwritten digits, what its filters look like, and the rule by itself."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import Convolution
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, mV
from spikeloom.encoding import DifferenceOfGaussians
from spikeloom.engines import run
from spikeloom.network import Network, kheradpisheh
from spikeloom.neurons import LIF
from spikeloom.plasticity import OrderSTDP

RULE: Final = OrderSTDP(a_plus=0.004, a_minus=-0.003)
STEPS: Final = 15
FRAME: Final = 2
"""Cells around an image: half a window of the first layer."""


def encoder(rows: int) -> DifferenceOfGaussians:
    """Difference of Gaussians of widths 1 and 2, in 15 steps."""
    return DifferenceOfGaussians(rows=rows, margin=FRAME, steps=STEPS, dt=1 * ms)


def network(rows: int, seed: int) -> Network:
    """The network for square images, before it has learned."""
    return kheradpisheh(encoder(rows).outputs(rows**2), rule=RULE, seed=seed)


def edges(net: Network) -> NDArray[np.float64]:
    """The filters of the first layer: on-weights less off-weights, (32, 5, 5)."""
    weight = net.weights["contrast->edges"].detach().double().numpy()
    return weight[:, 0] - weight[:, 1]


def parts(net: Network) -> NDArray[np.float64]:
    """What the second layer looks for: the filters of the first one, weighted and put where they are, (150, 8, 8).

    A neuron sees 2 x 2 neurons of the pooling, and each of those 2 x 2 of the first layer.
    """
    weight, small = net.weights["near->parts"].detach().double().numpy(), edges(net)
    found = np.zeros((len(weight), 8, 8))
    for i in range(4):
        for j in range(4):
            found[:, i : i + 5, j : j + 5] += np.einsum("oc,cyx->oyx", weight[:, :, i // 2, j // 2], small) / 4
    return found


def shuffled(net: Network, seed: int) -> Network:
    """The same network with the weights of each map in random order: filters without a meaning, as strong as these."""
    other = Network.from_description(net.describe())
    other.load_state_dict(net.state_dict())
    for name, p in other.projections.items():
        if isinstance(p.connection, Convolution):
            weight = other.weights[name].data
            rows = weight.reshape(len(weight), -1)
            for k, row in enumerate(rows):
                row.copy_(row[torch.from_numpy(stream(seed, f"shuffle {name}", k).permutation(len(row)))])
    return other


# ------------------------------------------------------------------------------------------------- the rule by itself
SOURCES: Final = 41
FIRED: Final = 15
"""Step in which the target of :func:`changes` is made to fire; source k fires in step k, and from 31 on never."""


def changes(rule: OrderSTDP) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights before and after one spike of a target, in the step-by-step engine."""
    begin = np.linspace(0.01, 0.99, SOURCES)
    net = Network(dt=1 * ms, dtype=torch.float64)
    net.input("in", SOURCES)
    net.input("kick", 1)
    net.population("cell", LIF(theta=1000 * mV), 1)
    net.connect("in", "cell", weight=begin[:, None], rule=rule)
    net.connect("kick", "cell", weight=2000.0)
    sources = np.arange(31)
    spikes = Spikes.from_events(sources, sources, shape=(40, 1, SOURCES), dt=1 * ms)
    kick = Spikes.from_events([FIRED], [0], shape=(40, 1, 1), dt=1 * ms)
    record = run(net, {"in": spikes, "kick": kick}, record=["cell.count"], progress=False)
    assert int(record["cell.count"].sum()) == 1
    return begin, record.state["in->cell"]["weight"].numpy()[:, 0]


def extremes(updates: int, seed: int) -> tuple[float, float]:
    """The least and the largest of weights that were changed so often, at the fastest amplitudes, in random order."""
    fast: Any = RULE.replace(a_plus=0.15, a_minus=-0.1125)
    known = {**fast.constants(1.0), "low": 0.0, "high": 1.0}
    weight = torch.linspace(0.01, 0.99, 99, dtype=torch.float64).repeat(3)
    share = torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64).repeat_interleave(99)  # never, half of the time, always
    random = stream(seed, "order")
    least, most = 1.0, 0.0
    for _ in range(updates):
        had = torch.from_numpy(random.random(len(weight))) < share
        weight = OrderSTDP.on_post(weight, had.double(), **known)
        least, most = min(least, float(weight.min())), max(most, float(weight.max()))
    return least, most
