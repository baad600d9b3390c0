"""The experiments that take seconds, run as `spikeloom reproduce` runs them: every claim holds."""

from __future__ import annotations

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.experiments import izhikevich_2004, lif_fi_curve
from spikeloom.experiments.izhikevich_2004_patterns import PATTERNS, Pattern, simulate
from spikeloom.experiments.lif_fi_curve import LIFCurveConfig


def test_the_lif_curve_holds() -> None:
    outcome = experiments.reproduce("lif-fi-curve")
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert len(outcome.claims) == 4 * 12 + 3 * 2


@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_the_lif_curve_holds_on_coarser_grids(dt: float) -> None:
    outcome = experiments.reproduce("lif-fi-curve", config=LIFCurveConfig(dt=dt))
    assert outcome.holds
    exact = [lif_fi_curve.closed_form(drive, reset) for drive, reset, _ in lif_fi_curve.rows()]
    assert np.all(outcome.result.data["rate"] <= np.array(exact))


def test_a_wrong_cell_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claims are held to what is measured: cells of another time constant fail them, but not the closed form."""
    monkeypatch.setattr(lif_fi_curve, "spike_steps", lambda drives, resets, config: [np.arange(0, 20_000, 333)] * 14)
    outcome = experiments.reproduce("lif-fi-curve")
    failed = [claim.claim.quantity for claim in outcome.claims if not claim.holds]
    assert len(failed) == 2 * 12 + 2
    assert not any(quantity.startswith("closed form") for quantity in failed)


def test_the_lif_curve_is_drawn() -> None:
    experiment = experiments.get("lif-fi-curve")
    outcome = experiments.reproduce(experiment)
    (axes,) = experiment.figures(outcome.result)["curve"].axes
    assert "[mV]" in axes.get_xlabel()
    assert "[Hz]" in axes.get_ylabel()
    measured = np.concatenate([line.get_ydata() for line in axes.lines if line.get_marker() == "o"])
    assert set(np.round(outcome.result.data["rate"], 9)) <= set(np.round(measured.astype(float), 9))


def test_the_twenty_patterns_hold() -> None:
    outcome = experiments.reproduce("izhikevich-2004")
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert len(outcome.claims) == 20


def test_the_library_runs_the_published_program() -> None:
    """The engine's cells against the same program in plain Python: the same spikes, the same potential."""
    for pattern in PATTERNS:
        spikes, v = izhikevich_2004.simulate(pattern)
        expected_spikes, expected_v = simulate(pattern)
        np.testing.assert_allclose(spikes, expected_spikes, atol=1e-9)
        np.testing.assert_allclose(v, expected_v, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.letter)
def test_other_activity_does_not_show_the_pattern(pattern: Pattern) -> None:
    """A silent cell shows none; regular firing all along only what is regular firing."""
    rest, clock = np.full(len(pattern.times), -70.0), np.arange(1.0, pattern.duration, 20.0)
    assert not pattern.holds(np.array([]), rest)
    assert pattern.holds(clock, rest) == (pattern.letter == "A")


def test_the_patterns_are_drawn() -> None:
    experiment = experiments.get("izhikevich-2004")
    drawing = experiment.figures(experiments.reproduce(experiment).result)["patterns"]
    assert len(drawing.axes) == 20
    for axes, pattern in zip(drawing.axes, PATTERNS, strict=True):
        assert pattern.name in axes.get_title(loc="left")
        peaks = int((np.asarray(axes.lines[0].get_ydata()) == pattern.neuron.v_peak).sum())
        assert peaks == len(simulate(pattern)[0])
    assert drawing.axes[0].get_ylabel() == "v [mV]"
    assert drawing.axes[-1].get_xlabel() == "t [ms]"
