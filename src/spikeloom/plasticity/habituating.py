"""Synapses that tire and rest, quickly and slowly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.language import exp
from spikeloom.core.parameters import parameter
from spikeloom.core.units import minute, second
from spikeloom.plasticity.base import Plasticity


@final
class Habituating(Plasticity):
    r"""Presynaptic depression with two time constants: each spike uses up a part of two resources of its synapse.

    .. math:: w = w_0\, f\, s, \qquad \tau_f \dot f = 1 - f, \quad \tau_s \dot s = 1 - s, \qquad
              \text{at a spike of the source: } f \leftarrow f\, (1 - u_f),\; s \leftarrow s\, (1 - u_s)

    w_0 is the weight at the beginning, that of a rested synapse; a spike finds what the spikes before it have left.
    Exact between events. What tires a reflex in Aplysia is the terminal of the sensory neuron (Castellucci & Kandel
    1974, doi:10.1073/pnas.71.12.5004). One resource cannot tell a second series of stimuli from the first one, once it
    has recovered; two that recover at different speeds can (Staddon & Higa 1996, doi:10.1037/0033-295X.103.4.720).
    """

    use_fast: float = parameter(default=0.1, minimum=0, maximum=0.99, doc="u_f, part that a spike uses up")
    tau_fast: float = parameter(default=20 * second, unit="ms", positive=True, doc="how the fast resource recovers")
    use_slow: float = parameter(default=0.002, minimum=0, maximum=0.99, doc="u_s, part that a spike uses up")
    tau_slow: float = parameter(default=20 * minute, unit="ms", positive=True, doc="how the slow resource recovers")

    synapse: ClassVar[Mapping[str, str]] = {"fast": "1", "slow": "1", "factor": "1"}

    @property
    def limited(self) -> bool:
        return False

    def initial(self) -> dict[str, float]:
        return {"fast": 1.0, "slow": 1.0, "factor": 1.0}

    def constants(self, dt: float) -> dict[str, float]:
        return {
            "per_fast": 1 / self.tau_fast,
            "per_slow": 1 / self.tau_slow,
            "left_fast": 1 - self.use_fast,
            "left_slow": 1 - self.use_slow,
        }

    @staticmethod
    def between(elapsed, w, fast, slow, factor, per_fast, per_slow):
        fast = recovered(fast, elapsed * per_fast)
        slow = recovered(slow, elapsed * per_slow)
        return w * (fast * slow / factor), fast, slow, fast * slow

    @staticmethod
    def on_pre(w, fast, slow, factor, left_fast, left_slow):
        return w, fast * left_fast, slow * left_slow, factor


def recovered(resource, times):
    """A resource after a rest of so many time constants.

    >>> recovered(0.5, 0.0), recovered(0.5, 50.0)
    (0.5, 1.0)
    """
    return 1.0 - (1.0 - resource) * exp(-times)
