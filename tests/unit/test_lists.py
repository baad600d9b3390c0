"""Lists of what few neurons have: both ways of making them give the lists that anybody would write down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.engines.cpu import lists, vectors

REALS = [np.float32, np.float64]
FEW_ARE_NOT_ZERO = st.lists(st.sampled_from([0.0, 0.0, 0.0, -0.0, 1.5, -2.25, 1e-30]), min_size=1, max_size=150)


def _ways(together: Any, one_by_one: Any) -> list[Any]:
    return [one_by_one, *([together] if vectors.AVAILABLE else [])]


PACKING = [
    (lists._pack_one_by_one, lists._unpack_one_by_one, lists._list_marked_one_by_one),
    *([(lists._pack_together, lists._unpack_together, lists._list_marked_together)] if vectors.AVAILABLE else []),
]


@pytest.mark.parametrize("real", REALS)
@given(st.lists(st.floats(-2, 2, width=32), max_size=70), st.integers(0, 5))
def test_the_list_holds_all_that_are_positive_in_order(real: Any, where: list[float], end: int) -> None:
    given_ = np.array(where, real)
    expected = np.flatnonzero(given_ > 0)
    for make in _ways(lists._list_positive_together, lists._list_positive_one_by_one):
        index = np.full(end + len(where) + 1, -1, np.int32)
        stop = make(given_, index, end)
        assert index[end:stop].tolist() == expected.tolist()
        assert (index[:end] == -1).all()


@pytest.mark.parametrize("real", REALS)
def test_no_number_never_spikes(real: Any) -> None:
    for make in _ways(lists._list_positive_together, lists._list_positive_one_by_one):
        index = np.zeros(40, np.int32)
        assert make(np.full(33, np.nan, real), index, 0) == 0


def test_nothing_is_written_beyond_the_room_for_all() -> None:
    for make in _ways(lists._list_positive_together, lists._list_positive_one_by_one):
        index = np.full(64, -1, np.int32)
        assert make(np.ones(48, np.float32), index, 0) == 48
        assert (index[48:] == -1).all()


@pytest.mark.parametrize("real", REALS)
@pytest.mark.parametrize("way", PACKING)
@given(values=FEW_ARE_NOT_ZERO, end=st.integers(0, 5))
def test_what_is_packed_is_unpacked_again(real: Any, way: Any, values: list[float], end: int) -> None:
    pack, unpack, list_marked = way
    before = np.array(values, real)
    n, some = len(values), np.flatnonzero(before)
    marks, kept = np.full(lists.marks_of(n), 255, np.uint8), np.full(end + n + lists.SLACK, 7, real)
    assert pack(before, marks, kept, end) == end + len(some)
    assert kept[end : end + len(some)].tolist() == before[some].tolist()
    assert (kept[:end] == 7).all()
    index = np.full(n + lists.SLACK, -1, np.int32)
    assert list_marked(marks, before, index) == len(some)
    assert index[: len(some)].tolist() == some.tolist()
    after = np.full(n + 3, 9, real)
    unpack(after[:n], marks, kept, end)
    assert after[:n].tolist() == before.tolist()
    assert (after[n:] == 9).all()


@pytest.mark.parametrize("real", REALS)
@pytest.mark.parametrize("way", PACKING)
def test_a_slope_that_is_no_number_is_kept(real: Any, way: Any) -> None:
    values = np.zeros(20, real)
    values[[3, 17]] = np.nan
    marks, kept = np.zeros(lists.marks_of(20), np.uint8), np.zeros(20 + lists.SLACK, real)
    assert way[0](values, marks, kept, 0) == 2
    assert np.isnan(kept[:2]).all()
