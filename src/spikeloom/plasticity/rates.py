"""What the rules for rates share: estimates of the rates of neurons that spike, and changes of either sign."""

from __future__ import annotations

from spikeloom.core.language import where
from spikeloom.plasticity.base import Filtered, Trace
from spikeloom.plasticity.bounds import grow, shrink


def rates(tau: float) -> dict[str, Trace | Filtered]:
    r"""``x`` and ``y``: the rates [1/ms: 10 Hz are 0.01] of a source and a target that spike.

    .. math:: x(t) = \frac{1}{\tau} \sum_{t_k \le t} e^{-(t - t_k) / \tau}

    Of an analog source x is the value itself, and of a target that does not spike y is its first state variable.

    >>> rates(20.0)["x"].jump
    0.05
    """
    return {"x": Trace("pre", tau, jump=1 / tau), "y": Trace("post", tau, jump=1 / tau)}


def change(w, amount, low, high, mu, *, bounds):
    """``w`` and ``amount``, which may be negative, times what the bound on its way leaves of it.

    >>> change(0.75, 0.1, 0.0, 1.0, 1.0, bounds="soft"), change(0.75, -0.1, 0.0, 1.0, 1.0, bounds="soft")
    (0.775, 0.675)
    """
    if bounds in ("none", "hard"):
        return grow(w, amount, low, high, mu, bounds=bounds)
    return where(
        amount > 0,
        grow(w, amount, low, high, mu, bounds=bounds),
        shrink(w, -amount, low, high, mu, bounds=bounds),
    )
