"""The alpha-shaped synaptic current."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.numerics import expm1_ratio, exponential, exponential_difference, slope_of_exponential_difference
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms
from spikeloom.synapses.base import Synapse


@final
class AlphaCurrent(Synapse):
    r"""A current that rises and falls, with the weight [pA] as its peak, reached after ``tau``.

    .. math:: i(t) = w\,\frac{e\,t}{\tau}\,e^{-t / \tau}

    Exact for linear membranes, also at :math:`\tau = \tau_m` (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
    """

    tau: Parameter = parameter(default=2 * ms, unit="ms", positive=True, doc="time constant, and time of the peak")

    unit: ClassVar[str] = "pA"
    state: ClassVar[Mapping[str, str]] = {"rise": "pA/ms", "i": "pA"}

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        late, of_i, of_rise = dt / self.tau, 1.0, 0.0
        if tau_m is not None:
            # The membrane's response to (i + rise t) e^(-t / tau) over a step, beside that to a constant current.
            leak = dt / tau_m
            of_i = exponential_difference(leak, late) / expm1_ratio(-leak)
            of_rise = dt * slope_of_exponential_difference(leak, late) / expm1_ratio(-leak)
        return {
            "decay": exponential(-late),
            "half": exponential(-late / 2),
            "dt": dt,
            "jump": math.e / self.tau,
            "of_i": of_i,
            "of_rise": of_rise,
        }

    @staticmethod
    def arrive(arrived, rise, i, decay, half, dt, jump, of_i, of_rise):
        return decay * rise + jump * arrived, decay * (i + dt * rise)

    @staticmethod
    def current(v, s, rise, i, decay, half, dt, jump, of_i, of_rise):
        return i if s == 0.0 else decay * (i + dt * rise) if s == 1.0 else half * (i + 0.5 * dt * rise)

    @staticmethod
    def average(arrived, rise, i, decay, half, dt, jump, of_i, of_rise):
        return of_i * i + of_rise * rise
