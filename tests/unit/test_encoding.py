"""Encoders: their equations, one sample the same in every batch, and bad features named."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.core.parameters import declarations
from spikeloom.core.registry import members
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms
from spikeloom.encoding import DirectCurrent, Encoder, Latency, PoissonRate, Population, encoder_from_description

MEMBERS = members("spikeloom.encoding", Encoder)
each_encoder = pytest.mark.parametrize("kind", MEMBERS.values(), ids=MEMBERS.keys())

features = arrays.arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(st.integers(0, 6), st.integers(1, 7)),
    elements=st.floats(0, 1, width=16),
)


# ------------------------------------------------------------------------------------------ what holds for all of them
def test_the_registry_finds_them() -> None:
    assert list(MEMBERS) == ["DifferenceOfGaussians", "DirectCurrent", "Latency", "PoissonRate", "Population"]


@each_encoder
@settings(max_examples=25)
@given(x=features, data=st.data())
def test_a_sample_is_encoded_alike_in_every_batch(kind: type[Encoder], x: np.ndarray, data: st.DataObject) -> None:
    encoder = kind(steps=20, dt=0.5)
    whole: Any = encoder.encode(x, seed=3, epoch=2)
    assert whole.shape == (20, len(x), encoder.outputs(x.shape[1]))
    assert whole.dt == 0.5
    order = np.array(data.draw(st.permutations(range(len(x)))), np.int64)[: data.draw(st.integers(0, len(x)))]
    assert encoder.encode(x[order], seed=3, epoch=2, samples=order) == whole.select(order)
    assert encoder.encode(torch.from_numpy(x), seed=3, epoch=2) == whole


@each_encoder
def test_only_a_random_one_asks_for_seed_and_epoch(kind: type[Encoder]) -> None:
    x = np.full((3, 20), 0.5)
    encoder = kind()
    first = encoder.encode(x, seed=0, epoch=0)
    for other in (
        encoder.encode(x, seed=1),
        encoder.encode(x, epoch=1),
        encoder.encode(x, samples=[3, 4, 5]),
    ):
        assert (other != first) == kind.random
    assert encoder.encode(x) == first


@each_encoder
def test_chunks_cannot_be_seen(kind: type[Encoder], monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).random((50, 6))
    whole = kind().encode(x)
    monkeypatch.setattr("spikeloom.encoding.base.CHUNK", 18)  # three samples at a time
    assert kind().encode(x) == whole


@each_encoder
def test_a_description_makes_it_again(kind: type[Encoder]) -> None:
    encoder = kind(steps=7, dt=0.25 * ms)
    description = json.loads(json.dumps(encoder.describe()))
    again = encoder_from_description(description)
    assert type(again) is kind
    assert again.describe() == description
    assert repr(again) == repr(encoder)
    x = np.random.default_rng(0).random((4, 3))
    assert again.encode(x) == encoder.encode(x)


@each_encoder
def test_every_parameter_says_what_it_means(kind: type[Encoder]) -> None:
    assert {"steps", "dt"} <= declarations(kind).keys()
    assert all(declaration.doc and declaration.unit for declaration in declarations(kind).values())


@each_encoder
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_feature_that_is_not_finite_is_named(kind: type[Encoder], bad: float, dtype: Any) -> None:
    x = np.zeros((5, 4), dtype)
    x[3, 2] = bad
    with pytest.raises(InvalidValueError, match=rf"x must be finite; {bad} stands at sample 3, feature 2 \(1 of 20"):
        kind().encode(x)


@each_encoder
@pytest.mark.parametrize("bad", [-0.25, 1.5])
def test_a_feature_out_of_range_is_named(kind: type[Encoder], bad: float) -> None:
    if kind is DirectCurrent:
        assert isinstance(kind().encode([[bad]]), Current)
        return
    with pytest.raises(InvalidValueError, match=rf"x must lie in \[0, 1\]; {bad} stands at sample 1, feature 0\. \w+"):
        kind().encode([[0.0, 1.0], [bad, 0.5]])


@each_encoder
@pytest.mark.parametrize("shape", [(4,), (2, 3, 4), (3, 0)])
def test_features_have_two_axes(kind: type[Encoder], shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValueError, match=r"axes \(B, F\).*given shape"):
        kind().encode(np.zeros(shape))


@each_encoder
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "allowed: a finite number >= 1"),
        ({"steps": 2.5}, "allowed: whole numbers"),
        ({"steps": "ten"}, "not a number"),
        ({"steps": [10, 20]}, "allowed: one number"),
        ({"dt": 0}, "allowed: a finite number > 0"),
        ({"dt": [1.0, 2.0]}, "allowed: one number"),
        ({"dt": float("nan")}, "allowed: a finite number"),
    ],
)
def test_bad_parameters_are_named(kind: type[Encoder], change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"{kind.__name__}\({next(iter(change))}=.*{message}"):
        kind(**change)


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Latency'"):
        encoder_from_description({"class": "Latncy"})
    with pytest.raises(UnknownNameError, match="did you mean 'threshold'"):
        Latency(treshold=0.5)  # pyright: ignore[reportCallIssue]


# ----------------------------------------------------------------------------------------------------------- latency
@given(features, st.integers(1, 50), st.sampled_from([None, 0.0, 0.2, 0.7, 1.0]))
def test_latency_follows_its_equation(x: np.ndarray, steps: int, threshold: float | None) -> None:
    dense = Latency(steps=steps, threshold=threshold).encode(x).dense().numpy()
    theta = threshold or 0.0
    for sample, feature in np.ndindex(x.shape):
        strength = float(x[sample, feature])
        fired = np.flatnonzero(dense[:, sample, feature])
        if strength < x.dtype.type(theta):
            assert fired.size == 0
        else:
            fraction = min((1 - strength) / (1 - theta), 1) if theta < 1 else 0
            assert fired.tolist() == [int(np.floor((steps - 1) * fraction + 0.5))]


def test_latency_is_early_for_strong_and_late_for_weak() -> None:
    x = np.linspace(0, 1, 101)[None]
    spikes = Latency(steps=100).encode(x)
    step = spikes.step[np.argsort(spikes.neuron)]
    assert len(spikes) == 101
    assert step[-1] == 0
    assert step[0] == 99
    assert (np.diff(step) <= 0).all()
    assert (spikes.counts() == 1).all()


def test_a_threshold_of_float32_is_met_by_float32() -> None:
    threshold = 0.7  # as float32 a little smaller than as float64
    x = np.array([[0.7]], np.float32)
    assert Latency(steps=10, threshold=threshold).encode(x).step.tolist() == [9]


def test_latency_of_a_threshold_out_of_range() -> None:
    with pytest.raises(InvalidValueError, match=r"Latency\(threshold=1.5\) is not possible; allowed: .* >= 0 and <= 1"):
        Latency(threshold=1.5)


# ------------------------------------------------------------------------------------------------------- poisson rate
def test_poisson_spikes_have_the_rate_and_the_distribution_of_a_bernoulli_process() -> None:
    x, steps = np.tile([0.0, 0.1, 0.5, 1.0], (500, 50)), 200
    encoder = PoissonRate(steps=steps, max_rate=200 * Hz)
    counts = encoder.encode(x, seed=4).counts().reshape(500, 50, 4)
    for i, p in enumerate([0.0, 0.02, 0.1, 0.2]):
        sample = counts[:, :, i].ravel()
        error = 4 * np.sqrt(steps * p * (1 - p) / sample.size)
        assert abs(sample.mean() - steps * p) <= error
        if p:
            observed = np.bincount(sample, minlength=steps + 1)
            expected = stats.binom.pmf(np.arange(steps + 1), steps, p) * sample.size
            usual = expected > 5
            pooled = [np.append(part[usual], part[~usual].sum()) for part in (observed, expected)]
            assert stats.chisquare(pooled[0], pooled[1]).pvalue > 1e-4


def test_poisson_spikes_are_spread_evenly_over_steps_and_are_independent() -> None:
    dense = PoissonRate(steps=50, max_rate=100 * Hz).encode(np.ones((400, 100)), seed=1).dense().numpy()
    by_step = dense.sum(axis=(1, 2))
    assert stats.chisquare(by_step).pvalue > 1e-4
    assert abs(np.corrcoef(dense[1:].ravel(), dense[:-1].ravel())[0, 1]) < 0.005
    assert abs(np.corrcoef(dense[:, :, 1:].ravel(), dense[:, :, :-1].ravel())[0, 1]) < 0.005


def test_a_longer_poisson_train_begins_with_the_shorter_one() -> None:
    x = np.random.default_rng(0).random((5, 6))
    long = PoissonRate(steps=80).encode(x)
    assert PoissonRate(steps=30).encode(x) == long.window(0, 30)


def test_a_probability_of_one_fires_at_every_step() -> None:
    spikes = PoissonRate(steps=9, dt=2.0, max_rate=0.5).encode([[1.0, 0.0]])
    assert spikes.dense()[:, 0].tolist() == [[1, 0]] * 9


def test_the_smallest_probability_is_no_error() -> None:
    assert len(PoissonRate(steps=9).encode([[5e-324, 1e-30]])) == 0


@pytest.mark.parametrize("samples", [[0], [0, 1, 2], [0, -1], [0.5, 1], [[0, 1]]])
def test_samples_are_numbered_one_by_one(samples: Any) -> None:
    with pytest.raises(InvalidValueError, match="samples must be"):
        PoissonRate().encode(np.zeros((2, 3)), samples=samples)


def test_an_impossible_rate_teaches_units() -> None:
    with pytest.raises(InvalidValueError, match=r"at most 1; given 100 per ms \* 1 ms. Write max_rate=100 \* Hz"):
        PoissonRate(max_rate=100)
    with pytest.raises(InvalidValueError, match="epoch must be a whole number"):
        PoissonRate().encode([[0.5]], epoch=-1)
    with pytest.raises(InvalidValueError, match="seed must be a whole number"):
        PoissonRate().encode([[0.5]], seed=-1)


# --------------------------------------------------------------------------------------------------------- population
@given(features, st.integers(3, 8), st.sampled_from([0.0, 0.1, 0.5]))
def test_population_follows_its_equation(x: np.ndarray, m: int, threshold: float) -> None:
    low, high, beta, steps = -1.0, 2.0, 1.5, 10
    encoder = Population(steps=steps, neurons_per_feature=m, low=low, high=high, beta=beta, threshold=threshold)
    dense = encoder.encode(x).dense().numpy()
    assert dense.shape == (steps, len(x), x.shape[1] * m)
    sigma = (high - low) / (m - 2) / beta
    for sample, feature, i in np.ndindex(*x.shape, m):
        centre = low + (2 * (i + 1) - 3) / 2 * (high - low) / (m - 2)
        activation = np.exp(-((float(x[sample, feature]) - centre) ** 2) / (2 * sigma**2))
        exact = (steps - 1) * (1 - activation)
        fired = np.flatnonzero(dense[:, sample, feature * m + i])
        if abs(activation - threshold) > 1e-9:  # rounding decides at the threshold itself
            assert fired.size == (activation > threshold)
        if fired.size:
            assert abs(fired[0] - exact) <= 0.5 + 1e-9


def test_the_nearest_field_fires_first() -> None:
    encoder = Population(steps=100, neurons_per_feature=6)
    for x in np.linspace(0, 1, 21):
        spikes = encoder.encode([[x]])
        centres = (np.arange(1, 7) - 1.5) / 4
        assert abs(centres[spikes.neuron[0]] - x) <= abs(centres - x).min() + 1e-9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 1.0, "high": 0.0}, "low < high; given low=1, high=0"),
        ({"neurons_per_feature": 2}, ">= 3"),
        ({"neurons_per_feature": 3.5}, "whole numbers"),
        ({"beta": 0.0}, "> 0"),
        ({"low": float("inf")}, "finite"),
    ],
)
def test_bad_fields_are_named(change: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Population(**change)  # pyright: ignore[reportArgumentType]


def test_the_range_of_a_population_is_its_own() -> None:
    assert isinstance(Population(low=-5, high=5).encode([[-4.0]]), Spikes)
    with pytest.raises(InvalidValueError, match=r"\[-5, 5\]; 6 stands at sample 0, feature 0. The range is set by"):
        Population(low=-5, high=5).encode([[6.0]])


# ----------------------------------------------------------------------------------------------------- direct current
def test_direct_current_multiplies_by_the_gain() -> None:
    x = np.array([[0.5, -1.0], [0.25, 2.0]], np.float32)
    current = DirectCurrent(steps=3, gain=4.0).encode(x)
    assert current == Current(4 * x, 3, dt=1.0)
    assert current.values.dtype == np.float32
    assert DirectCurrent().encode(x.astype(np.float64)).values.dtype == np.float64


# ---------------------------------------------------------------------------------------------------------- real data
def test_latency_of_all_of_mnist_is_small(data_dir: Any) -> None:
    from spikeloom.data import mnist

    x = mnist(data_dir / "mnist").x_train
    assert isinstance(x, np.ndarray)
    spikes = Latency(steps=100, threshold=0.2).encode(x)
    assert spikes.shape == (100, 60_000, 784)
    assert len(spikes) == int((x >= np.float32(0.2)).sum())
    assert spikes.indices.nbytes < x.nbytes / 4
    assert spikes.counts().max() == 1
