"""What the source alone does to its synapses."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity
from spikeloom.plasticity.bounds import BOUNDS
from spikeloom.plasticity.rates import change


@final
class Homosynaptic(Plasticity):
    r"""Every spike of the source changes its synapses, whatever the target does.

    .. math:: \Delta w = a\, f(w)

    ``bounds`` as in :mod:`spikeloom.plasticity.bounds`; with ``"soft"`` a negative ``a`` shrinks w towards w_min.
    By itself it is homosynaptic facilitation or depression that stays. Held by
    :class:`~spikeloom.plasticity.Modulated` its changes are tags of the synapses that were active, and a third factor
    decides: activity-dependent presynaptic facilitation (Hawkins, Abrams, Carew & Kandel 1983,
    doi:10.1126/science.6294833), or with a temporal-difference error the linear critic of Sutton 1988
    (doi:10.1007/BF00115009), whose eligibility is the trace of its inputs. Dopamine strengthens a synapse if it comes
    0.3 to 2 s after its input, and not with it (Yagishita et al. 2014, doi:10.1126/science.1255514): the change is
    ``after`` so many ms.
    """

    a: float = parameter(default=0.01, doc="change at a spike of the source; of the range, or of the weight's unit")
    after: float = parameter(default=0 * ms, unit="ms", minimum=0, doc="from a spike to its change, in whole steps")
    mu: float = parameter(default=1.0, minimum=0, doc="power, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")

    @property
    def lag(self) -> float:
        return self.after

    def constants(self, dt: float) -> dict[str, float]:
        return {"a": self.a, "mu": self.mu}

    @staticmethod
    def on_pre(w, a, low, high, mu, *, bounds):
        return change(w, a, low, high, mu, bounds=bounds)
