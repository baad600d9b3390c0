"""A modulator that says how much of a change is made, at the moment when it is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.errors import UnsupportedError
from spikeloom.core.language import maximum, where
from spikeloom.core.parameters import parameter
from spikeloom.plasticity.base import Ambient, Factor, Signal, Wrapper, moves_between

SHAPES = ("linear", "rectified", "threshold")


@final
class Gated(Wrapper):
    r"""A rule whose changes are multiplied by a function f of the level m of a modulator, at the moment of the event.

    .. math:: \Delta w = f(m(t))\, \Delta w_{rule}(t)

    ``shape`` says what f is: ``"linear"`` :math:`a + b\, m`, ``"rectified"`` :math:`\max(0, a + b\, m)`, or
    ``"threshold"``, 1 where :math:`a + b\, m > 0` and else 0, with a = ``offset`` and b = ``slope``. There is no
    eligibility: a modulator that comes after the event is too late, as where acetylcholine or dopamine opens the gate
    of timing-dependent plasticity (Pawlak, Wickens, Kirkwood & Kerr 2010, doi:10.3389/fnsyn.2010.00146). Where f is
    below 0, depression becomes potentiation and potentiation depression.

    The level is that just before the event: what is released in the same step does not count. Within
    :class:`Modulated` a gate decides what goes into the eligibility trace. Around it, the weight moves by
    :math:`dw/dt = \eta\, f(m_2)\, m_1\, e`, integrated exactly; there f must be linear. Variables of the synapse, and
    what wrappers do at intervals, are not gated.
    """

    by: str = parameter(default="acetylcholine", text=True, doc="the modulator: net.modulator(name)")
    offset: float = parameter(default=0.0, doc="a, the share of the change without the modulator")
    slope: float = parameter(default=1.0, doc="b, what a level of 1 adds to the share")
    shape: str = parameter(default="linear", choices=SHAPES, doc="how the share follows a + b m")

    captures: ClassVar[bool] = True

    def check(self) -> None:
        super().check()
        for part in self.rule.parts():
            if moves_between(part) and not part.signals():
                raise UnsupportedError(
                    f"Gated(rule=...): {type(part).__name__} moves weights between events, where no gate is asked; "
                    "take a rule that changes them at spikes or in steps, such as PairSTDP()"
                )
            if part.signals() and self.shape != "linear":
                raise UnsupportedError(
                    f"Gated(shape={self.shape!r}) around {type(part).__name__} cannot be integrated exactly; take "
                    f"shape='linear', or gate the rule inside: {type(part).__name__}(rule=Gated(...))"
                )

    def traces(self) -> Mapping[str, Any]:
        return {"level": Ambient(self.by)}

    def gating(self, signal: Signal) -> Signal:
        return dataclasses.replace(signal, times=(*signal.times, Factor(self.by, self.offset, self.slope)))

    def constants(self, dt: float) -> dict[str, float]:
        return {"offset": self.offset, "slope": self.slope}

    @staticmethod
    def on_change(w, change, level, offset, slope, *, shape):
        share = offset + slope * level
        if shape == "rectified":
            share = maximum(share, 0.0)
        if shape == "threshold":
            share = where(share > 0, 1.0, 0.0)
        return w + share * change
