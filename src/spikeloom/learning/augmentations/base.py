"""What an augmentation is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model
from spikeloom.core.registry import find
from spikeloom.core.spikes import Spikes


@dataclass(frozen=True)
class Place:
    """Where random numbers are looked up: the ``seed``, the ``epoch``, and the numbers of the ``samples`` in the
    data (B,).
    """

    seed: int
    epoch: int
    samples: NDArray[np.int64]


class Augmentation(Model):
    """Base of the augmentations. One is a final subclass in a file of its own, and defines :meth:`images` or
    :meth:`spikes`.

    It is applied in training only. Its random numbers are keyed by seed, epoch and sample, so that batch size,
    order and resuming change nothing.
    """

    of: ClassVar[str]
    """``"images"`` if it works before the encoder, ``"spikes"`` if after."""

    def images(self, x: NDArray[np.floating[Any]], shape: tuple[int, int], place: Place) -> NDArray[np.floating[Any]]:
        """The images ``x`` (B, rows * columns), changed."""
        raise NotImplementedError(f"{type(self).__name__} does not define images(x, shape, place)")

    def spikes(self, spikes: Spikes, place: Place) -> Spikes:
        """The ``spikes`` (T, B, N), changed."""
        raise NotImplementedError(f"{type(self).__name__} does not define spikes(spikes, place)")


def augmentation_from_description(description: Mapping[str, Any]) -> Augmentation:
    """The augmentation that :meth:`Augmentation.describe` described.

    Raises:
        UnknownNameError: there is no augmentation of that name.
    """
    return find("spikeloom.learning.augmentations", Augmentation, description["class"]).from_values(description)
