"""The public face of Spikeloom, for type checkers and for the lazy imports of __init__.py."""

from . import connections, data, encoding, energy, engines, learning, network, neurons, reports, surrogates, units
from .core.current import Current
from .core.parameters import trainable
from .core.spikes import Spikes
from .engines import run
from .learning import evaluate, train
from .network import Network, feedforward

__version__: str

__all__ = [
    "Current",
    "Network",
    "Spikes",
    "connections",
    "data",
    "encoding",
    "energy",
    "engines",
    "evaluate",
    "feedforward",
    "learning",
    "network",
    "neurons",
    "reports",
    "run",
    "surrogates",
    "train",
    "trainable",
    "units",
]
