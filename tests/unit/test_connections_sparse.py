"""Sparse: the numbers asked for, nothing forbidden, all choices equally likely, however targets are divided."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError

keys = st.integers(0, 2**64 - 1)
WAYS = ("indegree", "outdegree", "probability", "total")


def matrix(connection: Sparse, sources: int, targets: int, key: int, recurrent: bool = False) -> np.ndarray:
    """How many synapses each pair has, of shape (sources, targets)."""
    offsets, source = connection.incoming(sources, targets, key, recurrent=recurrent)
    counts = np.zeros((sources, targets), np.int64)
    np.add.at(counts, (source, np.repeat(np.arange(targets), np.diff(offsets))), 1)
    return counts


@st.composite
def cases(draw: st.DrawFn) -> tuple[Sparse, int, int, bool]:
    """A rule, and sizes that it can connect."""
    recurrent, autapses, multapses = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    sources = draw(st.integers(2, 60))
    targets = sources if recurrent else draw(st.integers(1, 60))
    excluded = recurrent and not autapses
    most = {"indegree": sources - excluded, "outdegree": targets - excluded, "total": targets * (sources - excluded)}
    way = draw(st.sampled_from(WAYS))
    if way == "probability":
        value: float = draw(st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1)))
    else:
        value = draw(st.integers(0, 90 if multapses and most[way] else most[way]))
    values: dict[str, Any] = {way: value, "autapses": autapses, "multapses": multapses}
    return Sparse(**values), sources, targets, recurrent


@given(case=cases(), key=keys)
@settings(max_examples=200)
def test_degrees_are_exact_and_nothing_forbidden_occurs(case: tuple[Sparse, int, int, bool], key: int) -> None:
    connection, sources, targets, recurrent = case
    offsets, source = connection.incoming(sources, targets, key, recurrent=recurrent)
    assert (offsets.dtype, source.dtype) == (np.int64, np.int32)
    assert offsets[0] == 0
    assert offsets[-1] == len(source)
    for j in range(targets):
        assert (np.diff(source[offsets[j] : offsets[j + 1]]) >= 0).all()
    counts = matrix(connection, sources, targets, key, recurrent)
    if connection.indegree is not None:
        assert (counts.sum(0) == connection.indegree).all()
    elif connection.outdegree is not None:
        assert (counts.sum(1) == connection.outdegree).all()
    elif connection.total is not None:
        assert counts.sum() == connection.total
    if connection.probability is None:
        assert connection.expected(sources, targets, recurrent) == len(source)
    if recurrent and not connection.autapses:
        assert not counts.diagonal().any()
    if not connection.multapses or connection.probability is not None:
        assert counts.max() <= 1


@given(case=cases(), key=keys, data=st.data())
def test_any_division_gives_the_same_synapses(
    case: tuple[Sparse, int, int, bool], key: int, data: st.DataObject
) -> None:
    connection, sources, targets, recurrent = case
    offsets, source = connection.incoming(sources, targets, key, recurrent=recurrent)
    cuts = sorted(data.draw(st.lists(st.integers(0, targets), max_size=4)))
    parts = [
        connection.incoming(sources, targets, key, a, b, recurrent) for a, b in itertools.pairwise([0, *cuts, targets])
    ]
    assert np.array_equal(source, np.concatenate([part[1] for part in parts]))
    assert np.array_equal(np.diff(offsets), np.concatenate([np.diff(part[0]) for part in parts]))


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_threads_give_the_same_synapses_and_keys_others(way: str, multapses: bool) -> None:
    values = {"indegree": 400, "outdegree": 400, "probability": 0.4, "total": 400_000}
    connection = Sparse(**{way: values[way]}, multapses=multapses)
    whole = connection.incoming(1000, 1000, 5)[1]
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda first: connection.incoming(1000, 1000, 5, first, first + 250)[1], range(0, 1000, 250))
        assert np.array_equal(whole, np.concatenate(list(parts)))
    other = connection.incoming(1000, 1000, 6)[1]
    same = min(len(whole), len(other))
    assert (whole[:same] == other[:same]).mean() < 0.1


def chosen(connection: Sparse, sources: int, targets: int, draws: int, recurrent: bool = False) -> np.ndarray:
    """The sum of the matrices of several keys."""
    total = sum(matrix(connection, sources, targets, key, recurrent) for key in range(draws))
    return np.asarray(total)


@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_all_pairs_are_equally_likely(way: str, multapses: bool, autapses: bool) -> None:
    size, draws = 12, 600
    values = {"indegree": 5, "outdegree": 5, "probability": 0.4, "total": 60}
    counts = chosen(
        Sparse(**{way: values[way]}, multapses=multapses, autapses=autapses), size, size, draws, recurrent=True
    )
    allowed = np.ones((size, size), bool) if autapses else ~np.eye(size, dtype=bool)
    assert not counts[~allowed].any()
    mean = draws * (0.4 if way == "probability" else 60 / allowed.sum())
    p = mean / draws
    variance = mean if multapses and way != "probability" else mean * (1 - p)
    score = ((counts[allowed] - mean) ** 2 / variance).sum()
    freedom = allowed.sum() - {"indegree": size, "outdegree": size, "probability": 0, "total": 1}[way]
    # Fixed sums take degrees of freedom; without repetition they widen what is left, at most to one for each pair.
    assert stats.chi2(freedom).ppf(1e-3) < score < stats.chi2(allowed.sum()).ppf(0.999)


@pytest.mark.parametrize("way", ["indegree", "outdegree", "total"])
def test_without_multapses_all_sets_are_equally_likely(way: str) -> None:
    """Three of six, drawn by one neuron: each of the 20 sets in one draw of 20."""
    sources, targets = (1, 6) if way == "outdegree" else (6, 1)
    values: dict[str, Any] = {way: 3, "multapses": False}
    connection = Sparse(**values)
    sets = [tuple(np.flatnonzero(matrix(connection, sources, targets, key)).tolist()) for key in range(2000)]
    counts = [sets.count(s) for s in itertools.combinations(range(6), 3)]
    assert sum(counts) == 2000
    assert stats.chisquare(counts).pvalue > 0.001


def test_probability_is_binomial() -> None:
    """The indegrees of 4000 targets of 50 sources are a sample of the binomial distribution."""
    for p in (0.02, 0.3, 0.97):
        offsets, _ = Sparse(probability=p).incoming(50, 4000, 11)
        degrees = np.diff(offsets)
        expected = stats.binom.pmf(np.arange(51), 50, p) * 4000
        many = expected > 5
        seen = np.bincount(degrees, minlength=51)
        rest = [seen[~many].sum()], [expected[~many].sum()]
        assert stats.chisquare([*seen[many], *rest[0]], [*expected[many], *rest[1]]).pvalue > 0.001
        spread = (50 * 4000 * p * (1 - p)) ** 0.5
        assert abs(degrees.sum() - Sparse(probability=p).expected(50, 4000)) < 4 * spread


def test_total_is_multinomial() -> None:
    """40,000 synapses onto 1000 targets: indegrees with the variance of a multinomial distribution."""
    degrees = np.diff(Sparse(total=40_000).incoming(77, 1000, 2)[0])
    score = ((degrees - 40) ** 2 / 40).sum()
    assert stats.chi2(999).ppf(0.001) < score < stats.chi2(999).ppf(0.999)


def test_rows_of_all_lengths_are_sorted() -> None:
    """Insertion, one, two, three and four digits, with lengths below and above the number of sources."""
    for sources in (1, 2, 200, 257, 5000, 70_000, 2**25):
        for degree in (1, 24, 25, 1000):
            _, source = Sparse(indegree=degree).incoming(sources, 3, 4)
            rows = source.reshape(3, degree)
            assert (np.diff(rows, axis=1) >= 0).all()
            assert source.min() >= 0
            assert source.max() < sources
            assert sources < 5000 or degree < 25 or len(np.unique(rows)) > 1.2 * degree


def test_many_sources_are_equally_likely_too() -> None:
    """3 * 2**29 sources share 2**32 words as 8 to 3: words that give every third one less often are refused."""
    source = Sparse(indegree=30_000).incoming(3 * 2**29, 1, key=8)[1]
    assert stats.chisquare(np.bincount(source % 3)).pvalue > 1e-3


def test_options_are_those_of_nest_unless_told() -> None:
    counts = matrix(Sparse(indegree=40), 10, 10, 1, recurrent=True)
    assert counts.diagonal().any()
    assert counts.max() > 1
    apart = matrix(Sparse(indegree=40, autapses=False), 10, 10, 1, recurrent=False)
    assert apart.diagonal().any()  # two populations: there is no neuron that could project onto itself


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "needs exactly one of indegree, outdegree, probability, total"),
        ({"indegree": 1, "total": 4}, r"Sparse\(indegree=1, total=4\) needs exactly one"),
        ({"probability": 1.5}, "probability must be a probability, a number from 0 to 1; given 1.5"),
        ({"probability": -0.1}, "given -0.1"),
        ({"probability": float("nan")}, "given nan"),
        ({"probability": "0.1"}, "given '0.1'"),
        ({"indegree": 2.5}, "indegree must be a whole number, at least 0; given 2.5"),
        ({"outdegree": -1}, "outdegree must be a whole number, at least 0; given -1"),
        ({"total": True}, "total must be a whole number"),
        ({"indegree": 1, "autapses": "no"}, "autapses must be True or False; given 'no'"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Sparse(**values)


@pytest.mark.parametrize(
    ("connection", "sizes", "message"),
    [
        (Sparse(indegree=11, multapses=False), (10, 20), "indegree=11, multapses=False.*sources to choose from is 10"),
        (Sparse(outdegree=21, multapses=False), (10, 20), "outdegree=21, multapses=False.*targets.* is 20; lower"),
        (Sparse(total=201, multapses=False), (10, 20), "total=201, multapses=False.*pairs.* is 200"),
        (Sparse(total=5, multapses=False), (10**5, 10**5), "fewer than 1000000000 pairs.*indegree or probability"),
    ],
)
def test_more_than_there_is_is_refused(connection: Sparse, sizes: tuple[int, int], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        connection.incoming(*sizes, key=1)
    with pytest.raises(InvalidValueError, match=message):
        connection.check_sizes(*sizes)


def test_a_neuron_without_autapses_has_one_source_fewer() -> None:
    full = Sparse(indegree=10, multapses=False, autapses=False)
    assert full.incoming(10, 10, 1)[0][-1] == 100
    with pytest.raises(InvalidValueError, match=r"autapses=False, multapses=False.* choose from is 9"):
        full.incoming(10, 10, 1, recurrent=True)
    with pytest.raises(InvalidValueError, match="choose from is 0; lower indegree"):
        Sparse(indegree=1, autapses=False).incoming(1, 1, 1, recurrent=True)
    assert Sparse(probability=0.5, autapses=False).expected(10, 10, recurrent=True) == 45


def test_descriptions_and_names() -> None:
    connection = Sparse(probability=0.1, multapses=False)
    again = Sparse.from_values(connection.describe())
    assert again.values() == connection.values()
    assert repr(connection) == "Sparse(probability=0.1, autapses=True, multapses=False)"
