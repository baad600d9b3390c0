"""Heterosynaptic decay: what a spike of the target takes from all of its synapses."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.language import exp, log, maximum, minimum
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Filtered, Trace, Wrapper


@final
class Decaying(Wrapper):
    r"""A rule, and a step of all weights of a target towards a baseline whenever it fires, also of silent synapses.

    .. math:: \Delta w = -\beta\, z^{power}\, (w - baseline) \text{ at each spike of the target}, \qquad
              \tau \dot z = -z, \quad z \leftarrow z + 1 \text{ after it}

    ``power=3`` is the burst-dependent form of Zenke, Agnes & Gerstner 2015 (doi:10.1038/ncomms7922): it hardly acts at
    low rates and stops a run-away; ``power=0`` is the same share of the way at every spike. (Found by Lynch, Dunwiddie
    & Gribkoff 1977, doi:10.1038/266737a0; reviewed by Chistiakova, Bannon, Chen, Bazhenov & Volgushev 2015,
    doi:10.3389/fncom.2015.00089.) A step never goes beyond the baseline.
    """

    baseline: float = parameter(default=0.0, minimum=0, doc="the magnitude towards which weights go")
    beta: float = parameter(default=0.05, positive=True, doc="share of the way to the baseline at a spike where z = 1")
    power: float = parameter(default=3.0, minimum=0, doc="how it grows with z, the target's recent spikes")
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="how long a spike counts as recent")

    analog: ClassVar[bool] = True

    def traces(self) -> dict[str, Trace | Filtered]:
        return {"z": Trace("post", self.tau)}

    def constants(self, dt: float) -> dict[str, float]:
        return {"baseline": self.baseline, "beta": self.beta, "power": self.power}

    @staticmethod
    def on_post(w, z, baseline, beta, power):
        share = minimum(beta * exp(power * log(maximum(z, 1e-100))), 1.0)
        return w - share * (w - baseline)
