"""How often each read-out neuron fires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import torch

from spikeloom.core.parameters import parameter
from spikeloom.learning.decoders.base import Decoder


@final
class SpikeCount(Decoder):
    r"""Number of spikes of each read-out neuron over the whole run.

    .. math:: z_k = s \sum_t S_k(t)

    The loss on spike counts of Wu et al. (2018, doi:10.3389/fnins.2018.00331), here with cross-entropy in place of
    their squared error.
    """

    scale: float = parameter(default=1.0, positive=True, doc="factor s from count to score")

    needs: ClassVar[tuple[str, ...]] = ("count",)
    spiking: ClassVar[bool] = True

    def scores(self, traces: Mapping[str, torch.Tensor], dt: float) -> torch.Tensor:
        return traces["count"] * self.scale
