"""Images beside and below one another, as one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def corners(many: int, columns: int, height: int, width: int) -> list[tuple[int, int]]:
    """Row and column of the upper left pixel of each of ``many`` images, ``columns`` in a row, with gaps between.

    >>> corners(3, columns=2, height=4, width=8)
    [(0, 0), (0, 9), (5, 0)]
    """
    gap = max(round(width / 8), 1)
    return [(k // columns * (height + gap), k % columns * (width + gap)) for k in range(many)]


def mosaic(images: NDArray[Any], columns: int, gap: float = 0.0) -> NDArray[np.float64]:
    """The ``images`` (many, height, width) in one, ``columns`` in a row, with the value ``gap`` between.

    >>> mosaic(np.ones((3, 1, 2)), columns=2).tolist()
    [[1.0, 1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0, 0.0]]
    """
    height, width = images.shape[1:]
    at = corners(len(images), columns, height, width)
    found = np.full((at[-1][0] + height, max(left for _, left in at) + width), gap)
    for image, (top, left) in zip(images, at, strict=True):
        found[top : top + height, left : left + width] = image
    return found
