"""The voltage rule against NEST's ``clopath_synapse``: the same spikes, and the same weight at every spike of a source.

There the two low-passed potentials are integrated with the cell, and all of a delay is in the dendrite. A target's
spikes are forced, 20 ms and more apart, and no source fires within 3 ms after one: the weight that is recorded here at
the end of a step is then what NEST's synapse is worth at the spike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import spikeloom as sl
from spikeloom.experiments.clopath_2010_cells import REST, ClopathOfCell, NestCell
from spikeloom.neurons import HodgkinHuxley
from spikeloom.plasticity import Clopath
from spikeloom.synapses import AlphaCurrent
from spikeloom.units import ms, mV, pA
from tests.oracle.conftest import Nest

DT, STEPS, SOURCES = 0.1, 20_000, 12
DECAY = math.exp(-DT / 15)  # NEST's trace of a source meets the potential a step of the delay later
LTD, LTP = 14e-4, 8e-4

AEIF: dict[str, Any] = {
    "V_m": REST, "E_L": REST, "V_peak": 33.0, "theta_minus": -70.6, "theta_plus": -45.3, "A_LTD": LTD, "A_LTP": LTP,
    "tau_u_bar_minus": 10.0, "tau_u_bar_plus": 7.0, "delay_u_bars": 4.0, "a": 4.0, "b": 0.0805, "V_reset": -49.6,
    "V_clamp": 33.0, "t_clamp": 2.0, "t_ref": 0.0,
}  # fmt: skip
HH: dict[str, Any] = {
    "V_m": -65.0, "C_m": 100.0, "tau_syn_ex": 0.2, "tau_syn_in": 2.0, "theta_minus": -64.9, "theta_plus": -35.0,
    "A_LTD": LTD, "A_LTP": LTP, "tau_u_bar_minus": 10.0, "tau_u_bar_plus": 114.0, "delay_u_bars": 5.0,
    "u_bar_minus": -65.0, "u_bar_plus": -65.0,
}  # fmt: skip


def protocol(seed: int) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The steps at which the target is kicked, and those at which each source fires."""
    draw = np.random.default_rng(seed)
    kicks = 300 + np.cumsum(draw.integers(200, 700, 40))
    kicks = kicks[kicks < STEPS - 100]
    blocked = np.arange(STEPS) < 100  # until NEST's delayed potentials are there, it takes 0 mV for them
    for kick in kicks:
        blocked[kick : kick + 31] = True
    return kicks, [np.flatnonzero((draw.random(STEPS) < 3e-3) & ~blocked)[1:] for _ in range(SOURCES)]


def ours(neuron: Any, rule: Any, kick: float, synapse: Any, kicks: Any, pre: Any) -> tuple[Any, Any]:
    """The weight after each spike of each source, in order, and the potential."""
    net = sl.Network(dt=DT)
    cell = net.population("cell", neuron, 1)
    everyone = sl.connections.Dense()
    net.connect(net.input("pre", SOURCES), cell, everyone, weight=2.0, delay=DT, rule=rule, synapse=synapse)
    net.connect(net.input("kick", 1), cell, everyone, weight=kick, synapse=synapse)
    at = np.concatenate(pre), np.repeat(np.arange(SOURCES), [len(p) for p in pre])
    given = {
        "pre": sl.Spikes.from_events(*at, shape=(STEPS, 1, SOURCES), dt=DT, sort=True),
        "kick": sl.Spikes.from_events(kicks, np.zeros(len(kicks), int), shape=(STEPS, 1, 1), dt=DT),
    }
    record = sl.run(net, given, record=[sl.engines.Trace("pre->cell.weight", every=1), "cell.v"], engine="steps")
    weights = record["pre->cell.weight"].numpy()[:, :, 0]
    return [weights[p, i] for i, p in enumerate(pre)], record["cell.v"][:, 0, 0].numpy()


def theirs(nest: Nest, model: str, parameters: Any, kick: float, kicks: Any, pre: Any) -> tuple[Any, Any]:
    """The same in NEST. A generator's spike of time stamp k reaches the relay, or the cell, in our step k."""
    synapse = {"model": "clopath_synapse", "parameters": {"tau_x": 15.0, "Wmin": 0.0, "Wmax": 100.0}}
    relayed = [list(range(SOURCES)), list(range(SOURCES))]
    answer = nest(
        {
            "dt": DT,
            "duration": STEPS * DT,
            "generators": {"pre": [p.tolist() for p in pre], "kick": [kicks.tolist()]},
            "neurons": {
                "relay": {"model": "parrot_neuron", "size": SOURCES, "parameters": {}, "record": []},
                "cell": {"model": model, "size": 1, "parameters": parameters, "record": ["V_m"]},
            },
            "connections": [
                {"source": "pre", "target": "relay", "pairs": relayed, "weight": 1.0, "delay": DT},
                {"source": "kick", "target": "cell", "pairs": [[0], [0]], "weight": kick, "delay": DT},
                {"source": "relay", "target": "cell", "pairs": [relayed[0], [0] * SOURCES], "weight": 2.0, "delay": DT,
                 "weights": "plastic", **synapse},
            ],
        }
    )  # fmt: skip
    found = answer["plastic"]
    order = np.argsort(found["step"], kind="stable")
    source, weight = np.array(found["source"])[order], np.array(found["weight"])[order]
    return [weight[source == i] for i in range(SOURCES)], np.array(answer["cell"]["V_m"])[:, 0]


def compare(found: Any, expected: Any, tolerance: float, grown: float) -> None:
    """Every weight within ``tolerance`` of the largest change."""
    change = max(np.abs(np.concatenate(expected) - 2.0))
    assert change > grown
    assert [len(w) for w in found] == [len(w) for w in expected]
    assert np.abs(np.concatenate(found) - np.concatenate(expected)).max() <= tolerance * change


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cell_that_low_passes_its_potential(nest: Nest, seed: int) -> None:
    """Two integrators of the same equations: 1e-3 of the change of weight, and 0.01 mV."""
    kicks, pre = protocol(seed)
    rule = ClopathOfCell(w_max=100.0, a_ltd=LTD, a_ltp=LTP * DECAY)
    found, v = ours(NestCell(), rule, 80 * mV, None, kicks, pre)
    expected, theirs_v = theirs(nest, "aeif_psc_delta_clopath", AEIF, 80.0, kicks, pre)
    compare(found, expected, 1e-3, 0.3)
    assert np.abs(v - theirs_v).max() <= 0.01


@pytest.mark.parametrize("seed", [1, 2])
def test_the_filters_of_the_rule(nest: Nest, seed: int) -> None:
    """They take the potential at the end of a step for all of it: half a step early, by dt / 2 tau and more."""
    kicks, pre = protocol(seed)
    rule = Clopath(w_max=100.0, a_ltd=LTD, a_ltp=LTP * DECAY, late_minus=4.1 * ms, late_plus=4.0 * ms)
    found, _ = ours(NestCell(), rule, 80 * mV, None, kicks, pre)
    expected, _ = theirs(nest, "aeif_psc_delta_clopath", AEIF, 80.0, kicks, pre)
    compare(found, expected, 0.02, 0.3)


@pytest.mark.parametrize("seed", [1, 2])
def test_hodgkin_huxley(nest: Nest, seed: int) -> None:
    kicks, pre = protocol(seed)
    rule = Clopath(
        w_max=100.0, a_ltd=LTD, a_ltp=LTP * DECAY, theta_minus=-64.9, theta_plus=-35.0, tau_plus=114.0,
        late_minus=5.1 * ms, late_plus=5.0 * ms,
    )  # fmt: skip
    found, v = ours(HodgkinHuxley(), rule, 2000 * pA, AlphaCurrent(tau=0.2 * ms), kicks, pre)
    expected, theirs_v = theirs(nest, "hh_psc_alpha_clopath", HH, 2000.0, kicks, pre)
    away = np.ones(STEPS, bool)
    for kick in kicks:
        away[kick : kick + 60] = False  # the spike, and 2 ms after it, as in test_adaptive
    assert np.abs(v - theirs_v)[away].max() <= 0.01
    compare(found, expected, 0.02, 0.1)
