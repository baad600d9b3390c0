"""Punishment as it comes."""

from __future__ import annotations

from typing import Any, final

from spikeloom.core.parameters import parameter
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome


@final
class Punishment(ModulatorSignal):
    """What hurts is released, and reward is not: scale max(0, -r).

    A modulator of its own for what is aversive, as serotonin has been proposed to be the opponent of dopamine (Daw,
    Kakade & Dayan 2002, doi:10.1016/S0893-6080(02)00052-7). With ``scale`` below 0 it is a dip of one that stands for
    reward.

    >>> Punishment().release(Outcome(reward=-2.0), {}), Punishment().release(Outcome(reward=1.0), {})
    ((2.0, {}), (0.0, {}))
    """

    scale: float = parameter(default=1.0, doc="amount released by a reward of -1")

    def initial(self) -> dict[str, Any]:
        return {}

    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        return self.scale * max(0.0, -outcome.reward), {}
