"""Small pictures of tasks, drawn with NumPy alone."""

from __future__ import annotations

from typing import Final, final

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

PAPER: Final = (250, 248, 244)
WALL: Final = (205, 202, 196)
INK: Final = (52, 58, 66)
WATER: Final = (196, 220, 232)
AGENT: Final = (30, 100, 170)
GOAL: Final = (60, 150, 90)
LIGHT: Final = (240, 180, 40)
WRONG: Final = (200, 70, 60)


@final
class Picture:
    """A canvas; places are in pixels, x to the right and y down, and may lie between pixels.

    >>> picture = Picture(8, 4)
    >>> picture.rectangle(0, 0, 2, 4, INK)
    >>> picture.pixels.shape, picture.pixels[0, :3, 0].tolist()
    ((4, 8, 3), [52, 52, 250])
    """

    def __init__(self, width: int, height: int, colour: Colour = PAPER) -> None:
        self.pixels: NDArray[np.uint8] = np.empty((height, width, 3), np.uint8)
        self.pixels[:] = colour
        self._y, self._x = np.mgrid[0.5:height, 0.5:width]

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        height, width, _ = self.pixels.shape
        rows = slice(max(round(top), 0), max(min(round(bottom), height), 0))
        self.pixels[rows, max(round(left), 0) : max(min(round(right), width), 0)] = colour

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a disc; its edge is smooth."""
        cover = np.clip(radius + 0.5 - np.hypot(self._x - x, self._y - y), 0, 1)[..., None]
        self.pixels[:] = np.round(self.pixels * (1 - cover) + np.array(colour) * cover).astype(np.uint8)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour between two: ``share`` of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second))
    return red, green, blue
