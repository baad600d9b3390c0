"""How many humps: the dip test of unimodality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from spikeloom.core.arrays import finite, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import stream


@final
@dataclass(frozen=True)
class Dip:
    """What :func:`dip_test` found.

    Attributes:
        dip: the largest distance between the distribution of the values and the nearest one with a single hump.
        p: how often as many values that are uniformly distributed, the single hump that is hardest to tell, have a dip
            at least as large.
    """

    dip: float
    p: float


def dip_test(values: Any, *, draws: int = 1000, seed: int = 0) -> Dip:
    """Whether values have a single hump (Hartigan & Hartigan 1985, doi:10.1214/aos/1176346577).

    Args:
        values: two or more numbers.
        draws: how many sets of uniform numbers give the p-value.
        seed: of these.

    Raises:
        InvalidValueError: fewer than two values, or values that are not finite.

    >>> rng = np.random.default_rng(0)
    >>> one = rng.normal(size=300)
    >>> bool(dip_test(one).p > 0.05), bool(dip_test(np.concatenate([one, one + 5])).p < 0.01)
    (True, True)
    """
    given = to_numpy(values, "values").astype(np.float64).reshape(-1)
    if given.size < 2:
        raise InvalidValueError(f"a dip needs two or more values; given {given.size}")
    finite(given, "values", ("value",))
    from spikeloom.analysis.dip_compiled import dip_of

    found = float(dip_of(np.sort(given)))
    random = stream(seed, "dip test")
    number = whole(draws, "draws", minimum=1)
    others = np.array([dip_of(np.sort(random.random(given.size))) for _ in range(number)])
    return Dip(found, float((1 + (others >= found).sum()) / (1 + number)))
