"""Random changes to what is shown in training, the same ones whenever a sample is shown in the same epoch; one
per file.
"""

from spikeloom.learning.augmentations.base import Augmentation, augmentation_from_description
from spikeloom.learning.augmentations.shift import Shift
from spikeloom.learning.augmentations.spike_dropout import SpikeDropout

__all__ = ["Augmentation", "Shift", "SpikeDropout", "augmentation_from_description"]
