"""A cell with plastic synapses, whose membrane a second input moves: what tests of rules of voltage and calcium run."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.plasticity import Clopath, NMDASpine, Plasticity

DT, STEPS = 0.1, 600
SELDOM = st.lists(st.integers(0, STEPS - 1), min_size=1, max_size=12, unique=True)
OFTEN = st.lists(st.integers(0, STEPS - 1), min_size=4, max_size=40, unique=True)
CLOPATH = Clopath(
    a_ltd=2e-3, a_ltp=5e-4, theta_minus=0.5, theta_plus=4.0, late_minus=1.5, late_plus=0.7, w_max=5.0, tau_mean=20.0
)
SPINE = NMDASpine(u_open=1.0, influx=0.004, bap=40.0, tau_d=30.0, tau_p=20.0)
"""Two rules with thresholds where the membrane of this cell goes."""


def trains(times: Any, size: int = 1, steps: int = STEPS) -> sl.Spikes:
    """Spikes of all ``size`` channels at these steps; or for each channel its own."""
    given = np.zeros((steps, 1, size), bool)
    for i, own in enumerate(times if size > 1 else [times]):
        given[list(own), 0, i] = True
    return sl.Spikes.from_dense(torch.from_numpy(given), dt=DT)


def network(
    rule: Plasticity, *, weight: Any, delay: float | None = None, sizes: tuple[int, int] = (1, 1)
) -> sl.Network:
    """A source, a target whose membrane a second input moves, and the synapses between them."""
    net = sl.Network(dt=DT, dtype=torch.float64, seed=5)
    pre, kick = net.input("pre", sizes[0]), net.input("kick", sizes[1])
    cell = net.population("cell", sl.neurons.LIF(tau_m=8.0, theta=15.0), sizes[1])
    net.connect(pre, cell, sl.connections.Dense(), weight=weight, delay=delay, rule=rule)
    net.connect(kick, cell, sl.connections.OneToOne(), weight=10.0)
    return net


def recorded(net: sl.Network, pre: Any, kicks: Any, every: int = 1) -> Any:
    sizes = net.size("pre"), net.size("cell")
    record = ["cell.v", "cell.spikes", sl.engines.Trace("pre->cell.weight", every=every)]
    return sl.run(net, {"pre": trains(pre, sizes[0]), "kick": trains(kicks, sizes[1])}, record=record, engine="steps")
