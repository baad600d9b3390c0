r"""The upswing of an exponential neuron, straightened: a variable in which it takes no small steps.

Near its threshold such a membrane follows :math:`\Delta \dot z \approx \Delta e^z / \tau`, with :math:`z = (v - v_T) /
\Delta`, and reaches any potential in a moment: steps in ``v`` would have to become ever smaller. In

.. math:: y = -\log(1 + e^{-z}), \qquad z = -\log(e^{-y} - 1), \qquad \dot y = (1 - e^y)\,\dot z

it moves with a finite speed into its spike, at :math:`y \approx 0`: with :math:`\dot z = l + e^z / \tau`

.. math:: \dot y = \frac{e\,l + 1 / \tau}{1 + e}, \qquad e = e^{-z} = e^{-y} - 1

and far below threshold ``y`` is ``z`` itself. So one Runge-Kutta step of 0.1 ms follows the whole spike, and the moment
of the spike is where a curve that is nearly a line meets a level.

A variable ``w`` that follows the membrane, w' = f v + ..., meets the logarithm in v there. It is taken out in closed
form: because e' = -(1 / tau + e l), what z > 0 adds to w is the change of :math:`-f \Delta \tau\, G`, with
G = e (1 + z), and 1 below threshold, but for a rest with e l, which is small and smooth.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from spikeloom.core.language import abs, exp, expm1, log, maximum, minimum, where
from spikeloom.neurons.integration import Slopes, midpoint, rk4

FAR = 30.0
"""Beyond so many ``Delta`` below threshold y and z are the same number (e^-30 is 1e-13)."""


def straightened(z: Any) -> Any:
    """``y`` of ``z``."""
    return where(z < -FAR, z, -_log1p(exp(minimum(-z, FAR))))


def level(top: Any) -> Any:
    """``y`` at the peak, for ``top`` = e^-z there."""
    return -_log1p(top)


def _log1p(x: Any) -> Any:
    """log(1 + x) for x > 0, accurate near zero, where the peak is."""
    return where(x < 1e-5, x * (1.0 - 0.5 * x), log(1.0 + x))


def back(y: Any, top: Any) -> tuple[Any, Any]:
    """``z`` of ``y``, at most that of the peak, and ``e``."""
    e = maximum(expm1(minimum(-y, FAR)), top)
    return where(y < -FAR, y, -log(e)), e


def speed(e: Any, linear: Any, rate: Any) -> Any:
    """The derivative of ``y``: ``linear`` is what moves ``z`` but for the exponential, ``rate`` its 1 / tau."""
    return (e * linear + rate) / (1.0 + e)


@dataclasses.dataclass(frozen=True)
class Membrane:
    """The constants of an exponential membrane: C dv/dt = g_L Delta e^z + ..."""

    v_t: Any
    delta: Any
    rate: Any  # g_L / C = 1 / tau [1/ms]
    top: Any  # e^-z at the peak
    v_reset: Any

    def step(
        self, linear: Slopes, others: Slopes, v: Any, rest: tuple[Any, ...], follows: tuple[Any, ...],
        kicks: tuple[Any, ...], dt: Any, free: Any = 1.0, moving: Any = 1.0,
    ) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:  # fmt: skip
        """One step: the argument of ``spike`` [mV], and the state (v, ...) without a spike and with one.

        Args:
            linear: ``((v, ...), s)`` to (the derivative of v but for the exponential [mV/ms],).
            others: ``((v, ...), s)`` to the derivatives of the other variables.
            v: the membrane potential.
            rest: the other variables,
            follows: the factor of v in the derivative of each,
            kicks: and what a spike adds to each.
            dt: the step [ms].
            free: 0 where the membrane is refractory.
            moving: 0 where it will be after a spike.
        """
        log_parts = [f * self.delta / self.rate for f in follows]

        def smooth(rest: tuple[Any, ...], z: Any, e: Any, sign: float) -> list[Any]:
            known = minimum(e, 1.0) * (1.0 + maximum(z, 0.0))
            return [w + sign * part * known for w, part in zip(rest, log_parts, strict=True)]

        def slopes(state: tuple[Any, ...], s: float) -> tuple[Any, ...]:
            z, e = back(state[0], self.top)
            full = (self.v_t + self.delta * z, *smooth(state[1:], z, e, -1.0))
            drift = linear(full, s)[0] / self.delta
            taken = free * maximum(z, 0.0) * (self.rate + e * drift)
            moves = [w - part * taken for w, part in zip(others(full, s), log_parts, strict=True)]
            return free * speed(e, drift, self.rate), *moves

        y = straightened((v - self.v_t) / self.delta)
        begin = (y, *smooth(rest, *back(y, self.top), 1.0))
        end = rk4(slopes, begin, dt)
        peak = level(self.top)

        def onwards(state: tuple[Any, ...], s: float) -> tuple[Any, ...]:
            upwards = self.rate * self.delta * exp((state[0] - self.v_t) / self.delta)
            first, last = linear(state, 0.0)[0], linear(state, 1.0)[0]
            return moving * (first + 0.5 * (1.0 + u) * (last - first) + upwards), *others(state, s)

        u = self.passage(linear, begin[0], rest, dt)
        there = tuple(a + u * (b - a) for a, b in zip(begin[1:], end[1:], strict=True))
        kicked = [w + kick for w, kick in zip(smooth(there, -log(self.top), self.top, -1.0), kicks, strict=True)]
        after = midpoint(onwards, (self.v_reset, *kicked), (1.0 - u) * dt)
        z, e = back(end[0], self.top)
        return self.delta * (end[0] - peak), (self.v_t + self.delta * z, *smooth(end[1:], z, e, -1.0)), after

    def passage(self, linear: Slopes, y: Any, rest: tuple[Any, ...], dt: Any) -> Any:
        """The fraction of the step at which the peak is reached (any number between 0 and 1 where it is not)."""
        e = back(y, self.top)[1]
        drop = e - self.top
        first = linear((self.v_t - self.delta * log(e), *rest), 0.0)[0] / self.delta
        speed_at_top = first * self.top + self.rate
        x = maximum(first * drop / speed_at_top, -0.999)
        small = abs(x) < 1e-4
        safe = where(small, 1.0, x)
        path = log(1.0 + safe)
        ratio = where(small, 1.0 - 0.5 * x, path / safe)
        half = where(small, 0.5 - 0.125 * x, expm1(0.5 * path) / safe)
        middle = self.top + drop * half
        there = linear((self.v_t - self.delta * log(middle), *rest), 0.5)[0] / self.delta
        correction = (first * middle + self.rate) / (there * middle + self.rate)
        time = drop / speed_at_top * ratio * (2.0 + 4.0 * correction) / 6.0
        return minimum(maximum(time / dt, 0.0), 1.0)
