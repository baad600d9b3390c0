"""Rules of presynaptic terminals against closed forms: depression, its recovery, and what a modulator does to it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines import Trace
from spikeloom.network import Network
from spikeloom.plasticity import DualProcess, Habituating, Homosynaptic, Modulated, Plasticity, SensoryTerminal

TIMES = (3, 40, 41, 300, 520)
STEPS = 600


def terminal(rule: Plasticity, weight: Any = 0.8, delay: float | None = None, **modulator: Any) -> Network:
    """A source, and a membrane that forgets nothing: it sums what the source sends."""
    net = Network(dt=1.0, seed=1, dtype=torch.float64)
    net.input("pre", 1)
    net.population("sum", sl.neurons.LeakyIntegrator(tau_m=1e15), np.size(weight))
    if modulator:
        net.modulator("serotonin", **modulator)
    net.connect("pre", "sum", weight=np.reshape(weight, (1, -1)), delay=delay, rule=rule, name="terminal")
    return net


def spikes(times: Any = TIMES, steps: int = STEPS) -> sl.Spikes:
    return sl.Spikes.from_times(np.array(times, float), np.zeros(len(times), int), shape=(steps, 1, 1), dt=1.0)


def run(net: Network, times: Any = TIMES, released: Any = None) -> tuple[Any, Any]:
    """What each spike sent, and the weight after each step."""
    watch = Trace("terminal.weight", neurons=[0], every=1)
    record = sl.run(net, spikes(times), released=released, record=["sum.v", watch])
    sent = np.diff(record["sum.v"][:, 0, 0].numpy(), prepend=0.0)
    return sent[np.array(times)], record["terminal.weight"].numpy().reshape(-1)


# --------------------------------------------------------------------------------------------------- the source alone
@pytest.mark.parametrize(
    ("bounds", "a", "expected"),
    [
        ("none", 0.3, 0.8 + 5 * 0.3),
        ("hard", 0.3, 1.0),
        ("soft", 0.3, 1 - 0.2 * 0.7**5),
        ("soft", -0.3, 0.8 * 0.7**5),
        ("power", -0.1, 0.8 * 0.9**5),
    ],
)
def test_every_spike_of_the_source_counts(bounds: str, a: float, expected: float) -> None:
    sent, weight = run(terminal(Homosynaptic(a=a, bounds=bounds)))
    assert weight[-1] == pytest.approx(expected, rel=1e-12)
    assert sent[-1] == pytest.approx(expected, rel=1e-12)  # what is sent is the weight after the spike's own change


def test_tags_of_the_source_wait_for_the_modulator() -> None:
    rule = Modulated(rule=Homosynaptic(a=0.5, bounds="none"), by="serotonin", tau_e=70.0, eta=1e-3)
    _, weight = run(terminal(rule, baseline=2.0))
    tags = sum(1 - math.exp(-(STEPS - t) / 70) for t in TIMES)
    assert weight[-1] == pytest.approx(0.8 + 1e-3 * 2.0 * 0.5 * 70 * tags, rel=1e-11)


# ------------------------------------------------------------------------------------------------------- two processes
def test_two_linear_processes_add_up() -> None:
    rule = DualProcess(tau_h=400.0, tau_s=60.0, c=0.2, d=0.3, w_max=2.0)
    sent, weight = run(terminal(rule, weight=0.7))  # the weight at the beginning does not matter

    def response(t: float, before: float) -> float:
        since = [t - s for s in TIMES if s < before]
        return 2.0 * (1 - 0.2 * sum(math.exp(-s / 400) for s in since) + 0.3 * sum(math.exp(-s / 60) for s in since))

    np.testing.assert_allclose(weight, [response(t + 1, t + 1) for t in range(STEPS)], rtol=1e-13)
    np.testing.assert_allclose(sent, [response(t, t) for t in TIMES], rtol=1e-12)


def test_habituation_cannot_turn_a_response_round() -> None:
    sent, weight = run(terminal(DualProcess(c=0.6, d=0.0, w_min=0.05)))
    assert weight.min() == 0.05
    assert sent[-1] == pytest.approx(0.05, rel=1e-12)


# ----------------------------------------------------------------------------------------------------------- resources
def depleted(rule: Habituating, times: Any, end: float) -> tuple[list[float], float]:
    """What a synapse of weight 1 sends at each spike, and is worth at the end."""
    left, last, sent = [1.0, 1.0], 0.0, []
    uses, taus = (rule.use_fast, rule.use_slow), (rule.tau_fast, rule.tau_slow)
    for t in [*times, end]:
        left = [1 - (1 - x) * math.exp(-(t - last) / tau) for x, tau in zip(left, taus, strict=True)]
        sent.append(left[0] * left[1])
        left, last = [x * (1 - u) for x, u in zip(left, uses, strict=True)], t
    return sent[:-1], sent[-1]


@pytest.mark.parametrize("delay", [None, 2.0])
def test_two_resources_are_used_up_and_recover(delay: float | None) -> None:
    rule = Habituating(use_fast=0.4, tau_fast=50.0, use_slow=0.15, tau_slow=900.0)
    net = terminal(rule, weight=[0.8, 3.0], delay=delay)
    record = sl.run(net, spikes(), record=["sum.v"])
    sent = np.diff(record["sum.v"][:, 0].numpy(), axis=0, prepend=0.0)[np.array(TIMES) + int(delay or 0)]
    expected, end = depleted(rule, TIMES, STEPS)
    np.testing.assert_allclose(sent, np.outer(expected, [0.8, 3.0]), rtol=1e-12)  # each in proportion to its own weight
    np.testing.assert_allclose(record.state["terminal"]["weight"][0], [0.8 * end, 3.0 * end], rtol=1e-12)


def test_rest_brings_the_weight_back() -> None:
    rule = Habituating(use_fast=0.4, tau_fast=5.0, use_slow=0.2, tau_slow=8.0)
    _, weight = run(terminal(rule), times=(3, 5, 9))
    assert weight[10] < 0.4
    assert weight[-1] == pytest.approx(0.8, rel=1e-13)


resource = st.floats(0.01, 1.0)
wait = st.floats(0.0, 1e4)


@given(fast=resource, slow=resource, first=wait, second=wait)
def test_two_rests_are_one_long_one(fast: float, slow: float, first: float, second: float) -> None:
    rule = Habituating()
    c = rule.constants(1.0)
    rates = (c["per_fast"], c["per_slow"])
    begin = (0.7, fast, slow, fast * slow)
    whole = rule.between(first + second, *begin, *rates)
    twice = rule.between(second, *rule.between(first, *begin, *rates), *rates)
    np.testing.assert_allclose(twice, whole, rtol=1e-11)
    assert whole[0] >= 0.7 * (1 - 1e-12)  # a rest never takes anything away
    assert max(whole[1:]) <= 1.0


@pytest.mark.parametrize("rule", [Habituating, SensoryTerminal])
def test_a_spike_cannot_use_up_everything(rule: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"use_fast=1\).*<= 0.99"):
        rule(use_fast=1.0)


# ----------------------------------------------------------------------------------------------------------- serotonin
TERMINAL = SensoryTerminal(
    use_fast=0.4, tau_fast=200.0, use_slow=0.1, tau_slow=900.0, mobilised=0.02, facilitated=0.004, tau_f=300.0,
    enhanced=0.03, tau_c=50.0,
)  # fmt: skip


@pytest.mark.parametrize("tau", [40.0, 300.0])  # 300: that of the facilitation, where the closed form has a limit
def test_a_touch_and_serotonin_after_it(tau: float) -> None:
    """One spike at 100, one release of 0.6 at 150: each of the three effects in closed form, at every step."""
    released = np.zeros(STEPS)
    released[150] = 0.6
    _, weight = run(terminal(TERMINAL, tau=tau), times=(100,), released={"serotonin": released})
    for t in (101, 150, 151, 180, 333, 600):
        since = max(t - 150, 0)
        area = 0.6 * tau * -math.expm1(-since / tau)
        f, s = (1 - use * math.exp(-(t - 100) / tau_r - 0.02 * area) for use, tau_r in ((0.4, 200.0), (0.1, 900.0)))
        if tau == 300.0:
            driven = 0.6 * since * math.exp(-since / 300)
        else:
            driven = 0.6 * (math.exp(-since / 300) - math.exp(-since / tau)) / (1 / tau - 1 / 300)
        rate = 1 / tau + 1 / 50
        met = math.exp(-(150 - 100) / 50) * 0.6 * -math.expm1(-since * rate) / rate
        assert weight[t - 1] == pytest.approx(0.8 * f * s * (1 + 0.004 * driven + 0.03 * met), rel=1e-11)


def test_what_serotonin_leaves_alone() -> None:
    """A rested terminal has nothing to mobilise; one that was silent is not enhanced; what follows too late is not."""
    released = np.zeros(STEPS)
    released[150] = 0.6
    for rule, times, expected in (
        (TERMINAL.replace(facilitated=0.0), (), 0.8),
        (TERMINAL.replace(facilitated=0.0, use_fast=0.0, use_slow=0.0), (160 + 400,), 0.8),
    ):
        _, weight = run(terminal(rule, tau=20.0), times=(*times, 599), released={"serotonin": released})
        assert weight[-2] == pytest.approx(expected, rel=1e-9)
    paired, late = (
        run(terminal(TERMINAL, tau=20.0), times=(at,), released={"serotonin": released})[1][-1] for at in (140, 560)
    )
    assert paired > 1.5 * late


def test_facilitation_does_not_depend_on_when_it_is_looked_at() -> None:
    """A terminal that is silent until the end has gone through many epochs of the modulator, or through few."""
    released = np.zeros(STEPS)
    released[[30, 200, 420]] = 0.5, -0.2, 0.3
    found = []
    for tau_c in (2.0, 5000.0):  # the shortest time constant decides how often all synapses are brought up to date
        rule = TERMINAL.replace(tau_c=tau_c, enhanced=0.0)
        found.append(run(terminal(rule, tau=40.0), times=(599,), released={"serotonin": released})[0][0])
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[0] > 0.8 * 1.01


def test_a_dip_of_the_modulator_uses_nothing_up() -> None:
    released = np.zeros(STEPS)
    released[5] = -3.0
    rule = TERMINAL.replace(facilitated=0.0)
    _, weight = run(terminal(rule, tau=100.0), times=(599,), released={"serotonin": released})
    assert weight[-2] == pytest.approx(0.8, rel=1e-12)
