"""How everything of this engine is compiled."""

from __future__ import annotations

from typing import Any

import numba
import numba.extending

intrinsic: Any = numba.extending.intrinsic
"""A function that writes the compiler's code itself; its first argument is given by the compiler."""


def compiled(**options: Any) -> Any:
    """Compile without the interpreter lock, and without counting references: such a function allocates no array.

    Numba counts a reference for every row that is taken from a matrix, an atomic operation that costs more than many a
    row; scratch memory is an argument instead.
    """
    njit: Any = numba.njit
    return njit(nogil=True, error_model="numpy", _nrt=False, **options)
