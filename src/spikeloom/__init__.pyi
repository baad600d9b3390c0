"""The public face of Spikeloom, for type checkers and for the lazy imports of __init__.py."""

from . import (
    analysis,
    connections,
    data,
    encoding,
    energy,
    engines,
    experiments,
    learning,
    modulators,
    network,
    neurons,
    plasticity,
    plots,
    protocols,
    reports,
    sources,
    surrogates,
    synapses,
    tasks,
    units,
)
from .core.current import Current
from .core.parameters import trainable
from .core.spikes import Spikes
from .engines import live, run
from .learning import evaluate, train
from .network import Network, feedforward

__version__: str

__all__ = [
    "Current",
    "Network",
    "Spikes",
    "analysis",
    "connections",
    "data",
    "encoding",
    "energy",
    "engines",
    "evaluate",
    "experiments",
    "feedforward",
    "learning",
    "live",
    "modulators",
    "network",
    "neurons",
    "plasticity",
    "plots",
    "protocols",
    "reports",
    "run",
    "sources",
    "surrogates",
    "synapses",
    "tasks",
    "train",
    "trainable",
    "units",
]
