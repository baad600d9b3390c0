"""Delays to the step, and recurrent networks that give the same spikes for a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spikeloom.neurons import LIF
from spikeloom.synapses import Delta, ExponentialCurrent, Synapse
from spikeloom.units import GOhm, mV
from tests.oracle.conftest import Nest
from tests.oracle.twins import DT, LEAKY, RELAY, RELAYS, Twins, events, own_events, pairs


@pytest.mark.parametrize("longest", [200, 600], ids=["a byte a delay", "two bytes a delay"])
def test_every_spike_arrives_in_its_step_and_with_its_weight(nest: Nest, longest: int) -> None:
    """Two layers of relays, and a reader that adds up: equal steps, and sums within 1e-9 mV."""
    draw = np.random.default_rng(longest)
    twins = Twins(draw.random((5000, 20)) < 0.002)
    twins.population("first", RELAY, 30, "iaf_psc_delta", RELAYS)
    twins.population("second", RELAY, 25, "iaf_psc_delta", RELAYS)
    never = {**LEAKY, "V_th": 1e6, "tau_m": 20.0}
    twins.population("reader", LIF(theta=1e6 * mV, tau_m=20.0), 10, "iaf_psc_delta", never)

    def delays(many: int) -> NDArray[Any]:
        return draw.integers(1, longest, many) * DT

    twins.connect("in", "first", pairs(draw, 20, 30, 60), np.ones(60), delays(60))
    twins.connect("first", "second", pairs(draw, 30, 25, 90), np.ones(90), delays(90))
    twins.connect("second", "reader", pairs(draw, 25, 10, 70), draw.normal(0, 1, 70), delays(70))
    ours, theirs = twins.run(nest)
    for name in ("first", "second"):
        assert len(theirs[name]["step"]) > 400
        assert own_events(ours[f"{name}.spikes"]) == events(theirs[name])
    read = np.array(theirs["reader"]["V_m"])
    assert np.abs(read).max() > 5
    assert np.abs(ours["reader.v"][:, 0].numpy() - read).max() <= 1e-9


def test_delays_between_two_steps_are_rounded_alike(nest: Nest) -> None:
    draw = np.random.default_rng(5)
    twins = Twins(draw.random((2000, 20)) < 0.002)
    twins.population("relay", RELAY, 200, "iaf_psc_delta", RELAYS)
    twins.connect("in", "relay", pairs(draw, 20, 200, 400), np.ones(400), draw.uniform(0.1, 5.0, 400))
    ours, theirs = twins.run(nest)
    assert len(theirs["relay"]["step"]) > 500
    assert own_events(ours["relay.spikes"]) == events(theirs["relay"])


@pytest.mark.parametrize("model", ["iaf_psc_delta", "iaf_psc_exp"])
def test_a_recurrent_network_gives_the_same_spikes(nest: Nest, model: str) -> None:
    """50 neurons, 500 synapses, 100 of them inhibitory: the same spikes for 1 s, membranes within 1e-9 mV."""
    draw = np.random.default_rng(8)
    size, tau, c = 50, 15.0, 250.0
    delta = model == "iaf_psc_delta"
    unit = 1.0 if delta else 200.0
    twins = Twins(draw.random((10_000, 40)) < 0.002)
    neuron = LIF(
        tau_m=tau,
        resistance=tau / c * GOhm,
        theta=15 * mV,
        v_reset=2 * mV,
        t_ref=1.5,
        i_e=180.0,
        input="delta" if delta else "current",
    )
    parameters = {
        "tau_m": tau,
        "C_m": c,
        "E_L": 0.0,
        "V_m": 0.0,
        "V_th": 15.0,
        "V_reset": 2.0,
        "t_ref": 1.5,
        "I_e": 180.0,
    }
    kinds = [Delta(), Delta()]
    if not delta:
        parameters |= {"tau_syn_ex": 2.0, "tau_syn_in": 4.0}
        kinds = [ExponentialCurrent(tau=2.0), ExponentialCurrent(tau=4.0)]
    twins.population("cells", neuron, size, model, parameters)

    def connect(source: str, first: int, last: int, many: int, low: float, high: float, synapse: Synapse) -> None:
        who = draw.integers(first, last, many), draw.integers(0, size, many)
        weight, delay = draw.uniform(low, high, many) * unit, draw.integers(1, 50, many) * DT
        twins.connect(source, "cells", who, weight, delay, synapse)

    connect("in", 0, 40, 200, 0.0, 3.0, kinds[0])
    connect("cells", 0, 40, 400, 0.0, 2.0, kinds[0])
    connect("cells", 40, 50, 100, -4.0, 0.0, kinds[1])
    ours, theirs = twins.run(nest)
    assert len(theirs["cells"]["step"]) > 500
    assert own_events(ours["cells.spikes"]) == events(theirs["cells"])
    assert np.abs(ours["cells.v"][:, 0].numpy() - np.array(theirs["cells"]["V_m"])).max() <= 1e-9
