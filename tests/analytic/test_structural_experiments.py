"""Structural plasticity and rewiring against the papers: what takes seconds in every run, all claims with --all."""

from __future__ import annotations

import pytest

from spikeloom import experiments
from spikeloom.core.errors import InvalidValueError
from spikeloom.data import digits
from spikeloom.engines import grow
from spikeloom.experiments import butz_van_ooyen_2013 as butz
from spikeloom.experiments import deep_r_2018 as deep
from spikeloom.units import second

# -------------------------------------------------------------------------------------- growth (Butz & van Ooyen 2013)


def test_elements_follow_the_closed_form() -> None:
    assert butz.error_of_growth() < 1e-8


@pytest.mark.slow
def test_growth_begins_as_recomputed() -> None:
    """RESULTS: calcium .062 and .078 after 20 s, when there are hardly any inhibitory synapses yet."""
    grown = grow(butz.network(2), butz.structure(), duration=20 * second, progress=False)
    assert butz.excitatory(grown)[-1] == pytest.approx(0.062, abs=0.003)
    assert grown.calcium["inh"][-1] == pytest.approx(0.078, abs=0.006)
    assert butz.synapses(grown, "inhibitory")[-1] < 40 < 200 < butz.synapses(grown, "excitatory")[-1]
    picture = experiments.get("butz-van-ooyen-2013").figures(
        experiments.Result(measured={}, data={"grown": grown, "mended": grown})
    )["growth"]
    upper, lower = picture.axes
    assert {line.get_label() for line in lower.lines} >= {"excitatory", "inhibitory"}
    assert (upper.get_ylabel(), lower.get_ylabel(), lower.get_xlabel()) == ("calcium", "synapses", "time (s)")


def test_the_lesion_takes_the_input_of_a_fifth() -> None:
    whole, cut = butz.network(0), butz.network(0, lesion=True)
    assert set(whole.drives) - set(cut.drives) == {"Poisson->deprived"}
    assert whole.size("deprived") * 5 == whole.size("deprived") + whole.size("exc") == 800


def test_times_that_are_no_whole_number_of_updates_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="no whole number of intervals"):
        butz.ButzVanOoyenConfig(duration=150_500.0)


@pytest.mark.slow
def test_all_claims_on_growth_hold() -> None:
    assert [c.describe() for c in experiments.reproduce("butz-van-ooyen-2013").claims if not c.holds] == []


# --------------------------------------------------------------------------------------- rewiring (Bellec et al. 2018)


def test_rewiring_breaks_no_invariant() -> None:
    found = deep.watch(digits(seed=3), deep.DeepRConfig(watched=25), seed=3)
    assert found == {deep.COUNT: 0, deep.FLIPS: 0, deep.DORMANT: 0}


def test_the_networks_have_the_published_layers() -> None:
    assert [tuple(w.shape) for w in deep.network("digits", 0).weights.values()] == [(64, 100), (100, 10)]
    paper = deep.network("mnist", 0)
    assert [tuple(w.shape) for w in paper.weights.values()] == [(784, 300), (300, 100), (100, 10)]
    shares = deep.CONNECTIVITY["mnist"]
    active = sum(shares[name] * w.numel() for name, w in paper.weights.items())
    assert active / sum(w.numel() for w in paper.weights.values()) < 0.02


@pytest.mark.slow
def test_all_claims_on_rewiring_hold() -> None:
    assert [c.describe() for c in experiments.reproduce("deep-r-2018").claims if not c.holds] == []
