"""Noise current that is uniform between two values."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.language import uniform
from spikeloom.core.parameters import parameter
from spikeloom.core.units import pA
from spikeloom.sources.base import Source
from spikeloom.sources.noise import Noise
from spikeloom.synapses import Synapse


@final
class UniformNoise(Source):
    r"""A current that is drawn anew in each step, for each neuron on its own, uniformly.

    .. math:: i_k = \mu + c\,(u_k - 1/2), \qquad u_k \sim U(0, 1)

    Its standard deviation is :math:`c / \sqrt{12}`; it takes a tenth of the time of
    :class:`~spikeloom.sources.WhiteNoise`. It is the thalamic input of Izhikevich's networks (2007,
    doi:10.1093/cercor/bhl152).
    """

    mean: float = parameter(default=0 * pA, unit="pA", doc="mean current")
    width: float = parameter(default=100 * pA, unit="pA", minimum=0, doc="c, from the smallest to the largest current")

    gives_current: ClassVar[bool] = False

    def receptor(self, weight: float) -> Synapse:
        return _Uniform(mean=weight * self.mean, scale=abs(weight) * self.width)


class _Uniform(Noise):
    """The current of :class:`UniformNoise`."""

    @staticmethod
    def draw(noise, scale):
        return scale * (uniform() - 0.5)
