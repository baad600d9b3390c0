"""The rules that read voltage or calcium: random protocols recomputed in plain Python, and what they must not do."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import key
from spikeloom.engines.steps.draws import normal_at
from spikeloom.plasticity import Clopath, GraupnerBrunel, NMDASpine
from spikeloom.plasticity.calcium import follow, settle, spread, time_above
from spikeloom.plasticity.nmda_spine import unblocked
from tests.unit.dendrite import CLOPATH, DT, OFTEN, SELDOM, SPINE, STEPS, network, recorded, trains

# --- Clopath ---------------------------------------------------------------------------------------------------------


def clopath(rule: Clopath, v: Any, pre: Any, w: float, first: bool, rest: float = 0.0) -> list[float]:
    """The rule step by step: the weight after each. ``first``: spikes of the source come before the step's update."""
    sent = np.zeros(len(v))
    sent[list(pre)] = 1
    u_minus, u_plus, x, mean = [rest], [rest], 0.0, rest
    lag_minus, lag_plus = round(rule.late_minus / DT), round(rule.late_plus / DT)
    weights = []
    for t, u in enumerate(v):
        u_minus.append(u_minus[-1] + (u - u_minus[-1]) * -math.expm1(-DT / rule.tau_minus))
        u_plus.append(u_plus[-1] + (u - u_plus[-1]) * -math.expm1(-DT / rule.tau_plus))
        before, mean = mean, mean + (u - mean) * -math.expm1(-DT / rule.tau_mean)
        x *= math.exp(-DT / rule.tau_x)
        if sent[t]:
            amount = rule.a_ltd * max(u_minus[max(0, t + 1 - lag_minus)] - rule.theta_minus, 0)
            if rule.homeostasis == "squared":
                amount *= (((before if first else mean) - rule.theta_minus) / rule.u_reference) ** 2
            w = max(w - amount, rule.w_min)
            x += 1 / rule.tau_x
        over = u_plus[max(0, t + 1 - lag_plus)] - rule.theta_minus
        if u > rule.theta_plus and over > 0:
            w = min(w + rule.a_ltp * DT * x * (u - rule.theta_plus) * over, rule.w_max)
        weights.append(w)
    return weights


@settings(deadline=None, max_examples=25)
@given(SELDOM, OFTEN, st.booleans(), st.booleans())
def test_clopath_by_hand(pre: list[int], kicks: list[int], homeostatic: bool, late: bool) -> None:
    rule = dataclasses.replace(CLOPATH, homeostasis="squared" if homeostatic else "none")
    found = recorded(network(rule, weight=2.0, delay=0.7 if late else None), pre, kicks)
    expected = clopath(rule, found["cell.v"][:, 0, 0].numpy(), pre, 2.0, first=not late)
    np.testing.assert_allclose(found["pre->cell.weight"][:, 0, 0].numpy(), expected, rtol=1e-12)


def test_clopath_needs_both_thresholds() -> None:
    """Depolarised a little: only depression; depolarised much, but not for long: nothing; both: growth."""
    quiet = recorded(network(CLOPATH, weight=2.0), [300], [])
    np.testing.assert_array_equal(quiet["pre->cell.weight"][:, 0, 0].numpy(), np.full(STEPS, 2.0))
    after = recorded(network(CLOPATH, weight=2.0), [330], [300])["pre->cell.weight"][:, 0, 0]
    assert after[-1] < 2.0
    before = recorded(network(CLOPATH, weight=2.0), [280], [300])["pre->cell.weight"][:, 0, 0]
    assert before[-1] > 2.0


@pytest.mark.parametrize(
    "neuron",
    [sl.neurons.AdEx(), pytest.param(sl.neurons.HodgkinHuxley(), marks=pytest.mark.slow)],
    ids=lambda n: type(n).__name__,
)
def test_clopath_works_with_neurons_of_current(neuron: Any) -> None:
    """Spikes of the source 5 ms before those of the target; only where spikes have a shape the weight grows."""
    rule = Clopath(theta_plus=-50.0)
    net = sl.Network(dt=DT, dtype=torch.float64)
    synapse = sl.synapses.ExponentialCurrent(tau=2.0)
    cell = net.population("cell", neuron, 1)
    net.connect(net.input("pre", 1), cell, weight=0.5, delay=0.1, synapse=synapse, rule=rule)
    net.connect(net.input("kick", 1), cell, weight=6000.0, synapse=synapse)
    kicks = list(range(100, 500, 100))
    pre = [k - 50 for k in kicks]
    record = sl.run(net, {"pre": trains(pre), "kick": trains(kicks)}, record=["cell.v"])
    (weight,) = record.state["pre->cell"]["weight"].flatten().tolist()
    v, rest = record["cell.v"][:, 0, 0].numpy(), net.neuron("cell").initial()["v"]
    assert weight == pytest.approx(clopath(rule, v, pre, 0.5, first=False, rest=rest)[-1], rel=1e-12)
    assert (weight > 0.5) == isinstance(neuron, sl.neurons.HodgkinHuxley)


def test_clopath_refuses_a_target_without_potential() -> None:
    net = sl.Network(dt=DT)
    net.connect(net.input("pre", 1), net.population("cell", sl.neurons.PoissonNeuron(), 1), weight=0.1, rule=Clopath())
    with pytest.raises(InvalidValueError, match="reads 'v' of the target neuron"):
        sl.run(net, trains([1]))


# --- Graupner & Brunel -----------------------------------------------------------------------------------------------


def graupner_brunel(rule: GraupnerBrunel, events: list[tuple[int, str]], noise: Any) -> tuple[float, float, int]:
    """Calcium, rho and the step of the last event, from event to event; ``noise(step)`` is a normal number."""
    calcium, rho, last = 0.0, rule.rho_0, 0
    for step, side in events:
        elapsed = (step - last) * DT
        above = [
            min(max(rule.tau_ca * math.log(calcium / theta), 0.0), elapsed) if calcium > 0 else 0.0
            for theta in (rule.theta_d, rule.theta_p)
        ]
        double = rule.potential == "double-well"
        rho = settle(rho, max(above) / 2 / rule.tau) if double else rho
        d, p = rule.gamma_d / rule.tau, rule.gamma_p / rule.tau
        deviation = math.sqrt(spread(above[0], above[1], d, p, rule.sigma**2 / 2 / rule.tau))
        rho = follow(rho, above[0], above[1], d, p) + deviation * noise(step)
        rho = settle(rho, (elapsed - max(above) / 2) / rule.tau) if double else rho
        calcium = calcium * math.exp(-elapsed / rule.tau_ca) + (rule.c_pre if side == "pre" else rule.c_post)
        last = step
    return calcium, rho, last


@pytest.mark.parametrize("double", [True, pytest.param(False, marks=pytest.mark.slow)])
@settings(deadline=None, max_examples=25)
@given(SELDOM, SELDOM, st.sampled_from([0.0, 1.3, 4.0]), st.sampled_from([None, 0.7]))
def test_graupner_brunel_by_hand(double: bool, pre: Any, kicks: Any, d: float, delay: float | None) -> None:
    rule = GraupnerBrunel(
        d=d, tau=20.0, sigma=0.5, gamma_d=2.0, gamma_p=3.0, rho_0=0.3, site="axon",
        potential="double-well" if double else "none", w_max=4.0,
    )  # fmt: skip
    net = network(rule, weight=1.0, delay=delay)
    found = recorded(net, pre, kicks)
    fired = found["cell.spikes"].step
    late = round((d + (delay or 0.0)) / DT)
    events = [(p + late, 0, "pre") for p in pre] + [(int(f), 1, "post") for f in fired]
    if delay is not None:  # without one, the source comes first within a step and its target fires in the same
        events = [(t, order if side == "pre" else -1, side) for t, order, side in events]
    heard = [(t, side) for t, _, side in sorted(events) if t < STEPS]
    stream = np.uint64(key(net.seed, "plasticity pre->cell"))
    calcium, rho, last = graupner_brunel(rule, heard, lambda step: normal_at(stream, step, 0, 64))
    state = found.state["pre->cell"]
    assert state["synapse_p0__calcium"].item() == pytest.approx(calcium, rel=1e-12)
    assert state["synapse_p0__rho"].item() == pytest.approx(rho, rel=1e-9)
    assert state["last_event"].item() == last
    if heard:
        assert state["weight"].item() == pytest.approx(4 * min(max(rho, 0), 1), rel=1e-9)


def test_graupner_brunel_holds_two_states() -> None:
    """Without calcium rho goes to the nearer end, and the weight to the bound it stands for."""
    for rho_0, weight in ((0.45, 0.5), (0.55, 2.0)):
        rule = GraupnerBrunel(rho_0=rho_0, tau=1.0, c_pre=0.1, d=0.0, w_min=0.5, w_max=2.0)
        found = recorded(network(rule, weight=1.0), [STEPS - 1], [])
        assert found["pre->cell.weight"][-1].item() == pytest.approx(weight, abs=1e-5)
        rule = dataclasses.replace(rule, efficacy="two-state")
        assert recorded(network(rule, weight=1.0), [0], [])["pre->cell.weight"][-1].item() == weight


def test_what_a_spike_sends_does_not_wait_for_its_calcium() -> None:
    rule = GraupnerBrunel(d=10.0, w_max=4.0)
    moved = recorded(network(rule, weight=1.0), [50], [])["cell.v"][:, 0, 0]
    assert torch.count_nonzero(moved[:50]) == 0
    assert moved[50] == 1.0


# --- NMDA and spine --------------------------------------------------------------------------------------------------


def nmda_spine(rule: NMDASpine, v: Any, fired: Any, pre: Any, w: float) -> tuple[float, float]:
    """Calcium step by step, as the last event left it; and the weight, moved on from event to event, at the end."""
    calcium, glutamate, spiked, last = 0.0, 0.0, 0.0, 0
    d, p = 1 / rule.tau_d, 1 / rule.tau_p

    def advance(t: int) -> None:
        nonlocal calcium, w, last
        elapsed = (t - last) * DT
        last = t
        above = [time_above(calcium, theta, rule.tau_ca, elapsed) for theta in (rule.theta_d, rule.theta_p)]
        w = follow(w, above[0], above[1], d, p)
        calcium *= math.exp(-elapsed / rule.tau_ca)

    for t, potential in enumerate(v):
        glutamate *= math.exp(-DT / rule.tau_glutamate)
        spiked *= math.exp(-DT / rule.tau_bap)
        if t in pre:
            advance(t)
            glutamate = 1.0
        if t in fired:
            spiked = rule.bap
        u = potential + spiked
        if u > rule.u_open:
            advance(t)
            calcium += rule.influx * DT * glutamate * unblocked(u, rule.magnesium) * max(rule.e_ca - u, 0)
    left = calcium
    advance(len(v))
    return left, w


@settings(deadline=None, max_examples=25)
@given(SELDOM, OFTEN)
def test_nmda_spine_by_hand(pre: list[int], kicks: list[int]) -> None:
    found = recorded(network(SPINE, weight=0.4), pre, kicks)
    v, fired = found["cell.v"][:, 0, 0].numpy(), set(found["cell.spikes"].step.tolist())
    calcium, w = nmda_spine(SPINE, v, fired, pre, 0.4)
    state = found.state["pre->cell"]
    assert state["synapse_p0__calcium"].item() == pytest.approx(calcium, rel=1e-9, abs=1e-15)
    assert state["weight"].item() == pytest.approx(w, rel=1e-9)


def test_only_the_spine_with_glutamate_changes() -> None:
    """Four neighbours on one dendrite, one of them active: the others keep weight and calcium to the bit."""
    kicks = list(range(100, 500, 20))
    found = recorded(network(SPINE, weight=0.4, sizes=(4, 1)), [[], [150, 250], [], []], kicks)
    weights, calcium = found.state["pre->cell"]["weight"][:, 0], found.state["pre->cell"]["synapse_p0__calcium"][:, 0]
    assert weights[1] > 0.45
    assert weights[[0, 2, 3]].tolist() == [torch.tensor(0.4, dtype=torch.float64).item()] * 3
    assert calcium[1] > 0
    assert torch.count_nonzero(calcium[[0, 2, 3]]) == 0
