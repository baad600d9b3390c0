"""Which read-out neuron fires first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import torch

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.learning.decoders.base import Decoder


@final
class FirstSpike(Decoder):
    r"""Time to the first spike of each read-out neuron: the earlier, the higher the score.

    .. math:: z_k = -t_k / \tau, \qquad t_k = \Delta t \sum_{n=0}^{T-1} \prod_{m \le n} (1 - S_k[m])

    ``t_k`` counts the steps before the first spike, and is T dt for a neuron that stays silent. Written as a
    product it is exact for trains of 0 and 1 and has a gradient: a spike at step m would end the silence of the
    steps from m up to the first spike (or to the second one, where m is the first), and the surrogate derivative
    says how near that spike is. The softmax of -t / tau with cross-entropy is the loss of Göltz et al. (2021,
    doi:10.1038/s42256-021-00388-x), who differentiate exact spike times.
    """

    tau: float = parameter(default=5 * ms, unit="ms", positive=True, doc="difference in time that makes a score of one")

    needs: ClassVar[tuple[str, ...]] = ("train",)
    spiking: ClassVar[bool] = True

    def scores(self, traces: Mapping[str, torch.Tensor], dt: float) -> torch.Tensor:
        silent = torch.cumprod(1 - traces["train"], dim=0)
        return silent.sum(0) * (-dt / self.tau)
