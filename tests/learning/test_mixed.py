"""One network, a layer that learns by its own rule and a layer that learns by gradients."""

from __future__ import annotations

import numpy as np
import torch

import spikeloom as sl
from spikeloom.network import Network
from spikeloom.plasticity import PairSTDP
from spikeloom.units import mV


def network() -> Network:
    net = Network(dt=1.0, seed=1)
    net.input("in", 64)
    net.population("hidden", sl.neurons.LIF(theta=1 * mV, tau_m=20.0), 40)
    net.population("readout", sl.neurons.LeakyIntegrator(), 10)
    weight = np.random.default_rng(0).uniform(0.0, 0.12, (64, 40))
    net.connect("in", "hidden", weight=weight, rule=PairSTDP(a_plus=0.002, a_minus=0.001, w_max=0.3))
    net.connect("hidden", "readout")
    return net


def test_gradients_leave_a_plastic_layer_alone_and_train_the_other() -> None:
    net = network()
    spikes = sl.encoding.Latency(steps=20, dt=1.0, threshold=0.1).encode(np.asarray(sl.data.digits().x_train)[:1])
    learned = sl.run(net, spikes, record=["hidden.count"]).state["in->hidden"]["weight"]
    with torch.no_grad():
        net.weights["in->hidden"].copy_(learned)  # what the rule has learned
    assert not np.allclose(learned, network().weights["in->hidden"].detach())

    plastic, other = (net.weights[n].detach().clone() for n in ("in->hidden", "hidden->readout"))
    options = {"optimizer": "adamw", "learning_rate": 2e-2, "weight_decay": 0.01}
    rule = sl.learning.SurrogateGradient(**options)  # pyright: ignore[reportArgumentType]
    encoder = sl.encoding.Latency(steps=20, dt=1.0, threshold=0.1)
    result = sl.train(net, sl.data.digits(), rule=rule, encoder=encoder, epochs=8, seed=0, progress=False)
    assert result.engine == "cpu"
    assert result.test_accuracy > 0.6
    assert torch.equal(net.weights["in->hidden"], plastic)
    assert not torch.allclose(net.weights["hidden->readout"], other)
    assert net.projections["in->hidden"].rule is not None
