"""Weights that a run left behind, kept in the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.engines import StepEngine
from spikeloom.network.checkpoint import load, save
from spikeloom.network.frozen import frozen
from spikeloom.neurons import LIF
from spikeloom.plasticity import PairSTDP


def network() -> sl.Network:
    net = sl.Network(dt=1.0, seed=2, dtype=torch.float64)
    net.input("in", 12)
    net.population("out", LIF(theta=2.0), 9)
    net.connect("in", "out", Sparse(probability=0.4), weight=0.6, rule=PairSTDP(), name="listed")
    net.connect("in", "out", weight=0.3, rule=PairSTDP(), name="full")
    return net


def spikes(seed: int = 1) -> sl.Spikes:
    return sl.Spikes.from_dense(np.random.default_rng(seed).random((200, 1, 12)) < 0.1, dt=1.0)


@pytest.fixture(scope="module")
def learned() -> sl.Network:
    net = network()
    state = sl.run(net, spikes()).state
    for name in ("listed", "full"):
        net.keep(name, state[name]["weight"])
    return net


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_run_begins_with_them(learned: sl.Network, threads: int) -> None:
    assert (learned.learned["listed"] != 0.6).any()
    still = StepEngine(threads=threads).run(frozen(learned), spikes(2), record=["out.spikes"])
    state = {name: {"weight": learned.learned[name] if name == "listed" else learned.weights[name]}
             for name in ("listed", "full")}  # fmt: skip
    plain = StepEngine(threads=threads).run(network(), spikes(2), state, record=["out.v"])
    same = StepEngine(threads=threads).run(learned, spikes(2), record=["out.v"])
    assert torch.equal(plain["out.v"], same["out.v"])
    assert torch.equal(plain.state["listed"]["weight"], same.state["listed"]["weight"])
    assert len(still["out.spikes"]) > 0


def test_they_go_into_a_checkpoint(learned: sl.Network, tmp_path: Path) -> None:
    save(learned, tmp_path / "net.safetensors")
    back = load(tmp_path / "net.safetensors")
    assert torch.equal(back.learned["listed"], learned.learned["listed"])
    assert torch.equal(back.weights["full"], learned.weights["full"])
    assert not back.learned["listed"].requires_grad


def test_what_does_not_fit_is_refused() -> None:
    net = network()
    with pytest.raises(UnknownNameError, match="nowhere"):
        net.keep("nowhere", torch.zeros(3))
    with pytest.raises(InvalidValueError, match=r"'full': weight has shape \(3,\); allowed: \(12, 9\)"):
        net.keep("full", torch.zeros(3))
    with pytest.raises(InvalidValueError, match="one for each synapse"):
        net.keep("listed", torch.zeros(12, 9))
    with pytest.raises(InvalidValueError, match="not finite"):
        net.keep("full", torch.full((12, 9), torch.nan))
    net.keep("listed", torch.zeros(3))
    with pytest.raises(InvalidValueError, match="'listed' keeps 3 weights, and has another number of synapses"):
        sl.run(net, spikes())
