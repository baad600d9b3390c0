"""Several lives of one agent at once, in the copies of a vectorised environment, that share what they learn."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.random import key
from spikeloom.learning.reinforcement.agents.base import Agent, Life, State
from spikeloom.learning.reinforcement.loop import Episode, EpisodeBroken, failed, seed_of

WEIGHT, BEFORE = "weight", "weight before"
"""The names in a state of a projection's weights as they are, and as the last event at each synapse left them."""


@dataclasses.dataclass(frozen=True)
class Round:
    """What came of one round, in which each life had one episode."""

    number: int
    episodes: tuple[Episode, ...]
    """One for each copy of the environment; each with the state of its own life, before weights were shared."""
    state: list[State]
    """All that is needed to go on with the next round, to the bit."""


def rounds(
    agent: Agent, envs: Any, *, seed: int = 0, state: list[State] | None = None, learning: bool = True
) -> Iterator[Round]:
    """Let ``agent`` live in all copies of a vectorised environment at once, round after round without end.

    In a round every copy is one episode long; those that end sooner wait for the last. Each copy has a life of its
    own, with noise of its own. After a round each weight becomes the mean over all lives: the mean of what they
    learned. That is less in a round than one life learns in as many episodes, and less noisy.

    Args:
        agent: what learns.
        envs: made by ``gymnasium.make_vec``; its copies have to begin anew by themselves (``autoreset_mode`` NEXT_STEP
            or SAME_STEP).
        seed: of the network, of all noise and of the environments.
        state: where to go on, ``Round.state``; without it new lives begin.
        learning: whether anything is learned.

    Raises:
        EpisodeBroken: the environment raised; ``state`` is that of the beginning of the round.
        UnsupportedError, InvalidValueError: the agent does not fit the environment, or the state does not.
    """
    many = int(envs.num_envs)
    if state is not None and len(state) != many:
        raise InvalidValueError(f"the state is that of {len(state)} lives; the environment has {many} copies")
    mode = str(getattr(envs, "metadata", {}).get("autoreset_mode", "NextStep")).lower()
    if "disabled" in mode:
        raise UnsupportedError(
            "a vectorised environment that does not begin anew by itself cannot be used; make it with "
            "autoreset_mode=gymnasium.vector.AutoresetMode.NEXT_STEP"
        )
    lives = [
        agent.begin(
            envs.single_observation_space, envs.single_action_space, seed=key(seed, f"life {k}") % 2**31,
            state=None if state is None else state[k], learning=learning,
        )
        for k in range(many)
    ]  # fmt: skip
    before = shared([life.state for life in lives]) if state is None else state
    while True:
        for life, mine in zip(lives, before, strict=True):
            life.restore(mine)
        number = lives[0].episodes
        try:
            found = _play(lives, envs, "samestep" in mode.replace("_", ""))
        except _Failed as error:
            cause = error.__cause__
            assert isinstance(cause, Exception)
            raise EpisodeBroken(str(failed(envs, number, error.where, cause)), before) from cause
        before = shared([episode.state for episode in found])
        yield Round(number, tuple(found), before)


def shared(states: list[State]) -> list[State]:
    """The states with the mean of all their weights in each; everything else stays each one's own."""
    networks = [state["network"] for state in states]
    if any(not network for network in networks):
        return states
    mean = {
        name: sum(network[name][WEIGHT] for network in networks) / len(networks)
        for name, part in networks[0].items()
        if WEIGHT in part
    }
    found: list[State] = []
    for state, network in zip(states, networks, strict=True):
        parts = {name: dict(part) for name, part in network.items()}
        for name, weight in mean.items():
            pending = parts[name][WEIGHT] - parts[name].get(BEFORE, parts[name][WEIGHT])  # since the last event
            parts[name][WEIGHT] = weight
            if BEFORE in parts[name]:
                parts[name][BEFORE] = weight - pending
        found.append({**state, "network": parts})
    return found


class _Failed(Exception):
    """The environment raised; ``where`` says in which call."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def _play(lives: list[Life], envs: Any, same_step: bool) -> list[Episode]:
    begun = time.perf_counter()
    numbers = [life.episodes for life in lives]
    try:
        seen, _ = envs.reset(seed=[seed_of(life.seed, life.episodes) for life in lives])
    except Exception as error:
        raise _Failed("reset()") from error
    inside = time.perf_counter() - begun
    actions: list[Any] = [life.first(seen[k]) for k, life in enumerate(lives)]
    last = list(actions)  # what those whose episode is over go on doing; nobody looks at it
    totals, steps, ended = np.zeros(len(lives)), np.zeros(len(lives), int), np.zeros(len(lives), bool)
    found: list[Episode | None] = [None] * len(lives)
    while any(episode is None for episode in found):
        left = time.perf_counter()
        try:
            seen, rewards, terminated, truncated, info = envs.step(np.asarray(last, envs.action_space.dtype))
        except Exception as error:
            raise _Failed(f"step {int(steps.max()) + 1}") from error
        inside += time.perf_counter() - left
        for k, life in enumerate(lives):
            if found[k] is not None:
                continue
            over = bool(terminated[k] or truncated[k])
            observation = info["final_obs"][k] if over and same_step else seen[k]
            totals[k] += rewards[k]
            steps[k] += 1
            ended[k] = terminated[k]
            action = life.then(float(rewards[k]), observation, bool(terminated[k]), bool(truncated[k]))
            last[k] = last[k] if action is None else action
            if action is None:
                took = time.perf_counter() - begun
                found[k] = Episode(
                    numbers[k], float(totals[k]), int(steps[k]), bool(ended[k]), took, inside, life.state
                )  # fmt: skip
    return [episode for episode in found if episode is not None]
