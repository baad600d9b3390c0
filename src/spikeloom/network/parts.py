"""The parts of a network: inputs, populations and the projections between them."""

from __future__ import annotations

import dataclasses

from spikeloom.connections import Connection
from spikeloom.neurons import Neuron


@dataclasses.dataclass(frozen=True)
class Input:
    """A named group of ``size`` channels that are given spikes or analog values at each run."""

    name: str
    size: int


@dataclasses.dataclass(frozen=True)
class Population:
    """A named group of ``size`` neurons of one model."""

    name: str
    neuron: Neuron
    size: int


@dataclasses.dataclass(frozen=True)
class Projection:
    """The connection from ``source`` to ``target``; its weights are the network's parameter ``net.weights[name]``.

    Between populations spikes arrive within the step in which they occur; onto the same population in the next step.
    """

    name: str
    source: str
    target: str
    connection: Connection

    @property
    def recurrent(self) -> bool:
        """Whether it leads back to its own population."""
        return self.source == self.target
