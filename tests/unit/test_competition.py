"""Who wins: against the definition in plain Python, and what must hold whoever it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError
from spikeloom.engines.waves import SILENT
from spikeloom.learning.competition import inhibited, winners

Layer = tuple[np.ndarray, np.ndarray]


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Times and potentials of a small layer, with many ties."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    times = random.integers(0, 4, shape).astype(np.int16)
    times[random.random(shape) < draw(st.sampled_from([0.0, 0.4, 1.0]))] = SILENT
    return times, random.integers(10, 13, shape).astype(float)


def rank(layer: Layer, place: tuple[int, int, int]) -> tuple[Any, ...]:
    """The smaller, the better."""
    return int(layer[0][place]), -float(layer[1][place]), place


@given(layers())
def test_at_each_place_the_best_alone_keeps_its_spike(layer: Layer) -> None:
    times, _ = layer
    found = inhibited(*layer)
    assert found.dtype == times.dtype
    for row, column in np.ndindex(times.shape[1:]):
        best = min(range(len(times)), key=lambda m: rank(layer, (m, row, column)))
        for m in range(len(times)):
            assert found[m, row, column] == (times[m, row, column] if m == best else SILENT)


@settings(max_examples=80)
@given(layers(), st.integers(1, 8), st.integers(0, 2), st.integers(1, 3))
def test_winners_are_the_definition(layer: Layer, k: int, radius: int, per_map: int) -> None:
    """Again and again the best that is left, and then its neighbours and the maps that have enough are out."""
    times, _ = layer
    left = {p for p in np.ndindex(times.shape) if times[p] < SILENT}
    expected: list[Any] = []
    while left and len(expected) < k:
        best = min(left, key=lambda p: rank(layer, p))
        expected.append(best)
        full = sum(p[0] == best[0] for p in expected) == per_map
        near = {p for p in left if abs(p[1] - best[1]) <= radius and abs(p[2] - best[2]) <= radius}
        left = {p for p in left - near if not (full and p[0] == best[0])}
    assert winners(*layer, k, radius=radius, per_map=per_map) == expected


@given(layers(), st.integers(1, 8), st.integers(0, 2))
def test_inhibition_first_changes_no_winner_where_one_place_has_one_winner_anyway(
    layer: Layer, k: int, radius: int
) -> None:
    assert winners(inhibited(*layer), layer[1], k, radius=radius)[:1] == winners(*layer, k, radius=radius)[:1]


@given(layers())
def test_later_or_weaker_rivals_change_nothing(layer: Layer) -> None:
    times, heights = layer
    first = winners(times, heights)
    later = np.where(times < SILENT, times + (times > times.min()), times).astype(np.int16)
    assert winners(later, heights) == first


def test_who_has_won_before_counts() -> None:
    times, heights = np.array([[[0, 1]], [[2, 3]]]), np.ones((2, 1, 2))
    assert winners(times, heights, 4, per_map=2) == [(0, 0, 0), (0, 0, 1)]
    assert winners(times, heights, 4, per_map=2, shares=[1, 0]) == [(0, 0, 0), (1, 0, 1)]
    assert winners(times, heights, 4, per_map=2, shares=[2, 2]) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((2, 3)), np.zeros((2, 3))), "axes .maps, rows, columns."),
        ((np.zeros((1, 2, 3), int), np.zeros((1, 3, 2))), "same shape"),
        ((np.zeros((1, 2, 3)), np.zeros((1, 2, 3))), "whole steps"),
        ((np.zeros((1, 2, 3), int), np.zeros((1, 2, 3)), 0), "k must be a whole number"),
    ],
)
def test_what_is_no_layer_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        winners(*arguments)
    with pytest.raises(InvalidValueError, match="radius"):
        winners(np.zeros((1, 2, 3), int), np.zeros((1, 2, 3)), radius=-1)
    with pytest.raises(InvalidValueError, match="one number for each of 1 maps"):
        winners(np.zeros((1, 2, 3), int), np.zeros((1, 2, 3)), shares=[1, 2])
