"""Habituation and sensitisation as two processes that add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.language import exp, maximum
from spikeloom.core.parameters import parameter
from spikeloom.core.units import minute, second
from spikeloom.plasticity.base import Plasticity


@final
class DualProcess(Plasticity):
    r"""Two processes in a pathway, both set off by its own stimuli: one takes away from its response, one adds to it.

    .. math:: \dot H = -H / \tau_H, \quad \dot S = -S / \tau_S, \qquad \text{at a spike of the source: }
              H \leftarrow H + c,\; S \leftarrow S + d, \qquad w = \max(w_{min},\, w_{max}\, (1 - H + S))

    The linear form of Groves & Thompson 1970 (doi:10.1037/h0029810), for stimuli that are short. A synapse begins at
    w_max, whatever its weight; a spike sends what the synapse is worth before its own effect on it. Exact between
    events.
    """

    tau_h: float = parameter(default=1 * minute, unit="ms", positive=True, doc="how long habituation lasts")
    tau_s: float = parameter(default=10 * second, unit="ms", positive=True, doc="how long sensitisation lasts")
    c: float = parameter(default=0.1, minimum=0, doc="what a spike of the source adds to habituation")
    d: float = parameter(default=0.15, minimum=0, doc="what a spike of the source adds to sensitisation")

    synapse: ClassVar[Mapping[str, str]] = {"habituation": "1", "sensitisation": "1"}

    @property
    def limited(self) -> bool:
        return False

    def constants(self, dt: float) -> dict[str, float]:
        return {"per_h": 1 / self.tau_h, "per_s": 1 / self.tau_s, "c": self.c, "d": self.d}

    @staticmethod
    def between(elapsed, w, habituation, sensitisation, per_h, per_s, low, high):
        habituation = habituation * exp(-elapsed * per_h)
        sensitisation = sensitisation * exp(-elapsed * per_s)
        return maximum(high * (1.0 - habituation + sensitisation), low), habituation, sensitisation

    @staticmethod
    def on_pre(w, habituation, sensitisation, c, d):
        return w, habituation + c, sensitisation + d
