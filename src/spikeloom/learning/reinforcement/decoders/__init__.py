"""From the spikes of action neurons to an action; one decoder per file."""

from spikeloom.learning.reinforcement.decoders.base import ActionDecoder, decoder_from_description
from spikeloom.learning.reinforcement.decoders.population_vector import PopulationVector
from spikeloom.learning.reinforcement.decoders.softmax import Softmax
from spikeloom.learning.reinforcement.decoders.winner import Winner

__all__ = ["ActionDecoder", "PopulationVector", "Softmax", "Winner", "decoder_from_description"]
