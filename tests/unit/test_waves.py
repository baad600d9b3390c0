"""The engine for waves of first spikes: the general engine's spikes, and what it cannot run is named."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Convolution
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.engines import StepEngine
from spikeloom.engines.waves import Stack, WaveEngine
from spikeloom.network.frozen import frozen
from spikeloom.neurons import LIF
from tests.learning.lines import ENCODER, EVER, lines, stack


@pytest.mark.parametrize("stride", [1, 2])
def test_waves_are_the_spikes_of_the_general_engine(stride: int) -> None:
    net = stack(stride=stride)
    torch.nn.init.normal_(net.weights["c->out"])
    spikes = ENCODER.encode(lines(20, 0)[0])
    keys = ["a.spikes", "b.spikes", "c.spikes", "c.count", "b.train", "a.v", "b.v", "c.v", "out.v"]
    wave = sl.run(net, spikes, record=keys, engine=WaveEngine())
    steps = StepEngine().run(frozen(net), spikes, record=keys)
    for key in keys:
        if key.endswith("spikes"):
            assert wave[key] == steps[key]
            assert len(wave[key]) > 100
        else:
            torch.testing.assert_close(wave[key], steps[key], rtol=0, atol=1e-9)
    assert wave.engine == "waves"


@pytest.mark.parametrize(
    ("neuron", "match"),
    [
        (LIF(theta=2.5, t_ref=EVER), "leak"),
        (LIF(theta=2.5, tau_m=EVER, t_ref=EVER, i_e=1.0), "driven"),
        (sl.neurons.ALIF(), "are ALIF"),
    ],
)
def test_neurons_that_leak_or_differ_are_named(neuron: Any, match: str) -> None:
    net = sl.Network(dt=1.0)
    net.input("in", 64)
    connection = Convolution(shape=(1, 8, 8), channels=2, kernel=3)
    net.population("a", neuron, connection.target_size)
    net.connect("in", "a", connection)
    with pytest.raises(UnsupportedError, match=match):
        Stack.of(net)


def test_samples_that_do_not_fit_a_wave() -> None:
    net = stack()
    engine = WaveEngine()
    again = sl.Spikes.from_events([0, 1], [5, 5], shape=(4, 1, 128), dt=1.0)
    with pytest.raises(InvalidValueError, match="fires more than once"):
        engine.run(net, again, record=["a.count"])
    with pytest.raises(InvalidValueError, match="takes spikes"):
        engine.run(net, torch.zeros(4, 1, 128), record=["a.count"])
    with pytest.raises(UnsupportedError, match=r"cannot record a\.held"):
        engine.run(net, ENCODER.encode(lines(1, 0)[0]), record=["a.held"])
    short = sl.Network(dt=1.0)
    short.input("in", 64)
    connection = Convolution(shape=(1, 8, 8), channels=2, kernel=3)
    short.population("a", LIF(theta=2.5, tau_m=EVER, t_ref=3.0), connection.target_size)
    short.connect("in", "a", connection)
    with pytest.raises(InvalidValueError, match="a sample lasts for 4 steps"):
        engine.run(short, sl.Spikes.from_events([0], [5], shape=(4, 1, 64), dt=1.0), record=["a.count"])
