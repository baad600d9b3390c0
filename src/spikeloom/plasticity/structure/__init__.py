"""Structural plasticity: synapses that come and go, as their neurons grow and lose places for them."""

from spikeloom.plasticity.structure.calcium import Calcium
from spikeloom.plasticity.structure.curves import GaussianGrowth, GrowthCurve, LinearGrowth
from spikeloom.plasticity.structure.elements import Elements, Growing, Structure

__all__ = ["Calcium", "Elements", "GaussianGrowth", "Growing", "GrowthCurve", "LinearGrowth", "Structure"]
