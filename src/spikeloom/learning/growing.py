"""How what neurons listen to comes about: some of their weights, kept as they grow, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import torch

from spikeloom.connections import Convolution
from spikeloom.network import Network
from spikeloom.network.preferred import preferred

WATCHED = 10
"""Neurons, or maps of a convolution, whose weights are kept."""


@final
class Growing:
    """What the first neurons of the layers that learn by rules of plasticity listen to, after more and more samples.

    Of a projection from an input with a weight for each pair, the weights (neurons, channels); of a convolution, what
    its maps look for (maps, channels, rows, columns): :func:`~spikeloom.network.preferred.preferred`.
    """

    def __init__(self, net: Network) -> None:
        self.net = net
        self.kept: dict[str, dict[int, torch.Tensor]] = {
            p.name: {}
            for p in net.projections.values()
            if p.rule is not None
            and p.name in net.weights
            and (isinstance(p.connection, Convolution) or (p.source in net.inputs and net.weights[p.name].dim() == 2))
        }

    def look(self, projection: str, before: int, now: int, weights: Mapping[str, torch.Tensor]) -> None:
        """Keep what it is after ``now`` samples, if their number has doubled since there were ``before``.

        Args:
            projection: one of those in :attr:`kept`.
            before, now: samples that it has learned from.
            weights: those that are not in the network yet, by projection.
        """
        if before.bit_length() == now.bit_length():
            return
        if isinstance(self.net.projections[projection].connection, Convolution):
            found = preferred(self.net, projection, weights, WATCHED)
        else:
            found = weights[projection][:, :WATCHED].T
        self.kept[projection][now] = found.float().clone(memory_format=torch.contiguous_format)

    def shown(self) -> dict[str, torch.Tensor]:
        """What :meth:`~spikeloom.learning.learner.Learner.growth` tells."""
        found: dict[str, torch.Tensor] = {}
        for name, times in self.kept.items():
            if times:
                found[f"{name}.fields"] = torch.stack(list(times.values()))
                found[f"{name}.samples"] = torch.tensor(list(times))
        return found

    def restore(self, kept: Any) -> None:
        """Go on from the ``kept`` of another."""
        self.kept = {name: dict(times) for name, times in kept.items()}
