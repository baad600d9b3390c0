"""The experiments of spike timing: those that take seconds in every run of the tests, and all claims with --all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.experiments import bi_poo_1998, vogels_2011, vogels_2011_cell
from spikeloom.experiments import pfister_gerstner_2006_pairings as pairings
from spikeloom.experiments.bi_poo_1998 import BiPooConfig
from spikeloom.plasticity import PairSTDP, TripletSTDP
from spikeloom.units import Hz, ms, second


def failed(name: str) -> list[dict[str, object]]:
    return [claim.describe() for claim in experiments.reproduce(name).claims if not claim.holds]


@pytest.mark.parametrize("name", ["bi-poo-1998", "pfister-gerstner-2006"])
def test_the_pairings_give_what_was_published(name: str) -> None:
    assert failed(name) == []


def test_another_window_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Growth that decays as shrinking does fails where growth is measured, and only there."""
    monkeypatch.setattr(bi_poo_1998, "PairSTDP", lambda **given: PairSTDP(**{**given, "tau_plus": 33.7 * ms}))
    outcome = experiments.reproduce("bi-poo-1998", config=BiPooConfig(pairs=3))
    wrong = [claim.claim.quantity for claim in outcome.claims if not claim.holds]
    assert len(wrong) == 5
    assert all("+" in quantity for quantity in wrong)


def test_the_data_are_those_that_were_shared(data_dir: Path) -> None:
    file = data_dir / "stdp" / "sjostrom2001_frequency.csv"
    if not file.is_file():
        pytest.skip(f"{file.name} is not there")
    rows = [line.split(",") for line in file.read_text().splitlines() if line[:1].isdigit()]
    found = np.array(rows, float)
    np.testing.assert_array_equal(found[:, 0], np.array(pairings.FREQUENCIES) / Hz)
    np.testing.assert_array_equal(found[:, 1:3], pairings.DATA[10 * ms])
    np.testing.assert_array_equal(found[:, 3:5], pairings.DATA[-10 * ms])


def test_the_fit_of_pairs_is_the_best_on_its_grid() -> None:
    """Its error, simulated, is no larger than that of neighbours in any direction."""
    best = pairings.best_pairs(60)
    others = {
        f"{k} times {f:.0%}": PairSTDP(bounds="none", **{**best, k: f * best[k]}) for k in best for f in (0.9, 1.1)
    }
    rules = {"best": PairSTDP(bounds="none", **best), **others}
    errors = {k: pairings.chi_squared(change) for k, change in pairings.simulate(rules, 60, 5.0).items()}
    assert set(best) == {"a_plus", "a_minus", "tau_plus", "tau_minus"}
    assert errors["best"] <= min(errors[k] for k in others if k.startswith("a_"))
    assert errors["best"] <= min(errors.values()) + 0.1


def test_a_finer_step_changes_nothing() -> None:
    """All spikes lie on the grid, and traces are exact: so 15 pairs in steps of 5 ms and of 1 ms are the same."""
    rules = {"triplets": TripletSTDP.visual_cortex("nearest", bounds="none")}
    coarse, fine = (pairings.simulate(rules, 15, dt)["triplets"] for dt in (5.0, 1.0))
    np.testing.assert_allclose(coarse, fine, rtol=1e-9)


def test_the_balanced_network_has_the_published_cells_and_synapses() -> None:
    net = vogels_2011.network(seed=1, eta=0.01)
    assert {n: p.size for n, p in net.populations.items()} == {"exc": 8000, "inh": 2000}
    assert sum(net.synapses(p) for p in net.projections.values()) == round(0.02 * 10_000**2)
    (plastic,) = [p for p in net.projections.values() if p.rule is not None]
    assert (plastic.source, plastic.target, plastic.weight) == ("inh", "exc", 0.0)
    assert plastic.rule is not None
    assert plastic.rule.constants(0.1) == {"eta": 0.01, "alpha": pytest.approx(0.12)}


def test_doublings_are_means_between_them() -> None:
    rate = np.concatenate([np.full(15_000, 9.0), np.full(15_000, 4.0), np.full(30_000, 2.0), np.full(59_999, 1.0)])
    assert vogels_2011.doublings(rate).tolist() == [4.0, 2.0]
    assert vogels_2011.doublings(np.append(rate, 1.0)).tolist() == [4.0, 2.0, 1.0]


def test_the_balanced_network_quietens_within_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of it with as many synapses a cell: a second in which nothing is inhibited, and most of the way down."""
    for name, value in (("N_E", 800), ("N_I", 200), ("PROBABILITY", 0.2)):
        monkeypatch.setattr(vogels_2011, name, value)
    spikes, weights, rate = vogels_2011.simulate(seed=3, duration=1.5 * second, progress=lambda done, doing: None)
    assert rate[:10_000].mean() / Hz > 100
    assert rate[-1000:].mean() < 0.5 * rate[:10_000].mean()
    assert (weights[1] == 0).all()
    assert weights[2].mean() > 0.1
    assert len(spikes) == pytest.approx(rate.sum() * 0.1 * 800)


def test_inputs_of_the_tuned_cell_follow_their_signal() -> None:
    """As many spikes as the rates say, none within 5 ms of the last, also where one part follows another."""
    inputs, again, steps = vogels_2011_cell.Inputs(2), vogels_2011_cell.Inputs(2), 20_000
    parts = [inputs.next(steps)["exc"] for _ in range(2)]
    step = np.concatenate([spikes.step + k * steps for k, spikes in enumerate(parts)])
    cell = np.concatenate([spikes.neuron for spikes in parts])
    order = np.lexsort((step, cell))
    apart = np.diff(step[order])[np.diff(cell[order]) == 0]
    assert apart.min() == 50
    chance = again.rates(steps).reshape(8, -1, 100).mean(-1)  # signals change within 500 steps
    assert len(parts[0]) / 800 / steps == pytest.approx((chance / (1 + 49 * chance)).mean(), rel=0.05)
    assert chance.min() == pytest.approx(5e-4)


def test_the_tuned_cell_learns_within_seconds() -> None:
    found = vogels_2011_cell.simulate(1, 15 * second, lambda done: None)
    assert found["rates"][0] > 15
    assert vogels_2011_cell.measures(found)[vogels_2011_cell.TUNING] > 0.9
    assert found["inhibitory"].argmax() == found["excitatory"].argmax() == 4


@pytest.mark.slow
def test_every_claim_about_balance_holds() -> None:
    assert failed("vogels-2011") == []
