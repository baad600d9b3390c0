"""Filters as images: each where it belongs, on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom import plots
from spikeloom.core.errors import InvalidValueError


def mosaic(*arguments: Any, **options: Any) -> np.ndarray:
    (image,) = plots.filters(*arguments, **options).axes[0].images
    return np.ma.filled(image.get_array().astype(float), np.nan)


def test_each_filter_has_its_place_and_all_have_one_scale() -> None:
    images = np.random.default_rng(0).normal(size=(5, 4, 3))
    found = mosaic(images, columns=3)
    assert found.shape == (2 * 4 + 1, 3 * 3 + 2)
    for k, image in enumerate(images):
        top, left = k // 3 * 5, k % 3 * 4
        np.testing.assert_array_equal(found[top : top + 4, left : left + 3], image)
    assert np.isnan(found).sum() == found.size - images.size
    (picture,) = plots.filters(images).axes[0].images
    assert picture.get_clim() == (-np.abs(images).max(), np.abs(images).max())


@pytest.mark.parametrize(("many", "columns"), [(1, 1), (2, 2), (7, 3), (32, 8), (150, 15), (13, 5)])
def test_rows_are_full_where_that_can_be(many: int, columns: int) -> None:
    assert mosaic(np.ones((many, 2, 2))).shape[1] == 3 * columns - 1


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 3)), "axes .filters, rows, columns."),
        (np.zeros((0, 3, 3)), "axes .filters, rows, columns."),
        (np.full((1, 2, 2), np.nan), "filter 0, row 0, column 0"),
    ],
)
def test_what_is_no_filter_is_refused(images: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        plots.filters(images)
    with pytest.raises(InvalidValueError, match="columns"):
        plots.filters(np.zeros((2, 3, 3)), columns=0)
