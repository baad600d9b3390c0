"""The engine for waves of first spikes: stacks of convolutions and poolings whose neurons fire once."""

from spikeloom.engines.waves.engine import Wave, WaveEngine, first_spikes
from spikeloom.engines.waves.kernels import SILENT
from spikeloom.engines.waves.stack import Layer, Stack

__all__ = ["SILENT", "Layer", "Stack", "Wave", "WaveEngine", "first_spikes"]
