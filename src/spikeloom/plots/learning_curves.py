"""Learning curves of several runs: their mean, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.plots.style import colour, drawn, legend
from spikeloom.plots.theme import LIGHT


def learning_curves(
    curves: Any,
    *,
    over: int = 1,
    band: str = "range",
    threshold: float | None = None,
    xlabel: str = "episode",
    ylabel: str = "return (sum of rewards)",
    axes: Any = None,
) -> Any:
    """The mean of several curves against the episode (from 1), with a band around it.

    Args:
        curves: for each run (a seed) a value for each episode: ``[result.returns for result in results]``; or several
            such lists by name. Of runs of unequal length the mean goes on with those that are left.
        over: each curve is smoothed: the mean over so many episodes up to this one.
        band: ``"range"`` from the least to the largest of the runs, ``"sd"`` one standard deviation to each side of
            the mean, ``"sem"`` one standard error.
        threshold: a dashed line, such as the return at which a task counts as solved.
        xlabel, ylabel: what the axes show, with units.
        axes: to draw into; a new figure if left out.

    Returns:
        The matplotlib Figure.

    Raises:
        InvalidValueError: no curves, or values that are not finite.
    """
    if band not in ("range", "sd", "sem"):
        raise InvalidValueError(f"band={band!r} is not possible; allowed: 'range', 'sd', 'sem'")
    whole(over, "over")
    groups: Mapping[str, Any] = curves if isinstance(curves, Mapping) else {"": curves}
    if not groups:
        raise InvalidValueError("there is no curve to draw: the mapping is empty")
    with drawn(axes, 4.6, 2.8) as panel:
        for i, (name, group) in enumerate(groups.items()):
            runs = [smoothed(run, over, name or "curves") for run in _runs(group, name)]
            episode, mean, low, high = spread(runs, band)
            label = f"{name} ({len(runs)} runs)" if name else None
            panel.fill_between(episode, low, high, color=colour(i), alpha=0.2, linewidth=0)
            panel.plot(episode, mean, color=colour(i), label=label)
        if threshold is not None:
            panel.axhline(threshold, color=LIGHT.muted, linewidth=0.8, linestyle="--", zorder=0)
        panel.set(xlabel=xlabel, ylabel=ylabel)
        legend(panel)
        return panel.figure


def smoothed(values: Any, over: int, name: str = "curve") -> NDArray[np.float64]:
    """The mean over the last ``over`` values up to each; over all so far where there are fewer.

    >>> smoothed([2, 4, 9, 2], over=2).tolist()
    [2.0, 3.0, 6.5, 5.5]
    """
    array = to_numpy(values, name).astype(np.float64)
    if array.ndim != 1 or not array.size:
        raise InvalidValueError(f"{name!r}: a run has shape {array.shape}; give one value for each episode")
    finite(array, name, ("episode",))
    total = np.concatenate([[0.0], np.cumsum(array)])
    end = np.arange(1, array.size + 1)
    begin = np.maximum(end - over, 0)
    return (total[end] - total[begin]) / (end - begin)


def spread(runs: Sequence[NDArray[np.float64]], band: str) -> tuple[NDArray[np.float64], ...]:
    """Episode, mean, and the lower and upper edge of the band, over those runs that have the episode."""
    longest = max(run.size for run in runs)
    table = np.full((len(runs), longest), np.nan)
    for row, run in zip(table, runs, strict=True):
        row[: run.size] = run
    mean = np.nanmean(table, axis=0)
    if band == "range":
        return np.arange(1.0, longest + 1), mean, np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    width = np.nanstd(table, axis=0)
    if band == "sem":
        left = (~np.isnan(table)).sum(0)
        width = width * np.sqrt(left / np.maximum(left - 1, 1)) / np.sqrt(left)
    return np.arange(1.0, longest + 1), mean, mean - width, mean + width


def _runs(group: Any, name: str) -> list[Any]:
    runs = list(group)
    if runs and np.ndim(runs[0]) == 0:
        runs = [group]  # a single run
    if not runs:
        raise InvalidValueError(f"there is no run to draw{f' for {name!r}' if name else ''}: the list is empty")
    return runs
