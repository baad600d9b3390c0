"""The experiments of the voltage rule, the calcium rule and the NMDA receptor: claims, theory, and what fails them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.experiments import clopath_2010, clopath_2010_protocols, graupner_brunel_2012, nmda_spine
from spikeloom.experiments.clopath_2010_cells import as_euler
from spikeloom.experiments.graupner_brunel_2012 import GraupnerBrunelConfig
from spikeloom.experiments.graupner_brunel_2012_theory import (
    CORTEX,
    FIG_2,
    FREQUENCIES,
    FREQUENCY,
    WINDOWS,
    Fit,
    change,
    transition,
)
from spikeloom.experiments.nmda_spine import NMDASpineConfig
from spikeloom.plasticity.calcium import follow, spread, time_above

# --- Graupner & Brunel ------------------------------------------------------------------------------------------------


def test_the_analytic_table() -> None:
    for name, values in WINDOWS.items():
        for lag, published in values.items():
            assert change(FIG_2[name], *transition(FIG_2[name], lag, 1000.0, 60)) == pytest.approx(published, abs=1e-3)
    for lag, values in FREQUENCY.items():
        for rate, published in zip(FREQUENCIES, values, strict=True):
            assert change(CORTEX, *transition(CORTEX, lag, 1000.0 / rate, 75)) == pytest.approx(published, abs=1e-3)


def test_without_calcium_nothing_changes() -> None:
    assert change(FIG_2["D"], *transition(FIG_2["D"], 60.0, 1000.0, 60)) == 1.0


def pair_by_pair(found: Fit, lag: float, period: float, pairs: int) -> float:
    """As the analytic result, but the mean and the variance go from spike to spike, as they do in the engine."""
    rule = found.rule
    d, p, noise = rule.gamma_d / rule.tau, rule.gamma_p / rule.tau, rule.sigma**2 / 2 / rule.tau
    events = sorted(
        [(k * period + rule.d, rule.c_pre) for k in range(pairs)]
        + [(k * period + lag, rule.c_post) for k in range(pairs)]
    )
    ups = []
    for mean in (0.0, 1.0):
        variance, calcium, last = 0.0, 0.0, min(lag, 0.0)
        for time, more in [*events, (pairs * period + rule.d, 0.0)]:
            over_d = time_above(calcium, rule.theta_d, rule.tau_ca, time - last)
            over_p = time_above(calcium, rule.theta_p, rule.tau_ca, time - last)
            shrink = follow(1.0, over_d, over_p, d, p) - follow(0.0, over_d, over_p, d, p)
            mean = follow(mean, over_d, over_p, d, p)
            variance = variance * shrink * shrink + spread(over_d, over_p, d, p, noise)
            calcium, last = calcium * math.exp(-(time - last) / rule.tau_ca) + more, time
        ups.append((1 + math.erf((mean - 0.5) / math.sqrt(2 * variance))) / 2)
    return change(found, ups[0], 1 - ups[1])


def test_the_engine_counts_what_pairs_one_by_one_lead_to() -> None:
    """Four standard errors; and one by one, pairs take the window down by some 0.01 where they depress last."""
    lags = [-30.0, -10.0, 10.0]
    config = GraupnerBrunelConfig(synapses=2000)
    counted = graupner_brunel_2012.counted(FIG_2["DP"], lags, 1e-3, 20, config, seed=3)
    for lag, value in zip(lags, counted, strict=True):
        exact = pair_by_pair(FIG_2["DP"], lag, 1000.0, 20)
        assert value == pytest.approx(exact, abs=4 * 2 / 3 * math.sqrt(2 * 0.25 / 2000))
    shifts = [
        pair_by_pair(FIG_2["DP"], lag, 1000.0, 60) - change(FIG_2["DP"], *transition(FIG_2["DP"], lag, 1000.0, 60))
        for lag in lags
    ]
    assert all(-0.016 < shift < 0.0 for shift in shifts)


def test_every_claim_about_calcium_has_a_protocol() -> None:
    experiment = experiments.get("graupner-brunel-2012")
    claims = experiment.claims(experiment.config)
    assert len(claims) == 2 * (sum(map(len, WINDOWS.values())) + 12) == 2 * 44


# --- Clopath ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_voltage_rule_holds() -> None:
    outcome = experiments.reproduce("clopath-2010")
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert len(outcome.claims) == 10 + 5 + 18
    (drawing,) = experiments.get("clopath-2010").figures(outcome.result).values()
    assert [axes.get_xlabel().split("[")[1] for axes in drawing.axes] == ["Hz]", "%]"]


def test_the_voltage_rule_without_its_delays_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filters read at once, as RESULTS warns, change the numbers by much more than is allowed."""
    rule = clopath_2010_protocols.Clopath
    monkeypatch.setattr(
        clopath_2010_protocols, "Clopath", lambda **given: rule(**{**given, "late_minus": 0.0, "late_plus": 0.0})
    )
    monkeypatch.setattr(clopath_2010_protocols, "RATES", (50,))
    (weight,) = clopath_2010_protocols.on_authors_cell(10)
    assert abs(weight - clopath_2010.CURVES[10][-1]) > 10


def test_the_authors_trains() -> None:
    """Five pairs a burst; where the target is first it has a sixth spike, and the very first is not delivered."""
    pre, post = clopath_2010_protocols.authors_trains(50, 10)
    assert len(pre) == 75
    assert len(post) == 75
    assert post[0] - pre[0] == 10
    pre, post = clopath_2010_protocols.authors_trains(50, -10)
    assert len(pre) == 75
    assert len(post) == 6 * 15 - 1
    assert post[0] == 21


@pytest.mark.parametrize("tau", [7.0, 10.0, 15.0])
def test_an_exponential_in_the_steps_of_euler(tau: float) -> None:
    assert math.exp(-1 / as_euler(tau, 1.0)) == pytest.approx(1 - 1 / tau, rel=1e-14)


# --- NMDA -------------------------------------------------------------------------------------------------------------


def test_coincidence_holds() -> None:
    outcome = experiments.reproduce("nmda-spine", config=NMDASpineConfig(pairings=12))
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    (drawing,) = experiments.get("nmda-spine").figures(outcome.result).values()
    assert "[mV]" in drawing.axes[0].get_xlabel()
    assert np.abs(outcome.result.data["held"][nmda_spine.ACTIVE, 1:]).min() > 0.01


def test_another_block_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = nmda_spine.NMDASpine
    monkeypatch.setattr(nmda_spine, "NMDASpine", lambda **given: rule(**{**given, "magnesium": 1.1}))
    found = nmda_spine.block((-70, 0), NMDASpineConfig())
    assert abs(found[0] - nmda_spine.OPEN[-70]) > 1e-3
    assert abs(found[1] - nmda_spine.OPEN[0]) > 1e-3
