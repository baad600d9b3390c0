"""Local plasticity: rules that change a synapse by what happens at it."""

from spikeloom.plasticity.base import Filtered, Plasticity, Trace, Wrapper
from spikeloom.plasticity.pair_stdp import PairSTDP

__all__ = ["Filtered", "PairSTDP", "Plasticity", "Trace", "Wrapper"]
