"""Pictures of environments that would need another package to draw themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray


def cart_pole(observation: NDArray[Any]) -> NDArray[np.uint8]:
    """The cart on its track, 4.8 m wide between the bounds, and the pole, twice as long as it is.

    ``observation`` is that of CartPole: position [m], velocity, angle [rad], angular velocity.
    """
    from spikeloom.tasks.picture import AGENT, INK, PAPER, WALL, WRONG, Picture

    position, angle = float(observation[0]), float(observation[2])
    picture = Picture(240, 120, PAPER)
    scale, ground = 240 / 5.2, 96.0
    picture.rectangle(0, ground + 11, 240, ground + 13, WALL)
    for bound in (-2.4, 2.4):
        x = 120 + bound * scale
        picture.rectangle(x - 1, ground + 3, x + 1, ground + 13, WRONG)
    x = 120 + position * scale
    picture.rectangle(x - 14, ground - 6, x + 14, ground + 6, INK)
    for wheel in (-8, 8):
        picture.disc(x + wheel, ground + 8, 3.5, INK)
    reach = np.linspace(0.0, 78.0, 40)
    for r in reach:
        picture.disc(x + r * np.sin(angle), ground - 6 - r * np.cos(angle), 2.2, AGENT)
    return picture.pixels


PAINTERS: Final[Mapping[str, Callable[[NDArray[Any]], NDArray[np.uint8]]]] = {"CartPole": cart_pole}
"""By the environment's name without its version: from an observation to a picture (height, width, 3)."""
