"""Short-term depression and facilitation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.language import exp
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.synapses.short_term import ShortTerm


@final
class TsodyksMarkram(ShortTerm):
    r"""Synapses that use up their transmitter, and release more of it the sooner they are used again.

    .. math:: \dot x = \frac{1 - x}{\tau_{rec}}, \quad \dot u = \frac{-u}{\tau_{fac}}, \qquad
              \text{at a spike: } u \leftarrow u + U (1 - u), \quad \text{factor} = u x, \quad x \leftarrow x (1 - u)

    between spikes exactly (Tsodyks & Markram 1997, doi:10.1073/pnas.94.2.719; Tsodyks, Pawelzik & Markram 1998,
    doi:10.1162/089976698300017502; in the form of Maass & Markram 2002, doi:10.1016/S0893-6080(01)00144-7, as NEST's
    ``tsodyks2_synapse``). With ``tau_fac=0`` there is no facilitation: u is always U. The first spike of a source has
    the factor U.
    """

    u: float = parameter(default=0.5, unit="1", positive=True, maximum=1.0, doc="U, part that is used by a first spike")
    tau_rec: float = parameter(default=800 * ms, unit="ms", positive=True, doc="time constant of recovery")
    tau_fac: float = parameter(default=0 * ms, unit="ms", minimum=0, doc="time constant of facilitation; 0: none")

    state: ClassVar[Mapping[str, str]] = {"x": "1", "release": "1"}

    def initial_values(self) -> dict[str, float]:
        return {"x": 1.0, "release": 0.0}

    def constants(self) -> dict[str, float]:
        slow = 1 / self.tau_fac if self.tau_fac > 0 else 1e300
        return {"use": self.u, "recovery": 1 / self.tau_rec, "forgetting": slow}

    @staticmethod
    def on_spike(elapsed, x, release, use, recovery, forgetting):
        x = 1.0 + (x - 1.0) * exp(-(elapsed * recovery))
        release = release * exp(-(elapsed * forgetting))
        release = release + use * (1.0 - release)
        factor = release * x
        return factor, x - factor, release
