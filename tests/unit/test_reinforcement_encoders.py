"""Observation encoders: their tuning against its closed form, the rates of their spikes, what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core import registry
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.random import key
from spikeloom.core.units import Hz, ms
from spikeloom.learning.reinforcement.encoders import (
    Categories,
    EventStream,
    ObservationEncoder,
    PlaceCells,
    PopulationCode,
    Tiles,
    encoder_from_description,
)

PLANE = spaces.Box(np.array([-1.0, 0.0], np.float32), np.array([1.0, 4.0], np.float32))
POLE = spaces.Box(-np.inf, np.inf, (4,))
CAMERA = spaces.Box(0, 20, (2, 3, 4))
BOUNDED = [PlaceCells(cells=[4, 7]), PopulationCode(neurons=6), Tiles(tiles=[3, 5], tilings=4)]
EVERY: list[tuple[ObservationEncoder, Any]] = [
    *((encoder, PLANE) for encoder in BOUNDED),
    (Categories(neurons=3), spaces.Discrete(4, start=2)),
    (Categories(), spaces.MultiDiscrete([2, 3])),
    (Categories(), spaces.MultiBinary(3)),
    (EventStream(), CAMERA),
    (EventStream(time_bins=True), CAMERA),
]
each = pytest.mark.parametrize(("encoder", "space"), EVERY, ids=lambda v: type(v).__name__)


def test_every_encoder_is_in_the_table() -> None:
    family = registry.members("spikeloom.learning.reinforcement.encoders", ObservationEncoder)
    assert set(family.values()) == {type(encoder) for encoder, _ in EVERY}


# ------------------------------------------------------------------------------------------------- what holds for all
@each
def test_active_channels_and_rates_say_the_same(encoder: ObservationEncoder, space: Any) -> None:
    space.seed(3)
    for _ in range(20):
        observation = space.sample()
        channels, rates = encoder.active(observation, space)
        dense = encoder.rates(observation, space)
        assert dense.shape == (encoder.size(space),)
        assert np.all(np.diff(channels) > 0)
        assert np.array_equal(np.flatnonzero(dense), channels)
        assert np.array_equal(dense[channels], rates)


@each
def test_a_description_gives_the_encoder_again(encoder: ObservationEncoder, space: Any) -> None:
    again = encoder_from_description(encoder.describe())
    assert again.describe() == encoder.describe()
    assert np.array_equal(
        again.rates(space.low if hasattr(space, "low") else space.sample(), space) >= 0, [True] * again.size(space)
    )


@each
def test_spikes_do_not_depend_on_how_a_stretch_is_cut(encoder: ObservationEncoder, space: Any) -> None:
    if isinstance(encoder, EventStream):
        return  # an observation of events is one whole
    space.seed(0)
    observation, number = space.sample(), key(5, "observation")
    whole = encoder.spikes(observation, space, 40, 1 * ms, number, 100)
    parts = [encoder.spikes(observation, space, 20, 1 * ms, number, begin) for begin in (100, 120)]
    assert whole.window(0, 20) == parts[0]
    assert whole.window(20, 40) == parts[1]
    assert encoder.spikes(observation, space, 40, 1 * ms, number, 140) != whole


@pytest.mark.parametrize("encoder", [e for e, _ in EVERY[:4]], ids=lambda v: type(v).__name__)
def test_the_rate_of_the_spikes_is_the_rate(encoder: ObservationEncoder) -> None:
    space = next(s for e, s in EVERY if e is encoder)
    space.seed(1)
    observation = space.sample()
    steps = 20_000
    counts = encoder.spikes(observation, space, steps, 1 * ms, key(0, "rate"), 0).counts()[0]
    p = encoder.rates(observation, space) / 1e3
    deviation = np.sqrt(np.maximum(steps * p * (1 - p), 1e-12))
    assert np.all(np.abs(counts - steps * p) < 5 * deviation)


def test_more_than_one_spike_in_a_step_is_refused() -> None:
    code = PopulationCode(max_rate=300 * Hz)
    with pytest.raises(InvalidValueError, match=r"at most 200 Hz"):
        code.spikes([0.0, 0.0], PLANE, 4, 5 * ms, 0, 0)


# --------------------------------------------------------------------------------------------------------- place cells
@given(x=st.floats(-1, 1), y=st.floats(0, 4), n=st.integers(1, 6), m=st.integers(1, 6), w=st.floats(0.2, 3))
def test_place_cells_are_the_product_of_gaussians(x: float, y: float, n: int, m: int, w: float) -> None:
    cells = PlaceCells(cells=[n, m], width=w, cutoff=0.05, max_rate=200 * Hz)
    expected = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            a = -1 + 2 * i / (n - 1) if n > 1 else 0.0
            b = 4 * j / (m - 1) if m > 1 else 2.0
            p, q = w * 2 / max(n - 1, 1), w * 4 / max(m - 1, 1)
            expected[i, j] = math.exp(-((x - a) ** 2) / (2 * p * p) - (y - b) ** 2 / (2 * q * q))
    found = cells.rates([x, y], PLANE).reshape(n, m) / 200
    near = np.abs(expected - 0.05) < 1e-6  # rounding may put these on either side
    assert np.allclose(found[~near], np.where(expected >= 0.05, expected, 0.0)[~near], rtol=1e-5, atol=1e-12)


def test_place_cells_of_fremaux_are_few_of_many() -> None:
    space = spaces.Box(-1, 1, (4,))
    cells = PlaceCells(cells=[5, 7, 19, 19], cutoff=0.05)
    assert cells.size(space) == 12_635
    channels, rates = cells.active([0.1, 0.2, -0.3, 0.05], space)
    assert channels.size < 300
    assert rates.min() >= 5


def test_beyond_the_bounds_counts_as_the_bound() -> None:
    for encoder in BOUNDED:
        assert np.array_equal(encoder.rates([-7.0, 90.0], PLANE), encoder.rates([-1.0, 4.0], PLANE))


def test_too_many_place_cells_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"10,000,000,000 channels.*PopulationCode"):
        PlaceCells(cells=10).size(spaces.Box(0, 1, (10,)))


# ------------------------------------------------------------------------------------------------------ the other codes
@given(x=st.floats(-1, 1), y=st.floats(0, 4))
def test_a_population_for_each_coordinate(x: float, y: float) -> None:
    rates = PopulationCode(neurons=[5, 9], width=0.5, cutoff=0.0).rates([x, y], PLANE)
    low, high = np.linspace(-1, 1, 5), np.linspace(0, 4, 9)
    expected = [
        *(math.exp(-((x - c) ** 2) / (2 * 0.25**2)) for c in low),
        *(math.exp(-((y - c) ** 2) / (2 * 0.25**2)) for c in high),
    ]
    assert np.allclose(rates, np.multiply(expected, 100), rtol=1e-5, atol=1e-9)


@given(x=st.floats(0, 1), y=st.floats(0, 1), tilings=st.integers(1, 9), n=st.integers(1, 5), m=st.integers(1, 5))
def test_one_tile_of_each_tiling(x: float, y: float, tilings: int, n: int, m: int) -> None:
    space = spaces.Box(0, 1, (2,))
    code = Tiles(tiles=[n, m], tilings=tilings)
    channels, rates = code.active([x, y], space)
    assert code.size(space) == tilings * (n + 1) * (m + 1)
    assert np.array_equal(channels // ((n + 1) * (m + 1)), np.arange(tilings))
    assert np.all(rates == 100)
    for k, channel in enumerate(channels):
        row, column = divmod(int(channel) % ((n + 1) * (m + 1)), m + 1)
        assert row == math.floor(x * n + k % tilings / tilings)
        assert column == math.floor(y * m + 3 * k % tilings / tilings)


def test_tiles_resolve_what_none_of_their_tilings_does() -> None:
    space, code = spaces.Box(0, 1, (1,)), Tiles(tiles=4, tilings=8)
    seen = [tuple(code.active([x], space)[0]) for x in (np.arange(32) + 0.5) / 32]
    assert len(set(seen)) == 32
    assert sum(a != b for a, b in zip(seen[10], seen[11], strict=True)) == 1


def test_a_group_for_each_category() -> None:
    code, space = Categories(neurons=2, max_rate=50 * Hz), spaces.MultiDiscrete([2, 3])
    assert np.array_equal(np.flatnonzero(code.rates([1, 2], space)), [2, 3, 8, 9])
    assert code.rates([1, 2], space).max() == 50
    assert np.array_equal(np.flatnonzero(code.rates(3, spaces.Discrete(2, start=2))), [2, 3])
    assert np.array_equal(np.flatnonzero(code.rates([0, 1], spaces.MultiBinary(2))), [0, 1, 6, 7])
    with pytest.raises(InvalidValueError, match="outside its space"):
        code.rates(4, spaces.Discrete(4))
    with pytest.raises(InvalidValueError, match="whole numbers"):
        code.rates(1.5, spaces.Discrete(4))


@given(counts=st.lists(st.integers(0, 20), min_size=24, max_size=24), steps=st.integers(1, 30))
def test_every_event_is_a_spike(counts: list[int], steps: int) -> None:
    events = np.array(counts).reshape(2, 3, 4)
    spikes = EventStream().spikes(events, CAMERA, steps, 1 * ms, 0, 0)
    assert spikes.shape == (steps, 1, 24)
    assert np.array_equal(spikes.counts()[0], counts)
    binned = EventStream(time_bins=True).spikes(events, CAMERA, 10, 1 * ms, 0, 0)
    halves = [binned.window(0, 5).counts()[0], binned.window(5, 10).counts()[0]]
    assert np.array_equal(halves, np.reshape(counts, (2, 12)))


def test_what_is_no_count_of_events_is_refused() -> None:
    for bad in (np.full(24, -1.0), np.full(24, np.nan), np.zeros(23)):
        with pytest.raises(InvalidValueError, match=r"entries|finite numbers >= 0"):
            EventStream().spikes(bad, CAMERA, 5, 1 * ms, 0, 0)
    with pytest.raises(InvalidValueError, match="time"):
        EventStream(time_bins=True).size(spaces.Box(0, 1, (4,)))


# ------------------------------------------------------------------------------------------------------------ errors
def test_unsupported_spaces_are_answered_with_those_that_are() -> None:
    for encoder in BOUNDED:
        with pytest.raises(
            UnsupportedError, match=r"does not support the observation space Discrete\(3\); supported: Box"
        ):
            encoder.size(spaces.Discrete(3))
    with pytest.raises(UnsupportedError, match="supported: Discrete, MultiDiscrete, MultiBinary"):
        Categories().size(PLANE)
    with pytest.raises(UnsupportedError, match="FlattenObservation"):
        PlaceCells().size(spaces.Dict({"a": PLANE}))


def test_a_space_without_bounds_needs_some() -> None:
    with pytest.raises(InvalidValueError, match=r"coordinate 0 of 4 without bounds.*PlaceCells\(low="):
        PlaceCells().size(POLE)
    assert PlaceCells(cells=2, low=-1.0, high=[1.0, 2.0, 3.0, 4.0]).size(POLE) == 16
    with pytest.raises(InvalidValueError, match="low < high"):
        Tiles(low=0.0, high=[1.0, -2.0, 3.0, 4.0]).size(POLE)
    with pytest.raises(InvalidValueError, match="has 3 values; the observation has 4"):
        PopulationCode(low=[0.0, 0.0, 0.0], high=1.0).size(POLE)


def test_an_observation_must_be_of_its_space() -> None:
    for encoder in BOUNDED:
        with pytest.raises(InvalidValueError, match="has 3 coordinates"):
            encoder.rates([0.0, 0.0, 0.0], PLANE)
        with pytest.raises(InvalidValueError, match="coordinate 1 of the observation is not a number"):
            encoder.rates([0.0, np.nan], PLANE)


def test_counts_must_be_whole() -> None:
    for encoder in (PlaceCells(cells=[2, 2.5]), PopulationCode(neurons=3.5), Tiles(tiles=1.5)):
        with pytest.raises(InvalidValueError, match="whole number"):
            encoder.size(PLANE)
    for make in (lambda: Tiles(tilings=2.5), lambda: Categories(neurons=1.5)):
        with pytest.raises(InvalidValueError, match="whole number"):
            make()
