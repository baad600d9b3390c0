"""A training by reward under way: episode after episode, with a state that a checkpoint holds."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable
from typing import Any, final

import numpy as np
import torch

from spikeloom.core.errors import TaskError
from spikeloom.learning.interrupt import Interrupt, InterruptedTraining
from spikeloom.learning.reinforcement.agents import Agent, Life, State
from spikeloom.learning.reinforcement.loop import EnvironmentFailed, play
from spikeloom.learning.reinforcement.progress import Episodes
from spikeloom.learning.reinforcement.watched import Watched
from spikeloom.learning.trees import flatten, unflatten
from spikeloom.network.checkpoint import NETWORK, Checkpoint

LIFE, HISTORY = "life", "history/"


@final
class Course:
    """An agent that learns in an environment.

    Args:
        agent, env: who learns, and where.
        episodes: how many at most.
        until: end where the mean return of the last ``over`` episodes reaches this; ``None`` goes on to the end.
        over: how many episodes the mean is taken over.
        seed: of everything that is random.
    """

    def __init__(
        self,
        agent: Agent,
        env: Watched,
        *,
        episodes: int,
        until: float | None,
        over: int,
        seed: int,
        state: State | None,
    ) -> None:
        self.agent, self.env, self.seed = agent, env, seed
        self.episodes, self.until, self.over = episodes, until, over
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.errors: list[float] = []
        self.solved_at: int | None = None
        self.seconds = self.environment_seconds = 0.0
        self.life = self._begun(state)
        self.kept: State = self.life.state if state is None else state

    # --- state ------------------------------------------------------------------------------------------------------
    @property
    def finished(self) -> bool:
        """Whether there is no episode left to do."""
        return len(self.returns) >= self.episodes or self.solved_at is not None

    @property
    def mean(self) -> float:
        """Mean return over the last ``over`` episodes."""
        return float(np.mean(self.returns[-self.over :])) if self.returns else math.nan

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """All that is needed to go on at the beginning of the next episode, as tensors and JSON values; and the
        weights as they are now, for who only wants to look at them.
        """
        life, tensors = flatten(self.kept, LIFE)
        for name, values in (("returns", self.returns), ("lengths", self.lengths), ("errors", self.errors)):
            tensors[HISTORY + name] = torch.tensor(values, dtype=torch.float64)
        for name, weight in self.life.net.state_dict().items():
            tensors[NETWORK + name] = self._present(name, weight)
        return tensors, {
            "position": {"episode": len(self.returns), "finished": self.finished},
            "life": life,
            "solved_at": self.solved_at,
            "seconds": self.seconds,
            "environment_seconds": self.environment_seconds,
        }

    def restore(self, saved: Checkpoint) -> None:
        """Go on from ``saved``, to the bit."""
        self.kept = unflatten(saved.state["life"], saved.tensors)
        history = saved.under(HISTORY)
        self.returns = history["returns"].tolist()
        self.lengths = [int(n) for n in history["lengths"].tolist()]
        self.errors = history["errors"].tolist()
        self.solved_at = saved.state["solved_at"]
        self.seconds, self.environment_seconds = (saved.state[k] for k in ("seconds", "environment_seconds"))
        self.life = self._begun(self.kept)

    def _begun(self, state: State | None) -> Life:
        return self.agent.begin(self.env.observation_space, self.env.action_space, seed=self.seed, state=state)

    def _present(self, name: str, weight: torch.Tensor) -> torch.Tensor:
        """A parameter of the network, with what was learned if it is the weight of a projection that learns."""
        learned = self.kept["network"] or {}
        part = learned.get(name.removeprefix("weights."), {})
        return part["weight"].reshape(weight.shape).to(weight.dtype) if "weight" in part else weight

    # --- running ----------------------------------------------------------------------------------------------------
    def run(self, shown: Episodes, interrupt: Interrupt, save: Callable[[], None], every: float) -> None:
        """Live through the episodes that are left, calling ``save`` at the beginning, every so many seconds, at the
        end, and where something goes wrong: it then holds the beginning of the episode that was not finished.

        Raises:
            InterruptedTraining: the user ended it.
            TaskError: the environment raised, hung or gave no finite reward.
        """
        save()
        saved = time.monotonic()
        error, decisions = 0.0, 0

        def look() -> None:
            nonlocal error, decisions
            if interrupt.requested is not None:
                raise InterruptedTraining("interrupted", interrupt.requested)
            made = self.life.numbers.get("error")
            if isinstance(made, float):
                error, decisions = error + abs(made), decisions + 1
            shown.step(self.env.episode + 1, self.env.steps)

        self.env.before = look
        while not self.finished:
            error, decisions, self.env.episode = 0.0, 0, len(self.returns)
            try:
                episode = play(self.life, self.env)
            except EnvironmentFailed as failure:
                save()
                raise TaskError(str(failure.__cause__)) from failure.__cause__
            except KeyboardInterrupt as stop:
                save()
                place = f"interrupted in episode {len(self.returns) + 1}, of which nothing is kept"
                raise InterruptedTraining(place, getattr(stop, "signal", signal.SIGINT)) from None
            self.kept = episode.state
            self.returns.append(episode.total)
            self.lengths.append(episode.steps)
            if decisions:
                self.errors.append(error / decisions)
            self.seconds += episode.seconds
            self.environment_seconds += episode.environment_seconds
            if self.until is not None and len(self.returns) >= self.over and self.mean >= self.until:
                self.solved_at = len(self.returns)
            shown.episode(
                len(self.returns), episode.total, self.mean, self.over, sum(self.lengths) / self.seconds,
                last=self.finished,
            )  # fmt: skip
            if not self.finished and time.monotonic() - saved >= every:
                save()
                saved = time.monotonic()
        save()
