"""Several lives side by side in a vectorised environment: all agents decide, then all environments step in one call."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, final

import numpy as np

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.learning import provenance
from spikeloom.learning.reinforcement import environments
from spikeloom.learning.reinforcement.agents import Agent
from spikeloom.learning.reinforcement.loop import seed_of
from spikeloom.learning.reinforcement.progress import Episodes
from spikeloom.learning.reinforcement.result import ReinforcementResult
from spikeloom.learning.reinforcement.training import kind_of


def train_side_by_side(
    agent: Agent,
    env: Any,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    episodes: int = 500,
    until: float | None = None,
    over: int = 100,
    workers: bool = False,
    progress: bool = True,
) -> list[ReinforcementResult]:
    """Let one agent for each of ``seeds`` learn, each in an environment of its own.

    What becomes of an agent is what :func:`~spikeloom.learning.reinforcement.train` makes of it with the same seed, to
    the bit. It pays where environments are slow, with ``workers``, and gives learning curves over seeds
    (:func:`spikeloom.plots.learning_curves`).

    Args:
        agent: what learns; each life begins anew.
        env: the name of an environment, or one of ``gymnasium.make_vec``, of as many as there are seeds and with
            ``autoreset_mode`` ``DISABLED``, so that each episode can begin by a seed of its own.
        seeds: of each life.
        episodes, until, over: as those of :func:`~spikeloom.learning.reinforcement.train`.
        workers: let each environment step in a process of its own; for an ``env`` that is given by its name.
        progress: whether to show the progress, on standard error.

    Raises:
        InvalidValueError: another number of environments, or a mode in which they reset themselves.
        UnsupportedError: the agent does not fit the environment.
    """
    whole(episodes, "episodes")
    whole(over, "over")
    seeds = [whole(seed, "seed", minimum=0) for seed in seeds]
    if not seeds:
        raise InvalidValueError("seeds=[] is not possible; give one for each agent, such as seeds=[0, 1, 2]")
    many = _many(env, len(seeds), workers)
    try:
        lives = [_Side(agent, many, seed) for seed in seeds]
        with Episodes(progress, episodes * len(seeds)) as shown:
            _live(many, lives, episodes, until, over, shown)
    finally:
        if many is not env:
            many.close()
    name = type(many.unwrapped).__name__ if many.spec is None else str(many.spec.id)
    about: dict[str, Any] = {"command": provenance.command(), "versions": provenance.versions()}
    return [
        ReinforcementResult(
            environment=name, rule=kind_of(agent), agent=agent.describe(), over=over, until=until, returns=side.returns,
            lengths=side.lengths, errors=[], solved_at=side.solved_at, seconds=side.seconds,
            environment_seconds=side.environment_seconds, run=None, engine="steps", seed=side.seed,
            network=side.life.net.describe(), film={"frames": 0, "why": "side by side nothing is filmed"}, **about,
        )
        for side in lives
    ]  # fmt: skip


@final
class _Side:
    """One life, and what its episodes brought."""

    def __init__(self, agent: Agent, many: Any, seed: int) -> None:
        self.seed = seed
        self.life = agent.begin(many.single_observation_space, many.single_action_space, seed=seed)
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.total, self.steps = 0.0, 0
        self.solved_at: int | None = None
        self.seconds = self.environment_seconds = 0.0
        self.action: Any = None

    def next_seed(self) -> int:
        """By which its next episode begins."""
        return seed_of(self.seed, self.life.episodes)

    def take(self, reward: float, observation: Any, terminated: bool, truncated: bool) -> bool:
        """Learn from a step and choose the next action; whether the episode is over."""
        begun = time.perf_counter()
        self.total, self.steps = self.total + reward, self.steps + 1
        following = self.life.then(reward, observation, terminated, truncated)
        over = following is None
        if over:
            self.returns.append(self.total)
            self.lengths.append(self.steps)
            self.total, self.steps = 0.0, 0
        else:
            self.action = following
        self.seconds += time.perf_counter() - begun
        return over

    def begin(self, observation: Any) -> None:
        """Choose the first action of an episode."""
        begun = time.perf_counter()
        self.action = self.life.first(observation)
        self.seconds += time.perf_counter() - begun


def _live(many: Any, sides: list[_Side], episodes: int, until: float | None, over: int, shown: Episodes) -> None:
    observations, _ = many.reset(seed=[side.next_seed() for side in sides])
    for i, side in enumerate(sides):
        side.begin(_row(observations, i))
    going = np.ones(len(sides), bool)
    while going.any():
        left = time.perf_counter()
        found = many.step(np.array([side.action for side in sides]))
        observations, rewards, terminated, truncated, _ = found
        taken = time.perf_counter() - left
        over_now = np.zeros(len(sides), bool)
        for i in map(int, np.flatnonzero(going)):
            side = sides[i]
            share = taken / int(going.sum())
            side.seconds, side.environment_seconds = side.seconds + share, side.environment_seconds + share
            over_now[i] = side.take(float(rewards[i]), _row(observations, i), bool(terminated[i]), bool(truncated[i]))
            if over_now[i]:
                mean = float(np.mean(side.returns[-over:]))
                if until is not None and len(side.returns) >= over and mean >= until:
                    side.solved_at = len(side.returns)
                going[i] = len(side.returns) < episodes and side.solved_at is None
                done, steps = sum(len(s.returns) for s in sides), sum(sum(s.lengths) for s in sides)
                speed = steps / max(sum(s.seconds for s in sides), 1e-9)
                shown.episode(done, side.returns[-1], mean, over, speed, last=not going.any())
        again = over_now | (terminated | truncated)  # those that are through step on, and are not looked at
        if going.any() and again.any():
            observations, _ = many.reset(seed=[side.next_seed() for side in sides], options={"reset_mask": again})
            for i in map(int, np.flatnonzero(over_now & going)):
                sides[i].begin(_row(observations, i))


def _row(observations: Any, i: int) -> Any:
    return np.array(observations[i])


def _many(env: Any, count: int, workers: bool) -> Any:
    known = environments.known()
    import gymnasium
    from gymnasium.vector import AutoresetMode

    if isinstance(env, str):
        if env not in known:
            environments.make(env)  # its error suggests the nearest
        mode = "async" if workers else "sync"
        by_hand = {"autoreset_mode": AutoresetMode.DISABLED}
        return gymnasium.make_vec(env, num_envs=count, vectorization_mode=mode, vector_kwargs=by_hand)
    if not isinstance(env, gymnasium.vector.VectorEnv):
        raise InvalidValueError(
            f"env={env!r} is no vectorised environment; give the name of one, or gymnasium.make_vec(...)"
        )
    if env.num_envs != count:
        raise InvalidValueError(f"there are {env.num_envs} environments and {count} seeds; give one for each")
    if env.metadata.get("autoreset_mode") is not AutoresetMode.DISABLED:
        raise InvalidValueError(
            "these environments reset themselves, by no seed of ours; make them with gymnasium.make_vec(..., "
            'vector_kwargs={"autoreset_mode": gymnasium.vector.AutoresetMode.DISABLED})'
        )
    return env
