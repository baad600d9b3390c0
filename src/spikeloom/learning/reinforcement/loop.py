"""Episode after episode: an agent in an environment of Gymnasium, with a state at the end of each."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

from spikeloom.core.errors import TaskError
from spikeloom.core.random import key
from spikeloom.learning.reinforcement.agents.base import Agent, Life, State


class EnvironmentFailed(TaskError):
    """The environment raised; the cause is what it raised. What the life has learned in this episode is half done."""


class EpisodeBroken(TaskError):
    """The environment raised in the middle of an episode. ``state`` is that of its beginning: go on from there."""

    def __init__(self, message: str, state: Any) -> None:
        super().__init__(message)
        self.state = state


@dataclasses.dataclass(frozen=True)
class Episode:
    """What came of one episode."""

    number: int
    """0 for the first in the agent's life."""
    total: float
    """The sum of the rewards."""
    steps: int
    terminated: bool
    """Whether it came to its own end; otherwise a time limit cut it off."""
    seconds: float
    """How long it took."""
    environment_seconds: float
    """How much of it was spent in the environment."""
    state: State
    """All that is needed to go on with the next episode, to the bit."""


def episodes(
    agent: Agent, env: Any, *, seed: int = 0, state: State | None = None, learning: bool = True
) -> Iterator[Episode]:
    """Let ``agent`` live through episodes of ``env`` without end; take as many as you want.

    Every episode begins with ``env.reset(seed=...)``, by a seed that follows from ``seed`` and its number, so that an
    agent that goes on from a state meets the same episodes as one that was never interrupted.

    Args:
        agent: what learns.
        env: an environment of Gymnasium, made by ``gymnasium.make``.
        seed: of the network, of its noise, of the choices and of the environment.
        state: where to go on, ``Episode.state`` of an earlier episode; without it a new life begins.
        learning: whether anything is learned.

    Raises:
        EpisodeBroken: the environment raised; it has the state before this episode.
        UnsupportedError, InvalidValueError: the agent does not fit the environment.
    """
    life = agent.begin(env.observation_space, env.action_space, seed=seed, state=state, learning=learning)
    before = life.state if state is None else state
    while True:
        try:
            episode = play(life, env)
        except EnvironmentFailed as error:
            raise EpisodeBroken(str(error), before) from error.__cause__
        before = episode.state
        yield episode


def play(life: Life, env: Any) -> Episode:
    """One episode of a life in ``env``.

    Raises:
        EnvironmentFailed: the environment raised.
    """
    begun = time.perf_counter()
    number, total, steps, inside = life.episodes, 0.0, 0, 0.0
    try:
        observation, _ = env.reset(seed=seed_of(life.seed, number))
    except Exception as error:
        raise failed(env, number, "reset()", error) from error
    inside += time.perf_counter() - begun
    action = life.first(observation)
    terminated = truncated = False
    while action is not None:
        left = time.perf_counter()
        try:
            observation, reward, terminated, truncated, _ = env.step(action)
        except Exception as error:
            raise failed(env, number, f"step {steps + 1}", error) from error
        inside += time.perf_counter() - left
        total, steps = total + float(reward), steps + 1
        action = life.then(float(reward), observation, bool(terminated), bool(truncated))
    seconds = time.perf_counter() - begun
    return Episode(number, total, steps, bool(terminated), seconds, inside, life.state)


def seed_of(seed: int, episode: int) -> int:
    """The seed of an environment's episode."""
    return key(seed, f"episode {episode}") % 2**31


def failed(env: Any, number: int, where: str, error: Exception) -> EnvironmentFailed:
    """What to say of an environment that raised ``error``."""
    return EnvironmentFailed(
        f"{env} raised {type(error).__name__} in {where} of episode {number}: {error}. The state before this episode "
        "is whole: go on from it (episodes(..., state=error.state), or spikeloom train --resume) once it is repaired"
    )
