"""What every task promises, those of tomorrow too: Gymnasium's own checks, spaces, seeds, states, pictures, vectors."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.tasks import Task, tasks

EACH = pytest.mark.parametrize("name", list(tasks()))


def acted(env: Any, actions: list[Any]) -> list[Any]:
    """What an episode gives for these actions, until it is over."""
    found: list[Any] = []
    for action in actions:
        observation, reward, terminated, truncated, info = env.step(action)
        found.append((observation.tolist(), reward, terminated, truncated, str(info)))
        if terminated or truncated:
            break
    return found


def drawn(env: Any, count: int, seed: int) -> list[Any]:
    env.action_space.seed(seed)
    return [env.action_space.sample() for _ in range(count)]


def test_there_are_those_of_the_issue() -> None:
    names = {name.removeprefix("spikeloom/").removesuffix("-v0") for name in tasks()}
    assert names >= {
        "Conditioning", "DelayedLeverPress", "EventTracking", "Habituation", "LinearTrack", "MorrisWaterMaze",
        "TMaze", "TwoArmedBandit",
    }  # fmt: skip


@EACH
def test_gymnasium_finds_nothing_to_complain_of(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(name).unwrapped)


@EACH
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 150))
def test_observations_lie_in_their_space_and_rewards_are_finite(name: str, seed: int, steps: int) -> None:
    env = tasks()[name]()
    observation, _ = env.reset(seed=seed)
    assert env.observation_space.contains(observation)
    for action in drawn(env, steps, seed):
        observation, reward, terminated, truncated, _ = env.step(action)
        assert env.observation_space.contains(observation)
        assert math.isfinite(reward)
        if terminated or truncated:
            break


@EACH
def test_the_seed_decides(name: str) -> None:
    env = tasks()[name]()
    actions = drawn(env, 400, 1)
    runs = []
    for seed in (1, 1, 2):
        begin, _ = env.reset(seed=seed)
        runs.append([begin.tolist(), *acted(env, actions)])
        again, _ = env.reset()  # the next episode comes from the same stream
        runs[-1].append(again.tolist())
    assert runs[0] == runs[1]
    if name not in ("spikeloom/LinearTrack-v0", "spikeloom/Habituation-v0"):  # in which nothing is left to chance
        assert runs[0] != runs[2]


@EACH
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), cut=st.integers(0, 60))
def test_a_state_goes_through_json_and_everything_after_it_is_the_same(name: str, seed: int, cut: int) -> None:
    env, other = tasks()[name](), tasks()[name]()
    actions = drawn(env, cut + 100, seed)
    env.reset(seed=seed)
    acted(env, actions[:cut])
    kept = json.loads(json.dumps(env.state()))
    other.reset(seed=seed + 1)
    acted(other, actions[::-1])
    seen = other.restore(kept)
    assert np.array_equal(seen, env.observe())
    runs = []
    for each in (env, other):
        runs.append([] if each.over else acted(each, actions[cut:]))
        runs[-1] += [each.reset()[0].tolist(), *acted(each, actions)]
    assert runs[0] == runs[1]
    other.restore(kept)  # and it was not written to
    assert json.loads(json.dumps(other.state())) == kept


@EACH
def test_pictures(name: str) -> None:
    env = tasks()[name](render_mode="rgb_array")
    env.reset(seed=5)
    seen = []
    for action in drawn(env, 100, 0):
        if env.over:
            env.reset()
        env.step(action)
        seen.append(env.render())
    assert {p.dtype for p in seen} == {np.dtype(np.uint8)}
    assert len({p.shape for p in seen}) == 1
    assert seen[0].shape[2] == 3
    assert max(seen[0].shape) <= 256
    assert len({p.tobytes() for p in seen}) > 1
    assert tasks()[name]().render() is None


@EACH
def test_many_at_once(name: str) -> None:
    envs: Any = gymnasium.make_vec(name, num_envs=3, vectorization_mode="sync")
    observations, _ = envs.reset(seed=[4, 5, 4])
    assert observations.shape[0] == 3
    envs.action_space.seed(0)
    single = tasks()[name]()
    single.reset(seed=4)
    for _ in range(50):
        actions = envs.action_space.sample()
        observations, rewards, terminated, truncated, _ = envs.step(actions)
        if single.over:
            break
        expected = single.step(actions[0])
        np.testing.assert_array_equal(observations[0], expected[0])
        assert (rewards[0], terminated[0], truncated[0]) == expected[1:4]
    envs.close()


@EACH
def test_what_is_refused(name: str) -> None:
    env = tasks()[name]()
    with pytest.raises(InvalidValueError, match=r"begin another one with reset\(\)"):
        env.step(env.action_space.sample())
    env.reset(seed=0)
    impossible = np.full(1, 2, np.float32) if isinstance(env.action_space, gymnasium.spaces.Box) else -1
    with pytest.raises(InvalidValueError, match=r"\.step\(.*\) is not possible; allowed: (Box|Discrete)"):
        env.step(impossible)
    with pytest.raises(InvalidValueError, match="render_mode='human'"):
        tasks()[name](render_mode="human")
    with pytest.raises(UnknownNameError, match="did you mean 'interval'"):
        gymnasium.make(name, intervall=3.0)
    with pytest.raises(InvalidValueError, match=r"interval=-1\) is not possible; allowed: a finite number > 0 \[ms\]"):
        tasks()[name](interval=-1)
    state = tasks()[name](interval=env.interval / 2).state()
    with pytest.raises(InvalidValueError, match="no state of"):
        env.restore(state)
    state = env.state()
    del state["random"]
    with pytest.raises(InvalidValueError, match="without random"):
        env.restore(state)


@EACH
def test_the_docstring_says_what_is_seen_done_and_rewarded(name: str) -> None:
    text = tasks()[name].__doc__ or ""
    assert all(f"- {part}: " in text for part in ("Action", "Observation", "Reward", "End"))
    assert tasks()[name].Settings.__doc__
    assert issubclass(tasks()[name], Task)


def test_without_gymnasium_the_reader_is_told_what_to_install() -> None:
    program = """
import sys
sys.modules["gymnasium"] = None
import spikeloom
try:
    spikeloom.tasks.TMaze
except ImportError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("MissingPackageError"), done.stderr
    assert 'pip install "spikeloom[rl]"' in done.stdout
