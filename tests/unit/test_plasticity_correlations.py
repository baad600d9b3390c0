"""Rules of spike timing that follow correlation, covariance and principal components: every pair, by its window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.connections import OneToOne
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.network import Network
from spikeloom.neurons import LIF, Linear
from spikeloom.plasticity import CorrelationSTDP, CovarianceSTDP, PairSTDP, Plasticity, SpikingPCA

Array = np.ndarray[Any, Any]


def pairs(rule: Plasticity, pre: Array, post: Array, delay: float | None = None) -> float:
    """The change of a weight that starts at 0.3, between a source and a target that are made to fire in these steps."""
    steps = int(max(pre.max(), post.max())) + 40
    net = Network(dt=1.0, dtype=torch.float64)
    net.input("pre", 1)
    net.input("kick", 1)
    net.population("cell", LIF(theta=100.0, tau_m=1.0), 1)
    net.connect("pre", "cell", OneToOne(), weight=0.3, delay=delay, rule=rule)
    net.connect("kick", "cell", OneToOne(), weight=1000.0)
    given = {n: np.bincount(t, minlength=steps)[:, None, None] for n, t in (("pre", pre), ("kick", post))}
    spikes = {n: sl.Spikes.from_dense(v.astype(float), dt=1.0) for n, v in given.items()}
    record = sl.run(net, spikes, record=["cell.spikes"])
    assert record["cell.spikes"].step.tolist() == sorted(post.tolist())
    return float(record.state["pre->cell"]["weight"][0]) - 0.3


def symmetric(s: Array) -> Array:
    return np.exp(-np.abs(s) / 20) / 40


def causal(s: Array) -> Array:
    return np.where(s >= 0, np.exp(-s / 20) / 20, 0.0)


def zero_area(s: Array) -> Array:
    return symmetric(s) - np.exp(-np.abs(s) / 300) / 600


WINDOWS = {
    "symmetric": (CorrelationSTDP(eta=0.5, bounds="none"), symmetric),
    "causal": (CorrelationSTDP(eta=0.5, window="causal", bounds="none"), causal),
    "covariance": (CovarianceSTDP(eta=0.5, tau_mean=300.0, bounds="none"), zero_area),
}
trains = st.lists(st.integers(0, 200), min_size=1, max_size=12, unique=True)


@pytest.mark.parametrize("name", WINDOWS)
@given(pre=trains, post=trains, delayed=st.booleans())
@settings(max_examples=10, deadline=None)
def test_all_pairs_count_by_the_window(name: str, pre: list[int], post: list[int], delayed: bool) -> None:
    """With a dendritic delay a spike of the target comes late, and spikes that meet in a step are no pair."""
    rule, window = WINDOWS[name]
    before, after = np.array(pre), np.array(post)
    lag = after[None] - before[:, None] + (3 if delayed else 0)
    expected = 0.5 * np.where((lag == 0) & delayed, 0.0, window(lag)).sum()
    assert pairs(rule, before, after, 3.0 if delayed else None) == pytest.approx(expected, abs=1e-13)


def test_the_windows_have_the_areas_that_they_are_said_to_have() -> None:
    lag = np.arange(-6000, 6001)
    assert symmetric(lag).sum() == pytest.approx(1, abs=1e-3)
    assert causal(lag).sum() == pytest.approx(1, abs=0.03)  # half a step of dt / tau, at lag 0
    assert zero_area(lag).sum() == pytest.approx(0, abs=1e-3)


@given(pre=trains, post=trains)
@settings(max_examples=15, deadline=None)
def test_spiking_pca_is_stdp_with_a_decay(pre: list[int], post: list[int]) -> None:
    rule = SpikingPCA(eta=0.4, a_minus=0.7, alpha=50.0, tau_plus=20.0, tau_minus=30.0, tau_rate=100.0)
    w = 0.3
    for t in range(201):
        if t in pre:
            w -= 0.4 * 0.7 * sum(np.exp(-(t - s) / 30) / 30 for s in post if s < t)
        if t in post:
            rate = sum(np.exp(-(t - s) / 100) / 100 for s in post if s < t)
            w += 0.4 * (sum(np.exp(-(t - s) / 20) / 20 for s in pre if s <= t) - 50.0 * rate * w)
    assert pairs(rule, np.array(pre), np.array(post)) == pytest.approx(w - 0.3, abs=1e-12)


@pytest.mark.slow
def test_bounds_hold_in_spikes() -> None:
    times = np.arange(0, 200, 2)
    assert pairs(CorrelationSTDP(eta=5.0), times, times) == pytest.approx(0.7, abs=1e-12)
    assert pairs(CovarianceSTDP(eta=5.0, tau_mean=40.0), times, times + 300) == pytest.approx(-0.3, abs=1e-12)
    assert pairs(SpikingPCA(eta=50.0, a_minus=3.0, bounds="hard"), times + 300, times) == pytest.approx(-0.3, abs=1e-12)


def test_rules_that_follow_spikes_refuse_analog_values_and_silent_targets() -> None:
    net = Network(dt=1.0)
    net.connect(net.input("x", 4), net.population("y", Linear(), 3), weight=0.1, rule=CorrelationSTDP())
    with pytest.raises(UnsupportedError, match=r"given analog values; give it spikes, or take a rule for rates"):
        sl.run(net, np.ones((5, 1, 4)))
    spikes = sl.Spikes.from_dense(np.ones((5, 1, 4)), dt=1.0)
    for rule in (CorrelationSTDP(), PairSTDP()):
        net = Network(dt=1.0)
        net.connect(net.input("x", 4), net.population("y", Linear(), 3), weight=0.1, rule=rule)
        with pytest.raises(UnsupportedError, match=r"'y' never spikes; take neurons that do"):
            sl.run(net, spikes)


def test_a_running_mean_is_slower_than_the_window() -> None:
    with pytest.raises(InvalidValueError, match="a tau_mean longer than tau"):
        CovarianceSTDP(tau=20.0, tau_mean=20.0)
