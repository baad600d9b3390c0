"""Bursts and dips as arrays: one amount for each step of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError


def pulses(amounts: Mapping[float, float], *, steps: int, dt: float) -> NDArray[np.float64]:
    """Amounts that are released at once, by their times [ms]; below 0 they are dips.

    >>> pulses({2.0: 0.5, 4.0: -0.1}, steps=5, dt=1.0)
    array([ 0. ,  0. ,  0.5,  0. , -0.1])

    Raises:
        InvalidValueError: two in one step, one outside the run, or a number that is not finite.
    """
    found, taken = np.zeros(steps), dict[int, float]()
    for time, amount in amounts.items():
        step = _step(time, steps, dt)
        if step in taken:
            raise InvalidValueError(
                f"pulses at {taken[step]:g} and {time:g} ms are both in step {step} of {dt:g} ms, which would be set "
                "twice; add them up"
            )
        taken[step] = time
        found[step] = _finite(amount)
    return found


def burst(at: float, amount: float, *, duration: float, steps: int, dt: float) -> NDArray[np.float64]:
    """``amount``, released evenly over ``duration`` ms from ``at`` on; below 0 it is a dip. Add bursts up for several.

    >>> burst(1.0, 0.6, duration=3.0, steps=6, dt=1.0)
    array([0. , 0.2, 0.2, 0.2, 0. , 0. ])

    Raises:
        InvalidValueError: it begins or ends outside the run, lasts for less than a step, or is not finite.
    """
    many = round(duration / dt) if math.isfinite(duration) else 0
    if many < 1:
        raise InvalidValueError(f"burst(duration={duration!r}) is not possible; allowed: a step of {dt:g} ms or more")
    first = _step(at, steps, dt)
    if first + many > steps:
        raise InvalidValueError(
            f"a burst from {at:g} ms on of {duration:g} ms ends after the {steps * dt:g} ms of the run"
        )
    found = np.zeros(steps)
    found[first : first + many] = _finite(amount) / many
    return found


def _step(time: float, steps: int, dt: float) -> int:
    step = round(time / dt) if math.isfinite(time) else -1
    if not 0 <= step < steps:
        raise InvalidValueError(f"a release at {time!r} ms is outside the run of {steps} steps of {dt:g} ms")
    return step


def _finite(amount: float) -> float:
    if not math.isfinite(amount):
        raise InvalidValueError(f"an amount of {amount!r} is not possible; allowed: a finite number")
    return float(amount)
