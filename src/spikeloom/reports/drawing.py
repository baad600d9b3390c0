"""Drawing with matplotlib, without its global state, into SVG that follows the page's colours and fonts."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from spikeloom.reports.theme import LIGHT, NEGATIVE, POSITIVE, Theme

THIRD, HALF, WIDE = 3.5, 4.4, 7.4
"""Widths in inches: chosen so that 8-point labels stay readable when a phone shrinks the drawing to its width."""


@contextmanager
def styled(theme: Theme = LIGHT) -> Iterator[None]:
    """Matplotlib with the report's style inside the block, and as the caller had it afterwards."""
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
        mpl.rcdefaults()  # a user's matplotlibrc must not reach into the page
        mpl.rcParams.update(style)
        warnings.filterwarnings(
            "ignore", message=r"Glyph .* missing from font"
        )  # the browser draws the text, and has it
        yield


def canvas(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Canvas:
    """An empty drawing of ``width`` x ``height`` inches."""
    return Canvas(figsize=(width, height), layout=layout)


def svg(drawing: Canvas, description: str) -> str:
    """The drawing as an ``<svg>`` element to stand inside HTML.

    Colours become CSS properties (light and dark), text takes the page's font, coordinates are rounded to 0.01 points,
    and all that names an address (document type, metadata, namespaces) is dropped. Equal drawings give equal text.
    """
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.S)
    text = text.replace("xlink:href", "href")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", text)
    text = re.sub(r'(?<= )(d|x|y|points)="[^"]*"', lambda m: _rounded(m[0]), text)
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", text)
    text = re.sub(r"font: (bold|[5-9]00) ([\d.]+px) [^;\"]*", r"font-size: \2; font-weight: 600", text)
    text = re.sub(r">\s+<", "><", text).strip()
    box = re.search(r'viewBox="[^"]+"', text)
    assert box is not None
    head = f'<svg class="plot" {box[0]} role="img" aria-label="{escape(description, quote=True)}">'
    return LIGHT.to_variables(head + text[text.index(">") + 1 :])


def _rounded(attribute: str) -> str:
    short = re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), attribute)
    return re.sub(r" ?\n ?", " ", short)


def png_address(pixels: NDArray[np.uint8]) -> str:
    """Pixels (height, width, 4) as a ``data:`` address that an ``<img>`` can show without a file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(buffer, format="png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def tinted(values: NDArray[Any], limit: float | None = None) -> NDArray[np.uint8]:
    """Values as pixels (..., 4): hue tells the sign, opacity the strength up to ``limit`` (default: the largest).

    Opacity in place of a colour map with a white middle shows the same picture on light and on dark paper.
    """
    values = np.asarray(values, np.float64)
    limit = limit or float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    pixels = np.zeros((*values.shape, 4), np.uint8)
    pixels[..., :3] = np.where((values > 0)[..., None], np.multiply(POSITIVE, 255), np.multiply(NEGATIVE, 255))
    pixels[..., 3] = np.rint(np.nan_to_num(np.clip(np.abs(values) / limit, 0.0, 1.0)) * 255)
    return pixels


def picture(values: NDArray[Any], limit: float | None = None) -> NDArray[np.uint8]:
    """One-sided values (an image, counts) as pixels (..., 4) of one hue; opacity tells the strength."""
    return tinted(-np.abs(np.asarray(values, np.float64)), limit)


def events(axes: Axes, time: NDArray[Any], neuron: NDArray[Any], colour: str, size: float) -> None:
    """A raster: one dot of ``size`` points per spike, all in one path, which is a tenth of the usual markers' text."""
    x = np.column_stack([time, time, np.full(len(time), np.nan)]).ravel()
    y = np.column_stack([neuron, neuron + 1e-3, np.full(len(neuron), np.nan)]).ravel()
    many = len(time) > 20_000  # beyond that a picture is smaller than the path
    axes.plot(x, y, color=colour, linewidth=size, solid_capstyle="round", rasterized=many, clip_on=False, snap=False)


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
