"""The experiments by name: each file of this package that defines one is found."""

from __future__ import annotations

from typing import Any

from spikeloom.core import registry
from spikeloom.core.errors import unknown_name
from spikeloom.experiments.base import Experiment

FAMILY = "spikeloom.experiments"


def experiments() -> dict[str, type[Experiment[Any]]]:
    """All experiments by the name that the command line uses, in alphabetical order."""
    return dict(sorted((kind.name, kind) for kind in registry.members(FAMILY, Experiment).values()))


def names() -> list[str]:
    """The names of the experiments, in alphabetical order.

    >>> "lif-fi-curve" in names()
    True
    """
    return list(experiments())


def get(name: str) -> Experiment[Any]:
    """The experiment called ``name``, in upper or lower case.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.

    >>> get("lif-fi-curve").title
    'Firing rate of the leaky integrate-and-fire neuron under constant current'
    """
    known = experiments()
    if not isinstance(name, str) or name.lower() not in known:
        raise unknown_name("experiment", name, known)
    return known[name.lower()]()
