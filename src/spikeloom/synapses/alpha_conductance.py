"""The alpha-shaped synaptic conductance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV
from spikeloom.synapses.base import Synapse


@final
class AlphaConductance(Synapse):
    r"""A conductance that rises and falls, with the weight [nS] as its peak, reached after ``tau``.

    .. math:: g(t) = w\,\frac{e\,t}{\tau}\,e^{-t / \tau}, \qquad i = g\,(E - v)
    """

    tau: Parameter = parameter(default=2 * ms, unit="ms", positive=True, doc="time constant, and time of the peak")
    reversal: Parameter = parameter(default=0 * mV, unit="mV", doc="reversal potential E")

    unit: ClassVar[str] = "nS"
    state: ClassVar[Mapping[str, str]] = {"rise": "nS/ms", "g": "nS"}
    needs_potential: ClassVar[bool] = True

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        late = dt / self.tau
        decay, half = exponential(-late), exponential(-late / 2)
        return {"decay": decay, "half": half, "dt": dt, "jump": math.e / self.tau, "reversal": self.reversal}

    @staticmethod
    def arrive(arrived, rise, g, decay, half, dt, jump, reversal):
        return decay * rise + jump * arrived, decay * (g + dt * rise)

    @staticmethod
    def current(v, s, rise, g, decay, half, dt, jump, reversal):
        now = g if s == 0.0 else decay * (g + dt * rise) if s == 1.0 else half * (g + 0.5 * dt * rise)
        return now * (reversal - v)
