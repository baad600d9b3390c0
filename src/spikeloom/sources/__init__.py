"""Sources, one per file: what drives neurons from outside."""

from spikeloom.sources.base import Source
from spikeloom.sources.poisson import Poisson
from spikeloom.sources.ramp import Ramp
from spikeloom.sources.recorded import Recorded
from spikeloom.sources.sine import Sine
from spikeloom.sources.step import Step

__all__ = ["Poisson", "Ramp", "Recorded", "Sine", "Source", "Step"]
