"""Windows of spike-timing dependent plasticity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.drift import values_of
from spikeloom.core.arrays import finite, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.style import colour, drawn, legend
from spikeloom.plots.theme import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def window(curves: Any, *, support: tuple[float, float] | None = None, unit: str = "", axes: Axes | None = None) -> Any:
    """How much a weight changes with one pair of spikes, against t_post - t_pre (ms).

    Args:
        curves: what was measured, as (lags in ms, changes), drawn as dots; or a window as a function of the lag, or an
            object with a method ``window``, drawn as a line. Several as a mapping from names.
        support: the first and the last lag (ms); if not given, those that were measured, or 100 ms to both sides.
        unit: of the change, such as ``"mV"`` or ``"%"``.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: no curves, lags and changes that do not fit together, values that are not finite.
    """
    every = _curves(curves)
    measured = {name: curve for name, curve in every.items() if isinstance(curve, tuple)}
    low, high = _ends(support, [lag for lag, _ in measured.values()])
    with drawn(axes, 4.4, 2.8) as axes:
        axes.axhline(0, color=LIGHT.quiet, linewidth=0.7, zorder=0)
        axes.axvline(0, color=LIGHT.quiet, linewidth=0.7, zorder=0)
        for i, (name, curve) in enumerate(every.items()):
            if isinstance(curve, tuple):
                inside = (curve[0] >= low) & (curve[0] <= high)
                dots = {"marker": "o", "markersize": 3.2, "markeredgewidth": 0, "linestyle": "none"}
                axes.plot(curve[0][inside], curve[1][inside], color=colour(i), label=name, zorder=3, **dots)
            else:
                lag = _fine(low, high)
                change = np.full_like(lag, np.nan)
                change[np.isfinite(lag)] = curve(lag[np.isfinite(lag)])
                axes.plot(lag, change, color=colour(i), label=name)
        axes.set_xlim(low, high)
        axes.set_xlabel("t_post − t_pre (ms)")
        axes.set_ylabel(f"change of the weight ({unit})" if unit else "change of the weight")
        legend(axes)
        return axes.figure


def _curves(curves: Any) -> dict[str, Any]:
    """Measured curves as tuples of two sorted arrays, others as functions of arrays."""
    given = curves if isinstance(curves, Mapping) else {"": curves}
    if not given:
        raise InvalidValueError("there is no window to draw: the mapping is empty")
    found: dict[str, Any] = {}
    for name, curve in given.items():
        shown = f"curves[{name!r}]" if isinstance(curves, Mapping) else "curves"
        if not isinstance(curve, (tuple, list)):
            found[name] = values_of(curve, shown)
            continue
        if len(curve) != 2:
            raise InvalidValueError(f"{shown} must be (lags, changes) or a function; given {len(curve)} parts")
        lag, change = (to_numpy(part, shown).astype(np.float64) for part in curve)
        if lag.shape != change.shape or lag.ndim != 1 or not lag.size:
            raise InvalidValueError(
                f"{shown}: lags of shape {lag.shape} and changes of shape {change.shape} do not fit"
            )
        finite(lag, f"{shown}: lags", ("pair",))
        finite(change, f"{shown}: changes", ("pair",))
        found[name] = (lag, change)
    return found


def _ends(support: Any, lags: list[NDArray[np.float64]]) -> tuple[float, float]:
    if support is None:
        if not lags:
            return -100.0, 100.0
        low, high = min(float(lag.min()) for lag in lags), max(float(lag.max()) for lag in lags)
        margin = 0.03 * (high - low) or 1.0
        return low - margin, high + margin
    ends = to_numpy(support, "support")
    if ends.shape != (2,) or not np.isfinite(ends).all() or ends[0] >= ends[1]:
        raise InvalidValueError(f"support={support!r} is not possible; allowed: (first, last) lag in ms")
    return float(ends[0]), float(ends[1])


def _fine(low: float, high: float) -> NDArray[np.float64]:
    """Lags for a smooth line, with a gap (nan) at 0, where windows jump."""
    lag = np.linspace(low, high, 801)
    if not low < 0 < high:
        return lag
    near = 1e-6 * (high - low)
    return np.concatenate([lag[lag < -near], [-near, np.nan, near], lag[lag > near]])
