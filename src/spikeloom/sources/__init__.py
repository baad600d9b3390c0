"""Sources, one per file: what drives neurons from outside."""

from spikeloom.sources.base import Source
from spikeloom.sources.ornstein_uhlenbeck import OrnsteinUhlenbeck
from spikeloom.sources.poisson import Poisson
from spikeloom.sources.ramp import Ramp
from spikeloom.sources.recorded import Recorded
from spikeloom.sources.sine import Sine
from spikeloom.sources.step import Step
from spikeloom.sources.threshold_noise import ThresholdNoise
from spikeloom.sources.white_noise import WhiteNoise

__all__ = [
    "OrnsteinUhlenbeck",
    "Poisson",
    "Ramp",
    "Recorded",
    "Sine",
    "Source",
    "Step",
    "ThresholdNoise",
    "WhiteNoise",
]
