"""What a training by reward gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from spikeloom.learning.finished import Finished


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class ReinforcementResult(Finished):
    """The result of :func:`~spikeloom.learning.reinforcement.train`: everything that ``result.json`` holds.

    Attributes:
        environment, rule: the environment's name, and the agent's kind (``"actor-critic"``).
        agent: the agent's description.
        over, until: over how many episodes a mean is taken, and at which one the training was to end.
        returns: the sum of rewards of each episode.
        lengths: the steps of each.
        errors: the mean size of the agent's prediction error in each; empty if it makes none.
        mean_return: mean over the last ``over`` episodes.
        best_mean_return: the largest such mean.
        solved_at: after how many episodes the mean reached ``until``; ``None`` if it did not.
        steps: decisions in all episodes.
        seconds: of the training, and of all its parts if it was resumed.
        environment_share: the part of that spent in the environment.
        run: the run folder, or ``None``.
        engine, seed, command, versions: how to get the same again.
        network: description of the network.
        film: of the last episode's pictures: their number, or why there are none.
    """

    environment: str
    rule: str
    agent: dict[str, Any]
    over: int
    until: float | None
    returns: list[float]
    lengths: list[int]
    errors: list[float]
    solved_at: int | None
    seconds: float
    environment_seconds: float
    run: str | None
    engine: str
    seed: int
    command: str
    versions: dict[str, str]
    network: dict[str, Any]
    film: dict[str, Any]

    summarised: ClassVar = (
        "environment", "rule", "episodes", "mean_return", "best_mean_return", "solved_at", "steps", "steps_per_second",
        "environment_share", "seconds", "run",
    )  # fmt: skip

    @property
    def episodes(self) -> int:
        """How many episodes there were."""
        return len(self.returns)

    @property
    def steps(self) -> int:
        """Decisions in all episodes."""
        return sum(self.lengths)

    @property
    def mean_return(self) -> float:
        """Mean return over the last ``over`` episodes."""
        return float(np.mean(self.returns[-self.over :]))

    @property
    def best_mean_return(self) -> float:
        """The largest mean return over ``over`` episodes in a row (over all, if there were fewer)."""
        return float(running_mean(self.returns, self.over).max())

    @property
    def steps_per_second(self) -> float:
        """Decisions in a second of training."""
        return self.steps / max(self.seconds, 1e-9)

    @property
    def environment_share(self) -> float:
        """The part of the time that was spent in the environment."""
        return self.environment_seconds / max(self.seconds, 1e-9)

    def told(self) -> str:
        return (
            f"{self.environment} by {self.rule}: mean return {self.mean_return:.1f} over the last "
            f"{min(self.over, self.episodes)} of {self.episodes} episodes, {self.steps} steps in {self.seconds:.1f} s"
        )


def running_mean(values: Any, over: int) -> np.ndarray:
    """The mean of each ``over`` neighbours; one mean of all where there are fewer.

    >>> running_mean([1, 2, 3, 6], over=2).tolist()
    [1.5, 2.5, 4.5]
    """
    array = np.asarray(values, np.float64)
    width = max(1, min(over, array.size))
    total = np.concatenate([[0.0], np.cumsum(array)])
    return (total[width:] - total[:-width]) / width
