"""Spikeloom: learning with spikes."""

from spikeloom import connections, engines, network, neurons, surrogates, units
from spikeloom.core.current import Current
from spikeloom.core.parameters import trainable
from spikeloom.core.spikes import Spikes
from spikeloom.engines import run
from spikeloom.network import Network, feedforward

__version__ = "0.1.0"

__all__ = [
    "Current",
    "Network",
    "Spikes",
    "connections",
    "engines",
    "feedforward",
    "network",
    "neurons",
    "run",
    "surrogates",
    "trainable",
    "units",
]
