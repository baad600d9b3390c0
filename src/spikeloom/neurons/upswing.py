r"""The upswing of an exponential neuron, straightened: a variable in which it takes no small steps.

Near its threshold such a membrane follows :math:`\Delta \dot z \approx \Delta e^z / \tau`, with :math:`z = (v - v_T) /
\Delta`, and reaches any potential in a moment: steps in ``v`` would have to become ever smaller. In

.. math:: y = -\log(1 + e^{-z}), \qquad z = -\log(e^{-y} - 1), \qquad \dot y = (1 - e^y)\,\dot z

it moves with a finite speed into its spike, at :math:`y \approx 0`: with :math:`\dot z = l + e^z / \tau`

.. math:: \dot y = \frac{e\,l + 1 / \tau}{1 + e}, \qquad e = e^{-z} = e^{-y} - 1

and far below threshold ``y`` is ``z`` itself. So one Runge-Kutta step of 0.1 ms follows the whole spike, and the moment
of the spike is where a curve that is nearly a line meets a level.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from spikeloom.core.language import exp, expm1, log, maximum, minimum, where
from spikeloom.neurons.integration import Slopes, crossing, midpoint, rk4

FAR = 30.0
"""Beyond so many ``Delta`` below threshold y and z are the same number (e^-30 is 1e-13)."""


def straightened(z: Any) -> Any:
    """``y`` of ``z``."""
    return where(z < -FAR, z, -log(1.0 + exp(minimum(-z, FAR))))


def level(top: Any) -> Any:
    """``y`` at the peak, for ``top`` = e^-z there."""
    return -log(1.0 + top)


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

    def potential(self, y: Any) -> Any:
        """The membrane potential, at most that of the peak."""
        return self.v_t + self.delta * back(y, self.top)[0]

    def step(
        self, linear: Slopes, others: Slopes, v: Any, rest: tuple[Any, ...], kicks: tuple[Any, ...], dt: Any,
        free: Any = 1.0, moving: Any = 1.0,
    ) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:  # fmt: skip
        """One step: the argument of ``spike`` [mV], and the state (v, ...) without a spike and with one.

        Args:
            linear: ``((v, ...), s)`` to (the derivative of v but for the exponential [mV/ms],).
            others: ``((v, ...), s)`` to the derivatives of the other variables.
            v: the membrane potential.
            rest: the other variables,
            kicks: and what a spike adds to them.
            dt: the step [ms].
            free: 0 where the membrane is refractory.
            moving: 0 where it will be after a spike.
        """

        def slopes(state: tuple[Any, ...], s: float) -> tuple[Any, ...]:
            z, e = back(state[0], self.top)
            full = (self.v_t + self.delta * z, *state[1:])
            return free * speed(e, linear(full, s)[0] / self.delta, self.rate), *others(full, s)

        begin = (straightened((v - self.v_t) / self.delta), *rest)
        end = rk4(slopes, begin, dt)
        peak = level(self.top)

        def onwards(state: tuple[Any, ...], s: float) -> tuple[Any, ...]:
            upwards = self.rate * self.delta * exp((state[0] - self.v_t) / self.delta)
            return moving * (linear(state, s)[0] + upwards), *others(state, s)

        u = crossing(begin[0], end[0], dt * slopes(begin, 0.0)[0], dt * self.rate, peak)
        past = slopes((peak, *rest), 1.0)[1:]
        kicked = [b - (1.0 - u) * dt * c + kick for b, c, kick in zip(end[1:], past, kicks, strict=True)]
        after = midpoint(onwards, (self.v_reset, *kicked), (1.0 - u) * dt)
        return self.delta * (end[0] - peak), (self.potential(end[0]), *end[1:]), after
