"""Lists of neurons that exceed a bound: both ways of making them give the list that anybody would write down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.engines.cpu import lists

REALS = [np.float32, np.float64]


def _ways(together: Any, one_by_one: Any) -> list[Any]:
    return [one_by_one, *([together] if lists.COMPRESSES else [])]


@pytest.mark.parametrize("real", REALS)
@given(st.lists(st.floats(-2, 2, width=32), max_size=70), st.floats(-2, 2, width=32), st.integers(0, 5))
def test_the_list_holds_all_that_exceed_the_bound_in_order(
    real: Any, where: list[float], bound: float, end: int
) -> None:
    given_ = np.array(where, real)
    expected = np.flatnonzero(given_ > real(bound))
    for make in _ways(lists._list_together, lists._list_one_by_one):
        index = np.full(end + len(where) + 1, -1, np.int32)
        stop = make(given_, real(bound), index, end)
        assert index[end:stop].tolist() == expected.tolist()
        assert (index[:end] == -1).all()
    for make in _ways(lists._list_with_values_together, lists._list_with_values_one_by_one):
        index, values = np.full(end + len(where) + 1, -1, np.int32), np.zeros(end + len(where) + 1, real)
        stop = make(given_, real(bound), index, values, end)
        assert index[end:stop].tolist() == expected.tolist()
        assert values[end:stop].tolist() == given_[expected].tolist()


@pytest.mark.parametrize("real", REALS)
def test_no_number_never_counts(real: Any) -> None:
    for make in _ways(lists._list_together, lists._list_one_by_one):
        index = np.zeros(40, np.int32)
        assert make(np.full(33, np.nan, real), real(0), index, 0) == 0


def test_nothing_is_written_beyond_the_room_for_all() -> None:
    for make in _ways(lists._list_together, lists._list_one_by_one):
        index = np.full(64, -1, np.int32)
        assert make(np.ones(48, np.float32), np.float32(0), index, 0) == 48
        assert (index[48:] == -1).all()
