# pyright: basic
"""Philox4x32-10, the counter-based generator of Salmon et al. (2011), compiled; :mod:`spikeloom.core.random` calls it.

Importing this module imports Numba, which takes a while: import it inside the function that needs it.

Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)  # multipliers of the round
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)  # steps of the key between rounds
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@numba.njit(cache=True, nogil=True, inline="always")
def philox4x32(c0, c1, c2, c3, k0, k1):
    """The four 32-bit words at counter (c0, c1, c2, c3) under key (k0, k1); all are uint64 that hold 32-bit words."""
    for _ in range(10):
        high0, low0 = (_M0 * c0) >> _32, (_M0 * c0) & _LOW
        high1, low1 = (_M1 * c2) >> _32, (_M1 * c2) & _LOW
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@numba.njit(cache=True, nogil=True)
def fill_uniform(key: np.uint64, step: NDArray[np.uint64], index: NDArray[np.uint64], out: NDArray[np.float64]) -> None:
    """out[i] = the number in [0, 1) at counter (step[i], index[i]): 53 random bits of the first two words."""
    k0, k1 = key & _LOW, key >> _32
    for i in range(out.size):
        s, j = step[i], index[i]
        w0, w1, _, _ = philox4x32(j & _LOW, j >> _32, s & _LOW, s >> _32, k0, k1)
        out[i] = np.float64(((w0 << _32) | w1) >> np.uint64(11)) * 2.0**-53
