"""Noise, drives, synapses and short-term plasticity against their closed forms, run by the engine of steps."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from spikeloom.connections import Dense, Pairs
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, StepEngine, Trace, get
from spikeloom.learning import SurrogateGradient
from spikeloom.network import Network
from spikeloom.neurons import LIF, ConductanceLIF, PoissonNeuron, StochasticLIF
from spikeloom.sources import OrnsteinUhlenbeck, Ramp, Recorded, Sine, Step, ThresholdNoise, WhiteNoise
from spikeloom.synapses import NMDA, AlphaConductance, TsodyksMarkram
from spikeloom.units import Hz, ms, mV

DT = 0.1
R, TAU = 0.04, 20 * ms


def _membrane(size: int, **changes: Any) -> Network:
    net = Network(dt=DT, seed=6, dtype=torch.float64)
    net.population("cells", LIF(tau_m=TAU, resistance=R, theta=1e9, input="current", **changes), size)
    return net


def _last(net: Network, duration: float) -> np.ndarray:
    return StepEngine().run(net, None, duration=duration).state["cells"]["v"][0].numpy()


def test_coloured_noise_has_its_mean_and_deviation() -> None:
    net = _membrane(3000)
    net.drive("cells", OrnsteinUhlenbeck(mean=50.0, sigma=100.0, tau=5 * ms))
    v = _last(net, 300.0)
    assert v.mean() == pytest.approx(50 * R, abs=5 * 1.8 / 3000**0.5)
    assert v.std() == pytest.approx(100 * R * (5 / 25) ** 0.5, rel=5 / 6000**0.5)


def test_white_noise_has_the_deviation_of_its_step() -> None:
    net = _membrane(3000)
    net.drive("cells", WhiteNoise(sigma=100.0))
    e = math.exp(-DT / TAU)
    assert _last(net, 200.0).std() == pytest.approx(100 * R * ((1 - e) / (1 + e)) ** 0.5, rel=5 / 6000**0.5)


def test_noise_is_the_same_on_any_number_of_threads_and_goes_on() -> None:
    net = _membrane(150)
    net.drive("cells", OrnsteinUhlenbeck())
    net.drive("cells", ThresholdNoise(sigma=2.0))
    keys = ["cells.v", "cells.spikes"]
    whole = StepEngine(threads=1).run(net, None, duration=50.0, record=keys)
    first = StepEngine(threads=2).run(net, None, duration=20.3, record=keys)
    second = StepEngine(threads=3).run(net, None, first.state, duration=29.7, record=keys)
    assert torch.equal(torch.cat([first["cells.v"], second["cells.v"]]), whole["cells.v"])


def test_a_noisy_threshold_makes_a_rate() -> None:
    """Far from resetting, each step fires with the probability that a normal number lies below."""
    net = Network(dt=DT, seed=1, dtype=torch.float64)
    net.population("cells", LIF(i_e=0.9, v_reset=0.9, theta=1 * mV, t_ref=0), 2000)
    net.drive("cells", ThresholdNoise(sigma=0.1))
    state: Any = {"cells": {"v": torch.full((1, 2000), 0.9, dtype=torch.float64)}}
    spikes = StepEngine().run(net, None, state, duration=20.0, record=["cells.spikes"])["cells.spikes"]
    chance = 0.5 * math.erfc(1 / 2**0.5)
    assert len(spikes) / (200 * 2000) == pytest.approx(chance, rel=5 / (chance * 400_000) ** 0.5)


def test_escape_noise_and_the_poisson_neuron_have_their_rates() -> None:
    net = Network(dt=DT, seed=2, dtype=torch.float64)
    net.population("escape", StochasticLIF(theta=1.0, softness=0.5, rate_theta=80 * Hz), 2000)
    net.population("poisson", PoissonNeuron(rate=50 * Hz), 2000)
    record = StepEngine().run(net, None, duration=200.0, record=["escape.count", "poisson.count"])
    for name, rate in (("escape", 80 * math.exp(-2)), ("poisson", 50.0)):
        expected = 2000 * 0.2 * rate
        assert float(record[f"{name}.count"].sum()) == pytest.approx(expected, abs=5 * expected**0.5 + 0.005 * expected)
    net.input("in", 1)
    with pytest.raises(UnsupportedError, match=r"draw random numbers.*engine='steps'"):
        get("cpu", net)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (Step(amplitude=100.0, start=5 * ms, stop=9 * ms), lambda t: np.where((t >= 5) & (t < 9), 100.0, 0.0)),
        (Ramp(first=-10.0, last=50.0, start=4 * ms, stop=12 * ms), lambda t: -10 + 60 * np.clip((t - 4) / 8, 0, 1)),
        (
            Sine(amplitude=20.0, frequency=50 * Hz, offset=5.0, phase=0.3),
            lambda t: 5 + 20 * np.sin(0.1 * np.pi * t + 0.3),
        ),
        (
            Recorded(values_=[1.0, 2.0, 4.0], interval=3 * ms),
            lambda t: np.select([t < 3, t < 6, t < 9], [1.0, 2.0, 4.0]),
        ),
    ],
    ids=["step", "ramp", "sine", "recorded"],
)
def test_currents_follow_their_formula(source: Any, value: Any) -> None:
    """A membrane without a leak adds them up."""
    net = Network(dt=DT, dtype=torch.float64)
    net.population("cells", LIF(tau_m=1e13, resistance=1e13, theta=1e9, input="current"), 3)
    net.drive("cells", source, weight=2.0)
    v = StepEngine().run(net, None, duration=15.0, record=[Trace("cells.v", neurons=[1])])["cells.v"][:, 0, 0].numpy()
    middles = (np.arange(150) + 0.5) * DT
    np.testing.assert_allclose(np.diff(v, prepend=0.0) / DT, 2 * value(middles), rtol=1e-6, atol=1e-6)


def test_a_recorded_current_is_described_and_made_again() -> None:
    net = _membrane(2)
    net.drive("cells", Recorded(values_=[[1.0, 2.0], [3.0, 4.0]], interval=0.5 * ms))
    again = Network.from_description(json.loads(json.dumps(net.describe())))
    np.testing.assert_array_equal(_last(again, 1.5), _last(net, 1.5))


def test_a_recorded_current_for_other_neurons_is_refused() -> None:
    net = _membrane(3)
    net.drive("cells", Recorded(values_=np.ones((5, 2))))
    with pytest.raises(InvalidValueError, match=r"2 neurons.* 3"):
        _last(net, 1.0)


@pytest.mark.parametrize("tau_fac", [0.0, 50.0, 1000.0])
def test_synapses_tire_and_recover_exactly(tau_fac: float) -> None:
    net = Network(dt=DT, dtype=torch.float64)
    net.input("in", 2)
    net.population("cells", LIF(tau_m=1e13, theta=1e9), 1)
    rule = TsodyksMarkram(u=0.4, tau_rec=100 * ms, tau_fac=tau_fac)
    net.connect("in", "cells", Pairs(source=[0, 1], target=[0, 0]), weight=[1.0, 0.0], delay=1.0, short_term=rule)
    times = [10.0, 20.0, 25.0, 60.0, 61.0, 61.1]
    spikes = Spikes.from_times(times, [0] * 6, shape=(700, 1, 2), dt=DT)
    half = [Spikes.from_dense(part, dt=DT) for part in spikes.dense().split([300, 400])]
    first = StepEngine().run(net, half[0], record=["cells.v"])
    second = StepEngine().run(net, half[1], first.state, record=["cells.v"])
    v = torch.cat([first["cells.v"], second["cells.v"]])[:, 0, 0].numpy()
    jumps = np.diff(v, prepend=0.0)
    x, u, last, expected = 1.0, 0.0, -math.inf, []
    for t in times:
        x = 1 + (x - 1) * math.exp(-(t - last) / 100)
        u = 0.0 if tau_fac == 0 else u * math.exp(-(t - last) / tau_fac)
        u += 0.4 * (1 - u)
        expected.append(u * x)
        x, last = x - u * x, t
    np.testing.assert_allclose(jumps[[round((t + 1) / DT) for t in times]], expected, rtol=1e-9)


def test_conductances_with_a_rise() -> None:
    """At a membrane that hardly moves, one event's conductance is its closed form."""
    net = Network(dt=DT, dtype=torch.float64)
    net.input("in", 1)
    net.population("cells", ConductanceLIF(c_m=1e9), 1)
    net.connect("in", "cells", Dense(), weight=3.0, synapse=AlphaConductance(tau=4 * ms), delay=1.0)
    net.connect("in", "cells", Dense(), weight=2.0, synapse=NMDA(), delay=1.0, name="slow")
    keys = ["cells.alpha_conductance.g", "cells.nmda.g"]
    record = StepEngine().run(net, Spikes.from_times([0.0], [0], shape=(500, 1, 1), dt=DT), record=keys)
    t = np.maximum(np.arange(500) * DT - 1.0, 0.0)
    alpha = 3.0 * math.e * t / 4 * np.exp(-t / 4)
    slow = 2.0 * 2 / (100 - 2) * (np.exp(-t / 100) - np.exp(-t / 2))
    np.testing.assert_allclose(record[keys[0]][:, 0, 0].numpy(), alpha, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(record[keys[1]][:, 0, 0].numpy(), slow, rtol=1e-9, atol=1e-12)


def test_magnesium_blocks_near_rest() -> None:
    synapse = NMDA(magnesium=1.0)
    constants = list(synapse.constants(DT, None).values())
    rest = NMDA.current(-70.0, 0.0, 0.0, 1.0, *constants) / 70.0
    open_ = NMDA.current(-20.0, 0.0, 0.0, 1.0, *constants) / 20.0
    assert rest == pytest.approx(1 / (1 + math.exp(0.062 * 70) / 3.57), rel=1e-12)
    assert open_ / rest > 8


def test_training_says_which_engine_learns() -> None:
    net = Network(dt=1.0)
    net.input("in", 2)
    net.population("cells", LIF(), 2)
    net.connect("in", "cells", delay=2.0)
    assert "delay" in str(CpuEngine().refuses(net))
    with pytest.raises(UnsupportedError, match=r"no gradients.*'in->cells' has a delay"):
        SurrogateGradient().learner(net, StepEngine(), 1)
