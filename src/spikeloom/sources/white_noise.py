"""White noise current."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.language import normal
from spikeloom.core.parameters import parameter
from spikeloom.core.units import pA
from spikeloom.sources.base import Source
from spikeloom.sources.noise import Noise
from spikeloom.synapses import Synapse


@final
class WhiteNoise(Source):
    r"""A current that is drawn anew in each step, for each neuron on its own.

    .. math:: i_k = \mu + \sigma \, \xi_k, \qquad \xi_k \sim N(0, 1)

    As NEST's ``noise_generator`` with its ``dt`` equal to the step: the power depends on the step. For a membrane of
    time constant :math:`\tau_m` the standard deviation of the potential is
    :math:`R \sigma \sqrt{(1 - e^{-dt/\tau_m}) / (1 + e^{-dt/\tau_m})}`.
    """

    mean: float = parameter(default=0 * pA, unit="pA", doc="mean current")
    sigma: float = parameter(default=100 * pA, unit="pA", minimum=0, doc="standard deviation in a step")

    gives_current: ClassVar[bool] = False

    def receptor(self, weight: float) -> Synapse:
        return _White(mean=weight * self.mean, scale=weight * self.sigma)


class _White(Noise):
    """The current of :class:`WhiteNoise`."""

    @staticmethod
    def draw(noise, scale):
        return scale * normal()
