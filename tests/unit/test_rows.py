"""Sums over the rows of a matrix: both ways of making them, held to numpy, at sizes that fill no register."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.engines.cpu import primitives, rows, vectors

REALS = [np.float32, np.float64]
WIDTHS = st.sampled_from([1, 2, 7, 8, 10, 15, 16, 17, 31, 63, 64, 65, 100, 128, 255, 256, 300, 530])


def _ways(name: str) -> list[Any]:
    kinds = ["one_by_one", *(["together"] if vectors.AVAILABLE else [])]
    return [getattr(rows, f"_{name}_{kind}") for kind in kinds]


def _some(real: Any, seed: int, width: int, events: int) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    matrix, x = rng.normal(size=(9, width)).astype(real), rng.normal(size=width + 5).astype(real)
    return matrix, x, rng.integers(0, 9, events + 4).astype(np.int32)


@pytest.mark.parametrize("real", REALS)
@settings(max_examples=40, deadline=None)
@given(WIDTHS, st.integers(0, 12), st.integers(0, 99))
def test_rows_are_added_in_their_order_to_the_bit(real: Any, width: int, events: int, seed: int) -> None:
    matrix, begin, indices = _some(real, seed, width, events)
    expected = begin[:width].copy()
    for k in range(2, 2 + events):
        expected += matrix[indices[k]]
    for add in _ways("add_rows"):
        x = begin.copy()
        add(x[:width], begin[:width], indices, 2, 2 + events, matrix)
        assert x[:width].tolist() == expected.tolist()
        assert x[width:].tolist() == begin[width:].tolist()
        x = begin.copy()
        add(x[:width], x[:width], indices, 2, 2 + events, matrix)
        assert x[:width].tolist() == expected.tolist()


@pytest.mark.parametrize("real", REALS)
@settings(max_examples=40, deadline=None)
@given(WIDTHS, st.integers(0, 12), st.integers(0, 99))
def test_a_row_is_added_to_others_in_their_order_to_the_bit(real: Any, width: int, events: int, seed: int) -> None:
    matrix, g, indices = _some(real, seed, width, events)
    expected = matrix.copy()
    for k in range(2, 2 + events):
        expected[indices[k]] += g[:width]
    for spread in _ways("spread_row"):
        result = matrix.copy()
        spread(result, indices, 2, 2 + events, g[:width])
        assert result.tolist() == expected.tolist()


@pytest.mark.parametrize("real", REALS)
@settings(max_examples=40, deadline=None)
@given(WIDTHS, st.integers(0, 12), st.integers(0, 99))
def test_products_with_rows(real: Any, width: int, events: int, seed: int) -> None:
    matrix, g, indices = _some(real, seed, width, events)
    tolerance = 100 * np.finfo(real).eps
    for dot in _ways("dot_rows"):
        totals = np.ones(events + 2, real)
        dot(totals, indices, 2, 2 + events, matrix, g[:width])
        expected = 1 + matrix[indices[2 : 2 + events]].astype(float) @ g[:width].astype(float)
        np.testing.assert_allclose(totals[:events], expected, rtol=tolerance, atol=width * tolerance)
        assert (totals[events:] == 1).all()
    factors = np.random.default_rng(seed).normal(size=9).astype(real)
    for multiply in _ways("multiply"):
        x = g.copy()
        multiply(x[:width], factors, matrix)
        expected = factors.astype(float) @ matrix.astype(float)
        np.testing.assert_allclose(x[:width], expected, rtol=tolerance, atol=10 * tolerance)
        assert x[width:].tolist() == g[width:].tolist()


@pytest.mark.parametrize("width", [3, 80])
@pytest.mark.parametrize("events", [5, 400])
def test_the_way_to_the_weights_is_the_same_for_many_and_for_few_events(width: int, events: int) -> None:
    rng = np.random.default_rng(events)
    steps, sources = 30, 40
    row, begin = 2, 3
    step_of = np.sort(rng.integers(0, row + steps, events))
    indices = rng.integers(0, sources, events).astype(np.int32)
    offsets = np.searchsorted(step_of, np.arange(row + steps + 1)).astype(np.int64)
    g = rng.normal(size=(steps, width))
    expected = np.zeros((sources, width))
    for k in range(begin, steps):
        for e in range(offsets[row + k], offsets[row + k + 1]):
            expected[indices[e]] += g[k]
    found = np.zeros((sources, width))
    room = np.empty(sources + 1, np.int64), np.empty(events, np.int32)
    primitives.scatter(found, indices, offsets, row, begin, steps, g, *room)
    assert found.tolist() == expected.tolist()
