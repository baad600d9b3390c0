"""Tasks on the command line: training, going on and evaluating by reward."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikeloom.cli.console import print_json, print_table
from spikeloom.core.errors import InvalidValueError


def names() -> list[str]:
    """The tasks that can be trained by name."""
    from spikeloom.learning.reinforcement import recipes

    return recipes.names()


def begin(
    name: str, rule: str | None, seed: int, episodes: int | None, folder: Path, given: Mapping[str, Any]
) -> Any:  # fmt: skip
    """Train an agent in the task called ``name``.

    Raises:
        InvalidValueError: options that only data sets have.
    """
    from spikeloom.learning.reinforcement import recipes, train
    from spikeloom.learning.run_folder import RunFolder

    odd = [option for option in ("--data", "--epochs", "--batch-size", "--engine") if given.get(option) is not None]
    if odd:
        raise InvalidValueError(
            f"{name} is a task, which an agent learns from reward; it has no {', '.join(odd)}. Give --episodes, or a "
            "data set (spikeloom list datasets)"
        )
    settings = recipes.recipe(name)
    agent = settings.agent(rule)
    RunFolder(folder).check_free()
    options: dict[str, Any] = settings.options()
    if episodes is not None:
        options["episodes"] = episodes
    return train(agent, settings.env(), **options, seed=seed, out=folder)


def resume(run: Path, episodes: int | None = None) -> Any:
    """Go on with the training in ``run``, up to more ``episodes`` if they are given."""
    from spikeloom.learning.reinforcement import train
    from spikeloom.learning.reinforcement.rebuild import Rebuilt

    built = Rebuilt.from_folder(run)
    options: dict[str, Any] = built.options()
    if episodes is not None:
        options["episodes"] = episodes
    return train(built.agent(), built.env(), **options, out=run, resume=True)


def is_task(run: Path) -> bool:
    """Whether the run folder is that of a task."""
    from spikeloom.learning.reinforcement.rebuild import is_reinforcement
    from spikeloom.learning.run_folder import RunFolder

    folder = RunFolder(run)
    return folder.holds_run() and is_reinforcement(folder.config())


def show(result: Any, page: str) -> None:
    """Print what came of a training."""
    solved = "" if result.until is None else f"; {result.until:g} was not reached"
    if result.solved_at is not None:
        solved = f"; {result.until:g} was reached after {result.solved_at} episodes"
    speed = f"{result.steps_per_second:,.0f} steps/s"
    last = min(result.over, result.episodes)
    print_table(
        {
            "mean return": f"{result.mean_return:.4g} over the last {last} episodes{solved}",
            "best mean return": f"{result.best_mean_return:.4g}",
            "episodes": f"{result.episodes:,} with {result.steps:,} steps",
            "time": f"{result.seconds:.1f} s, {speed}, {result.environment_share:.0%} of it in the environment",
            "run": str(result.run),
            "report": page,
        },
        f"{result.environment}, rule {result.rule}",
    )


def evaluate(run: Path, episodes: int, json: bool) -> None:
    """Let the agent of a run folder act without learning, and print what it earns."""
    from spikeloom.learning.reinforcement import evaluate as measured
    from spikeloom.learning.reinforcement.rebuild import Rebuilt
    from spikeloom.learning.reinforcement.training import kind_of

    built = Rebuilt.from_folder(run)
    agent, options = built.agent(), built.options()
    state, lived = built.trained()
    found = measured(agent, built.env(), state, episodes=episodes, seed=options["seed"])
    name, rule = built.config["environment"]["id"], kind_of(agent)
    if json:
        print_json(
            {
                "environment": name,
                "rule": rule,
                "mean_return": found.mean_return,
                "deviation": found.deviation,
                "episodes": episodes,
                "steps": sum(found.lengths),
                "learned_episodes": lived,
                "seconds": found.seconds,
                "run": str(run),
            }
        )
        return
    print_table(
        {
            "mean return": f"{found.mean_return:.4g}, SD {found.deviation:.3g}; {episodes} episodes without learning",
            "steps": f"{sum(found.lengths) / episodes:,.1f} in an episode",
            "training": f"{lived} of {options['episodes']} episodes",
            "time": f"{found.seconds:.1f} s",
        },
        f"{run}: {name}, rule {rule}",
    )
