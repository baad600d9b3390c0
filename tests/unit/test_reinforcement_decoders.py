"""Action decoders: who wins, with what probability, and where a population points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core import registry
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.random import stream
from spikeloom.learning.reinforcement.decoders import (
    ActionDecoder,
    PopulationVector,
    Softmax,
    Winner,
    decoder_from_description,
)

FOUR = spaces.Discrete(4, start=-1)
counts_of_four = st.lists(st.integers(0, 12), min_size=8, max_size=8)


def never() -> float:
    raise AssertionError("no number was to be drawn")


@pytest.mark.parametrize("decoder", [Winner(neurons=3), Softmax(temperature=0.3), PopulationVector(over="ring")])
def test_a_description_gives_the_decoder_again(decoder: ActionDecoder) -> None:
    assert decoder_from_description(decoder.describe()).describe() == decoder.describe()


def test_the_family_is_these() -> None:
    family = registry.members("spikeloom.learning.reinforcement.decoders", ActionDecoder)
    assert set(family) == {"PopulationVector", "Softmax", "Winner"}


@given(counts=counts_of_four, u=st.floats(0, 1, exclude_max=True))
def test_the_winner_has_the_most_spikes(counts: list[int], u: float) -> None:
    votes = [counts[2 * a] + counts[2 * a + 1] for a in range(4)]
    action = Winner(neurons=2).decode(np.array(counts, float), FOUR, lambda: u)
    assert votes[action + 1] == max(votes)
    if votes.count(max(votes)) == 1:
        assert Winner(neurons=2).decode(np.array(counts, float), FOUR, never) == action


def test_equals_win_equally_often() -> None:
    draw = stream(0, "ties").random
    actions = [Winner().decode(np.array([2.0, 5.0, 5.0, 5.0]), FOUR, draw) for _ in range(3000)]
    assert set(actions) == {0, 1, 2}
    assert all(abs(actions.count(a) - 1000) < 4 * math.sqrt(3000 * 2 / 9) for a in (0, 1, 2))


@given(counts=counts_of_four, temperature=st.floats(0.05, 20))
def test_softmax_is_boltzmann(counts: list[int], temperature: float) -> None:
    votes = np.reshape(counts, (4, 2)).sum(1)
    p = Softmax(temperature=temperature, neurons=2).probabilities(counts, FOUR)
    assert abs(p.sum() - 1) < 1e-12
    assert np.allclose(
        np.log(np.maximum(p, 1e-300) / p.max()), np.maximum((votes - votes.max()) / temperature, -690), atol=1e-6
    )


@given(u=st.floats(0, 1, exclude_max=True))
def test_softmax_draws_by_inversion(u: float) -> None:
    p = np.cumsum(Softmax().probabilities([0, 1, 2, 1], FOUR))
    action = Softmax().decode(np.array([0.0, 1.0, 2.0, 1.0]), FOUR, lambda: u) + 1
    assert (p[action - 1] if action else 0.0) <= u * p[-1] < p[action] or action == 3


def test_softmax_draws_in_proportion() -> None:
    draw, n = stream(1, "softmax").random, 4000
    p = Softmax(temperature=2.0).probabilities([1, 2, 3, 0], FOUR)
    actions = [Softmax(temperature=2.0).decode(np.array([1.0, 2.0, 3.0, 0.0]), FOUR, draw) + 1 for _ in range(n)]
    found = np.bincount(actions, minlength=4)
    assert np.all(np.abs(found - n * p) < 4 * np.sqrt(n * p * (1 - p)))


@given(st.lists(st.floats(0, 9), min_size=10, max_size=10))
def test_a_line_gives_the_weighted_mean_of_each_coordinate(counts: list[float]) -> None:
    space = spaces.Box(np.array([-2.0, 0.0]), np.array([2.0, 1.0]), dtype=np.float64)
    values = np.reshape(counts, (2, 5))
    action = PopulationVector(neurons=5).decode(np.array(counts), space, never)
    for d, preferred in enumerate((np.linspace(-2, 2, 5), np.linspace(0, 1, 5))):
        total = values[d].sum()
        expected = values[d] @ preferred / total if total > 0 else preferred[2]
        assert abs(action[d] - expected) < 1e-9
    assert space.contains(action)


@given(phi=st.floats(0, 2 * math.pi), n=st.integers(3, 24))
def test_cosine_tuning_is_read_exactly(phi: float, n: int) -> None:
    """Neurons that fire as 1 + cos point exactly where they are tuned to (N >= 3)."""
    angles = 2 * math.pi * np.arange(n) / n
    counts = 1 + np.cos(angles - phi)
    plane = spaces.Box(-3.0, 3.0, (2,), dtype=np.float64)
    ring = PopulationVector(neurons=n, over="ring")
    assert np.allclose(ring.decode(counts, plane, never), 1.5 * np.array([math.cos(phi), math.sin(phi)]), atol=1e-9)
    heading = spaces.Box(-math.pi, math.pi, (1,), dtype=np.float64)
    found = float(ring.decode(counts, heading, never)[0])
    assert abs(math.remainder(found + math.pi - phi, 2 * math.pi)) < 1e-9
    compass = spaces.Discrete(8)
    nearest = ring.decode(counts, compass, never)
    assert abs(math.remainder(nearest * math.pi / 4 - phi, 2 * math.pi)) <= math.pi / 8 + 1e-9


def test_without_a_direction_one_is_drawn() -> None:
    ring = PopulationVector(neurons=8, over="ring")
    assert ring.decode(np.zeros(8), spaces.Discrete(8), lambda: 0.25) == 2
    assert ring.decode(np.full(8, 3.0), spaces.Discrete(8), lambda: 0.5) == 4
    assert np.allclose(ring.decode(np.zeros(8), spaces.Box(-1, 1, (2,)), never), 0)


# ------------------------------------------------------------------------------------------------------------ errors
def test_another_number_of_neurons_is_refused_before_a_run() -> None:
    with pytest.raises(InvalidValueError, match=r"Winner reads 4 neurons.*has 3; make it 4"):
        Winner().check_size(FOUR, 3)
    Winner(neurons=5).check_size(FOUR, 20)
    Softmax(neurons=2).check_size(FOUR, 8)
    PopulationVector(neurons=6).check_size(spaces.Box(0, 1, (3,)), 18)
    PopulationVector(neurons=6, over="ring").check_size(spaces.Box(0, 1, (2,)), 6)


def test_unsupported_spaces_are_answered_with_those_that_are() -> None:
    for decoder in (Winner(), Softmax()):
        with pytest.raises(UnsupportedError, match=r"action space MultiBinary\(2\); supported: Discrete"):
            decoder.size(spaces.MultiBinary(2))
    with pytest.raises(UnsupportedError, match="supported: Box, Discrete"):
        PopulationVector().size(spaces.MultiBinary(2))
    with pytest.raises(InvalidValueError, match='over="ring"'):
        PopulationVector().size(FOUR)
    with pytest.raises(InvalidValueError, match="has 3 coordinates"):
        PopulationVector(over="ring").size(spaces.Box(0, 1, (3,)))
    with pytest.raises(InvalidValueError, match="no bounds"):
        PopulationVector().size(spaces.Box(-np.inf, np.inf, (1,)))


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="cannot be divided among 4"):
        Winner().decode(np.zeros(6), FOUR, never)
    with pytest.raises(InvalidValueError, match="not finite"):
        Softmax().decode(np.array([0.0, np.nan, 0.0, 0.0]), FOUR, never)
    with pytest.raises(InvalidValueError, match="whole numbers"):
        Winner(neurons=1.5)
