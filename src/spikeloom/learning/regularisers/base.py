"""What a regulariser is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from spikeloom.core.parameters import Model
from spikeloom.core.registry import find
from spikeloom.network import Network


class Regulariser(Model):
    """Base of the regularisers. One is a final subclass in a file of its own.

    It is applied to each spiking population but the last, and the penalties are added to the loss. Reductions run
    over one axis at a time: each sum then belongs to one thread, and the result does not depend on how many there
    are.
    """

    def penalty(self, count: torch.Tensor) -> torch.Tensor:
        """A number (0-d) from the spike ``count`` (B, N) of one population; differentiable."""
        raise NotImplementedError(f"{type(self).__name__} does not define penalty(count)")


def regularised(net: Network) -> tuple[str, ...]:
    """The populations that regularisers look at: those that spike, but the last."""
    return tuple(name for name, p in net.populations.items() if p.neuron.spiking and name != net.output)


def regulariser_from_description(description: Mapping[str, Any]) -> Regulariser:
    """The regulariser that :meth:`Regulariser.describe` described.

    Raises:
        UnknownNameError: there is no regulariser of that name.
    """
    return find("spikeloom.learning.regularisers", Regulariser, description["class"]).from_values(description)
