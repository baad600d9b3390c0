# pyright: basic
"""The compiled half of :mod:`spikeloom.core.distributions`: quantile functions, and a loop that fills rows with values.

Each value is a quantile function at one uniform number, which Philox gives for (key, target, place in the row). Nothing
is drawn in turn, so any division of the rows among calls and threads gives the same values.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from spikeloom.core.philox import philox4x32

CONSTANT, UNIFORM, NORMAL, LOG_NORMAL, EXPONENTIAL = range(5)
"""The kinds that :func:`fill_rows` knows."""

TRIES = 1000
"""How often a value is drawn before its bounds are called impossible."""

_TAG = np.uint64(0x76616C75)  # the counter word that keeps these numbers apart from the synapses of the same key
_LOW, _32, _12, _ZERO = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(12), np.uint64(0)


@numba.njit(cache=True, nogil=True)
def unit(high, low):
    """A number in (0, 1), never 0 or 1, from two 32-bit words: the middle of one of 2**52 equal parts."""
    return (np.float64(((high << _32) | low) >> _12) + 0.5) * 2.0**-52


@numba.njit(cache=True, nogil=True)
def normal_quantile(p):
    """The standard normal quantile function to 1e-16 (Wichura 1988, algorithm AS 241, doi:10.2307/2347330)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        above = 2.5090809287301226727e3 * r + 3.3430575583588128105e4
        above = ((above * r + 6.7265770927008700853e4) * r + 4.5921953931549871457e4) * r + 1.3731693765509461125e4
        above = ((above * r + 1.9715909503065514427e3) * r + 1.3314166789178437745e2) * r + 3.3871328727963666080e0
        below = 5.2264952788528545610e3 * r + 2.8729085735721942674e4
        below = ((below * r + 3.9307895800092710610e4) * r + 2.1213794301586595867e4) * r + 5.3941960214247511077e3
        below = ((below * r + 6.8718700749205790830e2) * r + 4.2313330701600911252e1) * r + 1.0
        return q * above / below
    r = math.sqrt(-math.log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        above = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
        above = ((above * r + 2.41780725177450611770e-1) * r + 1.27045825245236838258e0) * r + 3.64784832476320460504e0
        above = ((above * r + 5.76949722146069140550e0) * r + 4.63033784615654529590e0) * r + 1.42343711074968357734e0
        below = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
        below = ((below * r + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r
        below = ((below + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
        below = (below + 2.05319162663775882187e0) * r + 1.0
    else:
        r -= 5.0
        above = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
        above = (
            (above * r + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2
        ) * r + 2.96560571828504891230e-1
        above = ((above * r + 1.78482653991729133580e0) * r + 5.46378491116411436990e0) * r + 6.65790464350110377720e0
        below = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
        below = ((below * r + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r
        below = ((below + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
        below = (below + 5.99832206555887937690e-1) * r + 1.0
    return above / below if q > 0 else -above / below


@numba.njit(cache=True, nogil=True)
def quantile(kind, a, b, u):
    """The value below which the part ``u`` of a distribution lies; what ``a`` and ``b`` are depends on its kind."""
    if kind == NORMAL:
        return a + b * normal_quantile(u)
    if kind == LOG_NORMAL:
        return a * math.exp(b * normal_quantile(u))
    if kind == EXPONENTIAL:
        return -a * math.log(u)
    return a + b * u  # uniform, from a to a + b; a constant has b = 0


@numba.njit(cache=True, nogil=True)
def fill_rows(
    kind: int,
    a: float,
    b: float,
    low: float,
    high: float,
    key: np.uint64,
    first_target: int,
    offsets: NDArray[np.int64],
    out: NDArray[Any],
) -> int:
    """out[offsets[j] : offsets[j + 1]] = the values of target ``first_target + j``, redrawn until in [low, high].

    Returns the first target for which ``TRIES`` draws were not enough, or -1.
    """
    k0, k1 = key & _LOW, key >> _32
    for j in range(offsets.size - 1):
        start, size, target = offsets[j], offsets[j + 1] - offsets[j], np.uint64(first_target + j)
        for block in range((size + 1) // 2):
            w0, w1, w2, w3 = philox4x32(np.uint64(block), target, _ZERO, _TAG, k0, k1)
            for half in range(2):
                place = 2 * block + half
                if place == size:
                    break
                value = quantile(kind, a, b, unit(w0, w1) if half == 0 else unit(w2, w3))
                tries = 1
                while value < low or value > high:
                    if tries == TRIES:
                        return first_target + j
                    r0, r1, _, _ = philox4x32(np.uint64(place), target, np.uint64(tries), _TAG, k0, k1)
                    value = quantile(kind, a, b, unit(r0, r1))
                    tries += 1
                out[start + place] = value
    return -1
