"""Training by reward: the same to the bit however it is cut, and whole after whatever happens in the environment."""

from __future__ import annotations

import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from PIL import Image

from spikeloom import reports
from spikeloom.core.errors import (
    CheckpointError,
    InvalidValueError,
    RunFolderError,
    TaskError,
    UnknownNameError,
    UnsupportedError,
)
from spikeloom.learning import InterruptedTraining
from spikeloom.learning.reinforcement import (
    ReinforcementResult,
    Softmax,
    environments,
    evaluate,
    train,
    train_side_by_side,
)
from spikeloom.learning.reinforcement.encoders import Categories, PlaceCells
from spikeloom.learning.reinforcement.exploration import (
    Linear,
    MembraneNoise,
    Temperature,
    ThresholdTremor,
    WeightPerturbation,
)
from spikeloom.learning.reinforcement.rebuild import Rebuilt
from spikeloom.learning.reinforcement.result import running_mean
from spikeloom.network import checkpoint
from tests.learning.small_agent import Walk, agent

EPISODES = 6
FILES = {"checkpoint.safetensors", "config.toml", "result.json", "state.json"}


def run(env: Any = None, out: Path | None = None, **changes: Any) -> ReinforcementResult:
    options: dict[str, Any] = {"episodes": EPISODES, "seed": 3, "progress": False, "film": False}
    return train(agent(), Walk() if env is None else env, out=out, **{**options, **changes})


def life(folder: Path) -> dict[str, Any]:
    """Where the agent's life stands, flat."""
    state, episodes = Rebuilt.from_folder(folder).trained()
    flat: dict[str, Any] = {"episodes": episodes}
    for name, part in state["network"].items():
        flat |= {f"{name}.{key}": value.tolist() for key, value in part.items()}
    return flat | {name: np.asarray(value).tolist() for name, value in state["numbers"].items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReinforcementResult, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("whole") / "run"
    return run(out=folder), life(folder)


def same(found: ReinforcementResult, expected: ReinforcementResult) -> bool:
    return all(getattr(found, name) == getattr(expected, name) for name in ("returns", "lengths", "errors"))


# ----------------------------------------------------------------------------------------------------------- the bits
def test_the_same_arguments_give_the_same_life(whole: Any) -> None:
    result, _ = whole
    assert same(run(), result)
    assert not same(run(seed=4), result)
    assert result.episodes == EPISODES
    assert result.lengths == [5] * EPISODES
    assert result.errors == pytest.approx(result.errors)
    assert len(result.errors) == EPISODES
    assert 0 < result.environment_share < 1


def test_it_learns() -> None:
    result = run(episodes=150)
    assert np.mean(result.returns[-30:]) > np.mean(result.returns[:30]) + 1


@pytest.mark.parametrize("step", [1, 4, 5, 6, 13, 29])
def test_interrupted_in_any_step(whole: Any, tmp_path: Path, step: int) -> None:
    out = tmp_path / "run"
    with pytest.raises(InterruptedTraining, match=r"go on with: spikeloom train --resume .*run"):
        run(Walk("stop", when=step), out)
    kept = json.loads((out / "state.json").read_text())["position"]
    assert kept == {"episode": step // 5, "finished": False}  # it ends at the next step
    assert same(run(out=out, resume=True), whole[0])
    assert life(out) == whole[1]


def test_a_second_interruption_is_one_at_once(tmp_path: Path, whole: Any) -> None:
    with pytest.raises(InterruptedTraining, match="in episode 3"):
        run(Walk("stop at once", when=12), tmp_path / "run")
    assert same(run(out=tmp_path / "run", resume=True), whole[0])


def test_more_episodes_than_it_was_begun_with(whole: Any, tmp_path: Path) -> None:
    run(out=tmp_path / "run", episodes=2)
    assert run(out=tmp_path / "run", episodes=2, resume=True).episodes == 2  # nothing is left to do
    assert same(run(out=tmp_path / "run", resume=True), whole[0])
    assert life(tmp_path / "run") == whole[1]


def test_without_a_checkpoint_it_begins_anew(whole: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out=out, episodes=2)
    (out / "checkpoint.safetensors").unlink()
    assert same(run(out=out, resume=True), whole[0])


def test_it_ends_where_the_mean_is_reached(whole: Any) -> None:
    means = running_mean(whole[0].returns, 2)
    until = float(np.sort(means)[-2])
    at = int(np.argmax(means >= until)) + 2
    result = run(until=until, over=2)
    assert (result.solved_at, result.episodes) == (at, at)
    assert result.mean_return >= until
    assert run(until=1e9, over=2).solved_at is None


# ------------------------------------------------------------------------------------------- environments in trouble
def test_an_environment_that_raises(whole: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(
        TaskError, match=r"environment Walk raised ValueError in step 3 of episode 2: the floor.*--resume"
    ):
        run(Walk("raise"), out)
    assert same(run(out=out, resume=True), whole[0])
    assert life(out) == whole[1]


def test_in_the_first_episode(whole: Any, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="step 2 of episode 1"):
        run(Walk("raise", when=2), tmp_path / "run")
    assert same(run(out=tmp_path / "run", resume=True), whole[0])


def test_an_environment_that_hangs(whole: Any, tmp_path: Path) -> None:
    out, begun = tmp_path / "run", time.monotonic()
    with pytest.raises(TaskError, match=r"environment Walk hangs in step 3 of episode 2: no answer within 1 s"):
        run(Walk("hang"), out, patience=1.0)
    assert time.monotonic() - begun < 30
    assert same(run(out=out, resume=True), whole[0])


def test_an_environment_that_hangs_in_another_thread(tmp_path: Path) -> None:
    found: list[BaseException] = []

    def work() -> None:
        try:
            run(Walk("hang"), tmp_path / "run", patience=1.0)
        except TaskError as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert "hangs in step 3 of an episode" in str(found[0])


def test_a_reward_that_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"gave the reward nan in step 3 of episode 2; allowed: a finite number"):
        run(Walk("nan"), tmp_path / "run")


def test_the_handler_of_the_signal_is_put_back() -> None:
    before = signal.getsignal(signal.SIGURG)
    run(episodes=1)
    assert signal.getsignal(signal.SIGURG) == before


# --------------------------------------------------------------------------------------------------- what is refused
def test_other_settings_are_no_resumption(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out=out, episodes=1)
    with pytest.raises(CheckpointError, match=r"training.seed was 3, is now 4"):
        run(out=out, resume=True, seed=4)
    with pytest.raises(CheckpointError, match=r"agent.eta"):
        train(agent(eta=0.06), Walk(), episodes=2, seed=3, out=out, resume=True, progress=False)
    with pytest.raises(RunFolderError, match="already holds a run"):
        run(out=out)


def test_an_agent_that_does_not_fit_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="supported: Discrete, MultiDiscrete, MultiBinary"):
        train(agent(encoder=Categories()), Walk(), out=tmp_path / "run")
    with pytest.raises(InvalidValueError, match="is no agent"):
        train("actor-critic", Walk(), out=tmp_path / "run")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UnknownNameError, match="did you mean 'CartPole-v1'"):
        train(agent(), "CartPol-v1", out=tmp_path / "run")
    with pytest.raises(InvalidValueError, match="is no environment"):
        train(agent(), 3, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "options", [{"episodes": 0}, {"over": 1.5}, {"until": "much"}, {"patience": -1}, {"resume": True}]
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=next(iter(options))):
        run(**options)


def test_an_environment_of_ones_own_is_resumed_from_python(tmp_path: Path) -> None:
    run(out=tmp_path / "run", episodes=1)
    with pytest.raises(RunFolderError, match=r"go on from Python.*resume=True"):
        Rebuilt.from_folder(tmp_path / "run").env()


# ----------------------------------------------------------------------------------------------------- what comes of it
def test_the_folder(whole: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    environments.known()
    track = gymnasium.make("spikeloom/LinearTrack-v0", duration=3000.0)
    result = run(track, out, episodes=2, film=True)
    assert {p.name for p in out.iterdir()} == FILES | {"episode.png", "episode.gif"}
    saved = json.loads((out / "result.json").read_text())
    assert saved == json.loads(json.dumps(result.describe()))
    assert saved["environment"] == "spikeloom/LinearTrack-v0"
    assert Rebuilt.from_folder(out).env().unwrapped.settings.duration == 3000
    net = checkpoint.load(out / "checkpoint.safetensors")
    learned = life(out)["senses->actors.weight"]
    assert np.allclose(net.weights["senses->actors"].detach().numpy().ravel(), np.ravel(learned))
    frames = Image.open(out / "episode.gif").n_frames  # pyright: ignore[reportAttributeAccessIssue]
    assert 1 < frames <= saved["film"]["frames"]  # a GIF joins pictures that are the same
    page = reports.write(out).read_text(encoding="utf-8")
    for words in ("LinearTrack-v0, learned with spikes", "mean return", "Return", "Moments", "senses → actors"):
        assert words in page
    assert reports.write(out).read_text(encoding="utf-8") == page


def test_a_damaged_result_is_no_report(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out=out, episodes=1)
    result = json.loads((out / "result.json").read_text())
    (out / "result.json").write_text(json.dumps({**result, "returns": None}))
    with pytest.raises(Exception, match="'returns' cannot be None"):
        reports.write(out)


def test_evaluation_learns_nothing(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out=out, episodes=3)
    state, _ = Rebuilt.from_folder(out).trained()
    before = state["network"]["senses->actors"]["weight"].clone()
    found = evaluate(agent(), Walk(), state, episodes=4, seed=3)
    assert len(found.returns) == 4
    assert found.lengths == [5] * 4
    assert found.returns == evaluate(agent(), Walk(), state, episodes=4, seed=3).returns
    assert (state["network"]["senses->actors"]["weight"] == before).all()
    assert found.deviation == pytest.approx(np.std(found.returns))


@pytest.mark.parametrize("kind", [MembraneNoise, Temperature, ThresholdTremor, WeightPerturbation])
def test_exploration_is_resumed_too(tmp_path: Path, kind: Any) -> None:
    noisy = agent(exploration=kind(amount=Linear(begin=3.0, end=1.0, episodes=4)), decoder=Softmax(neurons=4))
    options: dict[str, Any] = {"seed": 1, "progress": False, "film": False}
    expected = train(noisy, Walk(), episodes=5, **options)
    train(noisy, Walk(), episodes=2, out=tmp_path / "run", **options)
    assert same(train(noisy, Walk(), episodes=5, out=tmp_path / "run", resume=True, **options), expected)
    assert Rebuilt.from_folder(tmp_path / "run").config["agent"]["exploration"]["amount"]["class"] == "Linear"
    assert not same(train(noisy.replace(exploration=None), Walk(), episodes=5, **options), expected)


def test_what_a_user_sees(capsys: pytest.CaptureFixture[str]) -> None:
    run(progress=True)
    seen = capsys.readouterr()
    assert seen.out == ""
    lines = seen.err.strip().splitlines()
    assert "Walk: network 8 - 8" in lines[0]
    assert lines[-1].startswith("episode 6/6  return ")
    assert "mean of 100" in lines[-1]
    assert "steps/s" in lines[-1]


# --------------------------------------------------------------------------------------------------------- side by side
@pytest.mark.parametrize("workers", [False, True])
def test_lives_side_by_side_are_the_lives_alone(workers: bool) -> None:
    seeds, name = [3, 5], "CartPole-v1"
    cells = PlaceCells(cells=3, low=[-2.4, -3, -0.21, -3], high=[2.4, 3, 0.21, 3])
    balancer = agent(encoder=cells)
    results = train_side_by_side(balancer, name, seeds=seeds, episodes=2, workers=workers, progress=False)
    for seed, result in zip(seeds, results, strict=True):
        alone = train(balancer, name, episodes=2, seed=seed, progress=False)
        assert (result.returns, result.lengths) == (alone.returns, alone.lengths)
        assert result.seed == seed
        assert result.environment == name
    assert results[0].lengths != results[1].lengths


def test_lives_that_end_at_different_times() -> None:
    def walks() -> Any:
        by_hand = gymnasium.vector.AutoresetMode.DISABLED
        return gymnasium.vector.SyncVectorEnv([Walk, Walk, Walk], autoreset_mode=by_hand)

    results = train_side_by_side(agent(), walks(), seeds=[0, 1, 2], episodes=30, until=2.4, over=2, progress=False)
    alone = [train(agent(), Walk(), seed=s, episodes=30, until=2.4, over=2, progress=False) for s in (0, 1, 2)]
    assert [r.returns for r in results] == [r.returns for r in alone]
    assert [r.solved_at for r in results] == [r.solved_at for r in alone]
    assert len({r.episodes for r in results}) > 1


def test_environments_that_do_not_fit() -> None:
    with pytest.raises(InvalidValueError, match="reset themselves"):
        train_side_by_side(agent(), gymnasium.vector.SyncVectorEnv([Walk, Walk]), seeds=[0, 1])
    by_hand = gymnasium.vector.SyncVectorEnv([Walk], autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED)
    with pytest.raises(InvalidValueError, match="there are 1 environments and 2 seeds"):
        train_side_by_side(agent(), by_hand, seeds=[0, 1])
    with pytest.raises(InvalidValueError, match="no vectorised environment"):
        train_side_by_side(agent(), Walk(), seeds=[0])
    with pytest.raises(UnknownNameError, match="did you mean 'CartPole-v1'"):
        train_side_by_side(agent(), "CartPol-v1", seeds=[0])
    with pytest.raises(InvalidValueError, match="seeds"):
        train_side_by_side(agent(), "CartPole-v1", seeds=[])
