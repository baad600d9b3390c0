"""Novelty: how seldom, or how long ago, something was seen."""

from __future__ import annotations

import math
from typing import Any, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import second
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome, name_of

KINDS = ("count", "familiarity")


@final
class Novelty(ModulatorSignal):
    r"""How new a stimulus is: 1 at first, less every time.

    ``kind="count"``: :math:`n^{-1/2}` at its n-th time, a bonus for exploration (Strehl & Littman 2008,
    doi:10.1016/j.jcss.2007.08.009; of dopamine neurons: Kakade & Dayan 2002, doi:10.1016/S0893-6080(02)00048-5).
    ``kind="familiarity"``: 1 - f with a familiarity f that grows at each time and is forgotten between,

    .. math:: \frac{df}{dt} = -\frac{f}{\tau}, \qquad \text{seen: } f \leftarrow f + rate\,(1 - f)

    Nothing is released where there is no ``stimulus``.

    >>> signal = Novelty()
    >>> amount, memory = signal.release(Outcome(stimulus="bell"), signal.initial())
    >>> signal.release(Outcome(stimulus="bell"), memory)[0]
    0.7071067811865475
    """

    kind: str = parameter(default="count", choices=KINDS, doc="what makes old")
    tau: float = parameter(default=60 * second, unit="ms", positive=True, doc="how long a familiar stimulus stays so")
    rate: float = parameter(default=0.5, positive=True, maximum=1, doc="how much one time adds to familiarity")
    scale: float = parameter(default=1.0, doc="amount released by what is all new")

    def initial(self) -> dict[str, Any]:
        return {"seen": {}}

    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        kept = 1.0 if self.kind == "count" else math.exp(-outcome.elapsed / self.tau)
        seen = {name: value * kept for name, value in memory["seen"].items()}
        if outcome.stimulus is None:
            return 0.0, {"seen": seen}
        name = name_of(outcome.stimulus, "Novelty")
        before = seen.get(name, 0.0)
        if self.kind == "count":
            seen[name] = before + 1.0
            return self.scale / math.sqrt(before + 1.0), {"seen": seen}
        seen[name] = before + self.rate * (1.0 - before)
        return self.scale * (1.0 - before), {"seen": seen}
