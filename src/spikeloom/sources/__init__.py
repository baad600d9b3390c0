"""Sources, one per file: what drives neurons from outside."""

from spikeloom.sources.base import Source
from spikeloom.sources.inhomogeneous_poisson import InhomogeneousPoisson
from spikeloom.sources.ornstein_uhlenbeck import OrnsteinUhlenbeck
from spikeloom.sources.poisson import Poisson
from spikeloom.sources.ramp import Ramp
from spikeloom.sources.recorded import Recorded
from spikeloom.sources.regular import Regular
from spikeloom.sources.sine import Sine
from spikeloom.sources.spike_list import SpikeList
from spikeloom.sources.step import Step
from spikeloom.sources.threshold_noise import ThresholdNoise
from spikeloom.sources.uniform_noise import UniformNoise
from spikeloom.sources.white_noise import WhiteNoise

__all__ = [
    "InhomogeneousPoisson",
    "OrnsteinUhlenbeck",
    "Poisson",
    "Ramp",
    "Recorded",
    "Regular",
    "Sine",
    "Source",
    "SpikeList",
    "Step",
    "ThresholdNoise",
    "UniformNoise",
    "WhiteNoise",
]
