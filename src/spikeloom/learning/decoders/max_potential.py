"""The largest membrane potential that each read-out neuron reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import torch

from spikeloom.core.parameters import parameter
from spikeloom.learning.decoders.base import Decoder


@final
class MaxPotential(Decoder):
    r"""Maximum over time of the membrane potential of each read-out neuron.

    .. math:: z_k = s \max_t v_k(t)

    The read-out of Cramer et al. (2022, doi:10.1109/TNNLS.2020.3044364) and Zenke & Vogels (2021,
    doi:10.1162/neco_a_01367). The gradient enters at the one step where the maximum is reached, the first of
    several equal ones.
    """

    scale: float = parameter(default=1.0, unit="1/mV", positive=True, doc="factor s from potential to score")

    needs: ClassVar[tuple[str, ...]] = ("v",)

    def scores(self, traces: Mapping[str, torch.Tensor], dt: float) -> torch.Tensor:
        return traces["v"].max(dim=0).values * self.scale
