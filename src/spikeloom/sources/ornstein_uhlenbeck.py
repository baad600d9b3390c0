"""Coloured noise current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import normal
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, pA
from spikeloom.sources.base import Source
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
        return _Wandering(mean=weight * self.mean, sigma=weight * self.sigma, tau=self.tau)


class _Wandering(Synapse):
    """The current of :class:`OrnsteinUhlenbeck`: how far it is from its mean is its state."""

    mean: float = parameter(default=0.0, unit="pA", doc="mean current")
    sigma: float = parameter(default=0.0, unit="pA", doc="standard deviation")
    tau: float = parameter(default=5 * ms, unit="ms", positive=True, doc="correlation time")

    unit: ClassVar[str] = "pA"
    state: ClassVar[Mapping[str, str]] = {"noise": "pA"}

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        decay = exponential(-dt / self.tau)
        return {"mean": self.mean, "decay": decay, "spread": self.sigma * (1 - decay * decay) ** 0.5}

    @staticmethod
    def arrive(arrived, noise, mean, decay, spread):
        return (decay * noise + spread * normal(),)

    @staticmethod
    def current(v, s, noise, mean, decay, spread):
        return mean + noise

    @staticmethod
    def average(arrived, noise, mean, decay, spread):
        return mean + noise
