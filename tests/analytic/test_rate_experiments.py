"""The experiments about rules for rates, at a smaller size: every claim holds, and a wrong rule is found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.experiments import covariance_rule, oja_1982, principal_components, sanger_1989, spiking_inputs
from spikeloom.experiments.bcm_1982 import BCMConfig
from spikeloom.experiments.covariance_rule import CovarianceConfig
from spikeloom.experiments.oja_1982 import OjaConfig
from spikeloom.experiments.outcome import Outcome
from spikeloom.experiments.sanger_1989 import SangerConfig
from spikeloom.plasticity import CorrelationSTDP, Covariance, Oja
from spikeloom.units import second

SMALL: dict[str, Any] = {
    "oja-1982": OjaConfig(updates=60, duration=4000 * second),
    "sanger-1989": SangerConfig(updates=100),
    "bcm-1982": BCMConfig(),
    "covariance-rule": CovarianceConfig(pairs=20, duration=100 * second),
}
CLAIMS = {"oja-1982": 10, "sanger-1989": 12, "bcm-1982": 6, "covariance-rule": 13}


def reproduce(name: str) -> Outcome:
    return experiments.reproduce(name, config=SMALL[name])


def failed(outcome: Outcome) -> set[str]:
    return {claim.claim.quantity for claim in outcome.claims if not claim.holds}


@pytest.mark.parametrize("name", SMALL)
def test_the_claims_hold_and_are_drawn(name: str) -> None:
    outcome = reproduce(name)
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert len(outcome.claims) == CLAIMS[name]
    (drawing,) = experiments.get(name).figures(outcome.result).values()
    lines = [np.asarray(line.get_ydata(), float) for axes in drawing.axes for line in axes.lines]
    drawn = np.concatenate([line.ravel() for line in lines])
    for value in outcome.result.data.values():  # pairs of what was measured and of what it should be, or courses
        shown = value[0] if isinstance(value, tuple) else value
        assert np.isin(np.round(shown, 9), np.round(drawn, 9)).all()


def test_a_wrong_decay_and_samples_of_another_shape_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oja_1982, "Oja", lambda eta: Oja(eta=eta, alpha=1.1))
    monkeypatch.setattr(spiking_inputs, "ETA", 0.0)
    small = OjaConfig(updates=60, duration=200 * second)
    quantities = failed(experiments.reproduce("oja-1982", config=small))
    assert {q for q in quantities if q.startswith("length")} == {
        f"length of the weights, {how}" for how in ("sample by sample", "expected updates", "ten points in turn")
    }
    assert sum(q.startswith("rate of the output") for q in quantities) == 2
    assert not any(q.startswith("|cos|") and "spikes" not in q for q in quantities)


def test_units_that_do_not_see_each_other_all_find_the_first_component(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanger_1989, "Sanger", Oja)
    assert failed(experiments.reproduce("sanger-1989", config=SangerConfig(updates=20))) >= {
        f"|cos| of unit {unit} with component {unit}, {how}"
        for unit in (2, 3)
        for how in ("sample by sample", "expected updates")
    }


def test_a_rule_without_means_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    eta, tau = covariance_rule.ETA, covariance_rule.TAU
    monkeypatch.setitem(covariance_rule.SPIKING, "CovarianceSTDP", CorrelationSTDP(eta=eta, tau=tau, bounds="none"))
    monkeypatch.setattr(covariance_rule, "Covariance", lambda **named: Covariance(**{**named, "tau_mean": 1e9}))
    quantities = failed(reproduce("covariance-rule"))
    assert sum("CovarianceSTDP" in q for q in quantities) == 3
    assert {f"drift of {name}" for name in covariance_rule.INPUTS[:2]} <= quantities
    assert not any("CorrelationSTDP" in q for q in quantities)


def test_ten_points_have_the_moments_of_the_samples() -> None:
    points, axes = principal_components.points(3), principal_components.axes(3)
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-15)
    second_moments = points.T @ points / len(points)
    np.testing.assert_allclose(second_moments, axes @ np.diag(principal_components.EIGENVALUES) @ axes.T, atol=1e-14)
    drawn = principal_components.samples(3, 50_000, 1e12)[:, 0]
    np.testing.assert_allclose(np.einsum("ti,tj->ij", drawn, drawn) / len(drawn), second_moments, atol=0.15)


def test_the_trains_have_the_correlations_of_the_theory() -> None:
    seconds, size = 200, spiking_inputs.GROUP * len(spiking_inputs.COPIED)
    fired = spiking_inputs.trains(1, seconds * second).dense()[:, 0].numpy().astype(float)
    np.testing.assert_allclose(fired.mean(0), 0.02, atol=0.0015)  # 4000 spikes each: five standard deviations
    together = np.einsum("ti,tj->ij", fired, fired) / len(fired)
    for group, copied in enumerate(spiking_inputs.COPIED):
        mine = slice(group * spiking_inputs.GROUP, (group + 1) * spiking_inputs.GROUP)
        other = ~np.eye(spiking_inputs.GROUP, dtype=bool)
        np.testing.assert_allclose(together[mine, mine][other], 0.02 * copied, atol=0.001)
    np.testing.assert_allclose(together[: size // 2, size // 2 :], 0.02**2, atol=0.0002)


def test_a_balanced_window_sees_only_what_is_shared() -> None:
    """Of the closed form: the first group, whose inputs share half of their spikes, and nothing of the mean rates."""
    first, _ = spiking_inputs.principal(1.0)
    assert first[0] > 10 * first[-1] > 0
    grown, _ = spiking_inputs.principal(0.0)
    assert first[0] > grown[0] > grown[-1] > 0.5 * grown[0]


def test_the_drift_of_rates_is_their_variance_where_time_constants_are_far_apart() -> None:
    for name in ("CovarianceSTDP", "Covariance of rates of spikes"):
        rises = covariance_rule.spiking_drift(name, covariance_rule.SHIFT) - covariance_rule.spiking_drift(name, 0.0)
        assert rises == pytest.approx(100, rel=0.06)  # Hz^2
        on_the_grid = 400 * (covariance_rule.DT / covariance_rule.TAU) ** 2 / 12  # of the area of a window
        assert covariance_rule.spiking_drift(name, 0.0) == pytest.approx(0, abs=1.01 * on_the_grid)
    assert covariance_rule.spiking_drift("CorrelationSTDP", 0.0) == pytest.approx(400, rel=1e-3)
