"""Short-term plasticity against NEST's ``tsodyks2_synapse``: the same spikes, and membranes within 1e-9 mV, for 2 s."""

from __future__ import annotations

import numpy as np
import pytest

from spikeloom.neurons import LIF
from spikeloom.synapses import ExponentialCurrent, TsodyksMarkram
from spikeloom.units import GOhm, mV
from tests.oracle.conftest import Nest
from tests.oracle.twins import DT, LEAKY, RELAY, RELAYS, Twins, events, own_events, pairs

RULES = {
    "depression": TsodyksMarkram(u=0.5, tau_rec=800.0),
    "facilitation": TsodyksMarkram(u=0.1, tau_rec=50.0, tau_fac=1000.0),
    "both": TsodyksMarkram(u=0.25, tau_rec=300.0, tau_fac=300.0),
    "nothing left": TsodyksMarkram(u=1.0, tau_rec=100.0, tau_fac=20.0),
}


@pytest.mark.parametrize("rule", RULES)
def test_synapses_tire_and_recover_alike(nest: Nest, rule: str) -> None:
    """20 sources that fire in bursts, many synapses each, onto neurons that feed back through tiring synapses too."""
    draw = np.random.default_rng(11)
    bursts = 0.02 * (np.sin(np.arange(20_000)[:, None] * DT / 60.0 + np.arange(20)) > 0.5)
    twins = Twins(draw.random(bursts.shape) < bursts)
    tau, c = 10.0, 250.0
    neuron = LIF(tau_m=tau, resistance=tau / c * GOhm, theta=15 * mV, t_ref=2.0, i_e=365.0, input="current")
    parameters = {
        **LEAKY,
        "tau_m": tau,
        "C_m": c,
        "V_th": 15.0,
        "t_ref": 2.0,
        "I_e": 365.0,
        "tau_syn_ex": 3.0,
        "tau_syn_in": 3.0,
    }
    twins.population("relay", RELAY, 20, "iaf_psc_delta", RELAYS)
    twins.population("cells", neuron, 15, "iaf_psc_exp", parameters)
    twins.connect("in", "relay", (range(20), range(20)), np.ones(20), np.full(20, DT))
    for source, size in (("relay", 20), ("cells", 15)):
        weight = draw.uniform(-40, 200, 100) / RULES[rule].u
        delay = draw.integers(1, 80, 100) * DT
        twins.connect(
            source, "cells", pairs(draw, size, 15, 100), weight, delay, ExponentialCurrent(tau=3.0), RULES[rule]
        )
    ours, theirs = twins.run(nest)
    assert len(theirs["cells"]["step"]) > 100
    assert own_events(ours["cells.spikes"]) == events(theirs["cells"])
    assert np.abs(ours["cells.v"][:, 0].numpy() - np.array(theirs["cells"]["V_m"])).max() <= 1e-9
