"""The exponential synaptic conductance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV
from spikeloom.synapses.base import Synapse


@final
class ExponentialConductance(Synapse):
    r"""A conductance that jumps by the weight [nS] and decays.

    .. math:: \tau \dot g = -g, \qquad g \leftarrow g + w, \qquad i = g\,(E - v)
    """

    tau: Parameter = parameter(default=5 * ms, unit="ms", positive=True, doc="time constant of the conductance")
    reversal: Parameter = parameter(default=0 * mV, unit="mV", doc="reversal potential E")

    unit: ClassVar[str] = "nS"
    state: ClassVar[Mapping[str, str]] = {"g": "nS"}
    needs_potential: ClassVar[bool] = True

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        late = dt / self.tau
        return {"decay": exponential(-late), "half": exponential(-late / 2), "reversal": self.reversal}

    @staticmethod
    def arrive(arrived, g, decay, half, reversal):
        return (decay * g + arrived,)

    @staticmethod
    def current(v, s, g, decay, half, reversal):
        return (g if s == 0.0 else decay * g if s == 1.0 else half * g) * (reversal - v)
