"""How models that have no exact solution go through a step: Runge-Kutta schemes, and spikes between grid points.

All of it is written in the step language, so it runs on floats, tensors and symbols. A step is walked through by a
fraction ``s`` that goes from 0 to 1; the input of the step is ``current(v, s)``, which an engine knows at 0, 1/2 and 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from spikeloom.core.language import maximum, minimum

Slopes: TypeAlias = Callable[[tuple[Any, ...], float], tuple[Any, ...]]
"""``f(y, s)``: the derivatives in time of the variables ``y`` when the fraction ``s`` of the step has passed."""


def rk4(f: Slopes, y: tuple[Any, ...], dt: Any, *, pieces: int = 1) -> tuple[Any, ...]:
    """``y`` one step of ``dt`` later, for y' = f(y, s): the classical Runge-Kutta scheme, of fourth order.

    With ``pieces`` the step is cut into as many equal ones (Kutta 1901; Hairer, Norsett & Wanner 1993,
    doi:10.1007/978-3-540-78862-1, table II.1.2).
    """
    h = dt / pieces if pieces > 1 else dt
    for k in range(pieces):
        begin, middle, end = k / pieces, (k + 0.5) / pieces, (k + 1) / pieces
        a = f(y, begin)
        b = f(_moved(y, a, 0.5 * h), middle)
        c = f(_moved(y, b, 0.5 * h), middle)
        d = f(_moved(y, c, h), end)
        y = tuple(v + h / 6.0 * (p + 2.0 * (q + r) + t) for v, p, q, r, t in zip(y, a, b, c, d, strict=True))
    return y


def midpoint(f: Slopes, y: tuple[Any, ...], dt: Any, *, s: float = 1.0) -> tuple[Any, ...]:
    """``y`` a time ``dt`` later, for y' = f(y, s) with ``s`` held: the midpoint scheme, of second order.

    It is for what is left of a step after a spike (see :func:`crossing`), so ``dt`` may differ between neurons.
    """
    return _moved(y, f(_moved(y, f(y, s), 0.5 * dt), s), dt)


def _moved(y: tuple[Any, ...], slopes: tuple[Any, ...], by: Any) -> tuple[Any, ...]:
    return tuple(v + by * k for v, k in zip(y, slopes, strict=True))


def at_any_time(current: Callable[[Any, float], Any]) -> Callable[[Any, float], Any]:
    """``current`` at every fraction of the step: a parabola through what an engine knows, at 0, 1/2 and 1.

    For models that cut a step into pieces. A current that does not change within the step is passed on as it is.
    """

    def at(v: Any, s: float) -> Any:
        if s in (0.0, 0.5, 1.0):
            return current(v, s)
        first, middle, last = current(v, 0.0), current(v, 0.5), current(v, 1.0)
        if first is last:
            return first
        r = 2.0 * s - 1.0
        return middle + 0.5 * r * (last - first) + r * r * (0.5 * (first + last) - middle)

    return at


def crossing(before: Any, after: Any, slope_before: Any, slope_after: Any, level: Any) -> Any:
    """The fraction of a step at which a variable that begins below ``level`` and ends above it passes it.

    The variable is ``before`` and ``after`` at the step's ends, where its slopes (per step) are given; between them it
    is taken as a cubic (Hermite), and two Newton steps from the chord find the passage: an error of fourth order where
    the curve bends little. Neurons that do not pass get some number between 0 and 1.
    """
    rise = maximum(after - before, 1e-6)
    cubic = slope_before + slope_after - 2.0 * rise
    square = rise - slope_before - cubic
    u = _fraction((level - before) / rise)
    for _ in range(2):
        value = before - level + u * (slope_before + u * (square + u * cubic))
        slope = slope_before + u * (2.0 * square + 3.0 * u * cubic)
        u = _fraction(u - value / maximum(slope, 0.1 * rise))
    return u


def _fraction(u: Any) -> Any:
    return minimum(maximum(u, 0.0), 1.0)
