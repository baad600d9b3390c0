"""Connections, one per file: who is connected to whom, and how the weights are shaped, drawn and applied."""

from spikeloom.connections.all_but_own import AllButOwn
from spikeloom.connections.base import Connection
from spikeloom.connections.convolution import Convolution
from spikeloom.connections.dense import Dense
from spikeloom.connections.distance import Distance
from spikeloom.connections.one_to_one import OneToOne
from spikeloom.connections.pairs import Pairs
from spikeloom.connections.pooling import Pooling
from spikeloom.connections.sparse import Sparse

__all__ = [
    "AllButOwn",
    "Connection",
    "Convolution",
    "Dense",
    "Distance",
    "OneToOne",
    "Pairs",
    "Pooling",
    "Sparse",
]
