"""Coloured noise current."""

from __future__ import annotations

from typing import Any, ClassVar, final

from spikeloom.core.language import normal
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, pA
from spikeloom.sources.base import Source
from spikeloom.sources.noise import Noise
from spikeloom.synapses import Synapse


@final
class OrnsteinUhlenbeck(Source):
    r"""A current that wanders around its mean, for each neuron on its own.

    .. math:: \tau \dot i = \mu - i + \sigma \sqrt{2 \tau}\, \xi(t)

    ``sigma`` is its standard deviation. From step to step it is exact (Gillespie 1996, doi:10.1103/PhysRevE.54.2084);
    it begins at the mean and is held over a step.
    """

    mean: float = parameter(default=0 * pA, unit="pA", doc="mean current")
    sigma: float = parameter(default=100 * pA, unit="pA", minimum=0, doc="standard deviation")
    tau: float = parameter(default=5 * ms, unit="ms", positive=True, doc="correlation time")

    gives_current: ClassVar[bool] = False

    def receptor(self, weight: float) -> Synapse:
        return _Wandering(mean=weight * self.mean, scale=weight * self.sigma, tau=self.tau)


class _Wandering(Noise):
    """The current of :class:`OrnsteinUhlenbeck`, which remembers."""

    tau: float = parameter(default=5 * ms, unit="ms", positive=True, doc="correlation time")

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        decay = exponential(-dt / self.tau)
        return {"mean": self.mean, "decay": decay, "spread": self.scale * (1 - decay * decay) ** 0.5}

    @staticmethod
    def draw(noise, decay, spread):
        return decay * noise + spread * normal()
