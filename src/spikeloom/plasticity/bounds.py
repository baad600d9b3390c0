"""How a change of weight depends on the weight: the four bounds in use, in the step language."""

from __future__ import annotations

from typing import Any

from spikeloom.core.language import exp, log, maximum
from spikeloom.core.parameters import parameter

BOUNDS = ("hard", "soft", "power", "none")
"""``hard``: the same change everywhere, cut off at the bounds; ``soft``: in proportion to the distance from the bound;
``power``: to that distance to the power of mu (Gutig, Aharonov, Rotter & Sompolinsky 2003,
doi:10.1523/JNEUROSCI.23-09-03697.2003); ``none``: no bounds. But for ``none`` a change is in units of high - low."""


def dependence() -> Any:
    """The parameter ``bounds`` of a rule."""
    return parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")


def exponent(what: str) -> Any:
    """The parameter mu of a rule, for the growth or for the shrinking of its weights."""
    return parameter(default=1.0, minimum=0, doc=f"power of {what}, for bounds='power'")


def grow(w, amount, low, high, mu, *, bounds):
    """``w`` and ``amount`` times what the bound above leaves of it."""
    if bounds == "none":
        return w + amount
    if bounds == "hard":
        return w + amount * (high - low)
    if bounds == "soft":
        return w + amount * (high - w)
    return w + amount * (high - low) * _power((high - w) / (high - low), mu)


def shrink(w, amount, low, high, mu, *, bounds):
    """``w`` less ``amount`` times what the bound below leaves of it."""
    if bounds == "none":
        return w - amount
    if bounds == "hard":
        return w - amount * (high - low)
    if bounds == "soft":
        return w - amount * (w - low)
    return w - amount * (high - low) * _power((w - low) / (high - low), mu)


def _power(base, mu):
    """``base`` to the power of ``mu``; 0 to any power is as good as 0, also to the power of 0."""
    return exp(mu * log(maximum(base, 1e-300)))
