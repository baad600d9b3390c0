"""Random spikes for one synapse after another, and what rules of spike timing must make of them, spike by spike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import spikeloom as sl
from spikeloom.connections import OneToOne
from spikeloom.plasticity import Plasticity

DT, STEPS, SIZE = 0.5, 300, 12
LAGS = [-40.0, -10.0, -0.5, 0.5, 10.0, 40.0]
Train = NDArray[np.bool_]
protocols = given(
    seed=st.integers(0, 10_000),
    density=st.sampled_from([0.005, 0.03, 0.2]),
    delay=st.sampled_from([None, 0.5, 3.0]),
    site=st.sampled_from(["dendrite", "axon"]),
)
some = settings(max_examples=12)


def trains(seed: int, density: float, steps: int = STEPS, size: int = SIZE) -> tuple[Train, Train]:
    """Random spikes of sources and targets: (T, N) each."""
    draw = np.random.default_rng(seed)
    return draw.random((steps, size)) < density, draw.random((steps, size)) < density


def learned(rule: Plasticity, pre: Train, post: Train, delay: float | None = None, weight: float = 0.5) -> Any:
    """The weights of as many synapses, each from a source that fires so to a target that fires so."""
    net = sl.Network(dt=DT, seed=4, dtype=torch.float64)
    size = pre.shape[1]
    cells = net.population("cells", sl.neurons.LIF(theta=1e6), size)
    net.connect(net.input("kick", size), cells, OneToOne(), weight=2e6)
    net.connect(net.input("pre", size), cells, OneToOne(), weight=weight, delay=delay, rule=rule, name="plastic")
    inputs = {name: sl.Spikes.from_dense(t[:, None], dt=DT) for name, t in (("pre", pre), ("kick", post))}
    record = sl.run(net, inputs, record=["cells.spikes"], engine="steps")
    assert len(record["cells.spikes"]) == post.sum()
    return record.state["plastic"]["weight"].numpy()


def recomputed(
    change: Callable[..., float], pre: Train, post: Train, delay: float | None, site: str, *, meet: bool = False
) -> Any:
    """What ``change(w, side, t, pres, posts)`` makes of a weight of 0.5, spike by spike [ms]; earlier spikes are given.

    Where the delay is in the dendrite a spike of the target comes before one of the source that it meets, and knows of
    it only if they ``meet``; otherwise it comes after.
    """
    late = 0.0 if delay is None else delay
    dendrite = site == "dendrite" and late > 0
    weights = []
    for k in range(pre.shape[1]):
        pres, posts = (np.flatnonzero(train[:, k]) * DT for train in (pre, post))
        pres, posts = (pres, posts + late) if dendrite else (pres + late, posts)
        places = {"pre": 1, "post": 0 if dendrite else 2}
        events = sorted((float(t), places[side], side) for side, all_ in (("pre", pres), ("post", posts)) for t in all_)
        w = 0.5
        for t, _, side in events:
            if t >= STEPS * DT:
                break
            now = side == "post" and (meet or not dendrite)
            known = pres[pres <= t] if now else pres[pres < t]
            w = min(max(change(w, side, t, known.tolist(), posts[posts < t].tolist()), 0.0), 1.0)
        weights.append(w)
    return np.array(weights)


def decayed(t: float, spikes: list[float], tau: float, nearest: bool = False) -> float:
    """A trace, as the sum over spikes."""
    return sum(math.exp(-(t - s) / tau) for s in (spikes[-1:] if nearest else spikes))
