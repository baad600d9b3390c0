"""Dale's law: weights that never change their sign, where no bounds see to it."""

from __future__ import annotations

import inspect
from typing import Any, final

from spikeloom.core.language import maximum
from spikeloom.plasticity.base import EVENTS, Wrapper


@final
class KeepSign(Wrapper):
    r"""A rule without bounds whose weights stay on one side of 0.

    .. math:: w \leftarrow \max(w, 0) \text{ after every change; of an inhibitory projection } \min(w, 0)

    A neuron excites all its targets or inhibits all (Eccles, Fatt & Koketsu 1954, doi:10.1113/jphysiol.1954.sp005226;
    named after Dale 1935). Rules with bounds on one side of 0, the default, keep the sign already. Inhibitory are those
    whose rule has ``w_max < 0``.
    """

    def check(self) -> None:
        super().check()
        for event in EVENTS:  # to act where the rule inside acts, and nowhere else
            if any(hasattr(part, event) for part in self.rule.parts()):
                object.__setattr__(self, event, _kept)
        between = [part.between for part in self.rule.parts() if hasattr(part, "between")]
        if any("w" in inspect.signature(function).parameters for function in between):
            object.__setattr__(self, "between", _kept_between)

    @property
    def interval(self) -> float | None:
        return min((part.interval for part in self.rule.parts() if part.interval is not None), default=None)

    @property
    def allowed(self) -> tuple[float, float]:
        low, high = self.rule.allowed
        return (max(low, 0.0), high) if self.sign > 0 else (low, min(high, 0.0))


def _kept(w: Any) -> Any:
    return maximum(w, 0.0)


def _kept_between(elapsed: Any, w: Any) -> Any:
    return maximum(w, 0.0)
