"""Connections, one per file: how the weights of a projection are shaped, drawn and applied."""

from spikeloom.connections.base import Connection
from spikeloom.connections.dense import Dense

__all__ = ["Connection", "Dense"]
