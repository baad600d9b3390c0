"""Images moved by a few pixels."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.random import uniform
from spikeloom.learning.augmentations.base import Augmentation, Place


@final
class Shift(Augmentation):
    """Each image moves up or down and left or right by up to ``pixels`` whole pixels, all shifts equally likely.

    What leaves the frame is lost and zeros come in. Distortions of this kind are as old as the data: LeCun et al.
    (1998, doi:10.1109/5.726791) train LeNet-5 on them.
    """

    pixels: float = parameter(default=1, unit="pixels", minimum=0, doc="largest shift along each axis")

    of: ClassVar[str] = "images"

    def check(self) -> None:
        if self.pixels != int(self.pixels):
            raise InvalidValueError(f"Shift(pixels={self.pixels:g}) is not possible; allowed: a whole number >= 0")

    def images(self, x: NDArray[np.floating[Any]], shape: tuple[int, int], place: Place) -> NDArray[np.floating[Any]]:
        reach, (height, width) = int(self.pixels), shape
        drawn = uniform(place.seed, f"shift/{place.epoch}", place.samples[:, None], np.arange(2))
        start = np.floor(drawn * (2 * reach + 1)).astype(np.int64)  # where the window begins in the padded image
        padded = np.pad(x.reshape(-1, height, width), ((0, 0), (reach, reach), (reach, reach)))
        rows = start[:, 0, None, None] + np.arange(height)[:, None]
        columns = start[:, 1, None, None] + np.arange(width)
        return padded[np.arange(len(x))[:, None, None], rows, columns].reshape(len(x), -1)
