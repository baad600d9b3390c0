"""The rules of agents against closed forms: late growth by pairs, and the gradient of a log-probability."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError
from spikeloom.network import Network
from spikeloom.neurons import LIF, EscapeRate
from spikeloom.plasticity import LateLTP, Modulated, ScoreFunction
from spikeloom.units import Hz

WIDE: dict[str, Any] = {"w_min": -1000.0, "w_max": 1000.0}


def pair(rule: LateLTP, times: list[float], kicks: list[float], delay: float | None = None, steps: int = 100) -> Any:
    """The weight of one synapse, step by step; kicks make its target fire."""
    net = Network(dt=1.0, seed=1)
    net.input("pre", 1)
    net.input("kick", 1)
    net.population("cell", LIF(theta=15.0), 1)
    net.connect("pre", "cell", Sparse(probability=1.0), weight=0.0, delay=delay, rule=rule)
    net.connect("kick", "cell", Sparse(probability=1.0), weight=1000.0)
    given = {
        name: sl.Spikes.from_times(at, [0] * len(at), shape=(steps, 1, 1), dt=1.0)
        for name, at in (("pre", times), ("kick", kicks))
    }
    record = sl.run(net, given, record=[sl.engines.Trace("pre->cell.weight", neurons=[0], every=1)])
    return record["pre->cell.weight"][:, 0].numpy()


@pytest.mark.parametrize("delay", [None, 3.0])
@pytest.mark.parametrize("interval", [0, 3, 11, 12, 40, -2])
def test_a_pair_shows_when_the_delay_of_its_expression_is_over(interval: int, delay: float | None) -> None:
    """At the synapse: in a dendrite a spike of the target comes back after the delay of the projection."""
    rule = LateLTP(a=2.0, tau=8.0, reach=12.0, d=30.0, **WIDE)
    back = 0 if delay is None else int(delay)
    weight = pair(rule, [20.0], [20.0 + interval - back], delay)
    expected = 2 * math.exp(-interval / 8) if 0 <= interval < 12 else 0.0
    np.testing.assert_allclose(weight[:50], 0, atol=1e-12)
    assert weight[-1] == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_all_pairs_within_reach_add_up() -> None:
    rule = LateLTP(a=1.0, tau=8.0, reach=10.0, d=10.0, **WIDE)
    weight = pair(rule, [20.0, 24.0], [19.0, 22.0, 25.0, 31.0])
    expected = sum(math.exp(-s / 8) for s in (2, 5, 1, 7))
    assert weight[-1] == pytest.approx(expected, rel=1e-12)


def modulated(dt: float = 1.0) -> Network:
    net = Network(dt=dt, seed=1, dtype=torch.float64)
    net.input("in", 6)
    net.population("cells", LIF(tau_m=50.0, theta=1.0, reset="subtract"), 5)
    net.modulator("td")
    weight = np.random.default_rng(0).uniform(0.1, 0.4, (6, 5))
    rule = Modulated(rule=LateLTP(a=1.0, tau=10.0, reach=10.0, d=20.0, **WIDE), by="td", eta=0.01, tau_e=80.0)
    net.connect("in", "cells", weight=weight, rule=rule)
    return net


def test_a_spike_takes_along_what_a_late_rule_and_its_modulator_have_made_of_the_weight() -> None:
    """Against plain arithmetic, in one run and in stretches: the rule hears a spike long after it was sent."""
    stretch, many = 20, 30
    random = np.random.default_rng(3)
    given = np.zeros((stretch * many, 1, 6), np.int64)
    for k in range(many):
        given[k * stretch + 1 : k * stretch + 11, 0] = random.random((10, 6)) < 0.3
    amount = np.zeros(stretch * many)
    amount[::stretch] = 0.3 * random.normal(size=many)

    weight, trace, v = np.random.default_rng(0).uniform(0.1, 0.4, (6, 5)), np.zeros((6, 5)), np.zeros(5)
    fired = np.zeros((stretch * many, 5))
    for t in range(stretch * many):
        v += np.expm1(-1 / 50) * v + given[t, 0] @ weight
        fired[t] = v >= 1
        v -= fired[t]
        if t >= 20:
            trace[given[t - 20, 0] > 0] += sum(math.exp(-s / 10) * fired[t - 20 + s] for s in range(10))
        weight = weight + 0.01 * amount[t] * trace * 80 * -math.expm1(-1 / 80)
        trace *= math.exp(-1 / 80)

    net = modulated()
    whole = sl.run(net, sl.Spikes.from_dense(given, 1.0), released={"td": amount}, record=["cells.spikes"])
    np.testing.assert_array_equal(whole["cells.spikes"].dense()[:, 0].numpy(), fired)
    np.testing.assert_allclose(whole.state["in->cells"]["weight"], weight, rtol=1e-12)
    live = sl.live(net)
    for k in range(many):
        part = given[k * stretch : (k + 1) * stretch]
        live.advance(sl.Spikes.from_dense(part, 1.0), released={"td": float(amount[k * stretch])})
    assert torch.equal(live.state["in->cells"]["weight"], whole.state["in->cells"]["weight"])


def scored(weight: float, steps: int, a: float = 1.0, **options: Any) -> Any:
    """A run of two noisy neurons behind five inputs, with a rule so slow that weights stay where they are."""
    net = Network(dt=0.5, seed=7, dtype=torch.float64)
    net.input("in", 5)
    net.population("cells", EscapeRate(tau_m=8.0, softness=0.3, drop=0.4, tau_a=6.0, rate_theta=80 * Hz), 2)
    rule = ScoreFunction(a=a, tau=8.0, floor=0.0, **WIDE)
    net.connect("in", "cells", weight=np.full((5, 2), weight), rule=rule)
    given = np.random.default_rng(2).random((steps, 1, 5)) < 0.05
    record = sl.run(net, sl.Spikes.from_dense(given, 0.5), record=["cells.spikes", "cells.score"], **options)
    return given[:, 0], record


def test_the_score_is_the_gradient_of_the_log_probability_of_what_the_neuron_did() -> None:
    tiny = 1e-10  # the weight itself moves, and with it the gradient
    given, record = scored(0.4, 800, a=tiny)
    fired = torch.as_tensor(record["cells.spikes"].dense()[:, 0].numpy(), dtype=torch.float64)
    assert fired.sum() > 20
    weight = torch.full((5, 2), 0.4, dtype=torch.float64, requires_grad=True)
    v, after, total = torch.zeros(2).double(), torch.zeros(2).double(), torch.zeros(()).double()
    for x, s in zip(torch.as_tensor(given).double(), fired, strict=True):
        v = v * math.exp(-0.5 / 8) + x @ weight
        after = after * math.exp(-0.5 / 6)
        expected = 0.08 * 0.5 * torch.exp((v + after - 1) / 0.3)
        total = total + torch.where(s > 0, torch.log(-torch.expm1(-expected)), -expected).sum()
        after = after - 0.4 * s
    total.backward()
    learned = (record.state["in->cells"]["weight"] - 0.4) / tiny
    torch.testing.assert_close(learned, weight.grad, rtol=1e-5, atol=1e-3)


def test_scores_are_zero_in_the_mean() -> None:
    _, record = scored(0.4, 40_000, a=0.0)
    score = record["cells.score"][:, 0].numpy().ravel()
    error = score.std() / math.sqrt(score.size)
    assert abs(score.mean()) < 4 * error
    assert error > 0


def test_a_score_needs_a_neuron_that_has_one() -> None:
    net = Network(dt=1.0)
    net.input("in", 2)
    net.population("cells", LIF(), 2)
    net.connect("in", "cells", rule=ScoreFunction(**WIDE))
    with pytest.raises(InvalidValueError, match=r"ScoreFunction reads 'score' of the target neuron, and LIF has"):
        sl.run(net, sl.Spikes.from_dense(np.ones((5, 1, 2), bool), 1.0))


@pytest.mark.parametrize(("v", "rate"), [(1.0, 80.0), (0.7, 80 / math.e)])
def test_the_rate_at_a_constant_potential(v: float, rate: float) -> None:
    net = Network(dt=0.5, seed=3)
    cell = EscapeRate(v_rest=v, softness=0.3, rate_theta=80 * Hz, drop=0.0)
    net.population("cells", cell, 500)
    count = sl.run(net, duration=1000.0, record=["cells.count"])["cells.count"].numpy()[0]
    expected = -math.expm1(-rate / 1000 * 0.5) * 2000
    assert count.mean() == pytest.approx(expected, abs=4 * math.sqrt(expected / 500))
