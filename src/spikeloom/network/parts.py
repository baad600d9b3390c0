"""The parts of a network: inputs, populations and the projections between them."""

from __future__ import annotations

import dataclasses
from typing import Any

from spikeloom.connections import Connection
from spikeloom.network.synaptic import plain
from spikeloom.neurons import Neuron
from spikeloom.plasticity import Plasticity
from spikeloom.sources import Source
from spikeloom.synapses import Delta, ShortTerm, Synapse


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


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """The connection from ``source`` to ``target``.

    The weights of a dense one are the network's parameter ``net.weights[name]``; of others they are made from
    ``weight`` (one number, an array, or a distribution) when a run begins. Without a ``delay`` spikes arrive within the
    step in which they occur, and onto the same population in the next step.
    """

    name: str
    source: str
    target: str
    connection: Connection
    synapse: Synapse = dataclasses.field(default_factory=Delta)
    delay: Any = None
    weight: Any = None
    short_term: ShortTerm | None = None
    rule: Plasticity | None = None

    def describe(self) -> dict[str, Any]:
        """All but the weights of a dense connection, as plain JSON values: what is as usual is left out."""
        found: dict[str, Any] = {"source": self.source, "target": self.target, "connection": self.connection.describe()}
        if self.name != f"{self.source}->{self.target}":
            found["name"] = self.name
        if not isinstance(self.synapse, Delta):
            found["synapse"] = self.synapse.describe()
        if self.short_term is not None:
            found["short_term"] = self.short_term.describe()
        if self.rule is not None:
            found["rule"] = self.rule.describe()
        for key, value in (("delay", self.delay), ("weight", self.weight)):
            if value is not None:
                found[key] = plain(value)
        return found

    @property
    def recurrent(self) -> bool:
        """Whether it leads back to its own population."""
        return self.source == self.target


@dataclasses.dataclass(frozen=True, eq=False)
class Drive:
    """A source that reaches every neuron of ``target`` on its own, through a synapse of its own if it gives events."""

    name: str
    target: str
    source: Source
    synapse: Synapse
    weight: float

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "name": self.name,
            "target": self.target,
            "source": self.source.describe(),
            "synapse": self.synapse.describe(),
            "weight": self.weight,
        }


@dataclasses.dataclass(frozen=True, eq=False)
class Modulator:
    """A signal that reaches all synapses alike: what is released raises it, and it falls back to its ``baseline``.

    Its level in a step is that of the step before, fallen towards the baseline over ``tau`` ms, and what is released
    in the step; without ``tau`` it is the baseline and what is released.
    """

    name: str
    tau: float | None
    baseline: float

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, eq=False)
class Gain:
    """What arrives at a population, or through a projection (``of``), counts 1 + ``gain`` (m - baseline) times as much,
    and not less than 0, with m the level of the ``modulator``.
    """

    target: str
    of: str
    modulator: str
    gain: float

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, eq=False)
class Release:
    """Every spike of the population ``source`` releases ``amount`` of the ``modulator``."""

    source: str
    modulator: str
    amount: float

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)
