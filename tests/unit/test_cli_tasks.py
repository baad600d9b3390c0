"""The command line for tasks: an agent learns, goes on, is evaluated and reported, and bad requests are one line."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from spikeloom.learning.reinforcement import recipes, train
from spikeloom.learning.reinforcement.agents import Agent
from spikeloom.learning.reinforcement.watched import Watched
from tests.unit.test_cli import call, refused

SUMMARY = {
    "environment", "rule", "episodes", "mean_return", "best_mean_return", "solved_at", "steps", "steps_per_second",
    "environment_share", "seconds", "run",
}  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two episodes, by the command line."""
    out = tmp_path_factory.mktemp("runs") / "first"
    found = call("train", "cartpole", "--episodes", "2", "--seed", "3", "--out", out)
    assert found.exit_code == 0, found.stderr
    (out / "stdout").write_text(found.stdout)
    return out


def test_train_writes_a_run_folder(finished: Path) -> None:
    assert {p.name for p in finished.iterdir()} == {
        "checkpoint.safetensors", "config.toml", "episode.gif", "episode.png", "report.html", "result.json",
        "state.json", "stdout",
    }  # fmt: skip
    result = json.loads((finished / "result.json").read_text())
    assert (result["seed"], result["episodes"], result["environment"]) == (3, 2, "CartPole-v1")
    shown = (finished / "stdout").read_text()
    for words in ("mean return", f"{result['mean_return']:.4g}", "steps/s", "report.html", "475 was not reached"):
        assert words in shown
    assert "CartPole-v1, learned with spikes" in (finished / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_json_resume_and_the_same_life_again(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    printed = json.loads(call("train", "cartpole", "--episodes", "1", "--seed", "3", "--out", out, "--json").stdout)
    assert set(printed) == SUMMARY
    assert printed["run"] == str(out)
    again = call("train", "--resume", out, "--episodes", "2", "--json")
    assert again.exit_code == 0, again.stderr
    resumed, whole = (json.loads((run / "result.json").read_text()) for run in (out, finished))
    for name in ("returns", "lengths", "errors", "film", "agent", "network"):
        assert resumed[name] == whole[name]


def test_evaluate_and_report(finished: Path) -> None:
    found = call("evaluate", finished, "--episodes", "2", "--json")
    assert found.exit_code == 0, found.stderr
    printed = json.loads(found.stdout)
    assert (printed["episodes"], printed["learned_episodes"]) == (2, 2)
    assert printed["environment"] == "CartPole-v1"
    assert printed["mean_return"] >= 1
    assert "2 episodes without learning" in call("evaluate", finished, "--episodes", "2").stdout
    assert call("report", finished).stdout.strip() == str(finished / "report.html")


def test_interrupted_and_resumed(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, step, seen = tmp_path / "run", Watched.step, []

    def interrupted(self: Watched, action: Any) -> Any:
        seen.append(1)
        if len(seen) == 4:
            signal.raise_signal(signal.SIGINT)
        return step(self, action)

    with monkeypatch.context() as patch:
        patch.setattr(Watched, "step", interrupted)
        found = call("train", "cartpole", "--episodes", "2", "--seed", "3", "--out", out)
    assert found.exit_code == 130
    assert f"go on with: spikeloom train --resume {out}" in found.stderr
    assert call("train", "--resume", out).exit_code == 0
    resumed, whole = (json.loads((run / "result.json").read_text()) for run in (out, finished))
    assert resumed["returns"] == whole["returns"]


def test_bad_requests(finished: Path, tmp_path: Path) -> None:
    assert "did you mean 'cartpole'" in refused("train", "cartpol")
    assert "has no --epochs" in refused("train", "cartpole", "--epochs", "3", "--out", tmp_path / "x")
    assert "has no --engine" in refused("train", "cartpole", "--engine", "cpu", "--out", tmp_path / "x")
    assert "--episodes is for tasks" in refused("train", "digits", "--episodes", "3")
    assert "there is no rule for CartPole named 'stdp'" in refused(
        "train", "cartpole", "--rule", "stdp", "--out", tmp_path / "x"
    )
    assert "already holds a run" in refused("train", "cartpole", "--out", finished)
    assert "leave out --seed" in refused("train", "--resume", finished, "--seed", "4")
    assert not (tmp_path / "x").exists()


def test_without_gymnasium_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    told = refused("train", "cartpole", "--out", tmp_path / "x")
    assert 'pip install "spikeloom[rl]"' in told


def test_every_recipe_fits_its_environment() -> None:
    for name in recipes.names():
        recipe = recipes.recipe(name)
        env = recipe.env()
        for rule in recipe.agents:
            agent = recipe.agent(rule)
            assert isinstance(agent, Agent)
            net = agent.build(env.observation_space, env.action_space, 0)
            agent.decoder.check_size(env.action_space, net.size("actors"))
        env.close()


def test_the_lists_show_encoders_decoders_agents_and_exploration() -> None:
    for family, members in (
        ("encoders", {"PlaceCells", "Tiles", "Latency"}),
        ("decoders", {"Softmax", "FirstSpike"}),
        ("agents", {"ActorCritic"}),
        ("exploration", {"MembraneNoise", "Exponential"}),
    ):
        assert members <= set(json.loads(call("list", family, "--json").stdout)[family])


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["actor-critic", "policy-gradient"])
def test_the_track_is_learned_and_stays_so(rule: str) -> None:
    recipe = recipes.recipe("linear-track")
    result = train(recipe.agent(rule), recipe.env(), **recipe.options(), seed=1, progress=False)
    assert result.mean_return > 0.9
    assert sum(result.lengths[-20:]) < sum(result.lengths[:20])
