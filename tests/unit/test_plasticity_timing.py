"""The rules of spike timing: closed forms, and random trains recomputed as sums over spikes, without traces."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.learning import measured_window
from spikeloom.plasticity import CentredSTDP, InhibitorySTDP, PairSTDP, ReducedSTDP, TripletSTDP, VanRossumSTDP
from spikeloom.units import Hz, ms
from tests.unit.protocols import DT, LAGS, decayed, learned, protocols, recomputed, some, trains

# --- pairs, by the signs of their amplitudes --------------------------------------------------------------------------


@pytest.mark.parametrize(("plus", "minus"), [(0.02, 0.01), (-0.02, -0.01), (0.02, -0.02), (-0.02, 0.02), (-0.02, 0.01)])
@pytest.mark.parametrize("pairing", ["all", "nearest"])
def test_signs_turn_the_window_of_pairs_round(plus: float, minus: float, pairing: str) -> None:
    """Hebbian, anti-Hebbian, symmetric, and both of its opposites."""
    rule = PairSTDP(a_plus=plus, a_minus=minus, tau_plus=15 * ms, tau_minus=30 * ms, bounds="none", pairing=pairing)
    lags, change = measured_window(rule, LAGS, dt=0.5)
    expected = np.where(lags > 0, plus * np.exp(-np.abs(lags) / 15), -minus * np.exp(-np.abs(lags) / 30))
    np.testing.assert_allclose(change, expected, rtol=1e-12)


def test_anti_hebbian_growth_ends_at_the_bound() -> None:
    rule = PairSTDP(a_plus=-0.4, a_minus=-0.4, tau_plus=50.0, tau_minus=50.0)
    _, change = measured_window(rule, [-1.0, 1.0], pairs=10, every=50 * ms, dt=0.5)
    assert change.tolist() == [0.5, -0.5]


# --- triplets ---------------------------------------------------------------------------------------------------------
@some
@protocols
@pytest.mark.parametrize("pairing", ["all", "nearest"])
def test_triplets_are_those_of_the_paper(pairing: str, seed: int, density: float, delay: Any, site: str) -> None:
    rule = TripletSTDP(a2_plus=0.01, a3_plus=0.02, a2_minus=0.012, a3_minus=0.015, pairing=pairing, site=site)
    near = pairing == "nearest"

    def change(w: float, side: str, t: float, pres: list[float], posts: list[float]) -> float:
        if side == "pre":
            return w - decayed(t, posts, 33.7, near) * (0.012 + 0.015 * decayed(t, pres, 101.0, near))
        return w + decayed(t, pres, 16.8, near) * (0.01 + 0.02 * decayed(t, posts, 125.0, near))

    pre, post = trains(seed, density)
    expected = recomputed(change, pre, post, delay, site)
    np.testing.assert_allclose(learned(rule, pre, post, delay), expected, rtol=1e-10, atol=1e-12)


def test_triplets_have_the_published_parameters() -> None:
    full, minimal = TripletSTDP.visual_cortex(), TripletSTDP.visual_cortex("nearest", minimal=True, bounds="none")
    assert full.values() == TripletSTDP().values()
    assert (full.a3_plus, full.tau_x, full.tau_y) == (6.2e-3, 101.0, 125.0)
    assert (minimal.pairing, minimal.bounds, minimal.a2_plus, minimal.a3_minus) == ("nearest", "none", 0.0, 0.0)
    assert TripletSTDP.hippocampus(minimal=True).a3_plus == 8e-3
    with pytest.raises(InvalidValueError, match=r"hippocampus\('nearest'\) is not possible; allowed: 'all'"):
        TripletSTDP.hippocampus("nearest")
    with pytest.raises(InvalidValueError, match="'all' or 'nearest'"):
        TripletSTDP.visual_cortex("some")
    with pytest.raises(UnknownNameError, match="a2_plus"):
        TripletSTDP.visual_cortex(a2_pluss=1.0)


# --- neighbours -------------------------------------------------------------------------------------------------------
SHAPE: dict[str, Any] = {"a_plus": 0.05, "a_minus": 0.04, "tau_plus": 12.0, "tau_minus": 25.0}


@some
@protocols
def test_centred_pairs_reach_back_to_the_last_spike_of_the_target(
    seed: int, density: float, delay: Any, site: str
) -> None:
    def change(w: float, side: str, t: float, pres: list[float], posts: list[float]) -> float:
        if side == "pre":
            return w - 0.04 * decayed(t, posts, 25.0, nearest=True)
        # Spikes that met the last one of the target were before it or after it, as the order within a step says.
        met = site == "dendrite" and delay is not None
        new = [s for s in pres if not posts or s > posts[-1] or (met and s == posts[-1])]
        return w + 0.05 * decayed(t, new, 12.0)

    pre, post = trains(seed, density)
    rule = CentredSTDP(site=site, **SHAPE)
    expected = recomputed(change, pre, post, delay, site)
    np.testing.assert_allclose(learned(rule, pre, post, delay), expected, rtol=1e-10, atol=1e-12)


@some
@protocols
def test_reduced_pairs_have_no_spike_in_between(seed: int, density: float, delay: Any, site: str) -> None:
    last = ""

    def change(w: float, side: str, t: float, pres: list[float], posts: list[float]) -> float:
        nonlocal last
        last = "" if not pres and not posts else last
        other = {"pre": "post", "post": "pre"}[side]
        amount = decayed(t, posts, 25.0, True) * -0.04 if side == "pre" else decayed(t, pres, 12.0, True) * 0.05
        amount, last = (amount if last == other else 0.0), side
        return w + amount

    pre, post = trains(seed, density)
    rule = ReducedSTDP(site=site, **SHAPE)
    expected = recomputed(change, pre, post, delay, site)
    np.testing.assert_allclose(learned(rule, pre, post, delay), expected, rtol=1e-10, atol=1e-12)


# --- weight dependence and noise --------------------------------------------------------------------------------------
def test_van_rossum_grows_by_a_constant_and_shrinks_in_proportion() -> None:
    for weight in (0.2, 0.8):
        rule = VanRossumSTDP(c_p=0.01, c_d=0.03, noise=0.0, tau_plus=15.0, tau_minus=30.0)
        lags, change = measured_window(rule, LAGS, weight=weight, dt=0.5)
        expected = np.where(lags > 0, 0.01 * np.exp(-np.abs(lags) / 15), -0.03 * weight * np.exp(-np.abs(lags) / 30))
        np.testing.assert_allclose(change, expected, rtol=1e-12)


def test_van_rossum_noise_is_in_proportion_to_the_weight() -> None:
    rule = VanRossumSTDP(c_p=0.0, c_d=0.0, noise=0.1, w_max=10.0)
    _, change = measured_window(rule, np.repeat([-10.0, 10.0], 2000), weight=2.0, dt=0.5)
    sd = 0.1 * 2.0 * math.exp(-10 / 20)
    for side in (change[:2000], change[2000:]):
        assert abs(side.mean()) < 4 * sd / math.sqrt(2000)
        assert side.std() == pytest.approx(sd, rel=0.07)


def test_van_rossum_weights_settle_where_growth_is_depression() -> None:
    """Without noise, independent trains: the mean is c_p tau_plus / (c_d tau_minus), from above and from below."""
    pre, post = trains(3, 0.02, steps=20_000, size=60)
    rule = VanRossumSTDP(c_p=0.004, c_d=0.02, noise=0.0, tau_plus=30.0, tau_minus=15.0)
    for begin in (0.1, 0.9):
        weight = learned(rule, pre, post, weight=begin)
        assert weight.mean() == pytest.approx(0.4, abs=4 * weight.std() / math.sqrt(60))
        assert 0.005 < weight.std() < 0.1


# --- inhibition -------------------------------------------------------------------------------------------------------
def test_inhibition_grows_with_pairs_in_either_order_and_pays_for_each_spike_of_the_source() -> None:
    rule = InhibitorySTDP(eta=0.01, target_rate=5 * Hz, tau=20 * ms)
    assert rule.alpha == pytest.approx(0.2)
    lags, change = measured_window(rule, LAGS, dt=0.5)
    np.testing.assert_allclose(change, 0.01 * (np.exp(-np.abs(lags) / 20) - 0.2), rtol=1e-12)


def test_inhibitory_currents_mirror_conductances_to_the_bit() -> None:
    pre, post = trains(5, 0.05)
    rule = InhibitorySTDP(eta=0.02, target_rate=20 * Hz)
    conductance = learned(rule, pre, post, 1.0)
    current = learned(rule.replace(w_max=-1.0), pre, post, 1.0, weight=-0.5)
    assert np.array_equal(current, -conductance)
    assert conductance.std() > 0.01


@pytest.mark.parametrize(("factor", "sign"), [(0.7, -1), (1.0, 0), (1.3, 1)])
def test_inhibition_rests_where_the_target_fires_at_its_rate(factor: float, sign: int) -> None:
    """The drift with independent spikes: 2 eta tau nu_pre (nu_post - rho), within three standard errors."""
    rho, steps, size = 40 * Hz, 8000, 100
    draw = np.random.default_rng(11)
    pre, post = draw.random((steps, size)) < 30 * Hz * DT, draw.random((steps, size)) < factor * rho * DT
    rule = InhibitorySTDP(eta=1e-4, target_rate=rho, tau=20 * ms)
    change = learned(rule, pre, post) - 0.5
    expected = 2e-4 * 20 * 30 * Hz * (factor - 1.0) * rho * steps * DT
    error = change.std() / math.sqrt(size)
    assert abs(change.mean() - expected) < 3 * error
    assert (change.mean() > 3 * error, change.mean() < -3 * error) == (sign > 0, sign < 0)


@pytest.mark.parametrize("kind", [TripletSTDP, CentredSTDP, ReducedSTDP, VanRossumSTDP])
def test_time_constants_are_positive(kind: Any) -> None:
    with pytest.raises(
        InvalidValueError, match=rf"{kind.__name__}\(tau_plus=-1\) is not possible; allowed: .*> 0 \[ms\]"
    ):
        kind(tau_plus=-1.0)
