"""Distributions: the shape they claim, cut off where told, and the same values for any division of the targets."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from spikeloom.core.distributions import (
    Constant,
    Distribution,
    Exponential,
    LogNormal,
    Normal,
    Uniform,
    fill,
    from_description,
)
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.core.samplers import normal_quantile

SHAPES: list[tuple[Distribution, Any]] = [
    (Uniform(-2.0, 3.0), stats.uniform(-2, 5)),
    (Normal(20.0, 4.0), stats.norm(20, 4)),
    (Normal(1.0, 1.0, low=0.0), stats.truncnorm(-1, np.inf, 1, 1)),
    (Normal(0.0, 1.0, low=-0.5, high=2.0), stats.truncnorm(-0.5, 2)),
    (Normal(0.0, 1.0, low=1.5), stats.truncnorm(1.5, np.inf)),
    (LogNormal(2.0, 0.7), stats.lognorm(0.7, scale=2)),
    (Exponential(3.0), stats.expon(scale=3)),
    (Exponential(3.0, low=1.0), stats.expon(1, 3)),
]
ALL = [Constant(1.5), *(shape for shape, _ in SHAPES)]


def draw(distribution: Distribution, size: int, key: int = 1, first: int = 0, dtype: Any = np.float64) -> np.ndarray:
    out = np.full(size, np.nan, dtype)
    fill(distribution, key, first, np.array([0, size]), out)
    return out


@pytest.mark.parametrize(("distribution", "expected"), SHAPES, ids=[str(d) for d, _ in SHAPES])
def test_values_have_the_shape_and_the_moments(distribution: Distribution, expected: Any) -> None:
    values, (low, high) = draw(distribution, 50_001), distribution.bounds()
    assert stats.kstest(values, expected.cdf).pvalue > 1e-4
    error = expected.std() / len(values) ** 0.5
    assert abs(values.mean() - expected.mean()) < 4 * error
    assert values.std() == pytest.approx(expected.std(), rel=0.03)
    assert values.min() >= low
    assert values.max() <= high
    across = np.concatenate([draw(distribution, 5, first=target) for target in range(2000)])
    assert stats.kstest(across, expected.cdf).pvalue > 1e-4
    neighbours = np.corrcoef(across[:-1], across[1:])[0, 1], np.corrcoef(across[:-5], across[5:])[0, 1]
    assert np.abs(neighbours).max() < 4 / len(across) ** 0.5


def test_the_normal_quantile_is_exact_to_the_last_digits() -> None:
    tails = 2.0 ** -np.arange(1, 53)
    grid = np.concatenate([tails, 1 - tails, np.linspace(0.001, 0.999, 999)])
    ours, theirs = np.array([normal_quantile(p) for p in grid]), special.ndtri(grid)
    assert np.abs(ours - theirs).max() < 1e-14
    assert normal_quantile(0.5) == 0


@given(
    key=st.integers(0, 2**64 - 1),
    first=st.integers(0, 2**31),
    degrees=st.lists(st.integers(0, 9), min_size=1, max_size=8),
    distribution=st.sampled_from(ALL),
    data=st.data(),
)
@settings(max_examples=50)
def test_values_depend_on_key_target_and_place_alone(
    key: int, first: int, degrees: list[int], distribution: Distribution, data: st.DataObject
) -> None:
    offsets = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int64)
    whole = np.full(offsets[-1], np.nan)
    fill(distribution, key, first, offsets, whole)
    assert np.isfinite(whole).all()
    cut = data.draw(st.integers(0, len(degrees)))
    parts = np.full(offsets[-1], np.nan)
    fill(distribution, key, first + cut, offsets[cut:], parts)
    fill(distribution, key, first, offsets[: cut + 1], parts)
    assert np.array_equal(whole, parts)
    longer = draw(distribution, degrees[-1] + 7, key, first + len(degrees) - 1)
    assert np.array_equal(longer[: degrees[-1]], whole[offsets[-2] :])
    single = np.zeros(offsets[-1], np.float32)
    fill(distribution, key, first, offsets, single)
    assert np.array_equal(single, whole.astype(np.float32))


def test_threads_give_the_same_values() -> None:
    offsets, whole, parts = np.arange(0, 20_001, 20), np.zeros(20_000), np.zeros(20_000)
    fill(Normal(0.0, 1.0), 3, 0, offsets, whole)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda j: fill(Normal(0.0, 1.0), 3, j, offsets[j : j + 101], parts), range(0, 1000, 100)))
    assert np.array_equal(whole, parts)


def test_keys_and_targets_give_other_values() -> None:
    streams = [draw(Normal(0.0, 1.0), 1000, key, first) for key in (0, 1, 2**32) for first in (0, 1)]
    assert len(np.unique(streams)) == 6000
    assert np.abs(np.corrcoef(streams) - np.eye(6)).max() < 0.15


def test_constants_and_signs() -> None:
    assert (draw(Constant(-0.5), 10) == -0.5).all()
    assert (draw(Normal(3.0, 0.0), 10) == 3).all()
    assert np.array_equal(draw(LogNormal(-2.0, 0.7), 100), -draw(LogNormal(2.0, 0.7), 100))
    assert np.array_equal(draw(Exponential(-2.0), 100), -draw(Exponential(2.0), 100))
    assert np.log(draw(LogNormal(math.e, 0.5), 20_000)).mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("distribution", ALL, ids=str)
def test_a_description_makes_the_same_distribution_again(distribution: Distribution) -> None:
    assert from_description(distribution.describe()) == distribution


def test_an_unknown_description_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Normal'"):
        from_description({"class": "Normale", "mean": 0.0})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normal(0.0, -1.0), r"Normal\(std=-1.0\) is not possible; allowed: a number >= 0"),
        (lambda: LogNormal(1.0, -1.0), "LogNormal.sigma=-1.0"),
        (lambda: LogNormal(0.0, 1.0), "LogNormal.median=0.0"),
        (lambda: Exponential(0.0), "Exponential.mean=0.0"),
        (lambda: Uniform(1.0, 1.0), "low=1, high=1.*allowed: low < high"),
        (lambda: Normal(0.0, 1.0, low=2.0, high=1.0), "low=2, high=1.*allowed: low < high"),
        (lambda: Normal(math.nan, 1.0), "mean=nan.*a finite number"),
        (lambda: Normal(0.0, math.inf), "std=inf.*a finite number"),
        (lambda: Normal(0.0, 1.0, low=-math.inf), "low=-inf.*a finite number"),
        (lambda: Constant("1"), "value='1'.*a finite number"),  # pyright: ignore[reportArgumentType]
        (lambda: Constant(True), "value=True.*a finite number"),
        (lambda: Uniform(0.0, None), "high=None.*a finite number"),  # pyright: ignore[reportArgumentType]
        (lambda: Constant(np.zeros(2)), "a finite number"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_parameters_that_make_no_sense_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


def test_bounds_that_no_value_meets_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"1000 draws in a row lay outside \[50, inf\] \(target 7\)"):
        draw(Normal(0.0, 1.0, low=50.0), 10, first=7)
    with pytest.raises(InvalidValueError, match="outside"):
        draw(Normal(0.0, 0.0, low=1.0), 1)
    assert (draw(Normal(0.0, 1.0, low=2.3), 1000) >= 2.3).all()  # one in a hundred: 1000 tries do


@pytest.mark.parametrize(
    ("offsets", "out", "message"),
    [
        ([0, 3], np.zeros(2), "end at 2 or before"),
        ([2, 1], np.zeros(4), "never fall"),
        ([-1, 1], np.zeros(4), "begin at 0 or later"),
        ([], np.zeros(4), "one more than"),
        ([0, 1], np.zeros(4, np.int64), "float32 or float64"),
        ([0, 1], np.zeros((2, 2)), "one-dimensional"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(offsets: list[int], out: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        fill(Constant(1.0), 0, 0, np.array(offsets, np.int64), out)


def test_keys_and_targets_out_of_range_are_refused() -> None:
    for key, first in ((-1, 0), (2**64, 0), (0, -1), (0, 2**32)):
        with pytest.raises(InvalidValueError, match="key from 0"):
            fill(Constant(1.0), key, first, np.array([0, 1]), np.zeros(1))
