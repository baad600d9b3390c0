"""The 20 firing patterns of Izhikevich (2004), doi:10.1109/TNN.2004.832719, figure 1: settings, input, what each shows.

Parameters, input and scheme (one Euler step of v, then of u with the new v) are those of the program that the author
published with the figure (figure1.m). Three patterns change the equations: class 1 excitability and the integrator have
4.1 v + 108 instead of 5 v + 140, and in accommodation u does not decay by itself: u' = a b (v + 65).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from spikeloom.core.units import mV
from spikeloom.neurons import Izhikevich

Array = np.ndarray


@dataclasses.dataclass(frozen=True)
class Pattern:
    """One firing pattern: a neuron, how it begins, what it is given, and what makes the pattern."""

    letter: str
    name: str
    says: str
    """What must hold of the answer, in words."""
    neuron: Izhikevich
    v: float
    """The membrane potential to begin with [mV]."""
    dt: float
    duration: float
    """Both in ms."""
    current: Callable[[float], float]
    """The input at a time [ms]."""
    holds: Callable[[Array, Array], bool]
    """Whether spike times [ms] and membrane potential after each step (reset included) show the pattern."""
    u: float | None = None
    """The recovery to begin with; b v, if it is not given."""

    @property
    def times(self) -> Array:
        """The beginning of each step [ms]; the last one begins at ``duration``."""
        return np.arange(round(self.duration / self.dt) + 1) * self.dt

    def start(self) -> dict[str, float]:
        """The state to begin with."""
        return {"v": self.v, "u": self.neuron.b * self.v if self.u is None else self.u}

    def input(self) -> Array:
        """The current in each step."""
        return np.array([self.current(t) for t in self.times])


def simulate(pattern: Pattern) -> tuple[Array, Array]:
    """Spike times [ms] and the membrane potential after each step, in plain Python, as in the published program."""
    n, (v, u) = pattern.neuron, pattern.start().values()
    spikes, trace = [], []
    for t, i in zip(pattern.times, pattern.input(), strict=True):
        v = v + pattern.dt * (n.quadratic * v * v + n.linear * v + n.offset - u + i)
        u = u + pattern.dt * n.a * (n.b * (v - n.v_u) - (u if n.recovery == "leaky" else 0.0))
        if v >= n.v_peak:
            spikes.append(t)
            v, u = n.c, u + n.d
        trace.append(v)
    return np.array(spikes), np.array(trace)


# ------------------------------------------------------------------------------------------------- words for predicates
def within(spikes: Array, start: float, stop: float) -> bool:
    """There are spikes, all of them from ``start`` to ``stop`` ms."""
    return len(spikes) > 0 and bool(spikes.min() >= start and spikes.max() <= stop)


def once(spikes: Array, start: float, stop: float) -> bool:
    """There is one spike, between ``start`` and ``stop`` ms."""
    return len(spikes) == 1 and within(spikes, start, stop)


def goes_on(spikes: Array, until: float, early: int = 2) -> bool:
    """Spikes come at equal intervals (within 10 %) after the first ``early`` ones, to ``until`` ms."""
    intervals = np.diff(spikes)[early:]
    if len(intervals) < 2:
        return False
    return bool(np.ptp(intervals) <= 0.1 * intervals.mean() and until - spikes[-1] <= 1.1 * intervals[-1])


def bursts(spikes: Array, gap: float = 15.0) -> list[int]:
    """The number of spikes in each group; a silence of more than ``gap`` ms divides groups."""
    if not len(spikes):
        return []
    return [len(group) for group in np.split(spikes, np.flatnonzero(np.diff(spikes) > gap) + 1)]


def steps_up(at: float, height: float) -> Callable[[float], float]:
    """A current of ``height`` after a time."""
    return lambda t: height if t > at else 0.0


def pulses(begin: tuple[float, ...], length: float, height: float, base: float = 0.0) -> Callable[[float], float]:
    """A current of ``height`` for ``length`` ms after each of some times, else ``base``."""
    return lambda t: height if any(s < t < s + length for s in begin) else base


def _slow_and_fast_ramp(t: float) -> float:
    return t / 25 if t < 200 else 4 * (t - 300) / 12.5 if 300 <= t < 312.5 else 0.0


def _less_for_a_while(t: float) -> float:
    return 75.0 if 50 <= t <= 250 else 80.0


def _afterpotential(spikes: Array, v: Array) -> bool:
    after = v[round(spikes[0] / 0.1) :] if len(spikes) else v[:0]
    return once(spikes, 9, 12) and bool(after.max() > -55 and abs(after[-1] + 70) < 1)


def _oscillation(spikes: Array, v: Array) -> bool:
    tail = v[round(40 / 0.25) :] if once(spikes, 20, 30) else v[:0]
    turns = np.diff(np.sign(np.diff(tail)))
    return int((turns < 0).sum()) >= 3 and bool(np.ptp(tail) > 2)


def _neuron(a: float, b: float, c: float, d: float, **more: float | str) -> Izhikevich:
    return Izhikevich(a=a, b=b, c=c * mV, d=d, scheme="staggered", **more)  # pyright: ignore[reportArgumentType]


_FIRST_CLASS = {"linear": 4.1, "offset": 108.0}
_PAIRS = (100 / 11, 100 / 11 + 5, 70.0, 80.0)

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "A", "tonic spiking", "regular spikes to the end", _neuron(0.02, 0.2, -65, 6), -70, 0.25, 100,
        steps_up(10, 14), lambda s, v: goes_on(s, 100),
    ),
    Pattern(
        "B", "phasic spiking", "one spike at the onset", _neuron(0.02, 0.25, -65, 6), -64, 0.25, 200,
        steps_up(20, 0.5), lambda s, v: once(s, 20, 60),
    ),
    Pattern(
        "C", "tonic bursting", "bursts of three or more spikes, to the end", _neuron(0.02, 0.2, -50, 2), -70, 0.25, 220,
        steps_up(22, 15), lambda s, v: len(bursts(s)) >= 3 and min(bursts(s)) >= 3 and s[-1] > 180,
    ),
    Pattern(
        "D", "phasic bursting", "one burst at the onset", _neuron(0.02, 0.25, -55, 0.05), -64, 0.2, 200,
        steps_up(20, 0.6), lambda s, v: within(s, 20, 80) and len(bursts(s)) == 1 and len(s) >= 3,
    ),
    Pattern(
        "E", "mixed mode", "a burst at the onset, then single spikes to the end", _neuron(0.02, 0.2, -55, 4), -70, 0.25,
        160, steps_up(16, 10), lambda s, v: set(bursts(s)[1:]) == {1} and bursts(s)[0] >= 2 and goes_on(s, 165, 3),
    ),
    Pattern(
        "F", "spike frequency adaptation", "each interval is longer than the one before it",
        _neuron(0.01, 0.2, -65, 8), -70, 0.25, 85, steps_up(8.5, 30),
        lambda s, v: len(s) >= 5 and bool((np.diff(s, 2) > 0).all()),
    ),
    Pattern(
        "G", "class 1 excitable", "on a ramp, the rate grows from low values: the first interval is twice the last",
        _neuron(0.02, -0.1, -55, 6, **_FIRST_CLASS), -60, 0.25, 300, lambda t: 0.075 * max(t - 30, 0.0),
        lambda s, v: len(s) >= 5 and bool((np.diff(s, 2) <= 0).all()) and s[1] - s[0] > 2 * (s[-1] - s[-2]) and
        s[1] - s[0] > 35,
    ),
    Pattern(
        "H", "class 2 excitable", "on a ramp, it is silent, then fires at 40 Hz or more at once",
        _neuron(0.2, 0.26, -65, 0), -64, 0.25, 300, lambda t: -0.5 + 0.015 * max(t - 30, 0.0),
        lambda s, v: len(s) >= 5 and s[0] > 60 and bool((np.diff(s) < 25).all()) and s[1] - s[0] < 2 * (s[-1] - s[-2]),
    ),
    Pattern(
        "I", "spike latency", "one spike, ten ms or more after a short pulse", _neuron(0.02, 0.2, -65, 6), -70, 0.2,
        100, pulses((10.0,), 3, 7.04), lambda s, v: once(s, 23, 50),
    ),
    Pattern(
        "J", "subthreshold oscillations", "one spike, after which the membrane swings", _neuron(0.05, 0.26, -60, 0),
        -62, 0.25, 200, pulses((20.0,), 5, 2.0), _oscillation,
    ),
    Pattern(
        "K", "resonator", "of two pairs of pulses, the one at the membrane's own period fires it",
        _neuron(0.1, 0.26, -60, -1), -62, 0.25, 400, pulses((40.0, 60.0, 280.0, 320.0), 4, 0.65),
        lambda s, v: once(s, 320, 350),
    ),
    Pattern(
        "L", "integrator", "of two pairs of pulses, the closer one fires it",
        _neuron(0.02, -0.1, -55, 6, **_FIRST_CLASS), -60, 0.25, 100, pulses(_PAIRS, 2, 9.0),
        lambda s, v: once(s, _PAIRS[1], 40),
    ),
    Pattern(
        "M", "rebound spike", "one spike after a pulse of inhibition", _neuron(0.03, 0.25, -60, 4), -64, 0.2, 200,
        pulses((20.0,), 5, -15.0), lambda s, v: once(s, 25, 100),
    ),
    Pattern(
        "N", "rebound burst", "one burst after a pulse of inhibition", _neuron(0.03, 0.25, -52, 0), -64, 0.2, 200,
        pulses((20.0,), 5, -15.0), lambda s, v: within(s, 25, 120) and len(bursts(s)) == 1 and len(s) >= 3,
    ),
    Pattern(
        "O", "threshold variability", "a pulse fires it after inhibition, and does not without it",
        _neuron(0.03, 0.25, -60, 4), -64, 0.25, 100,
        lambda t: 1.0 if 10 < t < 15 or 80 < t < 85 else -6.0 if 70 < t < 75 else 0.0,
        lambda s, v: once(s, 80, 100),
    ),
    Pattern(
        "P", "bistability", "a pulse begins regular firing, another ends it", _neuron(0.1, 0.26, -60, 0), -61, 0.25,
        300, pulses((37.5, 216.0), 5, 1.24, 0.24), lambda s, v: within(s, 37.5, 221) and goes_on(s, 216, 0),
    ),
    Pattern(
        "Q", "depolarising afterpotential", "after its spike the membrane rises once more, then rests at -70 mV",
        _neuron(1.0, 0.2, -60, -21), -70, 0.1, 50, lambda t: 20.0 if abs(t - 10) < 1 else 0.0, _afterpotential,
    ),
    Pattern(
        "R", "accommodation", "a slow ramp to 8 does not fire it, a fast one to 4 does",
        _neuron(0.02, 1.0, -55, 4, v_u=-65 * mV, recovery="integrating"), -65, 0.5, 400, _slow_and_fast_ramp,
        lambda s, v: within(s, 300, 320), u=-16.0,
    ),
    Pattern(
        "S", "inhibition-induced spiking", "single spikes while its input is less", _neuron(-0.02, -1.0, -60, 8), -63.8,
        0.5, 350, _less_for_a_while, lambda s, v: within(s, 50, 250) and len(s) >= 2 and set(bursts(s)) == {1},
    ),
    Pattern(
        "T", "inhibition-induced bursting", "bursts while its input is less", _neuron(-0.026, -1.0, -45, -2), -63.8,
        0.5, 350, _less_for_a_while, lambda s, v: within(s, 50, 250) and len(bursts(s)) >= 2 and min(bursts(s)) >= 3,
    ),
)  # fmt: skip
"""All of them, in the order of the figure."""
