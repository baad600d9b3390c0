"""The simulated event camera, and whether what it shows is enough to keep a target in the middle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.tasks import EventTracking

STILL: dict[str, Any] = {"speed": 0.0, "noise": 0.0}


def test_a_target_at_rest_cannot_be_seen() -> None:
    env = EventTracking(**STILL)
    env.reset(seed=0)
    assert not any(env.step(0)[0].any() for _ in range(20))
    assert env.steps == 20


@pytest.mark.parametrize(("action", "axis"), [(1, 1), (2, 1), (3, 0), (4, 0)])
def test_turning_the_camera_makes_events_at_both_edges_of_the_target(action: int, axis: int) -> None:
    """Seen from a camera that turns left the target moves to the right: ON events there, OFF events on the left."""
    env = EventTracking(**STILL, pixels=32)
    env.reset(seed=1)
    env.offset = np.zeros(2)
    env.memory = env.log_intensity()
    on, off = env.step(action)[0].astype(float)
    along = np.arange(32) - 15.5
    moved = sum(float(np.moveaxis(e, axis, 0).sum(1) @ along) / e.sum() for e in (on, -off))
    expected = 1 if action in (1, 3) else -1
    assert np.sign(moved) == expected
    assert on.sum() == off.sum() > 0
    assert np.array_equal(on, np.roll(np.flip(off, axis), expected, axis))  # what one edge gains the other loses


def test_events_are_counted_by_the_threshold_and_what_is_left_over_is_remembered() -> None:
    env = EventTracking(**STILL, threshold=0.3)
    env.reset(seed=2)
    begin, total = env.log_intensity(), np.zeros((16, 16))
    for action in (1, 3, 3, 2, 4, 1, 1):
        on, off = env.step(action)[0].astype(int)
        assert not (on * off).any()
        total += on - off
        assert np.abs(env.log_intensity() - env.memory).max() < 0.3
        np.testing.assert_allclose(env.memory, begin + 0.3 * total, atol=1e-12)


def test_a_dark_target_turns_the_polarity_around() -> None:
    seen = []
    for contrast in (2.0, -2.0):
        env = EventTracking(**STILL, contrast=contrast)
        env.reset(seed=3)
        seen.append(env.step(1)[0])
    assert np.array_equal(seen[0], seen[1][::-1])


def test_the_target_moves_at_its_speed_and_keeps_its_velocity_for_tau() -> None:
    env = EventTracking(pixels=80, duration=1e6, tau=100.0)
    velocity = []
    for seed in range(40):
        env.reset(seed=seed)
        before = env.offset
        for _ in range(100):
            env.step(0)
            velocity.append((env.offset - before) / 0.020)
            before = env.offset
    found = np.array(velocity).reshape(40, 100, 2)
    assert found.std() == pytest.approx(15.0, rel=0.05)
    assert (found[:, 1:] * found[:, :-1]).mean() / found.var() == pytest.approx(np.exp(-20 / 100), abs=0.02)


def test_noise_has_its_rate() -> None:
    env = EventTracking(speed=0.0, noise=0.01, contrast=0.0)  # 10 Hz
    env.reset(seed=4)
    count = sum(int(env.step(0)[0].sum()) for _ in range(200))
    expected = 0.01 * 4000 * 256
    assert abs(count - expected) < 4 * np.sqrt(expected)


def chase(env: EventTracking, seed: int) -> float:
    """Believe the target to be where ON events are in the middle, and turn there along the longer way."""
    observation, _ = env.reset(seed=seed)
    place, total = np.zeros(2), 0.0
    while not env.over:
        on = observation[0].astype(float)
        if on.sum() >= 3:
            where = (np.arange(16) + 0.5 - 8) @ np.stack([on.sum(0), on.sum(1)], 1) / on.sum()
            place = 0.5 * place + 0.5 * where
        action = 0
        if np.abs(place).max() > 0.5:
            axis = int(np.argmax(np.abs(place)))
            action = 1 + 2 * axis + (place[axis] > 0)
            place[axis] -= np.sign(place[axis])
        observation, reward, *_ = env.step(action)
        total += reward
    return total


def test_the_events_are_enough_to_keep_the_target_in_the_middle() -> None:
    def idle(seed: int, random: Any) -> float:
        env = EventTracking()
        env.reset(seed=seed)
        total = 0.0
        while not env.over:
            total += env.step(0 if random is None else int(random.integers(5)))[1]
        return total

    chased = np.mean([chase(EventTracking(), seed) for seed in range(10)])
    still = np.mean([idle(seed, None) for seed in range(10)])
    chance = np.mean([idle(seed, np.random.default_rng(seed)) for seed in range(10)])
    assert chased > 3 * max(still, chance)
    assert chased <= 200


def test_a_target_that_is_lost_ends_the_episode() -> None:
    env = EventTracking(**STILL)
    env.reset(seed=5)
    env.offset = np.zeros(2)
    rewards, terminated = [], False
    while not env.over:
        _, reward, terminated, *_ = env.step(1)
        rewards.append(reward)
    assert terminated
    assert rewards == pytest.approx([1 - k / 8 for k in range(1, 9)])
    with pytest.raises(InvalidValueError, match="does not fit into 16 pixels; allowed: at most 8"):
        EventTracking(radius=9.0)
