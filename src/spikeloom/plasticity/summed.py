"""Two rules at one synapse."""

from __future__ import annotations

from inspect import signature
from typing import Any, final

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.parameters import parameter
from spikeloom.plasticity.base import Plasticity, Wrapper


@final
class Summed(Wrapper):
    r"""Two rules that act on the same weight, one after the other in every event; a third one within another of these.

    .. math:: \Delta w = \sum_k \Delta w_k, \qquad \text{with } \mathrm{Modulated} \text{ rules} \quad
              \frac{dw}{dt} = \sum_k \eta_k\, m_k(t)\, e_k(t)

    So each of several modulators has its learning rate, its eligibility trace with its time constant, and what goes
    into it: as where noradrenaline turns a trace for potentiation into weight, and serotonin a shorter one for
    depression (He et al. 2015, doi:10.1016/j.neuron.2015.09.037),
    ``Summed(rule=Modulated(rule=PairSTDP(a_minus=0), by="noradrenaline"),
    beside=Modulated(rule=PairSTDP(a_plus=0), by="serotonin"))``. Both rules have the same bounds and site.
    """

    beside: Any = parameter(default=None, family="spikeloom.plasticity", optional=True, doc="the other rule")

    def check(self) -> None:
        super().check()
        if self.beside is None:
            return
        if not isinstance(self.beside, Plasticity):
            raise InvalidValueError(f"Summed(beside={self.beside!r}): give a rule of plasticity, such as PairSTDP()")
        for what in ("w_min", "w_max", "site", "limited", "lag"):
            here, there = (max(p.lag for p in r.parts()) if what == "lag" else getattr(r, what) for r in self._both())
            if here != there:
                raise InvalidValueError(
                    f"Summed: {type(self.rule).__name__} has {what}={here!r} and {type(self.beside).__name__} "
                    f"{what}={there!r}; rules at one synapse need the same"
                )
        steps = [[p for p in r.parts() if hasattr(p, "on_step")] for r in self._both()]
        alone = [p for p in (*steps[0], *steps[1]) if hasattr(p, "gate") or "carry" in signature(p.on_step).parameters]
        if all(steps) and alone:
            raise UnsupportedError(
                f"Summed: {type(alone[0]).__name__} decides at which synapses, and in which order, steps act, and "
                f"{type(steps[0][0]).__name__} and {type(steps[1][0]).__name__} would have to share that; take one"
            )

    def _both(self) -> list[Plasticity]:
        return [self.rule] if self.beside is None else [self.rule, self.beside]

    def parts(self) -> list[Plasticity]:
        return [*(part for rule in self._both() for part in rule.parts()), self]
