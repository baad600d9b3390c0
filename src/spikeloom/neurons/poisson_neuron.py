"""The Poisson neuron."""

from __future__ import annotations

from typing import Any, ClassVar, final

from spikeloom.core.language import expm1, maximum, spike, uniform
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import Hz
from spikeloom.neurons.base import Neuron


@final
class PoissonNeuron(Neuron):
    r"""Fires by chance at a rate that follows its input at once, and remembers nothing.

    .. math:: r = \max(0,\, rate + gain \cdot x), \qquad P(\text{spike in } dt) = 1 - e^{-r\,dt}

    Without input it is a source of Poisson spikes of constant rate (Gerstner, Kistler, Naud & Paninski 2014, Neuronal
    Dynamics, ch. 7, doi:10.1017/CBO9781107447615).
    """

    rate: Parameter = parameter(default=10 * Hz, unit="Hz", minimum=0, doc="rate without input")
    gain: Parameter = parameter(default=10 * Hz, unit="Hz", doc="rate for an input of 1")

    random: ClassVar[bool] = True

    def constants(self, dt: float) -> dict[str, Any]:
        return {"rest": self.rate * dt, "slope": self.gain * dt}

    @staticmethod
    def step(x, rest, slope):
        return (spike(-expm1(-maximum(rest + slope * x, 0.0)) - uniform()),)
