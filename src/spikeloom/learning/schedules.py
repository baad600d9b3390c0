"""Schedules of the learning rate: pure functions of how far the training is, so that there is nothing to save."""

from __future__ import annotations

import math
from collections.abc import Callable

from spikeloom.core.errors import unknown_name


def constant(progress: float) -> float:
    """The learning rate stays as it is."""
    return 1.0


def linear(progress: float) -> float:
    """Falls evenly to zero."""
    return 1.0 - progress


def cosine(progress: float) -> float:
    """Half a cosine from one to zero (Loshchilov & Hutter 2017, arXiv:1608.03983, without restarts)."""
    return 0.5 * (1.0 + math.cos(math.pi * progress))


SCHEDULES: dict[str, Callable[[float], float]] = {"constant": constant, "cosine": cosine, "linear": linear}
"""By name: the factor on the learning rate, from the share of the training that is done, 0 to 1."""


def factor(schedule: str, step: int, steps: int, warmup: float = 0.0) -> float:
    """The factor on the learning rate in ``step`` (from 0) of ``steps``; over the first ``warmup`` of them it rises
    to one.

    Raises:
        UnknownNameError: there is no schedule of that name.

    >>> [round(factor("cosine", step, 8, warmup=0.25), 3) for step in range(8)]
    [0.5, 1.0, 1.0, 0.933, 0.75, 0.5, 0.25, 0.067]
    """
    if schedule not in SCHEDULES:
        raise unknown_name("schedule", schedule, SCHEDULES)
    first = round(warmup * steps)
    if step < first:
        return (step + 1) / first
    return SCHEDULES[schedule]((step - first) / max(steps - first, 1))
