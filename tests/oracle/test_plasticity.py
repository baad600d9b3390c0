"""Plasticity against NEST: the same spikes, and the same weight at every spike of a source.

In NEST all of a delay is in the dendrite, as here with ``site="dendrite"``. Neighbours (``stdp_nn_*``) pair there with
a spike of the source at time 0 that never was, so every source fires before any target does.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import spikeloom as sl
from spikeloom.neurons import LIF
from spikeloom.plasticity import CentredSTDP, InhibitorySTDP, PairSTDP, Plasticity, ReducedSTDP, TripletSTDP
from spikeloom.units import Hz, mV
from tests.oracle.conftest import Nest
from tests.oracle.twins import DT, LEAKY, RELAY, RELAYS, Twins, events, own_events

TOLERANCE = 1e-12
"""Of the largest weight: traces decay step by step here, and at one go in NEST; near 0 a weight is a difference."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A rule, NEST's name of it, its parameters there, and those of NEST's target neuron."""

    rule: Plasticity
    model: str
    parameters: dict[str, float]
    target: dict[str, float]


def pairs_of(rule: Any, model: str, mu_plus: float, mu_minus: float) -> Case:
    """Pairs of spikes, in the words of NEST."""
    parameters = {
        "lambda": rule.a_plus,
        "alpha": rule.a_minus / rule.a_plus,
        "tau_plus": rule.tau_plus,
        "mu_plus": mu_plus,
        "mu_minus": mu_minus,
        "Wmax": rule.w_max,
    }
    return Case(rule, model, parameters, {"tau_minus": rule.tau_minus})


def triplets(rule: TripletSTDP) -> Case:
    """Triplets of spikes; amplitudes are absolute in NEST."""
    amplitudes = {
        "Aplus": rule.a2_plus,
        "Aminus": rule.a2_minus,
        "Aplus_triplet": rule.a3_plus,
        "Aminus_triplet": rule.a3_minus,
    }
    parameters = {k: v * abs(rule.w_max) for k, v in amplitudes.items()}
    parameters |= {"tau_plus": rule.tau_plus, "tau_plus_triplet": rule.tau_x, "Wmax": rule.w_max}
    return Case(
        rule, "stdp_triplet_synapse", parameters, {"tau_minus": rule.tau_minus, "tau_minus_triplet": rule.tau_y}
    )


def inhibitory(rule: InhibitorySTDP) -> Case:
    """Inhibitory plasticity."""
    parameters = {"eta": rule.eta, "alpha": rule.alpha, "tau": rule.tau, "Wmax": rule.w_max}
    return Case(rule, "vogels_sprekeler_synapse", parameters, {"tau_minus": rule.tau})


TIMES: dict[str, Any] = {"tau_plus": 12.0, "tau_minus": 31.0, "w_max": 2.0}
FAST: dict[str, Any] = {"a_plus": 0.03, "a_minus": 0.026, **TIMES}
POWER: dict[str, Any] = {"bounds": "power", "mu_plus": 0.4, "mu_minus": 0.7}
CASES = {
    "additive": pairs_of(PairSTDP(**FAST), "stdp_synapse", 0.0, 0.0),
    "multiplicative": pairs_of(PairSTDP(bounds="soft", **FAST), "stdp_synapse", 1.0, 1.0),
    "power law": pairs_of(PairSTDP(**POWER, **FAST), "stdp_synapse", 0.4, 0.7),
    "neighbours": pairs_of(PairSTDP(pairing="nearest", **FAST), "stdp_nn_symm_synapse", 0.0, 0.0),
    "neighbours, power law": pairs_of(PairSTDP(pairing="nearest", **POWER, **FAST), "stdp_nn_symm_synapse", 0.4, 0.7),
    "centred": pairs_of(CentredSTDP(**FAST), "stdp_nn_pre_centered_synapse", 0.0, 0.0),
    "centred, power law": pairs_of(CentredSTDP(**POWER, **FAST), "stdp_nn_pre_centered_synapse", 0.4, 0.7),
    "reduced": pairs_of(ReducedSTDP(**FAST), "stdp_nn_restr_synapse", 0.0, 0.0),
    "reduced, power law": pairs_of(ReducedSTDP(**POWER, **FAST), "stdp_nn_restr_synapse", 0.4, 0.7),
    "triplets": triplets(TripletSTDP(a2_plus=1e-3, w_max=2.0)),
    "strong triplets": triplets(TripletSTDP.visual_cortex(a2_plus=0.02, a3_plus=0.03, a2_minus=0.03, a3_minus=0.02)),
    "inhibitory triplets": triplets(TripletSTDP(a2_plus=1e-3, w_max=-2.0)),
    "inhibition": inhibitory(InhibitorySTDP(eta=0.01, target_rate=60 * Hz, w_max=50.0)),
    "inhibition, in vain": inhibitory(InhibitorySTDP(eta=0.01, target_rate=400 * Hz, w_max=50.0)),
    "inhibitory current": inhibitory(InhibitorySTDP(eta=0.01, target_rate=60 * Hz, tau=33.0, w_max=-50.0)),
}
KICKED = LIF(theta=1e3 * mV, tau_m=1.0)
SOURCES, TARGETS, SYNAPSES, STEPS = 20, 10, 60, 5000


def distinct(draw: np.random.Generator, sources: int, targets: int, many: int) -> tuple[Any, Any]:
    """Synapses of different pairs, by target and then by source: the order of weights here."""
    chosen = np.sort(draw.choice(sources * targets, many, replace=False))
    return chosen % sources, chosen // sources


def connect(twins: Twins, source: str, target: str, pairs: Any, weight: Any, delay: Any, case: Case) -> None:
    """Plastic synapses in both."""
    twins.connect(source, target, pairs, weight, delay)
    name, projection = twins.net.projections.popitem()
    connection = projection.connection
    twins.net.connect(source, target, connection, weight=weight, delay=delay, rule=case.rule, name="plastic")
    assert name != "plastic"
    twins.described["connections"][-1] |= {
        "model": case.model,
        "parameters": case.parameters,
        "weights": "plastic",
    }


def both(twins: Twins, nest: Nest) -> tuple[Any, dict[str, Any]]:
    """What both find."""
    record = [*(f"{n}.spikes" for n in twins.net.populations), "plastic.weight"]
    given = sl.Spikes.from_dense(twins.given[:, None], dt=DT)
    return sl.run(twins.net, given, record=record, engine="steps"), nest(twins.described)


def apart(found: Any, theirs: dict[str, Any], pairs: Any) -> tuple[float, int]:
    """The largest difference of a weight at a spike of its source, by the largest weight; how many were compared."""
    number = {pair: k for k, pair in enumerate(zip(*(p.tolist() for p in pairs), strict=True))}
    chosen = [number[pair] for pair in zip(theirs["source"], theirs["target"], strict=True)]
    ours = found["plastic.weight"].numpy()[np.array(theirs["step"]) - 1, chosen]
    weights: NDArray[np.float64] = np.array(theirs["weight"])
    return float(np.abs(ours - weights).max() / np.abs(weights).max()), len(weights)


@pytest.mark.parametrize("name", CASES)
def test_the_weight_at_every_spike_is_that_of_nest(nest: Nest, name: str) -> None:
    """60 synapses between neurons that fire at random, with delays of 0.1 to 3 ms; some spikes meet."""
    case, draw = CASES[name], np.random.default_rng(7)
    given = draw.random((STEPS, SOURCES + TARGETS)) < 0.015
    given[:60] = False
    given[0, :SOURCES] = True
    twins = Twins(given)
    twins.population("pre", RELAY, SOURCES, "iaf_psc_delta", RELAYS)
    kicked = {**LEAKY, "V_th": 1e3, "tau_m": 1.0, **case.target}
    twins.population("post", KICKED, TARGETS, "iaf_psc_delta", kicked)
    sources, targets = np.arange(SOURCES), np.arange(TARGETS)
    twins.connect("in", "pre", (sources, sources), np.ones(SOURCES), np.full(SOURCES, DT))
    twins.connect("in", "post", (SOURCES + targets, targets), np.full(TARGETS, 1e6), np.full(TARGETS, DT))
    pairs = distinct(draw, SOURCES, TARGETS, SYNAPSES)
    low, high = sorted((0.2 * case.rule.w_max, 0.8 * case.rule.w_max))
    late = draw.integers(1, 31, SYNAPSES)
    connect(twins, "pre", "post", pairs, draw.uniform(low, high, SYNAPSES), late * DT, case)
    ours, theirs = both(twins, nest)
    pre, post = (ours[f"{n}.spikes"].dense()[:, 0].numpy() > 0 for n in ("pre", "post"))
    meet = sum((pre[d:, i] & post[:-d, j]).sum() for i, j, d in zip(*pairs, late, strict=True))
    assert meet > 20
    assert own_events(ours["post.spikes"]) == events(theirs["post"])
    difference, compared = apart(ours, theirs["plastic"], pairs)
    assert compared == sum(pre[:, i].sum() for i in pairs[0])
    assert difference <= TOLERANCE
    weight = ours["plastic.weight"].numpy()
    assert np.abs(weight[-1] - weight[0]).max() > 0.05


@pytest.mark.parametrize("name", ["additive", "power law", "triplets"])
def test_a_recurrent_network_learns_the_same(nest: Nest, name: str) -> None:
    """40 neurons that drive each other through 400 plastic synapses: equal spikes for 1 s, and equal weights."""
    case, draw, size = CASES[name], np.random.default_rng(3), 40
    twins = Twins(draw.random((10_000, 40)) < 0.003)
    neuron = LIF(tau_m=10.0, resistance=10.0 / 250, theta=15 * mV, t_ref=1.5)
    parameters = {**LEAKY, "C_m": 250.0, "tau_m": 10.0, "V_th": 15.0, "t_ref": 1.5, **case.target}
    twins.population("cells", neuron, size, "iaf_psc_delta", parameters)
    push = distinct(draw, 40, size, 200)
    twins.connect("in", "cells", push, draw.uniform(4.0, 9.0, 200), draw.integers(1, 30, 200) * DT)
    pairs = distinct(draw, size, size, 400)
    weight, delay = draw.uniform(0.5, 1.5, 400), draw.integers(1, 40, 400) * DT
    connect(twins, "cells", "cells", pairs, weight, delay, case)
    ours, theirs = both(twins, nest)
    assert len(theirs["cells"]["step"]) > 500
    assert own_events(ours["cells.spikes"]) == events(theirs["cells"])
    difference, compared = apart(ours, theirs["plastic"], pairs)
    assert compared > 5000
    assert difference <= TOLERANCE
