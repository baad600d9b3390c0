"""Conditioning: what is seen when, and what a response changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError
from spikeloom.protocols import PROTOCOLS, protocol
from spikeloom.tasks import Conditioning, TimedTrial

TIMES = {"cs": 1000, "us_onset": 1000, "us": 100, "after": 400}


def course(env: Conditioning, response: Any = lambda env: 0) -> list[tuple[str, int, list[int], float]]:
    """Trial, time in it, what is on, and reward, step by step, without the pauses."""
    env.reset(seed=0)
    found = []
    while not env.over:
        observation, reward, _, _, info = env.step(response(env))
        if info["time"] >= 0 and not env.over:
            found.append((info["name"], round(info["time"]), [int(x) for x in observation], reward))
        else:
            assert not observation.any()
    return found


def timed(text: str) -> list[TimedTrial]:
    return [TimedTrial.of(trial, **TIMES) for trial in protocol(text)]


def test_the_times_of_a_trial() -> None:
    compound, prevented, alone, nothing = timed("1 CA+; 1 B>A-!; 1 +/-")
    assert compound.stimuli == {"C": (0, 1000), "A": (0, 1000), "US": (1000, 1100)}
    assert compound.duration == 1500
    assert (compound.name, prevented.name) == ("CA+", "B>A-!")
    assert prevented.stimuli == {"B": (0, 1000), "A": (1000, 2000)}
    assert prevented.duration == 2500
    assert prevented.prevented
    assert not compound.prevented
    assert alone.stimuli == {"US": (1000, 1100)}
    assert nothing.stimuli == {}
    assert nothing.duration == alone.duration == 1500


@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.sampled_from(["A+", "AB-", "B>A+!", "-"]), min_size=1))))
def test_as_many_trials_as_the_phases_say(phases: list[tuple[int, list[str]]]) -> None:
    text = "; ".join(f"{n} {'/'.join(kinds)}" for n, kinds in phases)
    names = [kind for n, kinds in phases for kind in kinds * n]
    if names:
        assert [trial.name for trial in Conditioning(protocol=text).trials] == names


@pytest.mark.parametrize(
    ("text", "message"),
    [("0 A+", r"protocol='0 A\+'\) has no trial"), ("3 A>BA+", "A comes a second time in the trial 'A>BA\\+'"),
     ("", "protocol=''")],
)  # fmt: skip
def test_what_cannot_be_gone_through(text: str, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Conditioning(protocol=text)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_named_protocol_runs_to_its_end(name: str) -> None:
    env = Conditioning(protocol=name, interval=500.0, pause=1000.0, jitter=0.0)
    _, info = env.reset(seed=0)
    terminated = truncated = False
    while not env.over:
        *_, terminated, truncated, info = env.step(0)
    assert terminated
    assert not truncated
    assert info["trial"] == len(env.trials) - 1


def test_what_is_seen_and_when() -> None:
    found = course(Conditioning(protocol="1 B>A+/C-", interval=500.0, us=500.0))
    assert found == [
        ("B>A+", 0, [0, 1, 0, 0], 0.0),
        ("B>A+", 500, [0, 1, 0, 0], 0.0),
        ("B>A+", 1000, [1, 0, 0, 0], 0.0),
        ("B>A+", 1500, [1, 0, 0, 0], 0.0),
        ("B>A+", 2000, [0, 0, 0, 1], 1.0),
        ("B>A+", 2500, [0, 0, 0, 0], 0.0),
        ("C-", 0, [0, 0, 1, 0], 0.0),
        ("C-", 500, [0, 0, 1, 0], 0.0),
        ("C-", 1000, [0, 0, 0, 0], 0.0),  # as long as if it came
        ("C-", 1500, [0, 0, 0, 0], 0.0),
    ]  # fmt: skip


def test_the_default_returns_40_whatever_is_done() -> None:
    for respond in (0, 1):
        assert sum(row[3] for row in course(Conditioning(), lambda _, a=respond: a)) == 40


def rewards(respond: Any, **given: Any) -> float:
    return sum(row[3] for row in course(Conditioning(pause=1000.0, **given), respond))


def during(env: Conditioning) -> int:
    """Respond once a stimulus has been on for 300 ms."""
    return int(env.clock == 3)


def early(env: Conditioning) -> int:
    """Respond before it comes."""
    return int(env.clock < 0)


def test_food_only_for_those_who_respond_to_the_stimulus() -> None:
    assert rewards(during, protocol="10 A+/B-", contingency="reward") == 10
    assert rewards(early, protocol="10 A+/B-", contingency="reward") == 0
    assert rewards(during, protocol="10 A+!", contingency="reward") == 0


def test_a_response_in_time_prevents_the_shock_and_ends_its_signal() -> None:
    shock: dict[str, Any] = {"protocol": "5 A+", "contingency": "avoidance", "value": -1.0}
    assert rewards(lambda _: 0, **shock) == -5
    assert rewards(during, **shock) == 0
    assert rewards(early, **shock) == -5
    assert rewards(during, **{**shock, "protocol": "5 A+!"}) == -5
    found = course(Conditioning(pause=1000.0, jitter=0.0, **{**shock, "protocol": "1 A+"}), during)
    assert [seen for _, time, seen, _ in found if time < 400] == [[1, 0]] * 4
    assert not any(any(seen) for _, time, seen, _ in found if time >= 400)


def test_trials_of_any_timing() -> None:
    own = [
        TimedTrial(stimuli={"Tone": (200.0, 400.0), "US": (1500.0, 1700.0)}, duration=2000.0, name="trace"),
        TimedTrial(stimuli={"Tone": (0.0, 10.0)}, duration=100.0),
    ]
    env = Conditioning(trials=own, value=0.5)
    found = course(env)
    assert [(time, seen) for name, time, seen, _ in found if any(seen) and name == "trace"] == [
        (200, [1, 0]), (300, [1, 0]), (1500, [0, 1]), (1600, [0, 1])
    ]  # fmt: skip
    assert sum(row[3] for row in found) == 0.5
    assert found[-1][2] == [1, 0]  # shorter than a step, and seen nevertheless
    with pytest.raises(InvalidValueError, match="no state of Conditioning"):
        Conditioning(value=0.5).restore(env.state())
    with pytest.raises(InvalidValueError, match="Tone is on from 400 to 200"):
        TimedTrial(stimuli={"Tone": (400, 200)}, duration=1000)
    with pytest.raises(InvalidValueError, match="has no trial"):
        Conditioning(trials=[])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_pauses_are_as_long_as_they_should_be(seed: int) -> None:
    env = Conditioning(protocol="4 A+", interval=100.0, pause=500.0, jitter=1000.0)
    env.reset(seed=seed)
    pauses = [env.info()["time"]]
    while not env.over:
        before = env.trial
        *_, info = env.step(0)
        if info["trial"] != before:
            pauses.append(info["time"])
    assert len(pauses) == 4
    assert all(-1500 <= time <= -500 for time in pauses)
    assert np.ptp(pauses) >= 0
