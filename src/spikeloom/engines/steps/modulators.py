"""Modulators in a run: their levels, step by step, and what they do to eligibilities that decay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import to_numpy
from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.engines.steps.events import Events
from spikeloom.engines.steps.learning_text import Texts
from spikeloom.engines.steps.operation import Operation
from spikeloom.network import Network
from spikeloom.network.parts import Modulator

EPOCH = 3.0
"""After so many of the shortest time constant all synapses are brought up to date: sums over longer times would lose
digits, since what is recent counts for e**-3 of what is old.
"""

LONGEST = 100_000
"""Steps of an epoch at most."""

LEVEL = """
for t in range(steps):
    released = given[(now + t - given_begin) % given.shape[0]]
    {spikes}
    last[0] = base + (last[0] - base) * keep + released
    level[(now + t) % level.shape[0]] = last[0]
    if watched > 0:
        watch[now + t - begin] = last[0]
"""

SPIKES = "released += amount_{k} * (offsets_{k}[now + t - origin_{k}[0] + 1] - offsets_{k}[now + t - origin_{k}[0]])"


class Level:
    """The level of one modulator in a shard: every shard computes it for itself, to the same bits."""

    def __init__(self, m: Modulator, dt: float, last: float, rows: int) -> None:
        self.m, self.dt = m, dt
        self.last = np.array([last])
        self.level = np.full(rows, last)

    def operate(
        self, begin: int, given: Any, sources: list[tuple[float, Events]], watch: Any, watched: bool
    ) -> Operation:
        """The operation that makes the level of some steps, from what is given and from spikes."""
        values: dict[str, Any] = {
            "last": self.last, "level": self.level, "base": self.m.baseline,
            "keep": math.exp(-self.dt / self.m.tau) if self.m.tau is not None else 0.0,
            "given": given, "given_begin": begin, "begin": begin, "watch": watch, "watched": int(watched),
        }  # fmt: skip
        for k, (amount, events) in enumerate(sources):
            values |= {f"amount_{k}": float(amount), f"offsets_{k}": events.offsets, f"origin_{k}": events.origin}
        text = LEVEL.replace("{spikes}", "\n    ".join(SPIKES.format(k=k) for k in range(len(sources))) or "pass")
        return Operation("modulator", "a modulator", text, values)


def released_amounts(net: Network, released: Mapping[str, Any] | None, steps: int) -> dict[str, NDArray[np.float64]]:
    """What is released by hand in each step, by modulator.

    Raises:
        UnknownNameError: a modulator that the network does not have.
        InvalidValueError: amounts that are not finite, or not one for each step.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for name, amounts in (released or {}).items():
        if name not in net.modulators:
            raise unknown_name("modulator", name, net.modulators)
        values = np.ascontiguousarray(to_numpy(amounts, f"released[{name!r}]"), np.float64)
        if values.ndim != 1 or values.size < steps:
            raise InvalidValueError(
                f"released[{name!r}] has shape {values.shape}; allowed: one amount for each of {steps} steps"
            )
        if not np.isfinite(values).all():
            raise InvalidValueError(
                f"released[{name!r}] is not finite in step {int(np.flatnonzero(~np.isfinite(values))[0])}"
            )
        found[name] = values
    return found


def check_modulators(net: Network, follows: Mapping[str, Texts], released: Mapping[str, Any], given: bool) -> None:
    """Refuse a rule that follows a signal which nobody ever sets.

    Raises:
        UnknownNameError: the network has no modulator of that name.
        InvalidValueError: it has, but nothing releases it.
    """
    for projection, texts in follows.items():
        for signal in texts.signals.values():
            name = signal.by
            if name not in net.modulators:
                raise unknown_name(f"modulator of {projection!r}", name, net.modulators)
            set_by_spikes = any(r.modulator == name for r in net.releases)
            if not (set_by_spikes or name in released or net.modulators[name].baseline or given):
                raise InvalidValueError(
                    f"{projection!r} learns by {name!r}, and nothing ever sets it: net.release(population, {name!r}), "
                    f"sl.run(..., released={{{name!r}: amounts}}), or a baseline"
                )


def epoch_of(texts: Texts, dt: float) -> int:
    """Steps after which all synapses are brought up to date; 0 for a rule that follows no modulator."""
    if not texts.signals:
        return 0
    return max(1, min(LONGEST, int(EPOCH * min(s.tau for s in texts.signals.values()) / dt)))


def signal_values(texts: Texts, dt: float, levels: dict[str, Level]) -> dict[str, Any]:
    """What the kernel of a rule knows of the modulators that it follows."""
    if not texts.signals:
        return {}
    epoch = epoch_of(texts, dt)
    found: dict[str, Any] = {"epoch": epoch}
    for k, signal in texts.signals.items():
        level = levels[signal.by]
        m, slow = level.m, 1 / signal.tau
        fast = slow + (1 / m.tau if m.tau is not None else 0.0)
        found |= {f"level_{k}": level.level, f"base_{k}": float(m.baseline), f"per_{k}": dt / signal.tau}
        found |= {f"fall_{k}": _area(fast, dt), f"rest_{k}": _area(slow, dt)}
        found |= {f"late_fall_{k}": _moment(fast, dt) * slow, f"late_rest_{k}": _moment(slow, dt) * slow}
        found[f"grow_{k}"] = np.exp(np.arange(epoch + 1) * (dt / signal.tau))
    return found


def _area(rate: float, dt: float) -> float:
    """The integral of exp(-rate s) over a step."""
    return -math.expm1(-rate * dt) / rate


def _moment(rate: float, dt: float) -> float:
    """The integral of s exp(-rate s) over a step."""
    x = rate * dt
    if x < 1e-3:  # the closed form loses its digits there
        return dt * dt * (1 / 2 - x / 3 + x * x / 8 - x**3 / 30 + x**4 / 144)
    return (-math.expm1(-x) - x * math.exp(-x)) / rate**2
