"""On- and off-cells: the filter against SciPy's, and the order of their spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from spikeloom.core.errors import InvalidValueError
from spikeloom.encoding import DifferenceOfGaussians

IMAGES = np.random.default_rng(0).random((3, 12, 10))


@pytest.mark.parametrize(("size", "centre", "surround"), [(7, 1.0, 2.0), (5, 0.7, 1.1), (3, 1.0, 4.0)])
def test_the_response_is_the_correlation_with_the_kernel(size: int, centre: float, surround: float) -> None:
    encoder = DifferenceOfGaussians(rows=12, size=size, centre=centre, surround=surround, threshold=0.1, normalise=0)
    kernel = encoder.kernel()
    assert abs(kernel.sum()) < 1e-12
    assert kernel[size // 2, size // 2] == kernel.max()
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1].T)
    seen = encoder.contrasts(IMAGES)
    for image, (on, off) in zip(IMAGES, seen):
        for sign, cells in ((1, on), (-1, off)):
            mine = sign * kernel / (sign * kernel).max()
            expected = ndimage.correlate(image, mine, mode="constant")
            np.testing.assert_allclose(cells, np.where(expected >= 0.1, expected, 0), atol=1e-12)


def test_it_is_divided_by_its_mean_around() -> None:
    plain = DifferenceOfGaussians(rows=12, normalise=0).contrasts(IMAGES)
    for reach in (1, 3, 20):
        found = DifferenceOfGaussians(rows=12, normalise=reach).contrasts(IMAGES)
        for cells, divided in zip(plain.reshape(-1, 12, 10), found.reshape(-1, 12, 10)):
            near = ndimage.correlate(cells, np.ones((2 * reach + 1,) * 2), mode="constant") / (2 * reach + 1) ** 2
            np.testing.assert_allclose(divided[cells > 0], (cells / np.maximum(near, 1e-300))[cells > 0], rtol=1e-9)
            assert not divided[cells == 0].any()


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.sampled_from([0.0, 0.2, 1.5]))
def test_the_stronger_fires_first_and_steps_are_filled_alike(seed: int, steps: int, threshold: float) -> None:
    image = np.random.default_rng(seed).random((1, 6 * 5))
    encoder = DifferenceOfGaussians(rows=6, steps=steps, threshold=threshold, normalise=2)
    spikes = encoder.encode(image)
    seen = encoder.contrasts(image.reshape(1, 6, 5)).reshape(-1)
    assert spikes.counts().max(initial=0) <= 1
    assert sorted(spikes.neuron.tolist()) == np.flatnonzero(seen).tolist()
    strength = seen[spikes.neuron]
    for earlier in range(spikes.shape[0] - 1):
        now, later = strength[spikes.step == earlier], strength[spikes.step > earlier]
        if now.size and later.size:
            assert now.min() >= later.max()
    filled = np.bincount(spikes.step, minlength=steps)
    assert filled.max() - filled.min() <= 1


def test_a_margin_is_a_dark_frame() -> None:
    framed = np.pad(IMAGES, ((0, 0), (3, 3), (3, 3)))
    found = DifferenceOfGaussians(rows=12, margin=3).encode(IMAGES.reshape(3, -1))
    assert found == DifferenceOfGaussians(rows=18).encode(framed.reshape(3, -1))
    assert found.shape[2] == DifferenceOfGaussians(rows=12, margin=3).outputs(120) == 2 * 18 * 16


def test_an_even_image_shows_nothing_inside() -> None:
    """The kernel has no mean: a bright area is seen at its edge alone, and darkness nowhere."""
    encoder = DifferenceOfGaussians(rows=20, normalise=0)
    bright = encoder.encode(np.ones((1, 400)))
    row, column = np.divmod(bright.neuron % 400, 20)
    assert len(bright) > 0
    assert (np.minimum(np.minimum(row, column), 19 - np.maximum(row, column)) < 3).all()
    assert len(encoder.encode(np.zeros((1, 400)))) == 0


def test_a_dot_is_seen_by_the_on_cell_on_it_and_off_cells_around() -> None:
    image = np.zeros((11, 11))
    image[5, 5] = 1
    seen = DifferenceOfGaussians(rows=11, threshold=0.01, normalise=0).contrasts(image[None])[0]
    assert np.unravel_index(seen[0].argmax(), (11, 11)) == (5, 5)
    assert seen[0, 5, 5] == pytest.approx(1)
    assert seen[1, 5, 5] == 0
    assert seen[1, 5, 8] > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 4}, "odd"),
        ({"centre": 3.0}, "narrower"),
        ({"threshold": -1.0}, ">= 0"),
        ({"rows": 2.5}, "whole"),
        ({"normalise": -1}, ">= 0"),
    ],
)
def test_a_retina_that_cannot_be(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        DifferenceOfGaussians(**change)


def test_an_image_of_another_shape_is_named() -> None:
    with pytest.raises(InvalidValueError, match=r"30 pixels has no 7 rows.*rows=28"):
        DifferenceOfGaussians(rows=7).encode(np.zeros((1, 30)))
