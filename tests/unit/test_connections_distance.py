"""Distance: every pair as likely as its kernel says, on grids and given positions, with open and joined edges."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spikeloom.connections import Distance
from spikeloom.core.errors import InvalidValueError

RANDOM = np.random.default_rng(3)
SOURCE, TARGET = RANDOM.random((40, 2)) * [2, 1], RANDOM.random((25, 2)) * [2, 1]
KERNELS: list[dict[str, Any]] = [{"gaussian": 0.3}, {"exponential": 0.4}, {"box": 0.5}]


def kernel(shape: dict[str, Any], source: np.ndarray, target: np.ndarray, period: tuple[float, float] | None) -> Any:
    """The kernel for all pairs, with numpy: (sources, targets)."""
    apart = np.abs(source[:, None] - target[None])
    if period is not None:
        apart = np.minimum(apart, np.array(period) - apart)
    d = np.hypot(apart[..., 0], apart[..., 1])
    ((name, scale),) = shape.items()
    return {"gaussian": np.exp(-(d**2) / (2 * scale**2)), "exponential": np.exp(-d / scale), "box": d <= scale}[name]


def counts(connection: Distance, sources: int, targets: int, draws: int, recurrent: bool = False) -> np.ndarray:
    """How often each pair was connected, over several keys."""
    total = np.zeros((sources, targets), np.int64)
    for key in range(draws):
        offsets, source = connection.incoming(sources, targets, key, recurrent=recurrent)
        np.add.at(total, (source, np.repeat(np.arange(targets), np.diff(offsets))), 1)
    return total


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("shape", KERNELS, ids=str)
def test_each_pair_is_as_likely_as_its_kernel_says(shape: dict[str, Any], periodic: bool) -> None:
    draws, peak = 1500, 0.7
    connection = Distance(**shape, peak=peak, source=SOURCE, target=TARGET, extent=(2, 1), periodic=periodic)
    p = peak * kernel(shape, SOURCE, TARGET, (2, 1) if periodic else None)
    seen = counts(connection, 40, 25, draws)
    assert not seen[p == 0].any()
    often = p * draws > 5
    score = ((seen - draws * p)[often] ** 2 / (draws * p * (1 - p))[often]).sum()
    assert stats.chi2(often.sum()).ppf(0.001) < score < stats.chi2(often.sum()).ppf(0.999)
    rare = draws * p[~often].sum()
    assert abs(seen[~often].sum() - rare) <= 4 * rare**0.5
    assert connection.expected(40, 25) == round(p.sum())


@pytest.mark.parametrize("shape", KERNELS, ids=str)
def test_a_fixed_indegree_is_weighted_by_the_kernel(shape: dict[str, Any]) -> None:
    draws = 400
    connection = Distance(**shape, indegree=5, source=SOURCE, target=TARGET, extent=(2, 1), periodic=True)
    weight = kernel(shape, SOURCE, TARGET, (2, 1)).astype(float)
    mean = 5 * draws * weight / weight.sum(0)
    seen = counts(connection, 40, 25, draws)
    assert (seen.sum(0) == 5 * draws).all()
    assert not seen[weight == 0].any()
    often = mean > 5
    score = ((seen - mean)[often] ** 2 / mean[often]).sum()
    freedom = often.sum() - 25
    assert stats.chi2(freedom).ppf(0.001) < score < stats.chi2(freedom + 25).ppf(0.999)


def test_without_multapses_a_drawn_source_leaves() -> None:
    """Two of six: the probability of each pair is w_i w_j / W (1 / (W - w_i) + 1 / (W - w_j))."""
    source, draws = SOURCE[:6], 4000
    connection = Distance(gaussian=0.5, indegree=2, source=source, target=TARGET[:1], multapses=False)
    w = kernel({"gaussian": 0.5}, source, TARGET[:1], None)[:, 0]
    total, pairs = w.sum(), list(itertools.combinations(range(6), 2))
    p = [w[i] * w[j] / total * (1 / (total - w[i]) + 1 / (total - w[j])) for i, j in pairs]
    drawn = [tuple(connection.incoming(6, 1, key)[1].tolist()) for key in range(draws)]
    seen = np.array([drawn.count(pair) for pair in pairs])
    expected = draws * np.array(p)
    assert seen.sum() == draws
    often = expected > 5
    assert stats.chisquare([*seen[often], seen[~often].sum()], [*expected[often], expected[~often].sum()]).pvalue > 1e-3
    everyone = Distance(gaussian=0.5, indegree=6, source=source, target=TARGET[:1], multapses=False)
    assert everyone.incoming(6, 1, 0)[1].tolist() == list(range(6))


def test_a_large_sheet_falls_off_as_its_kernel() -> None:
    """3600 neurons on a grid: as many synapses at each distance as the kernel says, and as ``expected`` says."""
    side = 60
    connection = Distance(gaussian=0.08, peak=0.6, periodic=True, autapses=False)
    size = side * side
    offsets, source = connection.incoming(size, size, 9, recurrent=True)
    target = np.repeat(np.arange(size), np.diff(offsets))
    assert (source != target).all()
    place = connection.places("source", size)
    apart = np.abs(place[source] - place[target])
    apart = np.minimum(apart, 1 - apart)
    one = np.abs(place - place[0])
    one = np.minimum(one, 1 - one)
    edges = np.array([1e-9, 0.04, 0.08, 0.12, 0.16, 0.2, 0.3, 0.4, 0.8])
    d = np.hypot(*one.T)
    p = 0.6 * np.exp(-(d**2) / (2 * 0.08**2))
    expected = size * np.histogram(d, edges, weights=p)[0]
    variance = size * np.histogram(d, edges, weights=p * (1 - p))[0]
    seen = np.histogram(np.hypot(*apart.T), edges)[0]
    assert (np.abs(seen - expected) < 4 * variance**0.5 + 1e-9).all()
    assert abs(len(source) - connection.expected(size, size, recurrent=True)) < 4 * variance.sum() ** 0.5


@given(data=st.data(), key=st.integers(0, 2**64 - 1), periodic=st.booleans(), recurrent=st.booleans())
@settings(max_examples=60)
def test_lists_are_canonical_and_any_division_gives_the_same(
    data: st.DataObject, key: int, periodic: bool, recurrent: bool
) -> None:
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    size = rows * columns
    autapses, multapses = data.draw(st.booleans()), data.draw(st.booleans())
    rule: dict[str, Any] = data.draw(st.sampled_from([{"gaussian": 0.2}, {"exponential": 0.2}, {"box": 0.3}]))
    if data.draw(st.booleans()) or size < 2:
        rule = {**rule, "peak": data.draw(st.sampled_from([0.0, 0.3, 1.0]))}
    else:
        rule = {**rule, "gaussian": 0.4, "indegree": data.draw(st.integers(0, size - 1))}
        rule = {k: v for k, v in rule.items() if k not in ("exponential", "box")}
    connection = Distance(**rule, source=(rows, columns), periodic=periodic, autapses=autapses, multapses=multapses)
    targets = size if recurrent else 4
    offsets, source = connection.incoming(size, targets, key, recurrent=recurrent)
    assert offsets[0] == 0
    assert offsets[-1] == len(source)
    for j in range(targets):
        row = source[offsets[j] : offsets[j + 1]]
        assert (np.diff(row) >= (0 if multapses and connection.indegree is not None else 1)).all()
        assert not (recurrent and not autapses and (row == j).any())
        assert connection.indegree is None or len(row) == connection.indegree
    cut = data.draw(st.integers(0, targets))
    parts = [connection.incoming(size, targets, key, a, b, recurrent) for a, b in ((0, cut), (cut, targets))]
    assert np.array_equal(source, np.concatenate([part[1] for part in parts]))


def test_places_on_a_grid() -> None:
    places = Distance(box=1.0, peak=1.0, source=(2, 3), extent=(3.0, 4.0)).places("source", 6)
    assert places.tolist() == [[0.5, 1], [1.5, 1], [2.5, 1], [0.5, 3], [1.5, 3], [2.5, 3]]
    assert Distance(box=1.0, peak=1.0).places("target", 4).tolist() == [
        [0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75],
    ]  # fmt: skip


def test_a_box_reaches_its_rim() -> None:
    """The four neighbours on a grid, at exactly the radius, and the neuron itself."""
    connection = Distance(box=0.1, peak=1.0, source=(10, 10), periodic=True)
    assert (np.diff(connection.incoming(100, 100, 0, recurrent=True)[0]) == 5).all()
    alone = Distance(box=0.1, peak=1.0, source=(10, 10), periodic=True, autapses=False)
    assert (np.diff(alone.incoming(100, 100, 0, recurrent=True)[0]) == 4).all()
    assert alone.expected(100, 100, recurrent=True) == 400


def test_a_description_makes_the_same_connection_again() -> None:
    for connection in (
        Distance(gaussian=0.1, peak=0.5, source=SOURCE, target=TARGET, extent=(2, 1), periodic=True),
        Distance(box=0.4, indegree=3, source=(8, 5), target=(5, 5), multapses=False),
    ):
        again = Distance.from_values(json.loads(json.dumps(connection.describe())))
        assert np.array_equal(again.incoming(40, 25, 1)[1], connection.incoming(40, 25, 1)[1])
        assert repr(again) == repr(connection)
    assert "source=<40 positions>" in repr(Distance(box=1, peak=1, source=SOURCE))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"peak": 0.5}, "exactly one of gaussian, exponential, box; given none"),
        ({"gaussian": 1, "box": 2, "peak": 0.5}, "given gaussian, box"),
        ({"gaussian": 1}, "exactly one of peak, indegree; given none"),
        ({"gaussian": 1, "peak": 0.5, "indegree": 3}, "given peak, indegree"),
        ({"gaussian": 0, "peak": 0.5}, "gaussian must be a finite number above 0; given 0"),
        ({"box": float("inf"), "peak": 0.5}, "box must be a finite number above 0; given inf"),
        ({"box": 1, "peak": 1.5}, "peak must be a probability, a number from 0 to 1; given 1.5"),
        ({"box": 1, "indegree": 1.5}, "indegree must be a whole number, at least 0; given 1.5"),
        ({"box": 1, "peak": 1, "periodic": 1}, "periodic must be True or False; given 1"),
        ({"box": 1, "peak": 1, "extent": 2.0}, "extent=2.0.*allowed: .width, height."),
        ({"box": 1, "peak": 1, "extent": (1, -1)}, "extent must be a finite number above 0; given -1"),
        ({"box": 1, "peak": 1, "source": (3, 2.5)}, "source must be whole numbers"),
        ({"box": 1, "peak": 1, "source": (3, 0)}, "columns of source must be a whole number, at least 1"),
        ({"box": 1, "peak": 1, "source": np.zeros((3, 3))}, r"shape \(3, 3\); allowed: .rows, columns. of a grid"),
        ({"box": 1, "peak": 1, "source": np.full((3, 2), np.nan)}, "source must be finite; nan stands at neuron 0"),
        ({"box": 1, "peak": 1, "source": [[0, 0], [2, 0]], "periodic": True}, "must lie in 0 to"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Distance(**values)


@pytest.mark.parametrize(
    ("values", "sizes", "recurrent", "message"),
    [
        ({"source": (4, 5)}, (19, 16), False, r"has 20 places for its source; there are 19 neurons. Give source="),
        ({"target": TARGET}, (16, 24), False, "has 25 places for its target; there are 24"),
        ({}, (17, 16), False, "makes a square grid; there are 17 neurons"),
        ({"source": (4, 4), "target": (2, 8)}, (16, 16), True, "one position each; give source only"),
    ],
)
def test_places_that_do_not_fit_are_refused(
    values: dict[str, Any], sizes: tuple[int, int], recurrent: bool, message: str
) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Distance(box=1, peak=1, **values).check_sizes(*sizes, recurrent)


def test_too_few_sources_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"indegree=17, multapses=False.*choose from is 16"):
        Distance(gaussian=1, indegree=17, multapses=False).check_sizes(16, 16)
    with pytest.raises(InvalidValueError, match="choose from is 15"):
        Distance(gaussian=1, indegree=16, multapses=False, autapses=False).incoming(16, 16, 0, recurrent=True)
    with pytest.raises(InvalidValueError, match="target 0 has 1 sources in reach; widen the kernel, or lower indegree"):
        Distance(box=0.1, indegree=2, multapses=False).incoming(16, 16, 0, recurrent=True)
    with pytest.raises(InvalidValueError, match="target 0 has 0 sources in reach"):
        Distance(box=0.1, indegree=2, autapses=False).incoming(16, 16, 0, recurrent=True)
    assert (
        Distance(box=0.1, indegree=2).incoming(16, 16, 0, recurrent=True)[1].tolist()
        == np.arange(16).repeat(2).tolist()
    )
