"""The exponential synaptic current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.numerics import expm1_ratio, exponential, exponential_difference
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms
from spikeloom.synapses.base import Synapse


@final
class ExponentialCurrent(Synapse):
    r"""A current that jumps by the weight [pA] and decays.

    .. math:: \tau \dot i = -i, \qquad i \leftarrow i + w

    Exact for linear membranes, also at :math:`\tau = \tau_m` (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
    """

    tau: Parameter = parameter(default=2 * ms, unit="ms", positive=True, doc="time constant of the current")

    unit: ClassVar[str] = "pA"
    state: ClassVar[Mapping[str, str]] = {"i": "pA"}

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        late, gain = dt / self.tau, 1.0
        if tau_m is not None:
            # What the membrane makes of e^(-t / tau) over a step, beside what it makes of a constant current.
            gain = exponential_difference(dt / tau_m, late) / expm1_ratio(-dt / tau_m)
        return {"decay": exponential(-late), "half": exponential(-late / 2), "gain": gain}

    @staticmethod
    def arrive(arrived, i, decay, half, gain):
        return (decay * i + arrived,)

    @staticmethod
    def current(v, s, i, decay, half, gain):
        return i if s == 0.0 else decay * i if s == 1.0 else half * i

    @staticmethod
    def average(arrived, i, decay, half, gain):
        return gain * i
