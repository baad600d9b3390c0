"""Environments that raise, hang, or give what nobody can learn from."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from spikeloom.core.errors import InvalidValueError, TaskError
from spikeloom.tasks import Guarded


class Faulty(gymnasium.Env[Any, Any]):
    """Does what it is told in its third step."""

    observation_space = spaces.Box(0, 1, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, fault: str) -> None:
        self.fault, self.count, self.closed = fault, 0, False
        self.release = threading.Event()

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.count = 0
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.count += 1
        reward = 1.0
        if self.count == 3:
            if self.fault == "raises":
                raise ZeroDivisionError("the lever broke")
            if self.fault == "exits":
                sys.exit(3)
            if self.fault == "hangs":
                self.release.wait(60)
            reward = float("nan") if self.fault == "nan" else reward
        return np.zeros(1, np.float32), reward, False, False, {}

    def close(self) -> None:
        self.closed = True


def begun(fault: str, seconds: float = 30.0) -> tuple[Guarded, Faulty]:
    inner = Faulty(fault)
    env = Guarded(inner, seconds=seconds)
    env.reset(seed=0)
    env.step(0)
    env.step(1)
    return env, inner


def test_what_works_is_left_as_it_is() -> None:
    env, inner = begun("none")
    plain = Faulty("none")
    plain.reset(seed=0)
    assert env.step(1)[1:] == plain.step(1)[1:]
    env.close()
    assert inner.closed
    rewards = []
    for wrap in (lambda e: e, Guarded):
        env = wrap(gymnasium.make("CartPole-v1"))
        env.reset(seed=3)
        rewards.append([env.step(k % 2)[0].tolist() for k in range(10)])
        env.close()
    assert rewards[0] == rewards[1]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("raises", "Faulty raised ZeroDivisionError in step 3 of an episode: the lever broke"),
        ("exits", "Faulty raised SystemExit in step 3 of an episode: 3"),
        ("nan", "Faulty gave the reward nan in step 3 of an episode, with action 0; allowed: a finite number"),
    ],
)
def test_an_environment_that_fails_is_named_and_can_begin_anew(fault: str, said: str) -> None:
    env, inner = begun(fault)
    with pytest.raises(TaskError, match=said) as caught:
        env.step(0)
    if fault == "raises":
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
    env.reset()
    assert env.step(0)[1] == 1.0
    env.close()
    assert inner.closed


def test_an_environment_that_hangs_is_left_behind() -> None:
    env, inner = begun("hangs", seconds=0.2)
    begin = time.monotonic()
    with pytest.raises(TaskError, match=r"Faulty hangs in step 3 of an episode: no answer within 0\.2 s"):
        env.step(0)
    assert 0.15 < time.monotonic() - begin < 20
    with pytest.raises(TaskError, match="hangs in step 3"):  # at once, and for ever
        env.reset()
    env.close()
    assert not inner.closed
    inner.release.set()


def test_a_call_that_was_interrupted_does_not_answer_the_next_one() -> None:
    env, _ = begun("none")
    env._answers.put((env._number, "stale", None))  # as after Ctrl-C while waiting
    env._number += 1
    assert env.step(0)[1] == 1.0
    env.close()


def test_the_process_ends_although_an_environment_hangs() -> None:
    program = """
import time, gymnasium
from spikeloom.core.errors import TaskError
from spikeloom.tasks import Guarded, LinearTrack

class Hanging(gymnasium.Wrapper):
    def step(self, action):
        time.sleep(1000)

env = Guarded(Hanging(LinearTrack()), seconds=0.1)
env.reset()
try:
    env.step(0)
except TaskError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert "hangs in step 1" in done.stdout, done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "3"])
def test_a_time_that_cannot_be(seconds: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"allowed: a number > 0"):
        Guarded(Faulty("none"), seconds=seconds)


def test_in_a_vector_of_environments() -> None:
    envs = gymnasium.make_vec("spikeloom/TMaze-v0", num_envs=2, vectorization_mode="sync", wrappers=[Guarded])
    envs.reset(seed=0)
    assert envs.step(np.array([0, 1]))[0].shape == (2, 6)
    envs.close()
