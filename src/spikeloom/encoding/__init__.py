"""From numbers to spikes: encoders, one per file."""

from spikeloom.encoding.base import Encoder, encoder_from_description
from spikeloom.encoding.difference_of_gaussians import DifferenceOfGaussians
from spikeloom.encoding.direct_current import DirectCurrent
from spikeloom.encoding.latency import Latency
from spikeloom.encoding.poisson_rate import PoissonRate
from spikeloom.encoding.population import Population

__all__ = [
    "DifferenceOfGaussians",
    "DirectCurrent",
    "Encoder",
    "Latency",
    "PoissonRate",
    "Population",
    "encoder_from_description",
]
