"""Ways to train a network: rules, decoders, regularisers, and the one call that puts them to work on data."""

from spikeloom.learning.augmentations import Augmentation, Shift, SpikeDropout
from spikeloom.learning.decoders import Decoder, FirstSpike, MaxPotential, SpikeCount
from spikeloom.learning.diverged import DivergedError
from spikeloom.learning.evaluation import Evaluation, evaluate
from spikeloom.learning.interrupt import InterruptedTraining
from spikeloom.learning.regularisers import RateAbove, RateBelow, Regulariser
from spikeloom.learning.result import TrainResult
from spikeloom.learning.rules import Rule, SurrogateGradient
from spikeloom.learning.training import train

__all__ = [
    "Augmentation", "Decoder", "DivergedError", "Evaluation", "FirstSpike", "InterruptedTraining", "MaxPotential",
    "RateAbove", "RateBelow", "Regulariser", "Rule", "Shift", "SpikeCount", "SpikeDropout", "SurrogateGradient",
    "TrainResult", "evaluate", "train",
]  # fmt: skip
