"""Recipes: a short life can be cut and goes on; a whole one reaches what the recipe promises, and not by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from spikeloom import reports
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.learning.reinforcement import environments, recipes, train
from spikeloom.learning.reinforcement.agents import PolicyGradient
from spikeloom.learning.reinforcement.agents.base import MEMORY
from spikeloom.learning.reinforcement.agents.senses import driven
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import EventStream, Tiles
from spikeloom.learning.reinforcement.rebuild import Rebuilt
from spikeloom.units import ms
from tests.unit.test_benchmarks import found, result

EVERY = [(name, rule) for name in recipes.names() for rule in recipes.recipe(name).agents]
FEW = 8
"""Steps after which an episode of the short lives is cut off."""


@pytest.mark.parametrize(("name", "rule"), EVERY)
def test_a_short_life_is_cut_and_goes_on_to_the_bit(name: str, rule: str, tmp_path: Path) -> None:
    recipe = recipes.recipe(name)

    def live(episodes: int, folder: str, resume: bool = False) -> Any:
        env = environments.make(recipe.environment, **recipe.settings, max_episode_steps=FEW)
        options = {**recipe.options(), "episodes": episodes, "seed": 2, "progress": False, "film": False}
        return train(recipe.agent(rule), env, **options, out=tmp_path / folder, resume=resume)

    whole = live(2, "whole")
    live(1, "cut")
    again = live(2, "cut", resume=True)
    assert max(whole.lengths) <= FEW
    for field in ("returns", "lengths", "errors"):
        assert getattr(again, field) == getattr(whole, field)
    rebuilt = Rebuilt.from_folder(tmp_path / "cut")
    assert rebuilt.agent().describe() == recipe.agent(rule).describe()
    assert rebuilt.env().spec.max_episode_steps == FEW
    assert rebuilt.trained()[1] == 2


PROMISED = [name for name in recipes.names() if recipes.recipe(name).enough is not None]
PLACES: dict[str, list[dict[str, Any]]] = {"lever-press": [{"right": right} for right in range(3)]}
"""Settings over which a control is averaged: who settles on a lever by chance may settle on the right one."""


def learned(name: str, seed: int, place: Mapping[str, Any] | None = None, **changes: Any) -> float:
    """The mean return at the end of a whole life."""
    recipe = recipes.recipe(name)
    agent = recipe.agent().replace(**changes)
    env = environments.make(recipe.environment, **recipe.settings, **(place or {}))
    return train(agent, env, **recipe.options(), seed=seed, progress=False).mean_return


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", PROMISED)
def test_what_a_recipe_promises_is_reached(name: str, seed: int) -> None:
    enough = recipes.recipe(name).enough
    assert enough is not None
    assert learned(name, seed) >= enough


@pytest.mark.slow
@pytest.mark.parametrize("name", PROMISED)
def test_with_the_success_of_other_times_it_is_not(name: str) -> None:
    enough = recipes.recipe(name).enough
    assert enough is not None
    earned = [learned(name, 0, place, signal="shuffled") for place in PLACES.get(name, [{}])]
    assert np.mean(earned) < 0.8 * enough


def test_a_bandit_is_found_out_anew_in_each_episode() -> None:
    """Six episodes; the better arm is another one in some. By chance 100 of 200 choices pay."""
    recipe = recipes.recipe("bandit")
    result = train(recipe.agent(), recipe.env(), episodes=6, seed=1, progress=False)
    assert np.mean(result.returns) > 130


# -------------------------------------------------------------------------------------------------------------- memory
ROOM = spaces.Box(np.array([-1.0, 0.0], np.float32), np.array([2.0, 4.0], np.float32))


def climber(**changes: Any) -> PolicyGradient:
    return PolicyGradient(**{"encoder": Tiles(tiles=2, tilings=2), "decoder": Winner(neurons=2), **changes})


def test_what_was_seen_fades_and_gives_way_to_what_is_larger() -> None:
    life = climber(memory=40 * ms).begin(ROOM, spaces.Discrete(2))
    kept = math.exp(-20 / 40)
    life.first([-1.0, 1.0])
    np.testing.assert_allclose(life.numbers[MEMORY], [-1.0, 1.0])
    life.then(0.0, [0.2, 3.0], False, False)
    np.testing.assert_allclose(life.numbers[MEMORY], [-kept, 3.0])
    life.then(0.0, [0.5, 0.0], False, False)
    np.testing.assert_allclose(life.numbers[MEMORY], [0.5, 3.0 * kept])
    life.then(0.0, [0.0, 0.0], True, False)
    life.first([0.0, 0.0])
    np.testing.assert_allclose(life.numbers[MEMORY], [0.0, 0.0])


def test_the_encoder_is_given_what_is_and_what_was() -> None:
    agent = climber(memory=40 * ms)
    seen = agent.sensed(ROOM)
    np.testing.assert_allclose(seen.low, [-1, 0, -1, 0])
    np.testing.assert_allclose(seen.high, [2, 4, 2, 4])
    assert agent.build(ROOM, spaces.Discrete(2), 0).size("senses") == 3**4 * 2
    assert climber().sensed(ROOM) is ROOM
    with pytest.raises(UnsupportedError, match=r"supported: Box. Leave out memory"):
        agent.sensed(spaces.Discrete(3))


# ------------------------------------------------------------------------------------------------------------- scaling
def test_an_agent_is_scaled_by_as_many_events_as_it_is_told() -> None:
    camera = spaces.Box(0, 255, (2, 16, 16), np.uint8)
    eye = EventStream(interval=10 * ms, events=30)
    assert driven(eye, camera, seeing=10.0).total == pytest.approx(30)
    assert driven(eye, camera, seeing=5.0).total == pytest.approx(15)
    assert driven(EventStream(interval=10 * ms), camera, seeing=10.0).total > 60_000  # all that the space allows
    again = [one.tolist() for one in eye.examples(camera, 3)]
    assert again == [one.tolist() for one in eye.examples(camera, 3)]
    with pytest.raises(InvalidValueError, match="events=1e-09"):
        EventStream(events=1e-9)


def test_the_report_of_a_task_of_our_own(tmp_path: Path) -> None:
    recipe = recipes.recipe("t-maze")
    train(recipe.agent(), recipe.env(), **{**recipe.options(), "episodes": 1}, out=tmp_path / "run", progress=False)
    page = reports.write(tmp_path / "run").read_text(encoding="utf-8")
    for words in ("TMaze-v0, learned with spikes", "Moments", "senses → actors"):
        assert words in page


@pytest.mark.slow
def test_the_benchmark_of_the_tasks_writes_its_results(tmp_path: Path) -> None:
    words = ("--seeds", 0, "--tasks", "bandit", "t-maze", "--episodes", 3)
    content = result("tasks.py", "tasks", tmp_path / "results", *words)
    assert 80 < found(content, "bandit, at random")["value"] < 120
    assert found(content, "bandit, seed 0, mean return")["aim"] == ">= 148"
    assert found(content, "t-maze, always the first action")["value"] == 0
    assert [life["task"] for life in content["lives"]] == ["bandit", "bandit", "t-maze", "t-maze"]
