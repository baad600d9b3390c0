"""The agents of ``fremaux-2013``, and what they live through."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.units import Hz, ms
from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import Tiles
from spikeloom.learning.reinforcement.loop import Episode, episodes
from spikeloom.learning.reinforcement.recipes.cartpole import ACTOR_CRITIC as BALANCER
from spikeloom.learning.reinforcement.recipes.water_maze import SETTINGS, SWIMMER

OVER: Final = 100
"""Consecutive episodes of CartPole over which the mean is taken."""
ENOUGH: Final = 475.0
"""Where CartPole-v1 counts as solved."""

RUNNER: Final = ActorCritic(
    encoder=Tiles(tiles=16, tilings=8, max_rate=200 * Hz), decoder=Winner(neurons=2), gamma=0.95, value=0.5,
    scale=1 / 8, critic_rate=0.1, tau_e=40 * ms,
)  # fmt: skip
"""Runs along the linear track, whatever its actors say; its critic learns what the places are worth."""


@dataclass(frozen=True)
class Balanced:
    """Episodes of CartPole, up to the one with which the last ``OVER`` have a mean of ``ENOUGH``."""

    returns: NDArray[np.float64]

    @property
    def best(self) -> float:
        """The largest mean over ``OVER`` consecutive episodes; of all, if there are fewer."""
        if len(self.returns) < OVER:
            return float(self.returns.mean())
        return float(np.convolve(self.returns, np.full(OVER, 1 / OVER), "valid").max())

    @property
    def solved(self) -> bool:
        """Whether that is enough."""
        return len(self.returns) >= OVER and self.best >= ENOUGH


def balance(seed: int, many: int, signal: str, tell: Callable[[float], None]) -> Balanced:
    """Learn CartPole until it is solved, for ``many`` episodes at most."""
    import gymnasium

    found: list[float] = []
    for episode in _life(BALANCER.replace(signal=signal), gymnasium.make("CartPole-v1"), seed, many):
        found.append(episode.total)
        tell(len(found) / many)
        if Balanced(np.array(found[-OVER:])).solved:
            break
    return Balanced(np.array(found))


def swim(seed: int, trials: int, signal: str, tell: Callable[[float], None]) -> NDArray[np.float64]:
    """How long each trial in the water maze took [s]."""
    from spikeloom.tasks import MorrisWaterMaze

    env = MorrisWaterMaze(**SETTINGS)
    found: list[float] = []
    for episode in _life(SWIMMER.replace(signal=signal), env, seed, trials):
        found.append(episode.steps * env.interval / 1000)
        tell(len(found) / trials)
    return np.array(found)


def _life(agent: ActorCritic, env: Any, seed: int, many: int) -> Iterator[Episode]:
    return itertools.islice(episodes(agent, env, seed=seed), many)


@dataclass(frozen=True)
class Track:
    """What the places of the linear track were thought worth, and are."""

    place: NDArray[np.float64]
    """[m]"""
    value: NDArray[np.float64]
    """By the critic, in the mean over the last fifth of the runs."""
    exact: NDArray[np.float64]
    """gamma to the power of the steps between the place and the last one before the food."""

    @property
    def error(self) -> float:
        """The root of the mean square of the difference."""
        return float(np.sqrt(np.mean((self.value - self.exact) ** 2)))


def run_along(seed: int, many: int, signal: str, tell: Callable[[float], None]) -> Track:
    """Run along the track ``many`` times, always straight ahead."""
    from spikeloom.tasks import LinearTrack

    env = LinearTrack(delay=0.0)
    life = RUNNER.replace(signal=signal).begin(env.observation_space, env.action_space, seed=seed)
    places: list[float] = []
    values: list[list[float]] = []
    for k in range(many):
        seen, _ = env.reset(seed=k)
        life.first(seen)
        places, values, over = [], [*values, []], False
        while not over:
            places.append(float(seen[0]))
            values[-1].append(float(life.numbers["value"]))
            seen, reward, over, _, _ = env.step(2)
            life.then(reward, seen, over, False)
        tell((k + 1) / many)
    left = np.arange(len(places))[::-1]
    mean = np.mean(values[-max(many // 5, 1) :], 0)
    return Track(np.array(places), mean, np.asarray(RUNNER.gamma**left, np.float64))
