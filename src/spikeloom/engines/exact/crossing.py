"""The membrane between two events, and when it reaches the threshold, as compiled functions.

With nothing arriving, a membrane under an exponential current is a sum of two exponentials,

    v(s) = rest + (v - rest - b) e^(-s / tau_m) + b e^(-s / tau_s),    b = R i tau_s / (tau_s - tau_m)

which has one extremum at most: the first time at threshold is found without a doubt, and to rounding.
"""

from __future__ import annotations

import math

from spikeloom.engines.cpu.compiled import compiled

CLOSE = 1e-6
"""Time constants whose relative difference is smaller count as equal: the limit is then exact to 1e-12."""


@compiled(cache=True)
def membrane(s, v, i, rest, tau_m, tau_s, resistance):
    """The potential ``s`` ms later; ``tau_s`` 0: there is no current."""
    decay = math.exp(-s / tau_m)
    moved = v + (rest - v) * -math.expm1(-s / tau_m)
    if tau_s == 0.0 or i == 0.0:
        return moved
    if abs(tau_s - tau_m) < CLOSE * tau_m:
        # s e^(-s / tau_m), with the first correction for the difference of the rates
        difference = s * (1.0 / tau_s - 1.0 / tau_m)
        return moved + resistance * i * s / tau_m * decay * (1.0 - difference / 2.0)
    apart = math.expm1(-s * (1.0 / tau_s - 1.0 / tau_m))
    return moved + resistance * i * tau_s / (tau_s - tau_m) * decay * apart


@compiled(cache=True)
def first_crossing(v, i, rest, theta, tau_m, tau_s, resistance):
    """Time [ms] until the potential reaches ``theta`` from below; infinite if it never does."""
    if v >= theta:
        return 0.0
    if tau_s == 0.0 or i == 0.0:
        return tau_m * math.log((rest - v) / (rest - theta)) if rest > theta else math.inf
    if rest > theta:  # it gets there in the end, and crosses once: there is no second extremum
        high = tau_m
        while membrane(high, v, i, rest, tau_m, tau_s, resistance) < theta:
            high *= 2.0
        return _root(0.0, high, v, i, rest, theta, tau_m, tau_s, resistance)
    # Only a current that lifts it, and a peak ahead, can bring it above where it would rest.
    slope = (rest - v + resistance * i) / tau_m
    if i <= 0.0 or slope <= 0.0:
        return math.inf
    peak = _peak(v, i, rest, slope, tau_m, tau_s, resistance)
    if not peak > 0.0 or membrane(peak, v, i, rest, tau_m, tau_s, resistance) < theta:
        return math.inf
    return _root(0.0, peak, v, i, rest, theta, tau_m, tau_s, resistance)


@compiled(cache=True)
def _peak(v, i, rest, slope, tau_m, tau_s, resistance):
    """When the slope is zero; at most some 700 time constants ahead, where nothing moves any more."""
    longest = 700.0 * max(tau_m, tau_s)
    if abs(tau_s - tau_m) < CLOSE * tau_m:
        return min(longest, slope * tau_m * tau_m / (resistance * i))
    b = resistance * i * tau_s / (tau_s - tau_m)
    a = v - rest - b
    ratio = -(b / tau_s) / (a / tau_m) if a != 0.0 else 0.0
    return min(longest, math.log(ratio) / (1.0 / tau_s - 1.0 / tau_m)) if ratio > 0.0 else longest


@compiled(cache=True)
def _root(low, high, v, i, rest, theta, tau_m, tau_s, resistance):
    """The time between ``low`` (below ``theta``) and ``high`` (not below) at which it is reached, by bisection."""
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        if membrane(middle, v, i, rest, tau_m, tau_s, resistance) < theta:
            low = middle
        else:
            high = middle
    return high
