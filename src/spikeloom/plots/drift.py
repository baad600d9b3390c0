"""The drift of weights: what theory predicts, and what a simulation did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.core.arrays import finite, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.style import colour, drawn
from spikeloom.plots.theme import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def drift(
    predicted: Any, simulated: Any, *, error: Any = None, unit: str = "weight per second", axes: Axes | None = None
) -> Any:
    """Simulated drifts against predicted ones; on the dashed diagonal they are equal.

    With ``error`` each has a bar of one standard error to both sides, and the title tells the largest distance from the
    diagonal in standard errors.

    Args:
        predicted: one number for each case, as from :func:`spikeloom.analysis.drift`; several groups of cases as a
            mapping from names.
        simulated: the same numbers, measured; a mapping with the same names if ``predicted`` is one.
        error: standard errors of ``simulated``, in the same form.
        unit: of both.
        axes: to draw into; None: those of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: numbers that do not fit together or are not finite, or an error that is not above 0.
    """
    from matplotlib.ticker import MaxNLocator

    groups = _groups(predicted, simulated, error)
    every = np.concatenate([np.concatenate([x, y]) for x, y, _ in groups.values()])
    low, high = float(every.min()), float(every.max())
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    with drawn(axes, 3.6, 3.2) as axes:
        axes.axline((low, low), slope=1, color=LIGHT.muted, linewidth=0.9, dashes=(4, 3), zorder=1)
        for i, (name, (x, y, size)) in enumerate(groups.items()):
            if size is not None:
                axes.errorbar(x, y, size, fmt="none", ecolor=colour(i), elinewidth=0.9, capsize=1.5, zorder=2)
            axes.plot(x, y, "o", color=colour(i), markersize=4, markeredgewidth=0, label=name, zorder=3)
        axes.set_xlim(low - margin, high + margin)
        axes.set_ylim(low - margin, high + margin)
        axes.set_aspect("equal")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel(f"predicted drift ({unit})")
        axes.set_ylabel(f"simulated drift ({unit})")
        apart = [np.abs(y - x) / size for x, y, size in groups.values() if size is not None]
        if apart:
            axes.set_title(f"at most {np.concatenate(apart).max():.1f} standard errors apart", color=LIGHT.ink)
        if len(groups) > 1:
            axes.legend(loc="lower right", borderaxespad=0.2, handletextpad=0.2)  # below the diagonal nothing is hidden
        return axes.figure


def _groups(predicted: Any, simulated: Any, error: Any) -> dict[str, tuple[Any, Any, Any]]:
    """(predicted, simulated, error or None) of each group, as one-dimensional arrays of equal length."""
    several = isinstance(predicted, Mapping)
    parts = {"predicted": predicted, "simulated": simulated} | ({} if error is None else {"error": error})
    names = list(predicted) if several else [""]
    for what, part in parts.items():
        if isinstance(part, Mapping) != several or (several and set(part) != set(names)):
            raise InvalidValueError(f"predicted and {what} must have the same names, or both be plain numbers")
    if not names:
        raise InvalidValueError("there is no drift to draw: the mapping is empty")
    found: dict[str, tuple[Any, Any, Any]] = {}
    for name in names:
        arrays: dict[str, Any] = {}
        for what, part in parts.items():
            shown = f"{what}[{name!r}]" if several else what
            arrays[what] = np.atleast_1d(to_numpy(part[name] if several else part, shown)).astype(np.float64)
            finite(arrays[what], shown, ("case",))
            if arrays[what].ndim != 1 or arrays[what].shape != arrays["predicted"].shape or not arrays[what].size:
                raise InvalidValueError(
                    f"{shown} must have one number for each case; given shape {arrays[what].shape}, and "
                    f"{arrays['predicted'].shape} predicted"
                )
        if error is not None and (arrays["error"] <= 0).any():
            raise InvalidValueError("error must be above 0, the standard error of each simulated drift")
        found[name] = (arrays["predicted"], arrays["simulated"], arrays.get("error"))
    return found
