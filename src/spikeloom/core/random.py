"""Random numbers that are looked up, not drawn in turn: the same seed, name and place give the same number.

A sequential generator makes a result depend on the order in which numbers happen to be drawn: on the batch size, on the
number of threads, on whether a run was resumed. A counter-based one (Philox: Salmon, Moraes, Dror & Shaw 2011,
doi:10.1145/2063384.2063405) is a function of its counter, so here every consumer has a named stream, and a place in it.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import to_numpy, whole
from spikeloom.core.errors import InvalidValueError


def stream(seed: int, name: str, *counters: int) -> np.random.Generator:
    """A NumPy generator for one purpose: ``stream(seed, "shuffle", epoch).permutation(n)``.

    Each (seed, name, counters) has 2**64 blocks of numbers of its own, whatever else was drawn before.

    Args:
        seed: the user's seed, a whole number >= 0.
        name: what the numbers are for, such as ``"weights/hidden->readout"``.
        counters: up to three whole numbers >= 0, such as an epoch.

    Raises:
        InvalidValueError: a negative or fractional seed or counter, or more than three counters.

    >>> first = stream(0, "shuffle", 3).permutation(5)
    >>> bool((stream(0, "shuffle", 3).permutation(5) == first).all())
    True
    """
    checked = [whole(counter, f"counter {i} of stream {name!r}", minimum=0) for i, counter in enumerate(counters, 1)]
    if len(checked) > 3 or any(counter >= 2**64 for counter in checked):
        raise InvalidValueError(f"a stream has at most three counters, each below 2**64; given {counters}")
    place = np.zeros(4, np.uint64)  # NumPy counts in the first word
    place[1 : 1 + len(checked)] = checked
    digest = _digest(seed, f"{name}/{len(counters)}", 16)
    return np.random.Generator(np.random.Philox(counter=place, key=np.frombuffer(digest, "<u8").astype(np.uint64)))


def uniform(seed: int, name: str, step: object, index: object) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1), one for each pair of ``step`` and ``index``, which are broadcast against each other.

    The number depends on (seed, name, step, index) alone: not on the batch it is asked for in, the order, the threads.
    It is the leading 53 bits of Philox4x32-10 at counter (index, step), keyed by a hash of seed and name.

    Args:
        seed: the user's seed, a whole number >= 0.
        name: what the numbers are for.
        step: whole numbers >= 0, an array or one number.
        index: the same.

    Raises:
        InvalidValueError: a negative or fractional seed, step or index, or shapes that cannot be broadcast.

    >>> uniform(0, "noise", step=7, index=[3, 1]) == uniform(0, "noise", step=[[7], [8]], index=[3, 1])[0]
    array([ True,  True])
    """
    steps, places = _counter(step, "step"), _counter(index, "index")
    try:
        shape = np.broadcast_shapes(steps.shape, places.shape)
    except ValueError:
        raise InvalidValueError(
            f"step and index must broadcast; given the shapes {steps.shape} and {places.shape}"
        ) from None
    from spikeloom.core.philox import fill_uniform

    number = np.uint64(key(seed, name))
    out = np.empty(shape, np.float64)
    steps, places = (np.broadcast_to(part, shape).flatten() for part in (steps, places))
    fill_uniform(number, steps, places, out.reshape(-1))
    return out


def key(seed: int, name: str) -> int:
    """The key of a stream of counter-based numbers, 0 to 2**64 - 1: a hash of ``seed`` and of what they are for."""
    return int.from_bytes(_digest(seed, name, 8), "little")


def _digest(seed: int, name: str, size: int) -> bytes:
    text = f"{whole(seed, 'seed', minimum=0)}/{name}"
    return hashlib.blake2b(text.encode(), digest_size=size, person=b"spikeloom").digest()


def _counter(values: object, name: str) -> NDArray[np.uint64]:
    array = to_numpy(values, name)
    if array.size == 0:
        return array.astype(np.uint64)
    if array.dtype.kind not in "iu" or (array.dtype.kind == "i" and int(array.min()) < 0):
        raise InvalidValueError(
            f"{name} must be whole numbers >= 0; given {array.dtype} from {array.min()} to {array.max()}"
        )
    return array.astype(np.uint64)
