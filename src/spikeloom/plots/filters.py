"""What the maps of a convolution look for, as images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.core.arrays import finite, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.mosaic import mosaic
from spikeloom.plots.style import drawn
from spikeloom.plots.theme import LIGHT, NEGATIVE, POSITIVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def filters(images: object, *, columns: int | None = None, label: str = "weight", axes: Axes | None = None) -> Any:
    """Images side by side, all on one scale: orange above zero, blue below, paper at zero.

    >>> filters(np.zeros((32, 5, 5))).axes[0].get_xlabel()
    '32 filters of 5 x 5'

    Args:
        images: (filters, rows, columns), such as the on-weights less the off-weights of each map.
        columns: how many stand in a row; about 1.6 times as many as there are rows if not given.
        label: what the numbers are, with their unit.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: not three axes, no filter, or a value that is not finite.
    """
    values = to_numpy(images, "images").astype(np.float64)
    if values.ndim != 3 or not values.size:
        raise InvalidValueError(f"images must have the axes (filters, rows, columns); given shape {values.shape}")
    finite(values, "images", ("filter", "row", "column"))
    many, height, width = values.shape
    across = min(many, whole(_columns(many) if columns is None else columns, "columns"))
    down = -(-many // across)
    limit = float(np.abs(values).max()) or 1.0
    with drawn(axes, 0.5 + 0.42 * across, 0.5 + 0.42 * down) as axes:
        from matplotlib.colors import LinearSegmentedColormap

        ramp = LinearSegmentedColormap.from_list("filters", [NEGATIVE, LIGHT.card, POSITIVE], N=513)
        ramp = ramp.with_extremes(bad=LIGHT.line)
        pixels = mosaic(values, across, gap=np.nan)
        picture = axes.imshow(pixels, cmap=ramp, vmin=-limit, vmax=limit, interpolation="none")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        axes.set_xlabel(f"{many} filters of {height} x {width}")
        bar = axes.figure.colorbar(picture, ax=axes, shrink=0.85, pad=0.03)
        bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
        bar.set_label(label)
        return axes.figure


def _columns(many: int) -> int:
    """About 1.6 times as many as rows, and no gap in the last row where that can be."""
    wanted = math.sqrt(1.6 * many)
    full = [n for n in range(1, many + 1) if many % n == 0 and 0.7 * wanted <= n <= 1.6 * wanted]
    return min(full, key=lambda n: abs(n - wanted)) if full else max(1, round(wanted))
