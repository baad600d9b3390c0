"""The membrane potential of each read-out neuron at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import torch

from spikeloom.core.parameters import parameter
from spikeloom.learning.decoders.base import Decoder


@final
class LastPotential(Decoder):
    r"""Membrane potential of each read-out neuron after the last step.

    .. math:: z_k = s\, v_k(T)

    Of a leaky integrator that forgets slowly it is the weighted number of spikes: the mean response of the neurons of a
    class, as in Diehl & Cook (2015, doi:10.3389/fncom.2015.00099), or any linear read-out.
    """

    scale: float = parameter(default=1.0, unit="1/mV", positive=True, doc="factor s from potential to score")

    needs: ClassVar[tuple[str, ...]] = ("v",)

    def scores(self, traces: Mapping[str, torch.Tensor], dt: float) -> torch.Tensor:
        return traces["v"][-1] * self.scale
