"""The drift of a weight: closed forms of Kempter, Gerstner & van Hemmen (1999), exact and from measured correlograms.

Numbers and tolerances: windows of A+ = 0.01, A- = 0.0105 and tau = 20 ms; measured drifts within 3 standard errors,
which are under 5 % of the effect.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom import analysis, plots
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from tests.unit.drawings import drawn
from tests.unit.trains import renewal

PLUS, MINUS, TAU = 0.01, 0.0105, 20.0
CHANCE = (PLUS - MINUS) * TAU / second  # the window's integral, in seconds


def stdp(s: Any) -> Any:
    return np.where(s > 0, PLUS, -MINUS) * np.exp(-np.abs(s) / TAU)


def plain(s: float) -> float:
    """The same, written for one number."""
    if s > 0:
        return PLUS * math.exp(-s / TAU)
    return -MINUS * math.exp(s / TAU)


class Rule:
    """Something that has a window."""

    def window(self, s: Any) -> Any:
        return stdp(s)


# ------------------------------------------------------------------------------------------------------ closed forms
@pytest.mark.parametrize("window", [stdp, plain, Rule()], ids=["arrays", "numbers", "object"])
def test_chance_alone(window: Any) -> None:
    """RESULTS 7, test 1: nu_pre nu_post (A+ tau+ - A- tau-) at 20 and 10 Hz."""
    assert analysis.drift(window, rates=(20.0, 10.0)) == pytest.approx(-0.002, rel=1e-9)
    found = analysis.separate(window, rates=(20.0, 10.0))
    assert (found.single, found.chance, found.correlation) == (0.0, found.total, 0.0)


def test_a_copied_fraction() -> None:
    """RESULTS 7, test 2: a tenth of a train of 10 Hz, copied after 5 ms, adds c nu W(d)."""
    found = analysis.separate(stdp, rates=(10.0, 12.0), peaks=[(5 * ms, 0.1)])
    assert found.correlation == pytest.approx(0.0077880, abs=5e-8)
    assert found.correlation == pytest.approx(0.1 * 10 * PLUS * math.exp(-5 / 20), rel=1e-12)
    assert found.chance == pytest.approx(120 * CHANCE, rel=1e-9)
    before = analysis.separate(stdp, rates=(10.0, 12.0), peaks=[(-5 * ms, 0.1), (5 * ms, 0.1)])
    assert before.correlation == pytest.approx(10 * 0.1 * (PLUS - MINUS) * math.exp(-5 / 20), rel=1e-9)


@given(
    rates=st.tuples(st.floats(0, 100), st.floats(0, 100)),
    eta=st.floats(-2, 2),
    alone=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    copied=st.tuples(st.floats(0.1, 50), st.floats(0, 1)),
)
@settings(max_examples=25)
def test_the_parts_add_up(rates: Any, eta: float, alone: Any, copied: Any) -> None:
    given_: dict[str, Any] = {"rates": rates, "eta": eta, "w_in": alone[0], "w_out": alone[1], "peaks": [copied]}
    found = analysis.separate(stdp, **given_)
    assert found.single == pytest.approx(eta * (alone[0] * rates[0] + alone[1] * rates[1]))
    assert found.chance == pytest.approx(eta * rates[0] * rates[1] * CHANCE, abs=1e-12)
    assert found.correlation == pytest.approx(eta * rates[0] * copied[1] * plain(copied[0]), abs=1e-12)
    assert analysis.drift(stdp, **given_) == found.total
    assert found.total == pytest.approx(found.single + found.chance + found.correlation)


@given(kappa=st.floats(1, 40), low=st.floats(-60, -0.1), high=st.floats(0.1, 60))
@settings(max_examples=12)
def test_a_correlogram_that_is_a_function(kappa: float, low: float, high: float) -> None:
    """A causal bump e^{-s/kappa} of one extra spike for each presynaptic one; a box window integrates exactly."""

    def after(s: Any) -> Any:
        return 7.0 + second / kappa * np.where(s > 0, np.exp(-np.maximum(s, 0) / kappa), 0.0)

    found = analysis.separate(stdp, after, rates=(5.0, 7.0))
    assert found.chance == pytest.approx(35 * CHANCE, rel=1e-9)
    assert found.correlation == pytest.approx(5 * PLUS * TAU / (TAU + kappa), rel=1e-9)
    excess = analysis.separate(stdp, lambda s: after(s) - 7.0, rates=(5.0, 7.0), corrected=True)
    assert excess.total == pytest.approx(found.total, rel=1e-9)

    def box(s: Any) -> Any:
        return np.where((s >= low) & (s <= high), 0.02, 0.0)

    found = analysis.separate(box, after, rates=(5.0, 7.0))
    assert found.chance == pytest.approx(35 * 0.02 * (high - low) / second, rel=1e-9)
    assert found.correlation == pytest.approx(5 * 0.02 * -math.expm1(-high / kappa), rel=1e-9)
    inner = analysis.drift(box, rates=(5.0, 7.0), support=(low / 2, high / 2))
    assert inner == pytest.approx(35 * 0.02 * (high - low) / 2 / second, rel=1e-9)


def test_slow_windows_are_followed_until_they_vanish() -> None:
    for tau in (100.0, 1000.0):
        found = analysis.drift(lambda s, t=tau: np.exp(-np.abs(s) / t), rates=(1.0, 1.0))
        assert found == pytest.approx(2 * tau / second, rel=1e-5)
    with pytest.raises(InvalidValueError, match=r"not vanished at lags of 100 s.*support=\(-1 \* second"):
        analysis.drift(lambda s: 1.0, rates=(1.0, 1.0))
    assert analysis.drift(lambda s: 1.0, rates=(1.0, 1.0), support=(0, 250)) == pytest.approx(0.25)


# ---------------------------------------------------------------------------------------------------------- measured
def within(found: list[float], expected: float) -> None:
    """Checks 3 standard errors, and that one is under 5 % of the effect."""
    error = float(np.std(found, ddof=1)) / len(found) ** 0.5
    assert error < 0.05 * abs(expected)
    assert abs(np.mean(found) - expected) < 3 * error


def test_measured_chance() -> None:
    """100 x 100 pairs of Poisson neurons of 20 and 10 Hz for 24 times 10 s; chance and correlation come apart."""
    totals: list[float] = []
    for block in range(24):
        pre = renewal(1, rate=20, neurons=100, duration=10 * second, seed=2 * block)
        post = renewal(1, rate=10, neurons=100, duration=10 * second, seed=2 * block + 1)
        correlogram = analysis.cross_correlogram(pre, post, bin=0.5 * ms, max_lag=200 * ms)
        rates = (len(pre) / 10, len(post) / 10)
        found = analysis.separate(stdp, correlogram, rates=rates)
        assert found.chance == pytest.approx(rates[0] * rates[1] * CHANCE, rel=1e-9)
        totals.append(found.total / 100**2)
        subtracted = analysis.cross_correlogram(pre, post, bin=0.5 * ms, max_lag=200 * ms, corrected=True)
        again = analysis.separate(stdp, subtracted, rates=rates, corrected=True)
        assert again.total == pytest.approx(found.total, rel=1e-6)
    within(totals, -0.002)


def copies(seed: int, duration: float, dt: float) -> tuple[Spikes, Spikes]:
    """10 Hz; and 9 Hz of its own with a tenth of the first train after 5 ms. One neuron each."""
    random = np.random.default_rng(seed)
    pre, own = (random.uniform(0, duration, random.poisson(rate * duration / second)) for rate in (10, 9))
    post = np.concatenate([own, pre[random.random(pre.size) < 0.1] + 5 * ms])
    shape = (round(duration / dt), 1, 1)
    made = (np.sort(times[times < duration]) for times in (pre, post))
    first, second_ = (Spikes.from_times(t, np.zeros(t.size, int), shape=shape, dt=dt) for t in made)
    return first, second_


def test_measured_correlation_of_copied_spikes() -> None:
    """RESULTS 7, test 2, from 40 times 100 s: the part of correlation, and the part of chance beside it."""
    parts: list[analysis.Drift] = []
    for seed in range(40):
        pre, post = copies(seed, 100 * second, 0.5 * ms)
        correlogram = analysis.cross_correlogram(pre, post, bin=0.5 * ms, max_lag=150 * ms)
        parts.append(analysis.separate(stdp, correlogram, rates=(len(pre) / 100, len(post) / 100)))
    within([part.correlation for part in parts], 0.0077880)
    within([part.total for part in parts], 0.0077880 + 100 * CHANCE)
    assert np.mean([part.chance for part in parts]) == pytest.approx(100 * CHANCE, rel=0.05)


@given(
    pre=st.lists(st.integers(100, 299), min_size=1, max_size=12, unique=True),
    post=st.lists(st.integers(100, 299), min_size=1, max_size=12, unique=True),
)
@settings(max_examples=40)
def test_on_the_grid_every_pair_counts_as_the_rule_would_count_it(pre: list[int], post: list[int]) -> None:
    """The drift is the sum of W over all pairs, each weighted for the steps at the edges that have no partner."""
    steps, dt = 400, 0.5
    trains = [Spikes.from_events(sorted(t), [0] * len(t), shape=(steps, 1, 1), dt=dt) for t in (pre, post)]
    duration = steps * dt / second
    rates = (len(pre) / duration, len(post) / duration)
    correlogram = analysis.cross_correlogram(*trains, bin=dt, max_lag=100 * ms)
    found = analysis.drift(stdp, correlogram, rates=rates, grid=True, support=(-100, 100))
    lag = np.subtract.outer(post, pre).ravel()
    expected = float((stdp(lag * dt) * steps / (steps - np.abs(lag))).sum()) / duration
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    chance = analysis.separate(stdp, correlogram, rates=rates, grid=True).chance
    q = math.exp(-dt / TAU)
    assert chance == pytest.approx(rates[0] * rates[1] * ((PLUS - MINUS) * q / (1 - q) - MINUS) * dt / second, rel=1e-9)


def test_a_bin_is_a_triangle_of_lags() -> None:
    """Where W is linear its mean is W at the lag; at its jump it is the mean of both sides."""
    lag = np.arange(-3.0, 4.0)
    for place, expected in ((5, 0.4), (1, -0.2), (3, 0.1 * (1 / 3 - 1 / 6))):
        value = np.zeros(7)
        value[place] = 1000.0  # one spike for each, in a bin of 1 ms
        ramp = analysis.separate(
            lambda s: np.where(s > 0, 0.2, 0.1) * s, (lag, value), rates=(1.0, 0.0), support=(-10, 10)
        )
        assert ramp.correlation == pytest.approx(expected, rel=1e-9)
        assert ramp.chance == 0


# ---------------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": 3}, r"window must be a function of s = t_post - t_pre.*Write window=lambda s"),
        ({"window": lambda s: np.where(s > 5, np.nan, 0.0)}, "window gives nan at s = 5.* ms; it must be finite"),
        ({"rates": (1.0, -1.0)}, r"allowed: \(presynaptic, postsynaptic\) \[Hz\]"),
        ({"rates": 3.0}, "rates=3.0 is not possible"),
        ({"eta": float("nan")}, "eta must be a finite number"),
        ({"support": (3, 3)}, r"support=\(3, 3\) is not possible"),
        ({"peaks": [(1.0, 2.0, 3.0)]}, r"peaks: \(1.0, 2.0, 3.0\) is not possible"),
        ({"grid": True}, "grid=True is about measured lags"),
        ({"correlogram": 5}, "correlogram must be lags and values"),
        ({"correlogram": (np.arange(3), np.arange(4))}, r"shape \(3,\) and values of shape \(4,\) do not fit"),
        ({"correlogram": (np.arange(3), [1, np.nan, 1])}, "is the first train silent.*nan stands at lag 1"),
        ({"correlogram": ([0, 1, 3], [1, 1, 1])}, "lags must rise in equal steps"),
        ({"correlogram": lambda s: np.sqrt(s)}, "correlogram gives nan at s"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")
def test_what_is_no_drift_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        analysis.drift(**{"window": stdp, "rates": (1.0, 1.0), **changes})


# ---------------------------------------------------------------------------------------------------------- pictures
def test_a_picture_of_windows() -> None:
    lag = np.array([-30.0, -5.0, 5.0, 40.0])
    axes = drawn(plots.window({"measured": (lag, stdp(lag)), "rule": Rule(), "flat": lambda s: 0.002}, unit="mV"))
    curves = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(curves["measured"].get_xydata(), np.stack([lag, stdp(lag)], axis=1))
    s, change = curves["rule"].get_data()
    known = np.isfinite(s)
    assert (~known).sum() == 1  # the jump at 0 is a gap
    np.testing.assert_allclose(change[known], stdp(s[known]))
    assert axes.get_xlim() == pytest.approx((-32.1, 42.1))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("t_post − t_pre (ms)", "change of the weight (mV)")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["measured", "rule", "flat"]
    alone = drawn(plots.window(stdp, support=(1, 50)))
    assert alone.get_xlim() == (1, 50)
    assert alone.get_legend() is None


def test_a_picture_of_drifts() -> None:
    axes = drawn(plots.drift([-0.002, 0.004], [-0.0021, 0.0043], error=[0.0001, 0.0002]))
    points = next(line for line in axes.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(points.get_xydata(), [[-0.002, -0.0021], [0.004, 0.0043]])
    assert axes.get_title(loc="left") == "at most 1.5 standard errors apart"
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_xlabel() == "predicted drift (weight per second)"
    groups = drawn(plots.drift({"a": 1.0, "b": [2.0, 3.0]}, {"b": [2.0, 3.1], "a": 0.9}, unit="mV/s"))
    assert [text.get_text() for text in groups.get_legend().get_texts()] == ["a", "b"]
    assert groups.get_ylabel() == "simulated drift (mV/s)"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.window({}), "the mapping is empty"),
        (lambda: plots.window({"a": ([1, 2], [1])}), r"curves\['a'\]: lags of shape \(2,\)"),
        (lambda: plots.window(([1, 2], [1, np.inf])), "changes must be finite"),
        (lambda: plots.window(([1], [1], [1])), r"must be \(lags, changes\) or a function; given 3 parts"),
        (lambda: plots.window(4), "curves must be a function"),
        (lambda: plots.window(stdp, support=(1, -1)), r"support=\(1, -1\)"),
        (lambda: plots.drift([1.0], [1.0, 2.0]), "simulated must have one number for each case"),
        (lambda: plots.drift([1.0], [np.nan]), "simulated must be finite"),
        (lambda: plots.drift([1.0], [1.0], error=0.0), "error must be above 0"),
        (lambda: plots.drift({"a": 1.0}, {"b": 1.0}), "must have the same names"),
        (lambda: plots.drift({}, {}), "the mapping is empty"),
    ],
)
def test_wrong_pictures_are_refused(draw: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        draw()
