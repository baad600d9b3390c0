"""Keeps a population from firing too much."""

from __future__ import annotations

from typing import final

import torch

from spikeloom.core.parameters import parameter
from spikeloom.learning.regularisers.base import Regulariser


@final
class RateAbove(Regulariser):
    r"""Penalty on a population that fires more than ``limit`` spikes per neuron and sample.

    .. math:: \frac{\lambda}{B} \sum_b \max\!\Big(0,\; \frac1N \sum_i n_{bi} - \nu\Big)^2

    with n_bi the spikes of neuron i in sample b: single neurons may fire often, as long as the population is quiet
    on average. The upper bound of Zenke & Vogels (2021, doi:10.1162/neco_a_01367) with
    exponent 2; Cramer et al. (2022, doi:10.1109/TNNLS.2020.3044364) use it on the Heidelberg digits.
    """

    limit: float = parameter(
        default=10.0, unit="spikes", minimum=0, doc="mean spikes per neuron and sample that go unpunished, nu"
    )
    strength: float = parameter(default=0.01, positive=True, doc="weight of the penalty in the loss, lambda")

    def penalty(self, count: torch.Tensor) -> torch.Tensor:
        excess = (count.mean(1) - self.limit).clamp(min=0)
        return self.strength * excess.square().mean()
