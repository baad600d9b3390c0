"""Trains the agents of the project's own tasks: what they earn, in how much time, and what those get who do not learn.

    python benchmarks/tasks.py --seeds 0 1 2

The agents are those of `spikeloom train bandit`, `t-maze`, `lever-press` and `event-tracking`, each for the episodes of
its recipe. Beside them: actions at random, always the first action (which of event tracking is a camera at rest), and
the same agent with success, or the error, of another time.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import gymnasium
import numpy as np
from measurement import Finding, parser, warn_if_busy, write

from spikeloom.learning.reinforcement import episodes
from spikeloom.learning.reinforcement.loop import seed_of
from spikeloom.learning.reinforcement.recipes import TaskRecipe, recipe

TASKS = ("bandit", "t-maze", "lever-press", "event-tracking")
PLACES = {"lever-press": [{"right": right} for right in range(3)]}
"""Settings over which the control without success is averaged: who settles by chance may settle on the right lever."""

SECONDS, WITHOUT = 60, 100
"""Processor time that a training may take [s], and how many episodes those play who do not learn."""


class Noted(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A task that notes how often the better arm of a bandit was chosen, in each episode."""

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.chosen: list[list[bool]] = []
        self._better: int | None = None

    def reset(self, **options: Any) -> Any:
        found = self.env.reset(**options)
        self.chosen.append([])
        self._better = found[1].get("better")
        return found

    def step(self, action: Any) -> Any:
        self.chosen[-1].append(action == self._better)
        found = self.env.step(action)
        self._better = found[4].get("better")
        return found


@dataclass(frozen=True)
class Life:
    """The returns of a life, and what else is worth a line."""

    returns: list[float]
    chosen: list[list[bool]]
    seconds: float
    processor: float

    def describe(self) -> dict[str, Any]:
        return {"returns": self.returns, "seconds": self.seconds, "processor_s": self.processor}


def learned(settings: TaskRecipe, seed: int, many: int, signal: str | None) -> Life:
    """A life of so many episodes, with the agent's own signal or another one."""
    env, agent = Noted(settings.env()), settings.agent()
    if signal is not None:
        agent = agent.replace(signal=signal)
    begun = time.perf_counter(), time.process_time()
    returns = [episode.total for episode in itertools.islice(episodes(agent, env, seed=seed), many)]
    return Life(returns, env.chosen, time.perf_counter() - begun[0], time.process_time() - begun[1])


def without(settings: TaskRecipe, many: int, *, random: bool) -> float:
    """The mean return of actions at random, or of the first one always."""
    env = settings.env()
    env.action_space.seed(0)
    return float(np.mean(list(_played(env, many, random))))


def _played(env: Any, many: int, random: bool) -> Iterator[float]:
    for k in range(many):
        env.reset(seed=seed_of(0, k))
        total, over = 0.0, False
        while not over:
            _, reward, terminated, truncated, _ = env.step(env.action_space.sample() if random else 0)
            total, over = total + float(reward), terminated or truncated
        yield total


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    made.add_argument("--tasks", choices=TASKS, nargs="+", default=TASKS)
    made.add_argument("--episodes", type=int, help="of each life; those of the recipe if left out")
    given = made.parse_args()
    quiet = warn_if_busy()
    lines: list[Finding] = []
    lives: list[dict[str, Any]] = []
    for name in given.tasks:
        settings = recipe(name)
        many, over = given.episodes or settings.episodes, settings.over
        for seed in given.seeds:
            life = learned(settings, seed, many, None)
            lives.append({"task": name, "seed": seed, **life.describe()})
            mean = float(np.mean(life.returns[-over:]))
            print(name, seed, mean, life.seconds, flush=True)
            lines.append(Finding(f"{name}, seed {seed}, mean return at the end", mean, "", f">= {settings.enough:g}"))
            lines.append(
                Finding(f"{name}, seed {seed}, training, processor time", life.processor, "s", f"<= {SECONDS}")
            )
            if name == "bandit":
                right = float(np.mean(life.chosen[-over:]))
                lines.append(Finding(f"{name}, seed {seed}, the better arm, part of the choices", right, "", ">= 0.9"))
        control: list[float] = []
        for seed, place in itertools.product(given.seeds, PLACES.get(name, [{}])):
            life = learned(replace(settings, settings={**settings.settings, **place}), seed, many, "shuffled")
            lives.append({"task": name, "seed": seed, "signal": "shuffled", **place, **life.describe()})
            control.append(float(np.mean(life.returns[-over:])))
        print(name, "shuffled", control, flush=True)
        lines.append(Finding(f"{name}, shuffled, mean return at the end", float(np.mean(control)), ""))
        lines.append(Finding(f"{name}, at random, mean return", without(settings, WITHOUT, random=True), ""))
        lines.append(
            Finding(f"{name}, always the first action, mean return", without(settings, WITHOUT, random=False), "")
        )
    write("tasks", lines, {"before": quiet, "lives": lives}, given.results)


if __name__ == "__main__":
    main()
