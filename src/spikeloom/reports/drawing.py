"""Drawing with matplotlib, without its global state, into SVG that follows the page's colours and fonts."""

from __future__ import annotations

import base64
import io
import re
from html import escape
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from spikeloom.plots.theme import LIGHT, NEGATIVE, POSITIVE

THIRD, HALF, WIDE = 3.5, 4.4, 7.4
"""Widths in inches: chosen so that 8-point labels stay readable when a phone shrinks the drawing to its width."""


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
