"""Networks: populations, projections, builders."""

from spikeloom.network.builders import feedforward
from spikeloom.network.network import Network
from spikeloom.network.parts import Input, Population, Projection

__all__ = ["Input", "Network", "Population", "Projection", "feedforward"]
