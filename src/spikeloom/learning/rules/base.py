"""What a learning rule is: settings, from which it makes a learner for a network."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from spikeloom.core.errors import unknown_name
from spikeloom.core.registry import members
from spikeloom.engines import Engine, Record
from spikeloom.learning.decoders import Decoder
from spikeloom.learning.learner import Batch, Learner
from spikeloom.network import Network

FAMILY = "spikeloom.learning.rules"


class Rule(abc.ABC):
    """Base of the learning rules. A rule is one final frozen dataclass in a file of its own; it holds settings
    and no state.
    """

    name: ClassVar[str]
    """What the command line calls it."""

    decoder: Decoder
    """How the network's output is read, in training and afterwards."""

    @abc.abstractmethod
    def learner(self, net: Network, engine: Engine, steps: int) -> Learner:
        """A learner for ``net``, whose parameters it will change in ``steps`` steps.

        Raises:
            InvalidValueError, UnsupportedError: the rule, or the engine, cannot train this network; the message
            says why.
        """

    def runs(self, net: Network) -> Network:
        """The network as this rule runs it."""
        return net

    def computes(self, engine: Engine) -> Engine:
        """The engine that computes where ``engine`` is asked for."""
        return engine

    def respond(self, net: Network, engine: Engine, batch: Batch, record: Sequence[str]) -> Record:
        """What ``net`` does with samples on which it is judged, without learning from them."""
        return engine.run(self.runs(net), batch.inputs, record=record)

    @abc.abstractmethod
    def describe(self) -> dict[str, Any]:
        """Class and settings as plain JSON values."""

    @classmethod
    @abc.abstractmethod
    def from_settings(cls, description: Mapping[str, Any]) -> Self:
        """The rule that :meth:`describe` described."""


def find_rule(name: str) -> type[Rule]:
    """The rule with that name on the command line, or of that class.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    rules = {kind.name: kind for kind in members(FAMILY, Rule).values()}
    for kind in rules.values():
        if name.lower() in (kind.name.lower(), kind.__name__.lower()):
            return kind
    raise unknown_name("rule", name, rules)


def rule_from_description(description: Mapping[str, Any]) -> Rule:
    """The rule that :meth:`Rule.describe` described.

    Raises:
        UnknownNameError: there is no rule of that name.
    """
    return find_rule(description["class"]).from_settings(description)
