"""From what the last population did to a score for each class; one decoder per file."""

from spikeloom.learning.decoders.base import Decoder, decoder_from_description
from spikeloom.learning.decoders.first_spike import FirstSpike
from spikeloom.learning.decoders.last_potential import LastPotential
from spikeloom.learning.decoders.max_potential import MaxPotential
from spikeloom.learning.decoders.spike_count import SpikeCount

__all__ = ["Decoder", "FirstSpike", "LastPotential", "MaxPotential", "SpikeCount", "decoder_from_description"]
