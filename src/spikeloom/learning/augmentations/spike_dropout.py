"""Input spikes that get lost."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.random import uniform
from spikeloom.core.spikes import Spikes
from spikeloom.learning.augmentations.base import Augmentation, Place


@final
class SpikeDropout(Augmentation):
    """Each input spike is lost with the same ``probability``, independently: dropout of the input (Srivastava et
    al. 2014).

    Nothing is scaled up in return: as in a synapse that fails, what arrives is what arrives.
    """

    probability: float = parameter(default=0.1, minimum=0, maximum=1, doc="probability with which a spike is lost")

    of: ClassVar[str] = "spikes"

    def check(self) -> None:
        if self.probability == 1:
            raise InvalidValueError(
                "SpikeDropout(probability=1) would lose every spike; allowed: a number >= 0 and < 1"
            )

    def spikes(self, spikes: Spikes, place: Place) -> Spikes:
        steps = spikes.shape[0]
        first = spikes.offsets[:-1:steps]
        count = np.diff(spikes.offsets[::steps])
        number = np.arange(len(spikes)) - np.repeat(first, count)  # of each event within its sample
        kept = (
            uniform(place.seed, f"dropout/{place.epoch}", np.repeat(place.samples, count), number) >= self.probability
        )
        before = np.zeros(len(spikes) + 1, np.int64)
        np.cumsum(kept, out=before[1:])
        return Spikes(before[spikes.offsets], spikes.indices[kept], spikes.shape, dt=spikes.dt, check=False)
