"""Ways to train a network: rules, decoders, regularisers, and the one call that puts them to work on data."""

from spikeloom.learning import reinforcement
from spikeloom.learning.augmentations import Augmentation, Shift, SpikeDropout
from spikeloom.learning.decoders import Decoder, FirstSpike, LastPotential, MaxPotential, SpikeCount
from spikeloom.learning.diverged import DivergedError
from spikeloom.learning.evaluation import Evaluation, evaluate
from spikeloom.learning.interrupt import InterruptedTraining
from spikeloom.learning.regularisers import RateAbove, RateBelow, Regulariser
from spikeloom.learning.result import TrainResult
from spikeloom.learning.rules import Competitive, DeepR, Local, Rule, SurrogateGradient
from spikeloom.learning.training import train
from spikeloom.learning.windows import measured_window

__all__ = [
    "Augmentation", "Competitive", "Decoder", "DeepR", "DivergedError", "Evaluation", "FirstSpike",
    "InterruptedTraining", "LastPotential", "Local", "MaxPotential", "RateAbove", "RateBelow", "Regulariser", "Rule",
    "Shift", "SpikeCount", "SpikeDropout", "SurrogateGradient", "TrainResult", "evaluate", "measured_window",
    "reinforcement", "train",
]  # fmt: skip
