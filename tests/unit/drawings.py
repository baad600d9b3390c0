"""What a drawing holds, for the tests of plots."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure


def drawn(figure: Any) -> Any:
    """The first axes, after everything was really drawn."""
    assert isinstance(figure, Figure)
    figure.savefig(io.BytesIO(), format="png")
    return figure.axes[0]


def texts(axes: Any) -> set[str]:
    return {text.get_text() for text in axes.texts}


def dots(axes: Any) -> set[tuple[float, float]]:
    """The (time, row) of each dot of a raster."""
    points = np.concatenate([line.get_xydata() for line in axes.lines if len(line.get_xdata()) != 2])
    return {(round(x, 6), round(y)) for x, y in points[np.isfinite(points[:, 0])]}


def steps(axes: Any) -> list[np.ndarray]:
    return [patch.get_data().values for patch in axes.patches if hasattr(patch, "get_data")]
