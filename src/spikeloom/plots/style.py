"""The house look of pictures: matplotlib's settings, and drawing that plots and reports share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.plots.theme import LIGHT, SERIES, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@contextmanager
def styled(theme: Theme = LIGHT) -> Iterator[None]:
    """Matplotlib with the house style inside the block, and as the caller had it afterwards."""
    import matplotlib as mpl

    style: Any = {
        "font.size": 8.0, "axes.titlesize": 8.5, "axes.labelsize": 8.0, "xtick.labelsize": 7.5, "ytick.labelsize": 7.5,
        "font.family": "DejaVu Sans", "text.color": theme.ink, "text.parse_math": False,
        "axes.edgecolor": theme.quiet, "axes.labelcolor": theme.muted, "axes.linewidth": 0.7, "axes.facecolor": "none",
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left", "axes.unicode_minus": True,
        "xtick.color": theme.quiet, "ytick.color": theme.quiet, "xtick.labelcolor": theme.muted,
        "ytick.labelcolor": theme.muted, "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.major.size": 2.5,
        "ytick.major.size": 2.5, "figure.facecolor": "none", "savefig.facecolor": "none", "lines.linewidth": 1.3,
        "legend.frameon": False, "svg.fonttype": "none", "svg.hashsalt": "spikeloom", "path.simplify": False,
        "savefig.bbox": None,
    }  # fmt: skip
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # a user's matplotlibrc must not reach into the picture
        mpl.rcParams.update(style)
        warnings.filterwarnings(
            "ignore", message=r"Glyph .* missing from font"
        )  # the browser draws the text, and has it
        yield


@contextmanager
def drawn(axes: Axes | None, width: float, height: float) -> Iterator[Axes]:
    """``axes``, or those of a new figure of ``width`` x ``height`` inches, in the house style inside the block."""
    with styled():
        yield figure(width, height).add_subplot() if axes is None else axes


def figure(width: float, height: float) -> Any:
    """An empty figure of ``width`` x ``height`` inches; matplotlib's global state (pyplot) knows nothing of it."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=150, layout="constrained", facecolor=LIGHT.card)


def named(spikes: Spikes | Mapping[str, Spikes]) -> dict[str, Spikes]:
    """Populations by name; a single one has none.

    Raises:
        InvalidValueError: neither ``Spikes`` nor a mapping of names to ``Spikes``.
    """
    populations = {"": spikes} if isinstance(spikes, Spikes) else spikes
    if not isinstance(populations, Mapping) or not all(isinstance(part, Spikes) for part in populations.values()):
        raise InvalidValueError(
            f"spikes must be a Spikes object, or several by name; given {type(spikes).__name__}. "
            'Write {"exc": record["exc.spikes"], "inh": record["inh.spikes"]}'
        )
    if not populations:
        raise InvalidValueError("there is no population to draw: the mapping is empty")
    return dict(populations)


def colour(i: int) -> str:
    """The colour of the i-th population or neuron."""
    return SERIES[i % len(SERIES)]


def legend(axes: Axes) -> None:
    """A legend where there is more than one name, above the axes, where it hides nothing."""
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        axes.legend(
            handles, labels, loc="lower right", bbox_to_anchor=(1, 1), ncols=min(len(labels), 8), borderaxespad=0.2,
            handlelength=1.2, columnspacing=1.2,
        )  # fmt: skip


def events(
    axes: Axes, time: NDArray[Any], neuron: NDArray[Any], colour: str, size: float, *, clip: bool = False
) -> None:
    """A raster: one dot of ``size`` points per spike, all in one path, which is a tenth of the usual markers' text."""
    if len(time) > 20_000:  # beyond that a picture is smaller than the path
        axes.plot(time, neuron, ".", color=colour, markersize=size, markeredgewidth=0, rasterized=True, clip_on=clip)
        return
    x = np.column_stack([time, time, np.full(len(time), np.nan)]).ravel()
    y = np.column_stack([neuron, neuron + 1e-3, np.full(len(neuron), np.nan)]).ravel()
    axes.plot(x, y, color=colour, linewidth=size, solid_capstyle="round", clip_on=clip, snap=False)


def label_ends(axes: Axes, x: float, labels: list[tuple[float, str, str]], *, size: float = 7.5) -> None:
    """Write ``(y, text, colour)`` to the right of ``x``, each beside its line's end, pushed apart if they touch."""
    low, high = axes.get_ylim()
    height = axes.bbox.height / axes.figure.dpi * 72  # points
    gap = (high - low) * 1.25 * size / max(height, 1.0)
    placed = sorted(labels, key=lambda entry: entry[0])
    heights = [entry[0] for entry in placed]
    for _ in range(20):
        for i in range(1, len(heights)):
            if (lack := gap - (heights[i] - heights[i - 1])) > 0:
                heights[i - 1] -= lack / 2
                heights[i] += lack / 2
    for y, (_, text, colour) in zip(heights, placed, strict=True):
        axes.annotate(
            text,
            (x, y),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=size,
            annotation_clip=False,
        )
