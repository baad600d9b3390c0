"""Reward as it comes."""

from __future__ import annotations

from typing import Any, final

from spikeloom.core.parameters import parameter
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome


@final
class Reward(ModulatorSignal):
    """What is received is released, be it reward or, below 0, punishment: scale r (Izhikevich 2007,
    doi:10.1093/cercor/bhl152).

    >>> Reward(scale=0.5).release(Outcome(reward=2.0), {})
    (1.0, {})
    """

    scale: float = parameter(default=1.0, doc="amount released by a reward of 1")

    def initial(self) -> dict[str, Any]:
        return {}

    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        return self.scale * outcome.reward, {}
