"""What an agent earns when it learns no more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from spikeloom.core.arrays import whole
from spikeloom.learning.reinforcement import environments
from spikeloom.learning.reinforcement.agents import Agent, State
from spikeloom.learning.reinforcement.loop import play


@final
@dataclass(frozen=True, kw_only=True)
class Earned:
    """Episodes without learning.

    Attributes:
        returns, lengths: the sum of rewards, and the steps, of each episode.
        seconds, environment_seconds: how long they took, and how much of it the environment.
    """

    returns: list[float]
    lengths: list[int]
    seconds: float
    environment_seconds: float

    @property
    def mean_return(self) -> float:
        """Mean over the episodes."""
        return float(np.mean(self.returns))

    @property
    def deviation(self) -> float:
        """Standard deviation of the returns."""
        return float(np.std(self.returns))


def evaluate(agent: Agent, env: Any, state: State | None = None, *, episodes: int = 100, seed: int = 0) -> Earned:
    """The returns of ``agent`` in ``env``, with the weights of ``state`` as they are: nothing is learned.

    Args:
        agent: the agent that was trained.
        env: an environment of Gymnasium, or its name.
        state: where a training left it (``Episode.state``); an agent that was never trained if left out.
        episodes: how many; they are those that would have come next in the training.
        seed: that of the training, which the network was built by.
    """
    world = environments.make(env)
    begun = time.perf_counter()
    life = agent.begin(world.observation_space, world.action_space, seed=seed, state=state, learning=False)
    seen = [play(life, world) for _ in range(whole(episodes, "episodes"))]
    return Earned(
        returns=[e.total for e in seen],
        lengths=[e.steps for e in seen],
        seconds=time.perf_counter() - begun,
        environment_seconds=sum(e.environment_seconds for e in seen),
    )
