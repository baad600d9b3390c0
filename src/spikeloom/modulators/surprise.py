"""Surprise: how unlikely what came was, after what came before."""

from __future__ import annotations

import math
from typing import Any, final

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome, name_of

KINDS = ("deviation", "improbability")


@final
class Surprise(ModulatorSignal):
    r"""How unexpected a stimulus is, whether good or bad.

    ``kind="deviation"``: a number x against running mean and variance of the numbers before (an unsigned prediction
    error, as in Pearce & Hall 1980, doi:10.1037/0033-295X.87.6.532),

    .. math:: S = \frac{|x - \mu|}{\sigma}, \qquad \mu \leftarrow \mu + \frac{x - \mu}{\tau}, \qquad
              \sigma^2 \leftarrow \Big(1 - \frac{1}{\tau}\Big) \Big(\sigma^2 + \frac{(x - \mu)^2}{\tau}\Big)

    ``kind="improbability"``: :math:`S = -\log p` of any stimulus (Shannon 1948,
    doi:10.1002/j.1538-7305.1948.tb01338.x), with p estimated from how often each came,
    :math:`p = (n + prior) / (N + prior\,(K + 1))` for K stimuli known so far and one not yet seen.

    >>> signal = Surprise(kind="improbability", prior=1.0)
    >>> amount, memory = signal.release(Outcome(stimulus="bell"), signal.initial())
    >>> math.exp(-signal.release(Outcome(stimulus="bell"), memory)[0])
    0.6666666666666666
    """

    kind: str = parameter(default="deviation", choices=KINDS, doc="what is unexpected")
    tau: float = parameter(default=10.0, unit="outcomes", minimum=1, doc="over how many outcomes mean and variance run")
    mean: float = parameter(default=0.0, doc="mu at the beginning")
    deviation: float = parameter(default=1.0, positive=True, doc="sigma at the beginning")
    least: float = parameter(default=1e-3, positive=True, doc="sigma is taken to be no less")
    prior: float = parameter(default=1.0, positive=True, doc="how often each stimulus is taken to have come before")
    scale: float = parameter(default=1.0, doc="amount released by a surprise of 1")

    def initial(self) -> dict[str, Any]:
        if self.kind == "improbability":
            return {"counts": {}}
        return {"mean": self.mean, "variance": self.deviation**2}

    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        name = name_of(outcome.stimulus, "Surprise")
        if self.kind == "improbability":
            counts = dict(memory["counts"])
            p = (counts.get(name, 0.0) + self.prior) / (sum(counts.values()) + self.prior * (len(counts) + 1))
            counts[name] = counts.get(name, 0.0) + 1.0
            return -self.scale * math.log(p), {"counts": counts}
        if isinstance(outcome.stimulus, str) or "[" in name:
            raise InvalidValueError(
                f"Surprise(kind='deviation'): stimulus={outcome.stimulus!r}; allowed: one number, or "
                "kind='improbability'"
            )
        error, share = float(outcome.stimulus) - memory["mean"], 1 / self.tau
        after = {
            "mean": memory["mean"] + share * error,
            "variance": (1 - share) * (memory["variance"] + share * error**2),
        }
        return self.scale * abs(error) / max(math.sqrt(memory["variance"]), self.least), after
