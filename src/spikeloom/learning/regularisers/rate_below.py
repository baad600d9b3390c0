"""Keeps neurons from falling silent."""

from __future__ import annotations

from typing import final

import torch

from spikeloom.core.parameters import parameter
from spikeloom.learning.regularisers.base import Regulariser


@final
class RateBelow(Regulariser):
    r"""Penalty on each neuron that fires fewer than ``limit`` spikes in a sample.

    .. math:: \frac{\lambda}{B N} \sum_b \sum_i \max(0,\; \nu - n_{bi})^2

    with n_bi the spikes of neuron i in sample b. A neuron that never fires can still learn from it, through the
    surrogate derivative, if that reaches down to its membrane potential. The lower bound of Zenke & Vogels (2021,
    doi:10.1162/neco_a_01367).
    """

    limit: float = parameter(
        default=0.1, unit="spikes", positive=True, doc="spikes per sample below which a neuron is punished, nu"
    )
    strength: float = parameter(default=0.01, positive=True, doc="weight of the penalty in the loss, lambda")

    def penalty(self, count: torch.Tensor) -> torch.Tensor:
        missing = (self.limit - count).clamp(min=0)
        return self.strength * missing.square().mean(1).mean(0)
