"""Networks: populations, projections, builders."""

from spikeloom.network.builders import diehl_cook, feedforward
from spikeloom.network.field import Field
from spikeloom.network.frozen import frozen
from spikeloom.network.network import Network
from spikeloom.network.parts import Input, Population, Projection
from spikeloom.network.stacks import kheradpisheh

__all__ = [
    "Field",
    "Input",
    "Network",
    "Population",
    "Projection",
    "diehl_cook",
    "feedforward",
    "frozen",
    "kheradpisheh",
]
