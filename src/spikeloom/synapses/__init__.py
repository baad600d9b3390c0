"""Synapses, one per file: what becomes of a weight that arrives at a neuron."""

from spikeloom.synapses.alpha_conductance import AlphaConductance
from spikeloom.synapses.alpha_current import AlphaCurrent
from spikeloom.synapses.base import Synapse
from spikeloom.synapses.delta import Delta
from spikeloom.synapses.exponential_conductance import ExponentialConductance
from spikeloom.synapses.exponential_current import ExponentialCurrent
from spikeloom.synapses.nmda import NMDA
from spikeloom.synapses.short_term import ShortTerm
from spikeloom.synapses.tsodyks_markram import TsodyksMarkram

__all__ = [
    "NMDA",
    "AlphaConductance",
    "AlphaCurrent",
    "Delta",
    "ExponentialConductance",
    "ExponentialCurrent",
    "ShortTerm",
    "Synapse",
    "TsodyksMarkram",
]
