"""Moments of one episode."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import final

import numpy as np

from spikeloom.reports.drawing import WIDE, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.rewarded import Rewarded
from spikeloom.reports.text import number


@final
class FilmStrip(Figure[Rewarded]):
    """Some moments beside each other, from the first to the last."""

    section = "episode"
    order = 1

    def pictures(self, run: Rewarded) -> Iterator[Picture]:
        if not run.strip:
            return
        from PIL import Image

        film = run.result["film"]
        pixels = np.asarray(Image.open(io.BytesIO(run.strip)).convert("RGB"))
        height, width = pixels.shape[:2]
        drawing = canvas(WIDE, WIDE * height / width, layout=None)
        axes = drawing.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.imshow(pixels, interpolation="antialiased", aspect="auto")
        shown = ", ".join(str(step) for step in film["shown"])
        note = f"After {shown} decisions; it brought {number(film['return'])}. The whole of it moves in episode.gif."
        yield Picture("Moments", svg(drawing, "Pictures of the environment"), note, size="wide")
