"""Signals against closed forms, what they refuse, and amounts as arrays."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.registry import members
from spikeloom.modulators import (
    ModulatorSignal,
    Novelty,
    Outcome,
    Punishment,
    Reward,
    RewardMinusMean,
    Surprise,
    TemporalDifference,
    burst,
    pulses,
)

SIGNALS = {name: kind() for name, kind in members("spikeloom.modulators", ModulatorSignal).items()}
SIGNALS |= {
    "Novelty, familiarity": Novelty(kind="familiarity"),
    "Surprise, improbability": Surprise(kind="improbability"),
    "TemporalDifference, continuous": TemporalDifference(tau_r=200.0),
}
of_each = pytest.mark.parametrize("name", SIGNALS)


def told(signal: ModulatorSignal, outcomes: list[Outcome], memory: Any = None) -> list[float]:
    """What each of some outcomes releases."""
    memory, found = signal.initial() if memory is None else memory, []
    for outcome in outcomes:
        amount, memory = signal.release(outcome, memory)
        found.append(amount)
    return found


def some(many: int, seed: int = 0) -> list[Outcome]:
    """Outcomes by chance."""
    rng = np.random.default_rng(seed)
    return [
        Outcome(
            reward=rng.normal(), value=rng.normal(), stimulus=int(rng.integers(4)), elapsed=rng.exponential(50.0) + 1.0
        )
        for _ in range(many)
    ]


@of_each
def test_a_memory_goes_in_and_comes_out_and_nothing_else_is_remembered(name: str) -> None:
    """What JSON keeps of a memory is enough to go on, the one that was given stays, and so does the signal."""
    signal, outcomes = SIGNALS[name], some(30)
    whole = told(signal, outcomes)
    memory = signal.initial()
    for outcome in outcomes[:12]:
        text = json.dumps(memory)
        _, after = signal.release(outcome, memory)
        assert json.dumps(memory) == text
        memory = after
    again = type(signal).from_values(json.loads(json.dumps(signal.describe())))
    assert told(again, outcomes[12:], json.loads(json.dumps(memory))) == whole[12:]
    assert len(set(whole)) > 3


@of_each
def test_the_scale_is_a_factor(name: str) -> None:
    signal = SIGNALS[name]
    expected = [-2.5 * amount for amount in told(signal, some(20))]
    assert told(signal.replace(scale=-2.5), some(20)) == pytest.approx(expected, rel=1e-12)


@of_each
def test_a_memory_of_another_signal(name: str) -> None:
    with pytest.raises(InvalidValueError, match=r"a memory of \['other'\].*initial\(\)"):
        SIGNALS[name].release(Outcome(stimulus=1), {"other": 1.0})


@pytest.mark.parametrize("kind", [Reward, Punishment, RewardMinusMean, Surprise, TemporalDifference])
def test_an_amount_that_is_not_finite(kind: Any) -> None:
    signal = kind(scale=1e308)
    with pytest.raises(InvalidValueError, match=rf"{kind.__name__} would release -?inf after"):
        signal.release(Outcome(reward=-10.0, stimulus=-10.0), signal.initial())


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"reward": math.nan}, r"reward=nan.*a finite number"),
        ({"value": math.inf}, r"value=inf.*a finite number"),
        ({"reward": "much"}, r"reward='much'.*a finite number"),
        ({"elapsed": 0.0}, r"elapsed=0.*a time > 0 ms"),
        ({"elapsed": -math.inf}, r"elapsed=-inf.*a finite number"),
    ],
)
def test_outcomes_that_cannot_be(values: dict[str, Any], error: str) -> None:
    with pytest.raises(InvalidValueError, match=error):
        Outcome(**values)


def test_reward_and_punishment() -> None:
    outcomes = [Outcome(reward=r) for r in (1.5, -2.0, 0.0)]
    assert told(Reward(scale=2.0), outcomes) == [3.0, -4.0, 0.0]
    assert told(Punishment(scale=-2.0), outcomes) == [0.0, -4.0, 0.0]


def test_the_same_reward_again_and_again_surprises_less_by_a_constant_factor() -> None:
    """r (1 - 1/tau)**n, and the mean of the first n outcomes where tau would be n."""
    amounts = told(RewardMinusMean(tau=4.0), [Outcome(reward=3.0)] * 12)
    np.testing.assert_allclose(amounts, 3.0 * 0.75 ** np.arange(12), rtol=1e-12)
    assert told(RewardMinusMean(begin=3.0), [Outcome(reward=3.0)] * 3) == [0.0] * 3
    rewards = np.random.default_rng(1).normal(size=30)
    mean = [sum(r * 0.25 * 0.75 ** (n - 1 - k) for k, r in enumerate(rewards[:n])) for n in range(30)]
    found = told(RewardMinusMean(tau=4.0), [Outcome(reward=r) for r in rewards])
    np.testing.assert_allclose(found, rewards - mean, rtol=1e-9)


def test_a_critic_that_knows_is_never_surprised_and_a_loss_shows_as_a_dip() -> None:
    """V = gamma**k before a reward of 1; without the reward the error is -1 when it should have come."""
    values = [0.5**k for k in (3, 2, 1, 0)]
    approach = [Outcome(value=v) for v in values]
    signal = TemporalDifference(gamma=0.5)
    begun = {"value": 0.5**4}
    assert told(signal, [*approach, Outcome(reward=1.0, ended=True)], begun) == [0.0] * 5
    assert told(signal, [*approach, Outcome(ended=True)], begun) == [0.0] * 4 + [-1.0]
    assert told(signal, [*approach, Outcome(reward=1.0, ended=True)])[0] == 0.5**4  # the cue comes by surprise
    assert told(signal, [Outcome(value=7.0, ended=True), Outcome()]) == [0.0, 0.0]


def test_the_usual_discount_and_one_of_the_two() -> None:
    (amount,) = told(TemporalDifference(), [Outcome(value=1.0)])
    assert amount == 0.99
    with pytest.raises(InvalidValueError, match=r"gamma=0.9, tau_r=100\): give one of the two"):
        TemporalDifference(gamma=0.9, tau_r=100.0)


@given(
    st.lists(st.floats(0.1, 300.0), min_size=1, max_size=8),
    st.floats(0.2, 5.0),
    st.floats(-3.0, 3.0),
)
def test_in_continuous_time_a_known_reward_is_no_news_however_time_is_cut(
    times: list[float], scale: float, reward: float
) -> None:
    """V(t) = r exp(-(T - t) / tau_r) solves dV/dt - V / tau_r + r delta(t - T) = 0."""
    tau, end = 200.0 * scale, sum(times)
    at = np.cumsum(times)
    outcomes = [Outcome(value=reward * math.exp(-(end - t) / tau), elapsed=d) for t, d in zip(at, times, strict=True)]
    outcomes[-1] = Outcome(reward=reward, elapsed=times[-1], ended=True)
    begun = {"value": reward * math.exp(-end / tau)}
    assert told(TemporalDifference(tau_r=tau), outcomes, begun) == pytest.approx([0.0] * len(times), abs=1e-14)


def test_for_short_times_it_is_the_derivative_less_the_discount_and_the_reward() -> None:
    """amount / elapsed -> dV/dt - V / tau_r + r, to first order, for V = sin t."""
    signal, t, rate = TemporalDifference(tau_r=3.0), 0.7, 0.4
    expected = math.cos(t) - math.sin(t) / 3.0 + rate
    errors = []
    for elapsed in (0.02, 0.01):
        outcome = Outcome(reward=rate * elapsed, value=math.sin(t + elapsed), elapsed=elapsed)
        (amount,) = told(signal, [outcome], {"value": math.sin(t)})
        errors.append(amount / elapsed - expected)
    assert abs(errors[1]) < 0.01
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.02)


def test_novelty_falls_with_the_square_root_of_how_often() -> None:
    seen = [Outcome(stimulus=s) for s in ("a", "b", "a", "a", None, "a", "b")]
    expected = [1.0, 1.0, 0.5**0.5, (1 / 3) ** 0.5, 0.0, 0.5, 0.5**0.5]
    assert told(Novelty(), seen) == pytest.approx(expected, rel=1e-14)


def test_familiarity_grows_at_each_time_and_is_forgotten_between() -> None:
    signal = Novelty(kind="familiarity", rate=0.25, tau=1000.0)
    again = [Outcome(stimulus=[1.0, 2.0], elapsed=500.0)] * 30
    amounts = told(signal, again)
    kept = math.exp(-0.5)
    fixed = 0.25 / (1 - 0.75 * kept)  # f after a time, where what is forgotten is learned again
    assert amounts[0] == 1.0
    assert amounts[-1] == pytest.approx(1 - fixed * kept, rel=1e-9)
    expected = [1 - fixed * kept * (1 - (0.75 * kept) ** n) for n in range(30)]
    np.testing.assert_allclose(amounts, expected, rtol=1e-12)
    rested = told(signal, [*again, Outcome(elapsed=1000.0), Outcome(stimulus=(1, 2), elapsed=4000.0)])
    assert rested[-2] == 0.0
    assert rested[-1] == pytest.approx(1 - fixed * math.exp(-5.0), rel=1e-9)


def test_deviation_is_against_running_mean_and_variance() -> None:
    """Both are those of all numbers before, each weighted by (1 - 1/tau)**age, the beginning included."""
    x, tau = np.random.default_rng(2).normal(3.0, 2.0, 25), 5.0
    amounts = told(Surprise(tau=tau, mean=1.0, deviation=0.5), [Outcome(stimulus=v) for v in x])
    for n in range(25):
        weights = np.array([0.8**n, *(0.2 * 0.8 ** (n - 1 - k) for k in range(n))])
        values = np.array([1.0, *x[:n]])
        mean = (weights * values).sum()
        variance = (weights * (values - mean) ** 2).sum() + 0.25 * 0.8**n
        assert amounts[n] == pytest.approx(abs(x[n] - mean) / math.sqrt(variance), rel=1e-9)
    flat = told(Surprise(deviation=1e-9, mean=2.0, least=0.01), [Outcome(stimulus=2.0), Outcome(stimulus=2.5)])
    assert flat == [0.0, pytest.approx(50.0)]


def test_improbability_is_that_of_how_often_each_came() -> None:
    signal = Surprise(kind="improbability", prior=0.5)
    amounts = told(signal, [Outcome(stimulus=s) for s in (0, 0, 1, 0)])
    p = [0.5 / 0.5, 1.5 / 2.0, 0.5 / 3.0, 2.5 / 4.5]
    assert amounts == pytest.approx([-math.log(q) for q in p], rel=1e-12)
    x = [Outcome(stimulus=int(s)) for s in np.random.default_rng(3).random(20_000) < 0.1]
    entropy = -0.1 * math.log(0.1) - 0.9 * math.log(0.9)
    assert np.mean(told(signal, x)) == pytest.approx(entropy, abs=4 * 0.66 / math.sqrt(20_000))  # 4 standard errors


@pytest.mark.parametrize(
    ("signal", "stimulus", "error"),
    [
        (Surprise(), None, "Surprise asks for a stimulus"),
        (Surprise(), "bell", r"stimulus='bell'; allowed: one number, or kind='improbability'"),
        (Surprise(), [1.0, 2.0], "allowed: one number"),
        (Surprise(), math.nan, "finite numbers"),
        (Novelty(), [1.0, math.inf], "finite numbers"),
        (Novelty(), {"a": 1}, "a word, or finite numbers"),
    ],
)
def test_stimuli_that_cannot_be(signal: ModulatorSignal, stimulus: Any, error: str) -> None:
    with pytest.raises(InvalidValueError, match=error):
        signal.release(Outcome(stimulus=stimulus), signal.initial())


def test_bursts_and_dips_are_arrays_that_add_up() -> None:
    both = burst(1.0, 0.9, duration=1.5, steps=8, dt=0.5) + burst(2.0, -0.2, duration=0.5, steps=8, dt=0.5)
    np.testing.assert_allclose(both, [0, 0, 0.3, 0.3, 0.1, 0, 0, 0], atol=1e-15)
    np.testing.assert_array_equal(pulses({0.0: 1.0, 3.5: -2.0}, steps=8, dt=0.5), [1, 0, 0, 0, 0, 0, 0, -2])


@given(st.integers(1, 60), st.integers(0, 59), st.integers(1, 60), st.floats(-5, 5))
def test_a_burst_releases_its_amount(steps: int, first: int, many: int, amount: float) -> None:
    if first + many > steps:
        with pytest.raises(InvalidValueError, match=r"outside the run|ends after"):
            burst(first * 0.1, amount, duration=many * 0.1, steps=steps, dt=0.1)
        return
    found = burst(first * 0.1, amount, duration=many * 0.1, steps=steps, dt=0.1)
    assert found.sum() == pytest.approx(amount, rel=1e-12, abs=1e-300)
    assert not found[:first].any()
    assert not found[first + many :].any()


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ({1.0: 1.0, 1.2: 1.0}, r"pulses at 1 and 1.2 ms are both in step 1 of 1 ms, which would be set twice"),
        ({10.0: 1.0}, "at 10.0 ms is outside the run of 10 steps"),
        ({math.nan: 1.0}, "at nan ms is outside"),
        ({1.0: math.inf}, "amount of inf"),
    ],
)
def test_pulses_that_cannot_be(amounts: dict[float, float], error: str) -> None:
    with pytest.raises(InvalidValueError, match=error):
        pulses(amounts, steps=10, dt=1.0)


def test_bursts_that_cannot_be() -> None:
    with pytest.raises(InvalidValueError, match="a step of 1 ms or more"):
        burst(1.0, 1.0, duration=0.2, steps=10, dt=1.0)
    with pytest.raises(InvalidValueError, match="amount of nan"):
        burst(1.0, math.nan, duration=2.0, steps=10, dt=1.0)
