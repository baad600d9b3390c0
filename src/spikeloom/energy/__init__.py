"""What a computation costs in energy, estimated from published tables of what an operation costs."""

from spikeloom.energy.estimate import Estimate, estimate
from spikeloom.energy.horowitz_2014 import horowitz_2014
from spikeloom.energy.table import Table

__all__ = ["Estimate", "Table", "estimate", "horowitz_2014"]
