"""Who is connected with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import in_range, integers, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.style import colour, drawn
from spikeloom.plots.theme import LIGHT, NEGATIVE, POSITIVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def connectivity(
    source: object,
    target: object,
    weight: object = None,
    *,
    shape: tuple[int, int],
    blocks: int = 200,
    unit: str = "mV",
    axes: Axes | None = None,
) -> Any:
    """The matrix of connections: sources from top to bottom, targets from left to right.

    A cell is the sum of the weights between two neurons, or the number of synapses where no weights are given. With
    more than ``blocks`` neurons in a direction a cell is a block of neighbours, and its value the mean over its pairs.

    Args:
        source: (S,) the source of each synapse.
        target: (S,) its target.
        weight: (S,) its weight, or one number for all; None: synapses are counted.
        shape: (sources, targets).
        blocks: at most so many cells in a direction.
        unit: of the weights, for the label.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: unequal lengths, an index outside ``shape``.
    """
    mean = _block_means(source, target, weight, shape, whole(blocks, "blocks"))
    blocked = mean.shape != tuple(shape)
    with drawn(axes, 4.4, 3.6) as axes:
        limit = float(np.abs(mean).max(initial=0.0)) or 1.0
        low = -limit if mean.min(initial=0.0) < 0 else 0.0
        image = axes.imshow(
            mean, cmap=_ramp(signed=low < 0, counted=weight is None), vmin=low, vmax=limit, interpolation="none",
            extent=(-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5),
            aspect="equal" if 0.25 < shape[0] / shape[1] < 4 else "auto",
        )  # fmt: skip
        axes.spines[:].set_visible(True)
        bar = axes.figure.colorbar(image, ax=axes, shrink=0.85, pad=0.03)
        bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
        what = "synapses" if weight is None else "weight"
        what = f"mean {what} per pair" if blocked else what
        bar.set_label(what if weight is None else f"{what} ({unit})")
        axes.set_xlabel("target neuron")
        axes.set_ylabel("source neuron")
        return axes.figure


def in_degrees(target: object, neurons: int, *, axes: Axes | None = None) -> Any:
    """How many neurons receive how many synapses, with mean and standard deviation in the title.

    Args:
        target: (S,) the target of each synapse.
        neurons: how many targets there are, those without a synapse included.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: a target outside 0 ... neurons - 1.
    """
    size = whole(neurons, "neurons")
    targets = integers(target, "target")
    in_range(targets, size, "target", f"neurons = {size}")
    degree = np.bincount(targets.astype(np.int64), minlength=size)
    low, high = int(degree.min()), int(degree.max())
    width = max(1, -(-(high - low + 1) // 60))
    edges = low - 0.5 + width * np.arange((high - low) // width + 2)
    with drawn(axes, 4.4, 2.8) as axes:
        from matplotlib.ticker import MaxNLocator

        axes.hist(degree, bins=edges.tolist(), color=colour(0), alpha=0.85, rwidth=0.9 if edges.size < 30 else 1.0)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlabel("synapses onto a neuron")
        axes.set_ylabel("neurons")
        axes.set_title(f"{degree.mean():.4g} ± {degree.std():.3g} synapses", color=LIGHT.ink)
        return axes.figure


def _ramp(*, signed: bool, counted: bool) -> Any:
    """Colours from nothing (paper) to strong; already the weakest connection stands out from none."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    paper: Any = np.array(to_rgb(LIGHT.card))
    up: Any = np.array(to_rgb(LIGHT.input) if counted else POSITIVE)
    down: Any = np.array(NEGATIVE)
    above: list[Any] = [(0.002, 0.75 * paper + 0.25 * up), (1.0, up)]
    if not signed:
        return LinearSegmentedColormap.from_list("connections", [(0.0, paper), *above], N=1024)
    below: list[Any] = [(0.0, down), (0.499, 0.75 * paper + 0.25 * down)]
    above = [(0.5 + place / 2, tint) for place, tint in above]
    return LinearSegmentedColormap.from_list("connections", [*below, (0.5, paper), *above], N=2049)


def _block_means(source: object, target: object, weight: object, shape: object, blocks: int) -> NDArray[np.float64]:
    """The matrix, or the means of its blocks."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise InvalidValueError(f"shape must be (sources, targets); given {shape!r}")
    rows, columns = (whole(size, f"{name} of shape") for size, name in zip(shape, ("sources", "targets")))
    sources, targets = integers(source, "source"), integers(target, "target")
    in_range(sources, rows, "source", f"sources = {rows}")
    in_range(targets, columns, "target", f"targets = {columns}")
    values = np.ones(sources.size) if weight is None else to_numpy(weight, "weight").astype(np.float64)
    values = np.broadcast_to(values, sources.shape) if values.ndim == 0 else values
    if not sources.shape == targets.shape == values.shape:
        raise InvalidValueError(
            "source, target and weight need one entry per synapse; given "
            f"{sources.size}, {targets.size} and {values.size}"
        )
    high, wide = min(rows, blocks), min(columns, blocks)
    row, column = sources.astype(np.int64) * high // rows, targets.astype(np.int64) * wide // columns
    total = np.bincount(row * wide + column, values, minlength=high * wide).reshape(high, wide)
    tall = np.bincount(np.arange(rows) * high // rows, minlength=high)
    broad = np.bincount(np.arange(columns) * wide // columns, minlength=wide)
    return total / np.outer(tall, broad)
