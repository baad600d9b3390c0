"""Dividing samples so that every class keeps its share."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import integers
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import stream


def stratified(
    labels: Any, fraction: float, *, seed: int = 0, name: str = "split"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the samples that stay and of those held out, each in ascending order.

    Of each class, ``fraction`` (rounded, but at least one of two or more, and never the only one) is held out, drawn at
    random by ``seed`` and ``name``; a class is drawn without regard to the others.

    Raises:
        InvalidValueError: ``fraction`` is not between 0 and 1, or no class has two samples.

    >>> stay, held_out = stratified([0, 0, 0, 0, 1, 1], 0.5)
    >>> len(stay), len(held_out)
    (3, 3)
    """
    if not isinstance(fraction, numbers.Real) or not 0 < fraction < 1:
        raise InvalidValueError(f"the fraction to hold out must lie between 0 and 1; given {fraction!r}")
    values = integers(labels, "labels")
    held_out = np.zeros(values.size, np.bool_)
    for label in np.unique(values):
        members = np.flatnonzero(values == label)
        many = min(max(round(float(fraction) * members.size), 1), members.size - 1)
        # The raw bits, as NumPy promises never to change them; it makes no such promise for permutation().
        bits = stream(seed, f"{name}/class {int(label)}").bit_generator.random_raw(members.size)
        held_out[members[np.argsort(bits, kind="stable")[:many]]] = True
    if not held_out.any():
        raise InvalidValueError(
            f"{values.size} samples are too few to hold some out: no class has two; "
            "give a Dataset, with a test set of its own"
        )
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
