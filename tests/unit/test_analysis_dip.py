"""The dip: the distance to the nearest distribution of one hump, which a linear programme finds, too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from spikeloom.analysis import dip_test
from spikeloom.core.errors import InvalidValueError


def by_programme(x: NDArray[np.float64]) -> float:
    """The smallest of the dips with the mode at each point: values left and right of it, and the distance, are free."""
    return min(_with_mode(x, m) for m in range(x.size))


def _with_mode(x: NDArray[np.float64], m: int) -> float:
    n = x.size
    after, before = np.arange(1, n + 1) / n, np.arange(n) / n
    place = {**{("left", i): i for i in range(m + 1)}, **{("right", i): i + 1 for i in range(m, n)}}
    rows, bounds = [], []

    def most(terms: dict[tuple[str, int], float], d: float, bound: float) -> None:
        row = np.zeros(n + 2)
        for key, value in terms.items():
            row[place[key]] = value
        row[-1] = d
        rows.append(row)
        bounds.append(bound)

    for side, i in place:
        low = before[i] if (side, i) == ("left", m) else after[i]
        high = after[i] if (side, i) == ("right", m) else before[i]
        most({(side, i): -1.0}, -1.0, -low)
        most({(side, i): 1.0}, -1.0, high)
    for side, inner, sign in (("left", range(1, m), 1.0), ("right", range(m + 1, n - 1), -1.0)):
        for i in inner:  # convex on the left of the mode, concave on its right
            a, b = 1 / (x[i] - x[i - 1]), 1 / (x[i + 1] - x[i])
            most({(side, i): sign * (a + b), (side, i - 1): -sign * a, (side, i + 1): -sign * b}, 0.0, 0.0)
    for (side, i), (other, k) in zip(list(place)[:-1], list(place)[1:], strict=True):
        most({(side, i): 1.0, (other, k): -1.0}, 0.0, 0.0)
    found = linprog(np.eye(n + 2)[-1], A_ub=np.array(rows), b_ub=bounds, bounds=[(0, 1)] * (n + 1) + [(0, None)])
    return float(found.fun)


@given(steps=st.lists(st.integers(1, 20), min_size=3, max_size=12))
@settings(max_examples=25)
def test_the_dip_is_that_of_the_linear_programme(steps: list[int]) -> None:
    x = np.cumsum(steps).astype(np.float64)
    assert dip_test(np.random.default_rng(0).permutation(x), draws=1).dip == pytest.approx(by_programme(x), abs=1e-9)


def test_simple_cases() -> None:
    assert dip_test([3.0, 3.0, 3.0, 3.0], draws=1).dip == 1 / 8
    assert dip_test([0.0, 1.0], draws=1).dip == 1 / 4
    two = np.repeat([0.0, 1.0], 500) + np.linspace(0, 1e-3, 1000)
    assert dip_test(two, draws=99).dip == pytest.approx(0.25, abs=0.01)  # half of the values would have to move


def test_one_hump_is_told_from_two() -> None:
    one = np.random.default_rng(1).normal(size=500)
    assert dip_test(one).p > 0.05
    assert dip_test(np.concatenate([one, one + 4])).p < 0.01
    assert dip_test(one, seed=3) == dip_test(one, seed=3)


def test_uniform_numbers_are_rejected_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(2)
    p = np.array([dip_test(rng.random(60), draws=199).p for _ in range(200)])
    assert 0.25 < (p < 0.5).mean() < 0.75
    assert (p < 0.05).mean() < 0.12


@pytest.mark.parametrize("values", [[1.0], [1.0, np.nan]])
def test_what_has_no_dip_is_refused(values: list[float]) -> None:
    with pytest.raises(InvalidValueError):
        dip_test(values)
