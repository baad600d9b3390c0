"""What rules of pairs of spikes have in common: how much a pair counts, for how long, and towards which bound."""

from __future__ import annotations

import abc

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity
from spikeloom.plasticity.bounds import dependence, exponent


class Pairs(Plasticity, abc.ABC):
    """Base of the rules of pairs of spikes, which differ in the pairs that count.

    Of a pair whose spikes are s apart a synapse grows by ``a_plus`` exp(-s / ``tau_plus``) where the target's is the
    later one, and shrinks by ``a_minus`` exp(-s / ``tau_minus``) where it is the earlier one, times what ``bounds``
    leaves of it (:mod:`spikeloom.plasticity.bounds`).
    """

    a_plus: float = parameter(default=0.01, doc="amplitude of growth; of the range, or of the weight's unit")
    a_minus: float = parameter(default=0.0105, doc="amplitude of shrinking")
    tau_plus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of growth")
    tau_minus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of shrinking")
    mu_plus: float = exponent("growth")
    mu_minus: float = exponent("shrinking")
    bounds: str = dependence()

    def constants(self, dt: float) -> dict[str, float]:
        return {"a_plus": self.a_plus, "a_minus": self.a_minus, "mu_plus": self.mu_plus, "mu_minus": self.mu_minus}
