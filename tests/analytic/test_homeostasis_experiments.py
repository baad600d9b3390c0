"""The experiments on scaling, competition and drift, in parts that take seconds; whole ones are slow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.core.errors import InvalidValueError
from spikeloom.experiments import kempter_1999, kempter_1999_pairs, song_2000, synaptic_scaling
from spikeloom.experiments import synaptic_scaling_networks as networks
from spikeloom.experiments import synaptic_scaling_pictures as pictures
from spikeloom.experiments.base import Result
from spikeloom.experiments.kempter_1999 import KempterConfig
from spikeloom.experiments.song_2000 import SongConfig
from spikeloom.learning import measured_window
from spikeloom.neurons import LIF
from spikeloom.plasticity import Fixed, InhibitorySTDP, PairSTDP, Scaled
from spikeloom.units import Hz, ms, second

SMALL = KempterConfig(neurons=100, duration=10 * second)


def failed(outcome: Any) -> list[str]:
    return [claim.claim.quantity for claim in outcome.claims if not claim.holds]


# ------------------------------------------------------------------------------------------- windows measured by pairs
def test_the_window_of_a_rule_is_measured() -> None:
    rule = PairSTDP(a_plus=0.02, a_minus=0.01, tau_plus=17 * ms, tau_minus=34 * ms, bounds="none")
    lags = np.array([-80.0, -10.0, -0.1, 0.1, 10.0, 80.0])
    found = measured_window(rule, lags)
    np.testing.assert_array_equal(found[0], lags)
    expected = np.where(lags > 0, 0.02 * np.exp(-lags / 17), -0.01 * np.exp(lags / 34))
    np.testing.assert_allclose(found[1], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(measured_window(rule, lags, pairs=3, every=9 * second)[1], 3 * expected, atol=1e-12)


def test_multiplicative_rules_are_measured_at_a_weight() -> None:
    rule = PairSTDP(a_plus=0.01, a_minus=0.01, bounds="soft")
    change = measured_window(rule, [-20.0, 20.0], weight=0.9)[1]
    np.testing.assert_allclose(change, np.exp(-1) * np.array([-0.01 * 0.9, 0.01 * 0.1]), atol=1e-12)


def test_what_single_spikes_do_can_be_taken_off() -> None:
    """Vogels' rule depresses at every spike of the source; what is left is its symmetric window."""
    rule = InhibitorySTDP(eta=0.001, w_max=-1.0)
    lags = [-15.0, 15.0]
    pairs, alone = measured_window(rule, lags, singles=False)[1], measured_window(rule, lags)[1]
    assert pairs[0] == pytest.approx(pairs[1], rel=1e-9)
    assert pairs[0] < 0  # a larger magnitude of an inhibitory weight
    assert alone[0] > pairs[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lags": [0.05]}, "no whole number of steps"),
        ({"lags": [600.0]}, "do not fit into pairs"),
        ({"lags": [[1.0]]}, "one number or a list"),
        ({"lags": [np.nan]}, "finite"),
        ({"lags": [5.0], "neuron": LIF(theta=15.0)}, "which kick"),
        ({"lags": [5.0], "neuron": LIF(theta=15.0), "kick": 1.0}, "fired 0 times for 1 kicks"),
    ],
)
def test_windows_that_cannot_be_measured(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        measured_window(PairSTDP(), **given)


# ---------------------------------------------------------------------------------------------------------------- drift
def test_simulated_drifts_are_predicted_in_a_small_run() -> None:
    """All claims but those on the standard errors, which are of the size of the run."""
    outcome = experiments.reproduce("kempter-1999", config=SMALL)
    assert [quantity for quantity in failed(outcome) if "standard error of" not in quantity] == []
    drawing = experiments.get("kempter-1999").figures(outcome.result)
    assert "predicted drift" in drawing["drift"].axes[0].get_xlabel()
    assert "t_post" in drawing["window"].axes[0].get_xlabel()


def test_a_rule_of_another_window_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = PairSTDP(a_plus=0.02, a_minus=0.0105, bounds="none")
    monkeypatch.setattr(kempter_1999_pairs.Case, "rule", lambda case: wrong)
    found = failed(experiments.reproduce("kempter-1999", config=SMALL))
    assert kempter_1999.NAMES["shape"] in found
    assert sum("in standard errors" in quantity for quantity in found) >= 4


def test_copies_reach_the_synapse_at_their_lag() -> None:
    case = kempter_1999_pairs.Case("all copied", rates=(10, 10), copied=1.0, lag=5 * ms)
    pre, post = kempter_1999_pairs.trains(case, 20, 100_000, seed=0)
    moved = round((case.lag - kempter_1999_pairs.DELAY) / kempter_1999_pairs.DT)
    kept = pre.step + moved < 100_000
    np.testing.assert_array_equal(post.step, pre.step[kept] + moved)
    np.testing.assert_array_equal(post.neuron, pre.neuron[kept])
    assert case.predicted == pytest.approx(-0.001 + 10 * 0.01 * np.exp(-5 / 20))


# ---------------------------------------------------------------------------------------------------------- competition
def test_the_cell_of_song_begins_to_slow_down() -> None:
    cell = song_2000.simulate(20.0, 30 * second, 10 * second, seed=0)
    assert cell.course[0] > 2 * cell.rate > 20
    assert 0 <= cell.weights.min() < cell.weights.mean() < 0.95
    assert cell.weights.max() <= 1


def test_short_runs_of_song_have_wider_windows() -> None:
    experiment = song_2000.Song()
    claims = [experiment.claims(config) for config in (SongConfig(duration=300 * second), SongConfig())]
    assert [c.quantity for c in claims[0]] == [c.quantity for c in claims[1]]
    assert [str(c[0].tolerance) for c in claims] == ["8 to 60", "12 to 25"]
    assert SongConfig(duration=100 * second).watched == 100 * second


def test_the_competition_is_drawn() -> None:
    cells = {
        rate: song_2000.Cell(np.linspace(0, 1, 50), 15.0, 0.8, np.array([5.0, 15.0]) * second, np.array([200.0, 100.0]))
        for rate in song_2000.RATES
    }
    drawing = song_2000.Song().figures(Result(measured={}, data={"cells": cells}))["competition"]
    assert [axes.get_title(loc="left") for axes in drawing.axes[:3]] == [f"input of {r:g} Hz" for r in (10, 20, 40)]
    assert drawing.axes[0].get_xlabel() == "weight (of its maximum)"


# -------------------------------------------------------------------------------------------------------------- scaling
def test_scaling_is_multiplication() -> None:
    for condition, up in (("blocked", True), ("driven", False)):
        before, after = networks.scaled_weights(condition, 5 * second, seed=1)
        found = synaptic_scaling._invariants(condition, before, after)
        assert (found[f"{condition}: scaling factor"] > 1) == up
        assert found[f"{condition}: largest change of a ratio of weights"] <= 1e-12
        assert found[f"{condition}: R^2 of weights after on weights before"] > 0.999
        assert found[f"{condition}: where that line meets the axis"] < 1e-9


def test_weights_that_were_added_to_are_found_out() -> None:
    before = np.linspace(0.1, 1, 20)[:, None]
    found = synaptic_scaling._invariants("added", before, before + 0.1)
    assert found["added: where that line meets the axis"] == pytest.approx(0.1)
    assert found["added: largest change of a ratio of weights"] > 0.1


def test_the_linear_loop_follows_the_logistic_curve() -> None:
    """Finer intervals come closer to it, with first order."""
    rate = networks.SCALING.beta * 5 * Hz / networks.SCALING.tau
    errors = []
    for every in (200 * ms, 100 * ms):
        times, weight = networks.linear_loop(1 * Hz, 10 / rate, every)
        errors.append(np.abs(weight / (5 * Hz) - 1 / (1 + 4 * np.exp(-rate * times))).max())
    assert errors[1] < 0.001
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)


def test_hebb_alone_runs_away_or_falls_silent_and_cures_hold_it() -> None:
    """In 60 s instead of 200: Hebb's rule ten times as fast, without and with one cure."""
    fast = networks.HEBB.replace(rule=networks.HEBB.rule.replace(eta=0.1))
    held = Scaled(rule=fast, target=networks.GOAL, beta=1 * second, tau=50 * second, tau_rate=1 * second)
    last = {}
    for name, rule in (("alone", fast), ("held", held)):
        for start, weight in networks.STARTS.items():
            times, rates = networks.course(
                networks.cells_with(rule, networks.PLAIN, weight, 60 * second, 0), 5 * second
            )
            last[name, start] = rates[times > 40 * second].mean()
    assert last["alone", "above"] > synaptic_scaling.RUN_AWAY
    assert last["alone", "below"] < synaptic_scaling.SILENT
    for start in networks.STARTS:
        low, high = synaptic_scaling.HELD
        assert low < last["held", start] < high


def test_the_equilibrium_of_van_rossum() -> None:
    assert networks.equilibrium(networks.VAN_ROSSUM) == pytest.approx(1 / 0.003)
    assert networks.SCALING.rule.describe() == Fixed(bounds="none").describe()


def test_scaling_is_drawn() -> None:
    weights = np.random.default_rng(0).random((20, 2))
    data = {
        "scaled": {"input blocked": (weights, 2 * weights), "driven": (weights, weights / 2)},
        "weights": {"independent": np.ones(10), "of a cell": np.ones(10)},
    }
    left, right = pictures.scaled(data).axes
    assert "(mV)" in left.get_xlabel()
    assert "mean = 1" in right.get_xlabel()
    curve = (np.array([1.0, 2.0]) * second, np.array([10.0, 20.0]))
    drawing = pictures.courses(
        {"Hebb alone, from above": curve, "Hebb alone, from below": curve, "scaling, from above": curve}
    )
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["Hebb alone", "scaling"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["kempter-1999", "song-2000", "synaptic-scaling"])
def test_every_claim_holds(name: str) -> None:
    assert failed(experiments.reproduce(name)) == []
