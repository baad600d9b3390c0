"""Models of conditioning against closed forms and against each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.analysis.conditioning import (
    Associations,
    Avoider,
    Mackintosh,
    PearceHall,
    RescorlaWagner,
    TemporalDifference,
    serial_value,
)  # fmt: skip
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.protocols import Trial, protocol

MODELS: dict[str, Associations] = {m.__class__.__name__: m for m in (RescorlaWagner(), PearceHall(), Mackintosh())}
cues = st.text("ABC", min_size=1, max_size=3).map(lambda text: "".join(dict.fromkeys(text)))
kinds = st.tuples(st.lists(cues, min_size=1, max_size=2), st.booleans())
phases = st.lists(st.tuples(st.integers(1, 5), st.lists(kinds, min_size=1, max_size=3)), min_size=1, max_size=3)


def written(plan: list[tuple[int, list[tuple[list[str], bool]]]]) -> str:
    return "; ".join(
        f"{times} " + "/".join(">".join(stimuli) + "-+"[reinforced] for stimuli, reinforced in kinds)
        for times, kinds in plan
    )


# --------------------------------------------------------------------------------------------------------- associations
def test_the_table_of_rescorla_and_wagner() -> None:
    """Rounded as published: alpha beta .1, lambda 1, 40 trials of each kind."""
    model = RescorlaWagner()
    expected = {
        "blocking": {"A": 0.99261, "B": 0.00739},
        "blocking control": {"A": 0.49993, "B": 0.49993, "C": 0.98522},
        "extinction": {"A": 0.34352},
        "overexpectation": {"A": 0.50006, "B": 0.50006},
    }
    for name, values in expected.items():
        assert {cue: round(v, 5) for cue, v in model.run(name).after().items()} == values
    assert model.run("1000 A+/AB-").after()["B"] == pytest.approx(-1, abs=1e-9)


@given(phases, st.floats(0.01, 0.3), st.floats(0.1, 3.0))
@settings(max_examples=30, deadline=None)
def test_temporal_differences_of_one_step_are_rescorla_and_wagner(plan: Any, rate: float, us: float) -> None:
    """Where all cues of a trial come together."""
    text = written([(n, [(["".join(sorted(set("".join(s))))], r) for s, r in kinds]) for n, kinds in plan])
    one = RescorlaWagner(rate=rate, us=us).run(text)
    other = TemporalDifference(rate=rate, us=us, steps=1).run(text)
    np.testing.assert_allclose(other.strength, one.strength, rtol=0, atol=1e-12)
    assert one.ends == other.ends


@given(phases, st.sampled_from(sorted(MODELS)))
@settings(max_examples=40, deadline=None)
def test_a_cue_that_is_absent_stays_what_it_is(plan: Any, name: str) -> None:
    text = written(plan)
    course = MODELS[name].run(text)
    for k, trial in enumerate(protocol(text)):
        for cue in course.cues:
            if cue not in trial.cues:
                assert course[cue][k + 1] == course[cue][k]
    assert course.strength.shape == (len(protocol(text)) + 1, len(course.cues))


def test_what_nothing_follows_is_no_longer_attended_to() -> None:
    hall, attended = PearceHall(gamma=0.2), Mackintosh(kappa=0.3, alpha=0.8)
    first = hall.run("7 A-; 1 A+")["A"][-1]
    assert first == pytest.approx(hall.salience * 0.8**7, rel=1e-12)
    first = attended.run("7 A-; 1 A+")["A"][-1]
    assert first == pytest.approx(attended.rate * 0.8 * 0.7**7, rel=1e-12)
    assert RescorlaWagner().run("7 A-; 1 A+")["A"][-1] == 0.1


def test_the_better_predictor_wins_attention() -> None:
    """In a compound after A alone, Mackintosh's B loses its attention trial by trial, and A gains."""
    model = Mackintosh()
    state = model.begin(2)
    for present in ([True, False],) * 20 + ([True, True],) * 5:
        state = model.learn(state, np.array(present), True)
    assert state["alpha"][1] == pytest.approx(0.5 * 0.9**5)
    assert state["alpha"][0] > 0.5


def test_pearce_hall_keeps_excitation_and_inhibition_apart() -> None:
    after = PearceHall().run("conditioned inhibition").after()
    assert after["B"] < -0.5
    assert after["A"] > 0.9
    model = PearceHall(gamma=0.0)  # without surprise every US adds the same, and what is left out is told by the error
    assert model.run("3 A+").after()["A"] == pytest.approx(0.3)
    assert model.run("3 A+; 1 A-").after()["A"] == pytest.approx(0.3 - 0.1 * 0.3)


def test_a_course_tells_what_it_has() -> None:
    course = RescorlaWagner().run("2 A+; 3 B+")
    assert course.ends == (2, 5)
    assert course.after(0) == {"A": pytest.approx(0.19), "B": 0.0}
    with pytest.raises(UnknownNameError, match="no cue named 'C'"):
        course["C"]
    assert sl.analysis.conditioning.RescorlaWagner is RescorlaWagner


# ------------------------------------------------------------------------------------------------- temporal differences
@given(st.integers(1, 6), st.integers(1, 25), st.floats(0.05, 0.9), st.floats(0.5, 1.0))
@settings(max_examples=30, deadline=None)
def test_what_is_known_moves_back_as_a_binomial(steps: int, trials: int, rate: float, gamma: float) -> None:
    model = TemporalDifference(steps=steps, rate=rate, gamma=gamma, us=2.0)
    seen = model.learn(f"{trials} A+")[1]
    expected = [serial_value(back, trials, rate=rate, gamma=gamma, us=2.0) for back in range(steps)]
    np.testing.assert_allclose(seen[-1].weights["A"][::-1], expected, rtol=0, atol=1e-12)


def test_at_rest_values_are_discounted_and_omission_costs_them() -> None:
    model = TemporalDifference(steps=5, rate=0.5, gamma=0.9)
    weights = model.learn("200 A+")[1][-1].weights
    np.testing.assert_allclose(weights["A"], 0.9 ** np.arange(4, -1, -1), atol=1e-9)
    followed, left_out = (model.trial(Trial(("A",), us), weights, learning=False) for us in (True, False))
    np.testing.assert_allclose(followed.error, [0, 0.9**5, 0, 0, 0, 0, 0, 0], atol=1e-9)
    assert left_out.error[left_out.us] == -left_out.value[left_out.us - 1]
    np.testing.assert_array_equal(left_out.weights["A"], weights["A"])


def test_traces_carry_an_error_to_all_steps_at_once() -> None:
    """With lambda = gamma = 1 the first US teaches every step the same."""
    model = TemporalDifference(steps=6, rate=0.2, gamma=1.0, decay=1.0)
    np.testing.assert_allclose(model.learn("1 A+")[1][0].weights["A"], 0.2)
    slow = TemporalDifference(steps=6, rate=0.2, gamma=1.0)
    assert slow.learn("1 A+")[1][0].weights["A"].tolist() == [0, 0, 0, 0, 0, 0.2]


def test_a_cue_before_a_conditioned_one_gains_and_a_blocked_one_does_not() -> None:
    model = TemporalDifference(steps=2, rate=0.2)
    assert model.run("60 A+; 10 B>A-").after()["B"] > 0.2
    assert RescorlaWagner(rate=0.2).run("60 A+; 10 B>A-").after()["B"] < -0.2
    assert abs(model.run("60 A+; 40 AB+").after()["B"]) < 1e-3 < model.run("60 C+; 40 AB+").after()["B"]


# ------------------------------------------------------------------------------------------------------------ avoidance
def test_a_shock_that_cannot_be_avoided_is_a_serial_compound() -> None:
    model = Avoider(steps=4)
    animals = model.begin(3)
    assert not model.trials(animals, 15, shock=True, prevented=True).any()
    expected = [serial_value(back, 15, rate=model.critic, gamma=model.gamma, us=-1.0) for back in (3, 2, 1, 0)]
    np.testing.assert_allclose(animals.value, np.tile(expected, (3, 1)), atol=1e-12)
    assert animals.fear == pytest.approx(min(expected))


def test_exposure_is_a_power_of_one_matrix() -> None:
    model = Avoider(steps=6)
    animals = model.begin(20, seed=3)
    model.trials(animals, 40, shock=True)
    before = animals.value.copy()
    model.trials(animals, 12, shock=False, prevented=True)
    np.testing.assert_allclose(animals.value, before @ model.exposure(12), atol=1e-12)


def test_new_animals_respond_by_chance_and_a_response_ends_the_trial() -> None:
    model = Avoider(steps=1, cost=0.3)
    animals = model.begin(20_000)
    avoided = model.trials(animals, 1, shock=True)[0]
    chance = 1 / (1 + math.exp(3))
    assert avoided.mean() == pytest.approx(chance, abs=4 * math.sqrt(chance / 20_000))
    np.testing.assert_allclose(animals.value[avoided], -0.3 * model.critic)
    np.testing.assert_allclose(animals.value[~avoided], -model.critic)
    assert not animals.preference[avoided, 0, 0].any()
    again = model.begin(20_000)
    np.testing.assert_array_equal(model.trials(again, 1, shock=True)[0], avoided)


def test_who_is_not_afraid_does_not_respond_if_fear_drives() -> None:
    model = Avoider(motive="fear")
    animals = model.begin(5)
    animals.preference[:, :, 1] = 50.0
    assert model.chance(animals, 0) == pytest.approx(1 / (1 + math.exp(3)))
    animals.value[:] = -1.0
    assert model.chance(animals, 0).min() > 0.999


@pytest.mark.parametrize("model", [TemporalDifference, Avoider])
def test_steps_are_whole(model: Any) -> None:
    with pytest.raises(InvalidValueError, match="a whole number >= 1"):
        model(steps=2.5)
