"""The experiments of delayed reward: their parts against closed forms, short runs, and all claims with --all."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import scipy.integrate

from spikeloom import experiments
from spikeloom.connections import OneToOne, Pairs
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.engines import StepEngine, run
from spikeloom.experiments import izhikevich_2007 as distal
from spikeloom.experiments import izhikevich_2007_network as task
from spikeloom.experiments import izhikevich_2007_pair as pair
from spikeloom.experiments import legenstein_2008 as feedback
from spikeloom.experiments import legenstein_2008_theory as theory
from spikeloom.experiments import reward_gradient_exact as exact
from spikeloom.experiments import reward_gradient_network as copies
from spikeloom.experiments.legenstein_2008 import LegensteinConfig
from spikeloom.experiments.reward_gradient import GradientConfig, Moments
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.sources import UniformNoise
from spikeloom.units import ms, second


def failed(name: str) -> list[dict[str, object]]:
    return [claim.describe() for claim in experiments.reproduce(name).claims if not claim.holds]


# --- izhikevich-2007 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "printed"), [(800, 11.113348), (1399, 11.203032), (20_000, 11.205567)])
def test_one_pair_and_one_step_of_dopamine(after: int, printed: float) -> None:
    assert pair.gained(after) == pytest.approx(printed, abs=5e-7)
    assert pair.simulated(after) == pytest.approx(pair.gained(after), abs=1e-9)


def marked(lag: int) -> float:
    """What a pair of spikes, the target's ``lag`` ms after the source's, leaves in the network's eligibility."""
    full, _ = task.network(0)
    rule = full.projections["excitatory"].rule
    assert rule is not None
    steps = 200
    net = Network(dt=1 * ms)
    net.population("cells", LIF(theta=15.0), 2)
    net.modulator("dopamine", tau=task.TAU_DOPAMINE, baseline=task.BASELINE)
    one = Pairs(source=[0], target=[1])
    net.connect("cells", "cells", one, weight=0.0, delay=1 * ms, rule=rule, name="learned")
    net.connect(net.input("kick", 2), "cells", OneToOne(), weight=1000.0)
    kick = np.zeros((steps, 1, 2))
    kick[100, 0, 0] = kick[100 + lag, 0, 1] = 1
    record = run(net, Spikes.from_dense(kick, dt=1 * ms), record=["cells.count", "learned.eligibility_trace"])
    assert record["cells.count"].tolist() == [[1, 1]]
    event = 100 + lag if lag > 0 else 101  # the step in which the second of the two is at the synapse
    return float(record["learned.eligibility_trace"][event]) * math.exp(1 / task.TAU_E)  # less what a step has taken


@pytest.mark.parametrize("lag", [1, 2, 10, 19])
def test_a_target_after_its_source_is_marked_as_in_the_papers_program(lag: int) -> None:
    assert marked(lag) == pytest.approx(0.1 * 0.95 ** (lag - 1), rel=1e-9)


@pytest.mark.parametrize("lag", [0, -1, -7])
def test_a_target_before_its_source_too(lag: int) -> None:
    assert marked(lag) == pytest.approx(-0.15 * 0.95**-lag, rel=1e-9)


def spikes_at(events: list[tuple[int, int]]) -> Any:
    step, neuron = zip(*events, strict=True)
    return Spikes.from_events(np.array(step), np.array(neuron), shape=(1000, 1, 6), dt=1 * ms)


def test_what_is_rewarded_is_less_than_twenty_milliseconds_apart_and_later() -> None:
    judge = task.Task(0, 5, (1000, 2000), stream(1, "test"))
    first = judge.rewards(0, spikes_at([(10, 0), (10, 5), (29, 5), (30, 5), (40, 1), (500, 5), (990, 0)]))
    assert first.size == 1
    assert 29 + 1000 < first[0] <= 29 + 3000
    second_ = judge.rewards(1000, spikes_at([(9, 5), (10, 5), (300, 0), (301, 5), (305, 5)]))
    assert second_.size == 3
    assert (second_ - np.array([1009, 1301, 1305]) > 1000).all()


def test_the_network_has_the_papers_synapses_and_rate() -> None:
    net, tagged = task.network(3)
    assert [net.synapses(p) for p in net.projections.values()] == [80_000, 20_000]
    record = run(net, duration=1 * ms)
    weight = record.state["excitatory"]["weight"].numpy()
    assert np.flatnonzero(weight == 0).tolist() == [tagged]
    course = task.simulate(3, 20, lambda done: None)
    assert course.rate.mean() == pytest.approx(1.25, rel=0.1)
    assert course.weight.size == course.eligibility.size == 2
    assert course.others.size == 79_999
    assert course.strong == 0 < course.others.std() < 1


def test_a_synapse_is_selected_in_time_and_stays() -> None:
    course = task.Course(np.array([3.7, 3.1]), np.zeros(2), np.zeros(0, int), np.zeros(3), np.ones(20))
    assert course.reached == 10.0
    assert distal.selected(course)
    assert not distal.selected(dataclasses.replace(course, weight=np.array([3.7, 2.9])))
    late = np.concatenate([np.ones(150), [3.9]])
    assert not distal.selected(dataclasses.replace(course, weight=late))
    assert dataclasses.replace(course, weight=np.ones(3)).reached == math.inf


def test_uniform_noise_has_its_bounds_and_deviation() -> None:
    net = Network(dt=0.1, seed=6)
    resistance, tau, width = 0.04, 20.0, 300.0
    net.population("cells", LIF(tau_m=tau, resistance=resistance, theta=1e9, input="current"), 3000)
    net.drive("cells", UniformNoise(mean=50.0, width=width), weight=2.0)
    record = StepEngine().run(net, None, duration=200.0, record=["cells._uniform.noise"])
    noise = record["cells._uniform.noise"].numpy()
    assert np.abs(noise).max() <= width
    assert noise.std() == pytest.approx(2 * width / 12**0.5, rel=0.01)
    v, e = record.state["cells"]["v"][0].numpy(), math.exp(-0.1 / tau)
    deviation = 2 * width / 12**0.5 * resistance * ((1 - e) / (1 + e)) ** 0.5
    assert v.std() == pytest.approx(deviation, rel=5 / 6000**0.5)
    assert v.mean() == pytest.approx(100 * resistance, abs=5 * deviation / 3000**0.5)


# --- legenstein-2008 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("eligibility", theory.KERNELS)
def test_what_is_left_of_a_reward_when_the_trace_has_gone(eligibility: str) -> None:
    kernels = {
        "alpha": lambda s: s / theory.TAU_E * math.exp(-s / theory.TAU_E),
        "exponential": lambda s: math.exp(-s / theory.TAU_E),
    }
    found, _ = scipy.integrate.quad(lambda s: kernels[eligibility](s) * math.exp(-s / theory.TAU_D), 0, np.inf)
    assert theory.remaining(eligibility) == pytest.approx(found, rel=1e-9)


def test_the_prediction_is_the_double_sum_over_lags() -> None:
    """Term by term: pairs at a lag, and the reward that is more than its mean after one, each in a loop."""
    firing = theory.Firing(inputs=3, input_rate=40.0, own_rate=20.0, weight=200.0)
    p, q, caused = firing.source, firing.target(), firing.target(firing=1)
    left = theory.remaining("alpha")
    total = p * caused * theory.A_PLUS * (1 - q) * left  # in one step
    for m in range(1, 401):
        fade, age = math.exp(-m / theory.TAU), math.exp(-m / theory.TAU_D)
        total += p * q * theory.A_PLUS * fade * ((1 - q) + (caused - q) * age) * left
        total -= p * q * theory.A_MINUS * fade * ((1 - q) * age + (caused - q)) * left
    assert firing.rewarded("alpha") == pytest.approx(1000 * total, rel=1e-5)
    silent = dataclasses.replace(firing, weight=0.0)
    assert silent.target(firing=1) == silent.target() == pytest.approx(-math.expm1(-0.02))
    assert silent.rewarded("alpha") == pytest.approx(silent.rewarded("alpha", causal=False))


@pytest.mark.slow
def test_a_short_run_already_tells_who_learns() -> None:
    config = LegensteinConfig(duration=400 * second, training=100 * second)
    outcome = experiments.reproduce("legenstein-2008", config=config)
    held = {claim.claim.quantity: claim.holds for claim in outcome.claims}
    assert all(held[feedback.away(case)] for case in feedback.WORDS)
    assert held[feedback.POWER["shape"]]
    assert held[feedback.POWER["stays"]]
    assert set(outcome.experiment.figures(outcome.result)) == {"drift"}


# --- reward-gradient --------------------------------------------------------------------------------------------------


def test_all_patterns_are_counted_once() -> None:
    hidden, out = exact.patterns()
    assert len(hidden) == 2 ** (3 * exact.STEPS)
    assert len(np.unique(np.concatenate([hidden, out], -1).reshape(len(hidden), -1), axis=0)) == len(hidden)
    probability = np.exp(np.real(exact.log_probability(hidden, out, exact.WEIGHTS)))
    assert probability.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(probability @ exact.scores(hidden, out), 0, atol=1e-12)  # the mean of a score


def test_the_gradient_by_complex_steps_is_that_of_finite_differences() -> None:
    found = exact.enumerated()
    hidden, out = exact.patterns()
    given, step = exact.reward(hidden, out), 1e-5
    assert set(given.tolist()) == {0.5, 1.0, 1.5, 2.0}
    for name, k, place in (("in->hidden", 3, 3), ("hidden->hidden", 1, 7), ("hidden->out", 0, 8)):
        values = []
        for sign in (-1, 1):
            moved = {n: v.copy() for n, v in exact.WEIGHTS.items()}
            moved[name][k] += sign * step
            values.append(np.exp(np.real(exact.log_probability(hidden, out, moved))) @ given)
        assert found.gradient[place] == pytest.approx((values[1] - values[0]) / (2 * step), rel=1e-6)


def test_each_update_is_the_reward_times_the_score_of_what_was_done() -> None:
    one = copies.episodes(300, 5, copies.SCORE, 1.25)
    slope = exact.scores(one.hidden, one.out)
    np.testing.assert_allclose(one.change, one.reward[:, None] * slope, atol=1e-9)
    np.testing.assert_allclose(one.centred, (one.reward - 1.25)[:, None] * slope, atol=1e-9)
    assert one.reward.std() > 0.1
    hebb = copies.episodes(300, 5, copies.HEBB, 1.25)
    np.testing.assert_array_equal(hebb.hidden, one.hidden)
    assert np.abs(hebb.change - one.change).max() > 1


def test_moments_of_parts_are_those_of_all() -> None:
    rows = stream(0, "rows").normal(3.0, 2.0, (70, 4))
    moments = Moments()
    for some in np.array_split(rows, 3):
        moments.add(some)
    np.testing.assert_allclose(moments.mean, rows.mean(0))
    np.testing.assert_allclose(moments.error, rows.std(0, ddof=1) / 70**0.5)


def test_two_thousand_episodes_agree_with_the_gradient_and_hebb_does_not() -> None:
    outcome = experiments.reproduce("reward-gradient", config=GradientConfig(copies=2000, rounds=1))
    wrong = [claim.claim.quantity for claim in outcome.claims if not claim.holds]
    assert len(wrong) == 1
    assert "largest standard error" in wrong[0]  # of so few
    assert set(outcome.experiment.figures(outcome.result)) == {"gradient"}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["izhikevich-2007", "legenstein-2008", "reward-gradient"])
def test_every_claim_about_delayed_reward_holds(name: str) -> None:
    assert failed(name) == []
