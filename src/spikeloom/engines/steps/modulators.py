"""Modulators in a run: their levels, step by step, and what they do to eligibilities that decay."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from spikeloom.core.arrays import to_numpy
from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.engines.steps.by_hand import Amounts, At, There, there
from spikeloom.engines.steps.events import Events
from spikeloom.engines.steps.learning_text import Texts, choices
from spikeloom.engines.steps.operation import Operation
from spikeloom.network import Field, Network
from spikeloom.network.parts import Modulator
from spikeloom.plasticity import Signal

Released: TypeAlias = Mapping[Any, Any] | Iterable[tuple[Any, Any]] | None
"""What is released by hand: amounts by modulator or its name, in a mapping or, from several agents, in pairs."""

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
        watch[(now + t - begin) % watch.shape[0]] = last[0]
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


def released_amounts(net: Network, released: Released, steps: int) -> dict[str, Amounts]:
    """What is released by hand in each step, by modulator.

    Raises:
        UnknownNameError: a modulator that the network does not have.
        InvalidValueError: amounts that are not finite, or not one for each step.
    """
    found: dict[str, Amounts] = {}
    for given, amounts in released.items() if isinstance(released, Mapping) else released or ():
        name = given.name if isinstance(given, (Modulator, Field)) else given
        if name not in net.modulators:
            raise unknown_name("modulator", name, net.modulators)
        if name in found:
            raise InvalidValueError(
                f"released names {name!r} twice: it would be set twice in a step; add the amounts up, and give one "
                "array"
            )
        field = net.modulators[name]
        if isinstance(amounts, (At, There)):
            found[name] = there(field, amounts, steps)
            continue
        values = np.ascontiguousarray(to_numpy(amounts, f"released[{name!r}]"), np.float64)
        if values.ndim != 1 or values.size < steps:
            raise InvalidValueError(
                f"released[{name!r}] has shape {values.shape}; allowed: one amount for each of {steps} steps"
            )
        if not np.isfinite(values).all():
            raise InvalidValueError(
                f"released[{name!r}] is not finite in step {int(np.flatnonzero(~np.isfinite(values))[0])}"
            )
        if isinstance(field, Field) and (values < 0).any():
            raise InvalidValueError(f"released[{name!r}] is less than 0; a field takes rises >= 0 nM, or At(...)")
        found[name] = values
    return found


def check_modulators(net: Network, follows: Mapping[str, Texts], released: Mapping[str, Any], given: bool) -> None:
    """Refuse a rule that follows a signal which nobody ever sets.

    Raises:
        UnknownNameError: the network has no modulator of that name.
        InvalidValueError: it has, but nothing releases it.
    """
    for projection, texts in follows.items():
        for name in texts.followed:
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
    shortest = min(abs(s.tau) for s in texts.signals.values())
    epoch = max(1, int(min(LONGEST, EPOCH * shortest / dt)))
    return max(1, min(epoch, texts.longest) // texts.grain) * texts.grain if texts.local else epoch


def present_values(name: str, level: Level, dt: float) -> dict[str, Any]:
    """What a kernel needs to know the level of a modulator as a step begins, before what is released in it."""
    held = math.exp(-dt / level.m.tau) if level.m.tau is not None else 1.0
    return {f"level_{name}": level.level, f"base_{name}": float(level.m.baseline), f"held_{name}": held}


def signal_values(texts: Texts, dt: float, levels: dict[str, Level]) -> dict[str, Any]:
    """What the kernel of a rule knows of the modulators that it follows."""
    found: dict[str, Any] = {}
    for k, ambient in ((k, a) for k, a in texts.ambient.items() if k not in texts.local):
        found |= present_values(k, levels[ambient.by], dt)
    if not texts.signals:
        return found
    epoch = found["epoch"] = epoch_of(texts, dt)
    for k, signal in texts.signals.items():
        grow = np.exp(np.arange(epoch + 1) * (dt / signal.tau))
        if k in texts.local:  # the rest is that of a field
            found[f"grow_{k}"] = grow
            continue
        level = levels[signal.by]
        m, slow = level.m, 1 / signal.tau
        fast = slow + (1 / m.tau if m.tau is not None else 0.0)
        found |= {f"level_{k}": level.level, f"base_{k}": float(m.baseline), f"per_{k}": dt / signal.tau}
        found |= {f"fall_{k}": area(fast, dt), f"rest_{k}": area(slow, dt)}
        found |= {f"late_fall_{k}": moment(fast, dt) * slow, f"late_rest_{k}": moment(slow, dt) * slow}
        found[f"grow_{k}"] = grow
        found |= _factors(k, signal, dt, levels)
    return found


def _factors(k: str, signal: Signal, dt: float, levels: dict[str, Level]) -> dict[str, Any]:
    """What the kernel needs of the factors beside a modulator, and the integrals of all that falls together."""
    found: dict[str, Any] = {}
    if not signal.times:
        return found
    for f, factor in enumerate(signal.times):
        m = levels[factor.by].m
        found |= {f"level_{k}_{f}": levels[factor.by].level, f"base_{k}_{f}": float(m.baseline)}
        found |= {f"slope_{k}_{f}": factor.slope, f"still_{k}_{f}": factor.offset + factor.slope * m.baseline}
    taus = [levels[name].m.tau for name in (signal.by, *(f.by for f in signal.times))]
    for c, falls in enumerate(choices(signal)):
        rate = sum((1 / tau for tau, fall in zip(taus, falls, strict=True) if fall and tau is not None), 1 / signal.tau)
        found |= {f"area_{k}_{c}": area(rate, dt), f"moment_{k}_{c}": moment(rate, dt) / signal.tau}
    return found


def area(rate: float, dt: float) -> float:
    """The integral of exp(-rate s) over a step."""
    return -math.expm1(-rate * dt) / rate if rate else dt


def moment(rate: float, dt: float) -> float:
    """The integral of s exp(-rate s) over a step."""
    x = rate * dt
    if abs(x) < 1e-3:  # the closed form loses its digits there
        return dt * dt * (1 / 2 - x / 3 + x * x / 8 - x**3 / 30 + x**4 / 144)
    return (-math.expm1(-x) - x * math.exp(-x)) / rate**2
