"""The returns and the lengths that the docstrings of the tasks state, and what each task is about."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.tasks import DelayedLeverPress, Habituation, LinearTrack, MorrisWaterMaze, Task, TMaze, TwoArmedBandit

Policy = Callable[[Any], Any]


def played(env: Task, policy: Policy, episodes: int = 1, seed: int = 0) -> tuple[list[float], list[int]]:
    """Returns and lengths of some episodes; the policy sees the observation."""
    returns, lengths = [], []
    observation, _ = env.reset(seed=seed)
    for _ in range(episodes):
        total = 0.0
        while not env.over:
            observation, reward, *_ = env.step(policy(observation))
            total += reward
        returns.append(total)
        lengths.append(env.steps)
        observation, _ = env.reset()
    return returns, lengths


def chance(actions: int, seed: int = 0) -> Policy:
    random = np.random.default_rng(seed)
    return lambda _: int(random.integers(actions))


def always(action: Any) -> Policy:
    return lambda _: action


def near(values: list[float], expected: float, errors: float = 4.0) -> None:
    """The mean is the expected one, within so many standard errors."""
    assert abs(np.mean(values) - expected) <= errors * np.std(values, ddof=1) / math.sqrt(len(values)) + 1e-12


# --- levers ---------------------------------------------------------------------------------------------------------


def lever_return(env: DelayedLeverPress, p: float) -> float:
    steps, (low, high) = env.limit(), env.delays
    return p * sum(max(steps - k, 0) for k in range(low, high + 1)) / (high - low + 1)


def test_the_right_lever_brings_290_and_chance_a_third() -> None:
    env = DelayedLeverPress()
    assert env.delays == (5, 15)
    assert lever_return(env, 1.0) == 290
    assert lever_return(env, 1 / 3) == pytest.approx(96.67, abs=0.005)
    near(played(env, always(0), 60)[0], 290.0)
    near(played(env, chance(3), 60)[0], 290 / 3)
    assert played(env, always(1))[0] == [0.0]


def test_food_comes_as_late_as_the_settings_say_and_the_other_levers_change_nothing() -> None:
    env = DelayedLeverPress(interval=1000.0, right=2, delay_min=7000.0, delay_max=30_000.0, levers=4)
    delays = []
    for seed in range(200):
        env.reset(seed=seed)
        env.step(2)
        for k in range(1, 60):
            if env.step(seed % 2)[1]:
                delays.append(k)
    assert len(delays) == 200
    assert {min(delays), max(delays)} == {7, 30}
    near([float(d) for d in delays], 18.5)


def test_food_goes_with_the_presses_of_one_lever_10_to_30_s_ago_and_with_no_other() -> None:
    env = DelayedLeverPress(duration=20_000 * 2000.0)
    env.reset(seed=0)
    lever = np.random.default_rng(1).integers(3, size=20_000)
    food = np.array([env.step(int(k))[1] for k in lever])
    for k in range(3):
        pressed = (lever == k) - 1 / 3
        lags = np.array(
            [np.mean(pressed[100 - lag : -lag or None][: len(food) - 100] * food[100:]) for lag in range(30)]
        )
        assert np.allclose(lags[[*range(5), *range(16, 30)]], 0, atol=0.012)
        expected = (2 / 9 if k == 0 else -1 / 9) / 11  # covariance p (1 - p), or -p**2, spread over 11 delays
        assert lags[5:16].mean() == pytest.approx(expected, abs=0.004)


def test_food_at_once_and_no_lights() -> None:
    env = DelayedLeverPress(delay_min=0.0, delay_max=0.0, lights=0, right=1)
    env.reset(seed=0)
    assert [env.step(k)[1] for k in (1, 0, 1)] == [1, 0, 1]
    assert env.observation_space.shape == (4,)


# --- mazes ----------------------------------------------------------------------------------------------------------


def remembering() -> Policy:
    """Walks ahead, and turns at the junction to where the cue was."""
    cue = [0]

    def policy(seen: np.ndarray) -> int:
        if seen[:2].any():
            cue[0] = 1 + int(np.argmax(seen[:2]))
        return cue[0] if seen[3] else 0

    return policy


def test_who_remembers_the_cue_is_right_and_chance_is_half_right() -> None:
    env = TMaze()
    returns, lengths = played(env, remembering(), 40)
    assert returns == [1.0] * 40
    assert set(lengths) == {5 + 1 + 3}  # the corridor, the turn, and the arm
    near(played(env, chance(3), 300)[0], 0.5)
    assert set(played(TMaze(wrong=-1.0), lambda seen: 1 if seen[3] else 0, 40)[0]) == {1.0, -1.0}
    assert played(env, always(0)) == ([0.0], [100])


def test_the_cue_is_seen_where_it_should_be() -> None:
    for cells in (1, 3, 6):
        env = TMaze(cue_cells=cells)
        seen = [env.reset(seed=1)[0], *(env.step(0)[0] for _ in range(5))]
        assert [bool(s[:2].any()) for s in seen] == [k < cells for k in range(6)]
        assert [float(s[2]) for s in seen] == pytest.approx([k / 5 for k in range(6)])


def test_running_ahead_takes_as_long_as_the_track() -> None:
    returns, lengths = played(LinearTrack(), always(2))
    assert (returns, lengths) == ([1.0], [77])
    assert lengths[0] * LinearTrack().interval == 7700.0
    assert played(LinearTrack(), always(1)) == ([0.0], [600])
    assert played(LinearTrack(length=0.3, delay=0.0), always(2)) == ([1.0], [10])


@pytest.mark.parametrize("steering", ["compass", "angle"])
def test_who_knows_the_platform_swims_straight_to_it(steering: str) -> None:
    env = MorrisWaterMaze(steering=steering, directions=360, momentum=0.0)

    def straight(seen: np.ndarray) -> Any:
        angle = math.atan2(0.4 - seen[1], 0.4 - seen[0])
        return round(math.degrees(angle)) % 360 if steering == "compass" else np.array([angle], np.float32)

    env.reset(seed=3)
    starts = set()
    for _ in range(30):
        env.reset()
        starts.add((round(env.place[0], 9), round(env.place[1], 9)))
        far = math.hypot(*(env.place - env.goal)) - 0.1
        observation, info, terminated = env.observe(), env.info(), False
        while not env.over:
            observation, _, terminated, _, info = env.step(straight(observation))
        assert terminated
        assert info["latency"] == pytest.approx(100 * math.ceil(far / 0.03), abs=100)
        assert info["path"] == pytest.approx(0.03 * env.steps)
    assert starts == {(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)}


def test_the_pool_has_a_wall_and_the_platform_lies_inside() -> None:
    env = MorrisWaterMaze(momentum=0.5)
    observation, _ = env.reset(seed=0)
    for _ in range(400):  # westward, and along the wall
        observation, *_ = env.step(4)
        assert np.hypot(*observation) <= 1 + 1e-6
    assert observation == pytest.approx([-1.0, 0.0], abs=1e-4)
    np.testing.assert_allclose(env.velocity, 0, atol=1e-6)
    with pytest.raises(InvalidValueError, match=r"outside the pool; allowed: at most 0\.9 m"):
        MorrisWaterMaze(x=0.8, y=0.8)


# --- arms, stimuli --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", ["stationary", "reversal"])
def test_who_knows_the_better_arm_gets_160_of_200(world: str) -> None:
    env = TwoArmedBandit(world=world)
    near(played(env, lambda _: env.info()["better"], 60)[0], 160.0)
    near(played(env, chance(2), 60)[0], 100.0)


def test_the_worlds_of_the_bandit() -> None:
    changes = {}
    for world in ("stationary", "reversal", "restless"):
        env = TwoArmedBandit(world=world, duration=2e7)
        env.reset(seed=2)
        chances = np.array([env.step(0)[4]["chances"] for _ in range(5000)])
        assert chances.min() >= 0
        assert chances.max() <= 1
        changes[world] = np.diff(chances, axis=0)
    assert not changes["stationary"].any()
    assert (changes["reversal"][:, 0] != 0).mean() == pytest.approx(0.02, abs=4 * math.sqrt(0.02 * 0.98 / 5000))
    assert changes["restless"].std() == pytest.approx(0.05, rel=0.06)


def test_the_protocol_of_habituation() -> None:
    env = Habituation(startle=1.0, tests=2)
    seen = [env.reset(seed=0)[0]]
    while not env.over:
        seen.append(env.step(np.zeros(1, np.float32))[0])
    on = np.array(seen)
    onsets = np.flatnonzero(np.diff(on[:, 0], prepend=0) > 0)
    assert onsets.tolist() == [*range(0, 2000, 100), 2600, 2700]  # 20 every 10 s; 60 s of rest; two more
    assert set(on[:, 0].tolist()) == {0.0, 0.5}
    assert on[:, 0].sum() == 22 * 5 * 0.5  # each lasts for 500 ms
    assert np.flatnonzero(on[:, 1]).tolist() == [*range(2300, 2305)]
    assert env.steps == 2800


def test_a_response_costs_and_protects() -> None:
    assert played(Habituation(), always(np.zeros(1, np.float32)))[0] == [0.0]
    calm = played(Habituation(danger=1.0), always(np.zeros(1, np.float32)))[0]
    assert calm == [-21.0]
    ready = played(Habituation(danger=1.0, effort=0.0), always(np.full(1, 0.75, np.float32)))[0]
    assert ready == pytest.approx([-21 * 0.25])
    with pytest.raises(InvalidValueError, match="interval <= width <= every"):
        Habituation(width=20_000.0)


def test_settings_reach_the_task_through_gymnasium() -> None:
    env = gymnasium.make("spikeloom/TMaze-v0", corridor=9)
    assert env.unwrapped.settings.corridor == 9  # pyright: ignore[reportAttributeAccessIssue]
