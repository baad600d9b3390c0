"""Lists of synapses: given pairs, one to one, dense; what every connection promises; and the lists by source."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.connections import AllButOwn, Connection, Convolution, Dense, Distance, OneToOne, Pairs, Pooling, Sparse
from spikeloom.connections.by_source import outgoing
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.registry import members

ONE_OF_EACH: dict[str, Connection] = {
    "AllButOwn": AllButOwn(),
    "Convolution": Convolution(shape=(1, 4, 4), channels=1, kernel=3, padding=1),
    "Dense": Dense(),
    "Distance": Distance(gaussian=0.2, peak=0.9),
    "OneToOne": OneToOne(),
    "Pairs": Pairs(source=[3, 1, 3, 15], target=[0, 7, 0, 15]),
    "Pooling": Pooling(shape=(1, 4, 4), kernel=3, stride=1, padding=1),
    "Sparse": Sparse(indegree=3),
}
lists = st.integers(0, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 11), min_size=n, max_size=n), st.lists(st.integers(0, 6), min_size=n, max_size=n)
    )
)


# --------------------------------------------------------------------------------------------------- every connection
def test_there_is_one_of_each() -> None:
    assert set(members("spikeloom.connections", Connection)) == set(ONE_OF_EACH)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_lists_have_their_types_and_any_division_gives_the_same(name: str) -> None:
    connection = ONE_OF_EACH[name]
    offsets, source = connection.incoming(16, 16, 1)
    assert (offsets.dtype, source.dtype, offsets.shape) == (np.int64, np.int32, (17,))
    parts = [connection.incoming(16, 16, 1, a, b) for a, b in itertools.pairwise([0, 5, 5, 12, 16])]
    assert np.array_equal(source, np.concatenate([part[1] for part in parts]))
    assert np.array_equal(np.diff(offsets), np.concatenate([np.diff(part[0]) for part in parts]))
    assert all(part[0][0] == 0 for part in parts)
    assert abs(connection.expected(16, 16) - len(source)) <= 0.3 * len(source) * (name == "Distance")
    assert connection.fan_out(16, 16) == connection.expected(16, 16) / 16


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_some_have_an_array_of_weights_and_the_others_say_so(name: str) -> None:
    connection = ONE_OF_EACH[name]
    shapes = {"Convolution": (1, 1, 3, 3), "Dense": (16, 16)}
    assert connection.dense == (name in shapes)
    assert connection.shared == (name == "Convolution")
    if connection.dense:
        assert connection.weight_shape(16, 16) == shapes[name]
        which = connection.which(16, 16, 5, 12)
        assert (which.dtype, which.shape) == (np.int32, connection.incoming(16, 16, 0, 5, 12)[1].shape)
        return
    x = torch.zeros(16)
    for call in (
        lambda: connection.weight_shape(16, 16),
        lambda: connection.draw(16, 16, np.random.default_rng(0)),
        lambda: connection.apply(x, x),
        lambda: connection.add_gradient(x, x[None], x[None]),
        lambda: connection.which(16, 16),
    ):
        with pytest.raises(UnsupportedError, match=f"{name} lists single synapses.*step by step.*Dense"):
            call()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5, 1), "sources must be a whole number, at least 1; given 0"),
        ((5, 2.5, 1), "targets must be a whole number"),
        ((2**31, 5, 1), "a population may have 2147483647 neurons"),
        ((5, 5, 1, 3, 2), "targets from 3 to 2 are asked for; there are 0 to 5"),
        ((5, 5, 1, 0, 6), "targets from 0 to 6"),
        ((5, 5, -1), "key must be a whole number from 0"),
        ((5, 5, 2**64), "key must be a whole number from 0"),
        ((5, 6, 1, 0, 6, True), "one population cannot have 5 and 6 neurons"),
    ],
)
def test_sizes_and_ranges_that_do_not_exist_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Dense().incoming(*arguments)


def test_dense_and_one_to_one() -> None:
    offsets, source = Dense().incoming(3, 4, 0, 1, 3)
    assert offsets.tolist() == [0, 3, 6]
    assert source.tolist() == [0, 1, 2, 0, 1, 2]
    offsets, source = OneToOne().incoming(4, 4, 0, 1, 3)
    assert offsets.tolist() == [0, 1, 2]
    assert source.tolist() == [1, 2]
    with pytest.raises(InvalidValueError, match="as many sources as targets; given 4 and 5"):
        OneToOne().incoming(4, 5, 0)


# -------------------------------------------------------------------------------------------------------- given pairs
@given(pairs=lists, data=st.data())
def test_pairs_come_back_as_they_were_given(pairs: tuple[list[int], list[int]], data: st.DataObject) -> None:
    connection = Pairs(source=pairs[0], target=pairs[1])
    cut = data.draw(st.integers(0, 7))
    seen: list[tuple[int, int, int]] = []
    for first, last in ((0, cut), (cut, 7)):
        offsets, source = connection.incoming(12, 7, 0, first, last)
        order = connection.order(12, first, last)
        target = np.repeat(np.arange(first, last), np.diff(offsets))
        seen += zip(target.tolist(), source.tolist(), order.tolist(), strict=True)
    expected = sorted((t, s, i) for i, (s, t) in enumerate(zip(*pairs, strict=True)))
    assert seen == expected  # ascending by target, source and place


def test_pairs_are_copied_and_described() -> None:
    source = np.array([4, 2])
    connection = Pairs(source=source, target=[1.0, 0.0])
    source[:] = 0
    assert connection.source.tolist() == [4, 2]
    assert Pairs.from_values(connection.describe()).describe() == connection.describe()
    assert repr(connection) == "Pairs(2 pairs)"
    assert connection.expected(5, 5) == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": [1]}, "Pairs needs target; write Pairs"),
        ({"source": [1], "target": [1, 2]}, "equal length; given 1 and 2"),
        ({"source": [1.5], "target": [1]}, r"source must be whole numbers; Pairs: source\[0\] is 1.5"),
        ({"source": [1], "target": [-1]}, r"target\[0\] is -1; allowed is 0 to"),
        ({"source": [2**31], "target": [1]}, r"source\[0\] is 2147483648"),
        ({"source": [[1]], "target": [1]}, "one-dimensional"),
        ({"source": ["a"], "target": [1]}, "real numbers"),
    ],
)
def test_pairs_that_are_none_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Pairs(**values)


def test_pairs_of_neurons_that_do_not_exist_are_refused() -> None:
    connection = Pairs(source=[1, 9], target=[3, 0])
    with pytest.raises(InvalidValueError, match=r"source\[1\] is 9; allowed is 0 to 8 \(the source has 9 neurons\)"):
        connection.check_sizes(9, 4)
    with pytest.raises(InvalidValueError, match=r"target\[0\] is 3; allowed is 0 to 2 \(the target has 3 neurons\)"):
        connection.incoming(10, 3, 0)


# ---------------------------------------------------------------------------------------------------------- by source
@given(
    indegree=st.integers(0, 70),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 40)),
    delays=st.sampled_from([None, (np.uint8, 1, 1), (np.uint8, 0, 255), (np.uint16, 3, 9), (np.uint16, 0, 65535)]),
    weights=st.sampled_from([None, np.float32]),
    key=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_outgoing_lists_equal_a_sort_with_numpy(
    indegree: int, sizes: tuple[int, int], delays: Any, weights: Any, key: int
) -> None:
    offsets, source = Sparse(indegree=indegree).incoming(*sizes, key)
    random = np.random.default_rng(key)
    delay = None if delays is None else random.integers(delays[1], delays[2] + 1, len(source)).astype(delays[0])
    weight = None if weights is None else random.random(len(source)).astype(weights)
    out = outgoing(offsets, source, sizes[0], weight, delay)
    target = np.repeat(np.arange(sizes[1]), np.diff(offsets))
    order = np.lexsort((target, np.zeros(len(source)) if delay is None else delay, source))
    assert np.array_equal(out.starts, np.searchsorted(source[order], np.arange(sizes[0] + 1)))
    assert out.targets.dtype == np.uint16
    assert np.array_equal(out.targets, target[order])
    for got, given_ in ((out.weights, weight), (out.delays, delay)):
        assert (got is None) == (given_ is None)
        if got is not None and given_ is not None:
            assert got.dtype == given_.dtype
            assert np.array_equal(got, given_[order])


def test_many_targets_need_four_bytes_and_double_weights_eight() -> None:
    for targets, kind, size in ((2**16, np.uint16, 2), (2**16 + 1, np.int32, 4)):
        offsets, source = OneToOne().incoming(targets, targets, 0)
        weight = np.arange(targets, dtype=np.float64) / 3
        out = outgoing(offsets, source, targets, weight, np.ones(targets, np.uint8) if size == 4 else None)
        assert out.targets.dtype == kind
        assert np.array_equal(out.targets, np.arange(targets))
        assert np.array_equal(np.asarray(out.weights), weight)
        assert out.nbytes == targets * (size + 8 + size // 4) + 8 * (targets + 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": np.array([0, 1, 3], np.int32)}, "a source lies outside 0 to 2"),
        ({"source": np.array([0, -1, 2], np.int32)}, "a source lies outside 0 to 2"),
        ({"source": np.array([0, 1, 2])}, "source must be 3 values of int32"),
        ({"weight": np.ones(4)}, "weight must be 3 values of float32 or float64.*float64"),
        ({"weight": np.ones(3, int)}, "weight must be 3 values"),
        ({"delay": np.ones(3)}, "delay must be 3 values of uint8 or uint16"),
    ],
)
def test_arrays_that_do_not_belong_to_the_lists_are_refused(changes: dict[str, Any], message: str) -> None:
    given_ = {"offsets": np.array([0, 2, 3]), "source": np.array([0, 1, 2], np.int32), "sources": 3, **changes}
    with pytest.raises(InvalidValueError, match=message):
        outgoing(**given_)
