"""Gates and several modulators at one synapse against plain integrals, and what is set twice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.network import Network
from spikeloom.plasticity import (
    Clopath,
    Fixed,
    Gated,
    GraupnerBrunel,
    Modulated,
    NMDASpine,
    PairSTDP,
    Plasticity,
    Summed,
)

STEPS = 400
LEVELS = {"dopamine": (60.0, 0.05), "serotonin": (25.0, 0.0), "acetylcholine": (None, 0.2)}
"""Time constant and baseline of each modulator."""
CAUSAL = PairSTDP(bounds="none", a_plus=0.01, a_minus=0.0, tau_plus=10.0)
ACAUSAL = PairSTDP(bounds="none", a_plus=0.0, a_minus=0.007, tau_minus=15.0)
FIRST = Modulated(rule=CAUSAL, by="dopamine", tau_e=80.0, eta=0.3)
SECOND = Modulated(rule=ACAUSAL, by="serotonin", tau_e=30.0, eta=-0.6, eligibility="alpha")
THIRD = Modulated(rule=CAUSAL, by="acetylcholine", tau_e=120.0, tau_rise=20.0, eta=0.1, eligibility="cascaded")


def network(rule: Plasticity, delay: float | None) -> Network:
    """One synapse, and a neuron that a kick makes fire."""
    net = Network(dt=1.0, seed=1)
    net.input("pre", 1)
    net.input("kick", 1)
    net.population("cell", sl.neurons.LIF(theta=15.0), 1)
    net.connect("pre", "cell", Sparse(probability=1.0), weight=0.0, delay=delay, rule=rule)
    net.connect("kick", "cell", Sparse(probability=1.0), weight=1000.0)
    for name, (tau, baseline) in LEVELS.items():
        net.modulator(name, tau=tau, baseline=baseline)
    return net


def protocol(seed: int = 0) -> tuple[Any, Any, dict[str, Any]]:
    """Times at the synapse of spikes of both sides, and what is released: all by chance."""
    rng = np.random.default_rng(seed)
    pre, post = (np.flatnonzero(rng.random(STEPS - 20) < 0.06) + 10 for _ in range(2))
    post = post[~np.isin(post, pre)]
    released = {n: np.where(rng.random(STEPS) < 0.05, rng.normal(0.0, 0.5, STEPS), 0.0) for n in LEVELS}
    return pre, post, released


def learned(rule: Plasticity, seed: int = 0, delay: float | None = 1.0, released: Any = None) -> float:
    """The weight after the protocol; spikes of the target come back after the delay."""
    pre, post, amounts = protocol(seed)
    given = {
        "pre": sl.Spikes.from_times(pre, np.zeros(pre.size, int), shape=(STEPS, 1, 1), dt=1.0),
        "kick": sl.Spikes.from_times(post - (delay or 0), np.zeros(post.size, int), shape=(STEPS, 1, 1), dt=1.0),
    }
    record = sl.run(
        network(rule, delay), given, released=amounts if released is None else released, record=["cell.spikes"]
    )
    np.testing.assert_array_equal(record["cell.spikes"].step, post - (delay or 0))
    return float(record.state["pre->cell"]["weight"][0])


def level(name: str, released: Any) -> Any:
    """The level of a modulator at any times [ms], from what was released."""
    tau, base = LEVELS[name]
    keep, above = 0.0 if tau is None else math.exp(-1 / tau), [0.0]
    for amount in released[name]:
        above.append(above[-1] * keep + amount)

    def at(t: Any, *, before: bool = False) -> Any:
        step = np.floor(t).astype(int) - before  # the last step whose release counts
        return base + np.array(above)[step + 1] * (1.0 if tau is None else np.exp(-(t - step) / tau))

    return at


def changes(tau: float, causal: bool, seed: int = 0) -> list[tuple[float, float]]:
    """Time and size of what pairs change: at each later spike the sum over all earlier ones of the other side."""
    pre, post, _ = protocol(seed)
    early, late, size = (pre, post, 0.01) if causal else (post, pre, -0.007)
    return [(float(t), size * float(np.exp(-(t - early[early < t]) / tau).sum())) for t in late]


def integral(f: Any, marks: list[tuple[float, float]], kernel: Any) -> float:
    """The integral of f(t) e(t) to the end, by Gauss's rule in each step."""
    x, weights = np.polynomial.legendre.leggauss(8)
    s = (np.arange(STEPS)[:, None] + (x + 1) / 2).ravel()
    e = sum(np.where(s > t, c * kernel(np.maximum(s - t, 0)), 0.0) for t, c in marks)
    return float((f(s) * e * np.tile(weights / 2, STEPS)).sum())


SHARES = {
    "linear": lambda x: x,
    "rectified": lambda x: max(0.0, x),
    "threshold": lambda x: float(x > 0),
}


@pytest.mark.parametrize("delay", [1.0, None])
@pytest.mark.parametrize("shape", SHARES)
@pytest.mark.parametrize("by", LEVELS)
def test_a_gate_multiplies_by_the_level_at_the_moment_of_the_event(by: str, shape: str, delay: float | None) -> None:
    """The level before what is released in the same step; later levels do not count."""
    rule = Gated(rule=CAUSAL, by=by, offset=-0.3, slope=0.8, shape=shape)
    at = level(by, protocol()[2])
    shares = [SHARES[shape](-0.3 + 0.8 * at(t, before=True)) for t, _ in changes(10.0, causal=True)]
    expected = sum(f * c for f, (_, c) in zip(shares, changes(10.0, causal=True), strict=True))
    assert learned(rule, delay=delay) == pytest.approx(expected, rel=1e-11)
    assert max(shares) > 0
    assert (min(shares) < 0) == (shape == "linear")


def test_a_gate_that_is_open_is_the_rule_and_one_that_is_shut_learns_nothing() -> None:
    quiet = {n: np.zeros(STEPS) for n in LEVELS}
    rule = PairSTDP(bounds="none")
    alone = learned(rule)
    assert alone != 0
    assert learned(Gated(rule=rule, by="dopamine", offset=1.0, slope=0.0)) == pytest.approx(alone, rel=1e-12)
    assert learned(Gated(rule=rule, by="acetylcholine", slope=5.0), released=quiet) == pytest.approx(alone, rel=1e-12)
    assert learned(Gated(rule=rule, by="serotonin"), released=quiet) == 0


def test_bounds_hold_after_the_gate() -> None:
    rule = Gated(rule=PairSTDP(a_plus=0.9, a_minus=0.0, w_max=0.5), by="dopamine", offset=1.0, slope=50.0)
    assert learned(rule) == 0.5


@pytest.mark.parametrize("eligibility", [pytest.param("exponential", marks=pytest.mark.slow), "alpha"])
def test_a_gate_inside_decides_what_waits_and_one_around_what_it_becomes(eligibility: str) -> None:
    kernels = {"exponential": lambda s: np.exp(-s / 80), "alpha": lambda s: s / 80 * np.exp(-s / 80)}
    released = protocol()[2]
    dopamine, gate = level("dopamine", released), level("acetylcholine", released)
    marks, kernel = changes(10.0, causal=True), kernels[eligibility]
    around = Modulated(rule=CAUSAL, by="dopamine", tau_e=80.0, eta=0.3, eligibility=eligibility)
    inside = around.replace(rule=Gated(rule=CAUSAL, by="acetylcholine", offset=0.5, slope=-2.0))
    waits = [(t, c * (0.5 - 2.0 * gate(t, before=True))) for t, c in marks]
    assert learned(inside) == pytest.approx(0.3 * integral(dopamine, waits, kernel), rel=1e-9)
    outside = Gated(rule=around, by="acetylcholine", offset=0.5, slope=-2.0)
    product = integral(lambda t: (0.5 - 2.0 * gate(t)) * dopamine(t), marks, kernel)
    assert learned(outside) == pytest.approx(0.3 * product, rel=1e-9)
    serotonin = level("serotonin", released)
    three = integral(lambda t: (0.5 - 2.0 * gate(t)) * dopamine(t) * serotonin(t), marks, kernel)
    assert learned(Gated(rule=outside, by="serotonin")) == pytest.approx(0.3 * three, rel=1e-9)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("delay", [1.0, pytest.param(None, marks=pytest.mark.slow)])
def test_several_modulators_each_with_its_own_eligibility_add_up(seed: int, delay: float | None) -> None:
    """dw/dt = eta_1 m_1 e_1 + eta_2 m_2 e_2 + eta_3 m_3 e_3."""
    released = protocol(seed)[2]
    parts = [
        0.3 * integral(level("dopamine", released), changes(10.0, True, seed), lambda s: np.exp(-s / 80)),
        -0.6 * integral(level("serotonin", released), changes(15.0, False, seed), lambda s: s / 30 * np.exp(-s / 30)),
        0.1
        * integral(
            level("acetylcholine", released),
            changes(10.0, True, seed),
            lambda s: (np.exp(-s / 120) - np.exp(-s / 20)) * 1.2,
        ),
    ]
    assert learned(Summed(rule=Summed(rule=FIRST, beside=SECOND), beside=THIRD), seed, delay) == pytest.approx(
        sum(parts), rel=1e-9
    )
    assert min(abs(p) for p in parts) > 1e-4
    if delay is not None:
        nested = Summed(rule=THIRD, beside=Summed(rule=SECOND, beside=FIRST))
        assert learned(nested, seed, delay) == pytest.approx(sum(parts), rel=1e-9)


def test_each_of_several_eligibilities_is_recorded() -> None:
    rule = Summed(rule=Summed(rule=FIRST, beside=SECOND), beside=THIRD)
    pre, post, released = protocol()
    given = {
        n: sl.Spikes.from_times(t, np.zeros(t.size, int), shape=(STEPS, 1, 1), dt=1.0)
        for n, t in (("pre", pre), ("kick", post - 1))
    }
    keys = [f"pre->cell.{n}" for n in ("eligibility_trace", "first 2", "eligibility_trace 3")]
    record = sl.run(network(rule, 1.0), given, released=released, record=keys)
    end = {k: float(record[k][-1, 0]) for k in keys}
    one = sum(c * math.exp(-(STEPS - t) / 80) for t, c in changes(10.0, causal=True))
    two = sum(c * math.exp(-(STEPS - t) / 30) for t, c in changes(15.0, causal=False))
    three = sum(c * math.exp(-(STEPS - t) / 120) * 1.2 for t, c in changes(10.0, causal=True))
    assert list(end.values()) == pytest.approx([one, two, three], rel=1e-9)


@pytest.mark.slow
def test_a_rule_that_is_modulated_beside_one_that_is_not() -> None:
    waits = Modulated(rule=CAUSAL, by="dopamine", tau_e=80.0, eta=0.3)
    parts = learned(waits), learned(ACAUSAL)
    for pair in ({"rule": waits, "beside": ACAUSAL}, {"rule": ACAUSAL, "beside": waits}):
        assert learned(Summed(**pair)) == pytest.approx(sum(parts), rel=1e-11)
    assert learned(Summed(rule=waits)) == parts[0] != 0


def test_bounds_hold_for_each_of_the_rules() -> None:
    """The one that is not modulated is cut off at its own events, whatever the other captures."""
    strong = PairSTDP(a_plus=0.9, a_minus=0.0, w_max=0.5)
    waits = Modulated(rule=strong.replace(a_plus=1e-9), by="dopamine", eta=1e-9)
    for pair in ({"rule": waits, "beside": strong}, {"rule": strong, "beside": waits}):
        assert learned(Summed(**pair)) == pytest.approx(0.5, abs=1e-6)


def test_a_gate_that_is_never_set_and_names_that_nobody_knows() -> None:
    quiet: dict[str, Any] = {}
    with pytest.raises(InvalidValueError, match=r"learns by 'serotonin', and nothing ever sets it"):
        learned(Gated(rule=CAUSAL, by="serotonin"), released=quiet)
    with pytest.raises(InvalidValueError, match=r"learns by 'serotonin', and nothing ever sets it"):
        learned(Gated(rule=Modulated(rule=CAUSAL, by="dopamine"), by="serotonin"), released=quiet)
    with pytest.raises(UnknownNameError, match=r"'serotonine'; did you mean 'serotonin'"):
        learned(Gated(rule=CAUSAL, by="serotonine"))


def test_what_is_set_twice_in_a_step() -> None:
    net = network(CAUSAL, 1.0)
    zeros = np.zeros(STEPS)
    given = {n: sl.Spikes.from_dense(np.zeros((STEPS, 1, 1)), dt=1.0) for n in ("pre", "kick")}
    pairs = [("dopamine", zeros), ("serotonin", zeros), (net.modulators["dopamine"], zeros)]
    with pytest.raises(InvalidValueError, match=r"released names 'dopamine' twice: it would be set twice in a step"):
        sl.run(net, given, released=pairs)
    with pytest.raises(InvalidValueError, match=r"released names 'dopamine' twice"):
        sl.run(net, given, released={"dopamine": zeros, net.modulators["dopamine"]: zeros})
    with pytest.raises(InvalidValueError, match=r"released names 'dopamine' twice"):
        sl.live(net).advance(given, released=[("dopamine", 0.1), ("dopamine", zeros)])
    sl.run(net, given, released=pairs[:2])
    net.release("cell", "dopamine", amount=0.1)
    with pytest.raises(InvalidValueError, match=r"release\('cell', 'dopamine'\): its spikes release this already"):
        net.release("cell", "dopamine", amount=0.2)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Gated(rule=NMDASpine()), "Gated.*NMDASpine moves weights between events"),
        (lambda: Gated(rule=Modulated(rule=CAUSAL), shape="threshold"), r"shape='threshold'\) around Modulated"),
        (lambda: Modulated(rule=Modulated(rule=CAUSAL)), r"Modulated moves weights between.*Summed\(rule=Modulated"),
        (lambda: Modulated(rule=Gated(rule=Modulated(rule=CAUSAL))), "Modulated moves weights between events"),
        (lambda: Modulated(rule=NMDASpine()), "NMDASpine moves weights between events"),
        (lambda: Summed(rule=Clopath(), beside=Clopath()), r"Clopath decides at which synapses"),
        (lambda: Summed(rule=CAUSAL, beside=PairSTDP(bounds="none", w_max=2.0)), "has w_max=1.0 and PairSTDP w_max=2"),
        (lambda: Summed(rule=CAUSAL, beside=PairSTDP()), "limited"),
        (lambda: Summed(rule=PairSTDP(), beside=PairSTDP(site="axon")), "site='dendrite'.*site='axon'"),
        (lambda: Summed(rule=PairSTDP(), beside=GraupnerBrunel()), r"has lag=0.0 and GraupnerBrunel lag=13.7"),
        (lambda: Gated(rule=CAUSAL, by=""), "a name"),
        (lambda: Gated(rule=CAUSAL, slope=math.inf), "slope=inf.*a finite number"),
        (lambda: Gated(by="dopamine"), r"a model of spikeloom\.plasticity"),
        (lambda: Summed(rule=CAUSAL, beside=3), r"beside=3.*a model of spikeloom\.plasticity, or None"),
    ],
)
def test_compositions_that_cannot_be(make: Any, error: str) -> None:
    with pytest.raises((InvalidValueError, UnsupportedError), match=error):
        make()


def test_what_is_composed_describes_itself() -> None:
    rule = Gated(rule=Summed(rule=Modulated(rule=CAUSAL), beside=Gated(rule=Fixed(bounds="none"))), shape="linear")
    net = network(rule, 1.0)
    again = Network.from_description(net.describe())
    assert again.describe() == net.describe()
    assert repr(again.projections["pre->cell"].rule) == repr(rule)
