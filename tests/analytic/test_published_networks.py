"""What was published of networks: their parameters, the rule that makes them smaller, and how a run is measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikeloom.core.errors import FormatError, InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.experiments import Claim, microcircuit, microcircuit_published
from spikeloom.experiments import brunel_2000_states as brunel
from spikeloom.experiments import vogels_abbott_2005_networks as vogels
from spikeloom.experiments.tolerance import Interval

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")


def poisson(rate: float, cells: int = 50, seconds: float = 40, dt: float = 1.0, seed: int = 0) -> Spikes:
    """Independent Poisson cells of ``rate`` Hz."""
    rng = np.random.default_rng(seed)
    return Spikes.from_dense((rng.random((round(1000 * seconds / dt), 1, cells)) < rate * dt / 1000).astype(int), dt=dt)


def together(rate: float, frequency: float, cells: int = 50, seconds: float = 20, seed: int = 0) -> Spikes:
    """Cells whose common rate swings: ``rate`` (1 + cos(2 pi frequency t)) Hz, in steps of 1 ms."""
    t = np.arange(round(1000 * seconds)) / 1000
    chance = rate / 1000 * (1 + np.cos(2 * np.pi * frequency * t))
    rng = np.random.default_rng(seed)
    return Spikes.from_dense((rng.random((t.size, 1, cells)) < chance[:, None, None]).astype(int), dt=1.0)


def held(claims: list[Claim], measured: dict[str, Any]) -> dict[str, bool]:
    assert [claim.quantity for claim in claims] == list(dict.fromkeys(claim.quantity for claim in claims))
    assert sorted(measured) == sorted(claim.quantity for claim in claims)
    return {claim.quantity: claim.judge(measured[claim.quantity]).holds for claim in claims}


# --- the cortical microcircuit --------------------------------------------------------------------------------------


def test_the_full_circuit_has_the_published_sizes() -> None:
    circuit = microcircuit.published()
    assert circuit.populations == NAMES
    assert circuit.cells.sum() == 77_169
    assert circuit.synapses.sum() == pytest.approx(2.99e8, rel=1e-3)
    assert circuit.psc == pytest.approx(87.808, abs=1e-3)
    assert circuit.current is None


def test_the_number_of_synapses_makes_a_pair_connected_with_probability_p() -> None:
    circuit = microcircuit.published()
    pairs = np.outer(circuit.sizes, circuit.sizes)
    chance = 1 - (1 - 1 / pairs) ** circuit.synapses
    np.testing.assert_allclose(chance, circuit.probabilities, rtol=1e-4)
    assert (circuit.synapses[circuit.probabilities == 0] == 0).all()


def test_weights_and_delays_have_their_sign_and_strength() -> None:
    circuit = microcircuit.published()
    expected = np.tile(np.where(circuit.inhibitory, -4, 1) * circuit.psc, (8, 1))
    expected[NAMES.index("L23E"), NAMES.index("L4E")] *= 2
    np.testing.assert_allclose(circuit.weights, expected)
    assert circuit.delays.tolist() == [1.5, 0.75] * 4


def test_the_peak_of_the_potential_is_what_was_asked_for() -> None:
    """The membrane after one spike of the amplitude ``psc``: the closed form, at a fine grid of times."""
    from spikeloom.experiments.exact_responses import after_exponential

    t = np.linspace(0, 20, 200_001)
    for tau_m, tau_s, c_m in ((10.0, 0.5, 250.0), (20.0, 5.0, 100.0), (5.0, 8.0, 300.0)):
        weight = 0.15 * microcircuit.psc_of_psp(tau_m, tau_s, c_m)
        v = after_exponential(t, weight=weight, tau_m=tau_m, tau_s=tau_s, c_m=c_m)
        assert v.max() == pytest.approx(0.15, rel=1e-7)


@pytest.mark.parametrize(("scale", "cells", "synapses"), [(0.1, 7_718, 2.99e6), (0.3, 23_152, 2.69e7)])
def test_a_smaller_circuit(scale: float, cells: int, synapses: float) -> None:
    circuit = microcircuit.published().scaled(scale)
    assert abs(circuit.cells.sum() - cells) <= 4  # halves may be rounded either way
    assert circuit.synapses.sum() == pytest.approx(synapses, rel=2e-3)


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.77, 1.0])
def test_scaling_keeps_mean_and_variance_of_the_input(scale: float) -> None:
    """At the full circuit's rates, from what a cell of the smaller one really gets."""
    full = microcircuit.published()
    small = full.scaled(scale)
    assert small.current is not None

    def moments(c: microcircuit.Microcircuit) -> tuple[np.ndarray, np.ndarray]:
        indegree = c.synapses / c.cells[:, None]
        rates = c.rates / 1000
        mean = (c.weights * indegree * rates).sum(1) + c.psc * c.inputs * c.external_rate / 1000
        variance = (c.weights**2 * indegree * rates).sum(1) + c.psc**2 * c.inputs * c.external_rate / 1000
        return c.tau_s * mean, variance

    (mean, variance), (small_mean, small_variance) = moments(full), moments(small)
    np.testing.assert_allclose(small_mean + small.current, mean, rtol=5e-3, atol=0.5)
    np.testing.assert_allclose(small_variance, variance, rtol=5e-3)
    if scale == 1:
        assert (small.current == 0).all()


def test_scaling_again_starts_from_the_full_circuit() -> None:
    full = microcircuit.published()
    once, twice = full.scaled(0.3), full.scaled(0.5).scaled(0.3)
    assert np.array_equal(once.current, twice.current)  # pyright: ignore[reportArgumentType]
    assert np.array_equal(once.synapses, twice.synapses)
    assert once.psc == twice.psc


@pytest.mark.parametrize("scale", [0, -1, 1.1, 1e-4, float("nan")])
def test_a_scale_that_is_impossible(scale: float) -> None:
    with pytest.raises(InvalidValueError, match="allowed: above 0 up to 1"):
        microcircuit.published().scaled(scale)


def test_the_file_says_the_same_as_the_library(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = data_dir / "microcircuit" / microcircuit.FILE
    monkeypatch.setenv("SPIKELOOM_DATA", str(data_dir))
    written = json.loads(file.read_text())
    for key, value in microcircuit_published.DESCRIPTION.items():
        assert written[key] == value, key
    for circuit in (microcircuit.read(file), microcircuit.read(file.parent), microcircuit.read()):
        assert np.array_equal(circuit.synapses, microcircuit.published().synapses)


def test_a_file_that_is_not_there_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIKELOOM_DATA", raising=False)
    with pytest.raises(InvalidValueError, match="SPIKELOOM_DATA"):
        microcircuit.read()
    with pytest.raises(InvalidValueError, match=f"there is no {microcircuit.FILE}"):
        microcircuit.read(tmp_path)
    description = microcircuit_published.DESCRIPTION
    texts = {
        "{": "damaged",
        "[]": "damaged",
        json.dumps({k: v for k, v in description.items() if k != "K_ext"}): "'K_ext' is missing",
        json.dumps(description | {"N": [1, 2]}): "8 populations",
        json.dumps(description | {"conn_prob_target_by_source": [[1.0] * 8] * 8}): "below 1",
    }
    for text, said in texts.items():
        (tmp_path / microcircuit.FILE).write_text(text)
        with pytest.raises((FormatError, InvalidValueError), match=said):
            microcircuit.read(tmp_path)


@pytest.mark.parametrize("scale", [0.1, 0.3, 1.0])
def test_a_run_of_the_microcircuit_is_judged(scale: float) -> None:
    """Poisson cells of the expected rates hold every claim; one silent population fails its own and the order."""
    expected = microcircuit_published.SCALED_RATES.get(scale, microcircuit_published.FULL_RATES)
    runs = {name: poisson(rate, seed=i) for i, (name, rate) in enumerate(zip(NAMES, expected, strict=True))}
    claims = microcircuit_published.claims(scale)
    assert all(held(claims, microcircuit_published.measures(runs, start=500)).values())
    runs["L4I"] = poisson(0.0)
    failed = {q for q, holds in held(claims, microcircuit_published.measures(runs, start=500)).items() if not holds}
    assert failed == {"rate of L4I [Hz]", "CV of L4I", microcircuit_published.RANKED}


def test_windows_are_those_that_were_stated() -> None:
    assert microcircuit_published.rate_window("L23E", 0.1)[1].low == pytest.approx(0.484 - 0.08)
    assert microcircuit_published.rate_window("L4E", 0.1)[1].high == pytest.approx(3.996 * 1.12, abs=1e-4)
    assert microcircuit_published.rate_window("L6E", 0.3)[1].low == pytest.approx(1.058 * 0.92, abs=1e-4)
    assert microcircuit_published.rate_window("L23E", 1)[1].high == pytest.approx(0.971 + 0.3)
    assert microcircuit_published.rate_window("L5I", 1)[1].low == pytest.approx(9.078 * 0.85, abs=1e-4)
    with pytest.raises(InvalidValueError, match=r"scale=0\.5"):
        microcircuit_published.rate_window("L5I", 0.5)


def test_rates_come_closer_to_the_published_ones() -> None:
    def named(rates: tuple[float, ...]) -> dict[str, float]:
        return dict(zip(NAMES, rates, strict=True))

    full = named(microcircuit_published.FULL_RATES)
    middle, small = (named(microcircuit_published.SCALED_RATES[scale]) for scale in (0.3, 0.1))
    assert microcircuit_published.approaches(small, middle, full)
    assert not microcircuit_published.approaches(middle, small, full)


# --- Brunel's network -----------------------------------------------------------------------------------------------


def test_the_theory_of_brunels_states_holds() -> None:
    assert all(held(brunel.theory_claims(), brunel.theory()).values())


def test_runs_of_brunels_states_are_judged() -> None:
    """Made-up activity with the published rates and rhythms: what depends on them holds, and the CV of Poisson cells
    does not.
    """
    runs = {
        "A": together(100.0, 200.0),
        "B": together(58.5, 185.0),
        "C": poisson(37.4, seconds=20),
        "D": together(5.6, 21.0),
    }
    found = held(brunel.network_claims(), brunel.measures(runs, start=1000.0))
    failed = {quantity for quantity, holds in found.items() if not holds}
    assert failed
    assert all(quantity.startswith("CV of the intervals") for quantity in failed)
    swapped = runs | {"C": runs["A"]}
    found = held(brunel.network_claims(), brunel.measures(swapped, start=1000.0))
    assert not found["rate, state C (asynchronous irregular) [Hz]"]
    assert not found["population Fano factor (1 ms bins), state D by state C"]


# --- Vogels & Abbott ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rate"), [("CUBA", 5.7), ("COBA", 19.5), ("COBAHH", 39.9), ("CUBADV", 9.9)])
def test_a_self_sustained_network_is_judged(name: str, rate: float) -> None:
    claims = vogels.claims(name)
    irregular = f"{name}: mean CV of the intervals"
    alive = held(claims, vogels.measures(name, poisson(rate), poisson(rate, cells=12, seed=1), start=200.0))
    assert [quantity for quantity, holds in alive.items() if not holds] == [irregular]  # that of Poisson cells is 1
    half = Spikes.from_events(*_first_half(poisson(rate)), shape=poisson(rate).shape, dt=1.0)
    dying = held(claims, vogels.measures(name, half, half, start=200.0))
    assert not dying[f"{name}: still active at the end"]
    assert not dying[f"{name}: rate of excitatory cells [Hz]"]


def test_brians_runs_are_inside_the_windows() -> None:
    """What the judge measured (the lists in the docstring of ``WINDOWS``), at both ends."""
    hh, dv = vogels.WINDOWS["COBAHH"], vogels.WINDOWS["CUBADV"]
    for window, rates, irregular in ((hh, (36.70, 43.06), (1.926, 2.058)), (dv, (9.31, 10.52), (0.482, 0.502))):
        for (expected, tolerance), measured, least in ((window.rate, rates, 0.05), (window.cv, irregular, 0.1)):
            low, high = measured
            assert isinstance(tolerance, Interval)
            middle, half = (low + high) / 2, max(high - low, least * (low + high) / 2)
            assert expected == pytest.approx(middle, rel=0.005)
            assert (tolerance.low, tolerance.high) == pytest.approx((middle - half, middle + half), rel=0.005)


def _first_half(spikes: Spikes) -> tuple[np.ndarray, np.ndarray]:
    early = spikes.step < spikes.shape[0] // 2
    return spikes.step[early], spikes.neuron[early]
