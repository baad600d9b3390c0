"""The terminals of Aplysia's sensory neurons: depression, and what serotonin does to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.language import exp, maximum
from spikeloom.core.parameters import parameter
from spikeloom.core.units import minute, ms, second
from spikeloom.plasticity.base import Plasticity, Signal
from spikeloom.plasticity.habituating import recovered


@final
class SensoryTerminal(Plasticity):
    r"""A synapse that tires as :class:`~spikeloom.plasticity.Habituating` does, and that a modulator m makes strong.

    .. math:: w = w_0\, f\, s\, (1 + F + E), \qquad \dot f = (1 - f) (1 / \tau_f + k m), \quad
              \dot s = (1 - s) (1 / \tau_s + k m)

    .. math:: \dot F = -F / \tau_F + \kappa m, \qquad \dot E = \eta\, m\, C, \quad \dot C = -C / \tau_C

    .. math:: \text{at a spike of the source: } f \leftarrow f\, (1 - u_f), \; s \leftarrow s\, (1 - u_s), \;
              C \leftarrow C + 1

    The modulator (in Aplysia serotonin, from facilitatory interneurons) acts in three ways: it mobilises transmitter,
    so that a tired terminal recovers at once and a rested one gains nothing (k: dishabituation); it facilitates all
    terminals for some time (:math:`\kappa`: sensitisation); and lastingly those that had fired shortly before and are
    full of calcium C (:math:`\eta`: activity-dependent facilitation, hence classical conditioning). After Hawkins,
    Abrams, Carew & Kandel 1983 (doi:10.1126/science.6294833), Hawkins & Kandel 1984 (doi:10.1037/0033-295X.91.3.375)
    and Gingrich & Byrne 1985 (doi:10.1152/jn.1985.53.3.652), of whose cell this is the smallest form that is linear
    in m. w_0 is the weight at the beginning, that of a naive and rested terminal. Exact between events.
    """

    by: str = parameter(default="serotonin", text=True, doc="the modulator: net.modulator(name)")
    use_fast: float = parameter(default=0.1, minimum=0, maximum=0.99, doc="u_f, part that a spike uses up")
    tau_fast: float = parameter(default=20 * second, unit="ms", positive=True, doc="how the fast resource recovers")
    use_slow: float = parameter(default=0.002, minimum=0, maximum=0.99, doc="u_s, part that a spike uses up")
    tau_slow: float = parameter(default=20 * minute, unit="ms", positive=True, doc="how the slow resource recovers")
    mobilised: float = parameter(default=1e-3, unit="1/ms", minimum=0, doc="k, for a modulator of 1")
    facilitated: float = parameter(default=1e-4, unit="1/ms", minimum=0, doc="kappa, for a modulator of 1")
    tau_f: float = parameter(default=10 * minute, unit="ms", positive=True, doc="how long facilitation lasts")
    enhanced: float = parameter(default=1e-4, unit="1/ms", minimum=0, doc="eta, for a modulator and a calcium of 1")
    tau_c: float = parameter(default=500 * ms, unit="ms", positive=True, doc="how long calcium stays after a spike")

    synapse: ClassVar[Mapping[str, str]] = {
        "fast": "1", "slow": "1", "facilitation": "1", "enhancement": "1", "calcium": "1", "factor": "1",
    }  # fmt: skip

    @property
    def limited(self) -> bool:
        return False

    def initial(self) -> dict[str, float]:
        return dict.fromkeys(self.synapse, 0.0) | {"fast": 1.0, "slow": 1.0, "factor": 1.0}

    def signals(self) -> dict[str, Signal]:
        return {
            "released": Signal(self.by, math.inf),
            "driven": Signal(self.by, -self.tau_f),
            "met": Signal(self.by, self.tau_c),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return {
            "per_fast": 1 / self.tau_fast,
            "per_slow": 1 / self.tau_slow,
            "left_fast": 1 - self.use_fast,
            "left_slow": 1 - self.use_slow,
            "mobilised": self.mobilised,
            "facilitated": self.facilitated,
            "per_f": 1 / self.tau_f,
            "enhanced": self.enhanced,
            "per_c": 1 / self.tau_c,
        }

    @staticmethod
    def between(
        elapsed, w, fast, slow, facilitation, enhancement, calcium, factor, released, driven, met,
        per_fast, per_slow, mobilised, facilitated, per_f, enhanced, per_c,
    ):  # fmt: skip
        # Where m falls below 0 nothing is used up: only spikes use up transmitter.
        fast = recovered(fast, maximum(elapsed * per_fast + mobilised * released, 0.0))
        slow = recovered(slow, maximum(elapsed * per_slow + mobilised * released, 0.0))
        facilitation = (facilitation + facilitated * driven) * exp(-elapsed * per_f)
        enhancement = enhancement + enhanced * calcium * met
        calcium = calcium * exp(-elapsed * per_c)
        now = fast * slow * maximum(1.0 + facilitation + enhancement, 1e-6)
        return w * (now / factor), fast, slow, facilitation, enhancement, calcium, now

    @staticmethod
    def on_pre(w, fast, slow, facilitation, enhancement, calcium, factor, left_fast, left_slow):
        return w, fast * left_fast, slow * left_slow, facilitation, enhancement, calcium + 1.0, factor
