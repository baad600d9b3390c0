# pyright: basic
"""Compiled: one interval of a field, uptake and diffusion; and what is deposited in it.

Importing this module imports Numba, which takes a while: import it inside the function that needs it. Nothing here
allocates, so that kernels may call it; sums have a fixed order, so that all threads that compute a field agree.
"""

from __future__ import annotations

import math

import numba

_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}

FORGOTTEN = 1e-12
"""A field that is nowhere further than this [nM] from its rest is at rest."""


@numba.njit(**_OPTIONS)
def take_up(above, rest, time, linear, v_max, k_m):
    """Uptake over ``time`` where the concentration is ``above`` + ``rest``; returns the largest that is left.

    du/dt = -(linear + V K / ((K + rest) (K + rest + u))) u: the loss above that at rest, which a steady source makes up
    for. By an exponential midpoint: of second order, exact without V, never negative, whatever the step.
    """
    most = 0.0
    strength = v_max * k_m / (k_m + rest)
    everywhere = math.exp(-linear * time)
    for i in range(above.size):
        u = above[i]
        if v_max > 0.0:
            middle = u * math.exp(-0.5 * time * (linear + strength / (k_m + rest + u)))
            u *= math.exp(-time * (linear + strength / (k_m + rest + middle)))
        else:
            u *= everywhere
        above[i] = u
        most = max(most, u)
    return most


@numba.njit(**_OPTIONS)
def spread(above, work, n, inner, width, columns, values):
    """Diffusion along one dimension of ``n`` cells: ``values`` of the cells ``columns`` make up each."""
    for o in range(above.size // (n * inner)):
        for i in range(n):
            to = (o * n + i) * inner
            for r in range(inner):
                work[to + r] = 0.0
            for m in range(width):
                value, from_ = values[i * width + m], (o * n + columns[i * width + m]) * inner
                for r in range(inner):
                    work[to + r] += value * above[from_ + r]
    for i in range(above.size):
        above[i] = work[i]


@numba.njit(**_OPTIONS)
def interval(above, work, axes, columns, values, uptake):
    """Move a field on by one interval: half the uptake, diffusion along each dimension, half the uptake.

    ``axes`` (dimensions, 3): cells, width of a row, and where the rows begin in ``columns`` and ``values``; ``uptake``:
    rest, half of the interval, linear rate, V, K. Returns the largest concentration above rest.
    """
    rest, half, linear, v_max, k_m = uptake[0], uptake[1], uptake[2], uptake[3], uptake[4]
    take_up(above, rest, half, linear, v_max, k_m)
    inner = above.size
    for d in range(axes.shape[0]):
        n, width, begin = axes[d, 0], axes[d, 1], axes[d, 2]
        inner //= n
        end = begin + n * width
        spread(above, work, n, inner, width, columns[begin:end], values[begin:end])
    most = take_up(above, rest, half, linear, v_max, k_m)
    if most < FORGOTTEN:
        above[:] = 0.0
        return 0.0
    return most


@numba.njit(**_OPTIONS)
def border(above, pending, held, work, busy, axes, columns, values, uptake):
    """The beginning of an interval: what was released since the last one arrives, and the field moves on.

    ``held`` gets what is read during the interval: the mean of the concentrations at its beginning and at its end,
    which is of second order. ``busy``: whether something is ``pending``, and whether the field is not at rest.
    """
    if busy[0] == 0 and busy[1] == 0:
        for i in range(above.size):
            held[i] = uptake[0]
        return
    if busy[0] != 0:
        for i in range(above.size):
            above[i] += pending[i]
            pending[i] = 0.0
        busy[0] = 0
    for i in range(above.size):
        held[i] = uptake[0] + 0.5 * above[i]
    busy[1] = interval(above, work, axes, columns, values, uptake) > 0.0
    for i in range(above.size):
        held[i] += 0.5 * above[i]
