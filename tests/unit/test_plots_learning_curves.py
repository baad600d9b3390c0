"""Learning curves over seeds: the mean and the band are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikeloom import plots
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.learning_curves import smoothed, spread


@given(values=st.lists(st.floats(-100, 100), min_size=1, max_size=30), over=st.integers(1, 40))
def test_a_smoothed_curve_is_the_mean_of_what_came_before(values: list[float], over: int) -> None:
    expected = [np.mean(values[max(0, k + 1 - over) : k + 1]) for k in range(len(values))]
    assert np.allclose(smoothed(values, over), expected, atol=1e-9)


def test_the_band() -> None:
    runs = [np.array([1.0, 2.0, 3.0]), np.array([3.0, 6.0]), np.array([2.0, 1.0, 5.0])]
    episode, mean, low, high = spread(runs, "range")
    assert episode.tolist() == [1, 2, 3]
    assert mean.tolist() == [2, 3, 4]
    assert low.tolist() == [1, 1, 3]
    assert high.tolist() == [3, 6, 5]
    _, _, low, high = spread(runs, "sd")
    assert high - mean == pytest.approx([np.std([1, 3, 2]), np.std([2, 6, 1]), 1])
    assert low == pytest.approx(2 * mean - high)
    _, _, _, high = spread(runs, "sem")
    assert high[0] - mean[0] == pytest.approx(np.std([1, 3, 2], ddof=1) / np.sqrt(3))


def test_the_picture_shows_the_mean_of_each_group() -> None:
    random = np.random.default_rng(0)
    curves = {"with": random.normal(5, 1, (3, 40)), "without": [random.normal(1, 1, 30), random.normal(1, 1, 40)]}
    axes = plots.learning_curves(curves, over=10, threshold=4.0).axes[0]
    assert axes.get_xlabel() == "episode"
    assert axes.get_ylabel() == "return (sum of rewards)"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["with (3 runs)", "without (2 runs)"]
    line = axes.get_lines()[0]
    expected = np.mean([smoothed(run, 10) for run in curves["with"]], axis=0)
    assert np.allclose(line.get_ydata(), expected)
    assert len(axes.collections) == 2
    assert plots.learning_curves([1.0, 2.0, 4.0]).axes[0].get_lines()[0].get_ydata().tolist() == [1, 2, 4]


@pytest.mark.parametrize(
    ("curves", "options", "words"),
    [
        ([], {}, "no run to draw"),
        ({}, {}, "no curve to draw"),
        ([[1.0, np.nan]], {}, "nan"),
        ([np.zeros((2, 2))], {}, "one value for each episode"),
        ([[1.0]], {"band": "wide"}, "allowed: 'range', 'sd', 'sem'"),
        ([[1.0]], {"over": 0}, "over"),
    ],
    ids=["empty", "no group", "not finite", "two axes", "band", "over"],
)
def test_what_cannot_be_drawn(curves: object, options: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        plots.learning_curves(curves, **options)  # pyright: ignore[reportArgumentType]
