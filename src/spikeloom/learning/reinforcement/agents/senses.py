"""What an observation makes the senses fire."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.learning.reinforcement.encoders import ObservationEncoder

GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio fill the interval from 0 to 1 evenly, however many there are."""

TRIED = 64
"""Observations over which the mean is taken."""


def regular(
    channels: NDArray[np.int64], rates: NDArray[np.float64], steps: int, dt: float
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    r"""Evenly spaced spikes of ``channels`` at ``rates`` [Hz] in ``steps`` steps of ``dt`` ms: offsets and channels.

    .. math:: n_k(t) = \lfloor \phi_k + r_k\, t \rfloor, \qquad \phi_k = k\, (\sqrt{5} - 1) / 2 \bmod 1

    is how many spikes the k-th active channel has fired by t: between two trains of the same rate lies a part of an
    interval, so that together they are spread over the steps. At most one spike in a step.

    >>> offsets, which = regular(np.array([3, 8]), np.array([200.0, 200.0]), steps=10, dt=1.0)
    >>> offsets.tolist(), which.tolist()
    ([0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4], [8, 3, 8, 3])
    """
    phase = np.arange(channels.size) * GOLDEN % 1.0
    time = np.arange(steps + 1) * (dt / 1e3)
    fired = np.floor(phase + np.multiply.outer(time, rates) + 1e-9)
    fires = fired[1:] > fired[:-1]
    offsets = np.zeros(steps + 1, np.int64)
    np.cumsum(fires.sum(1), out=offsets[1:])
    return offsets, channels[np.nonzero(fires)[1]].astype(np.int32)


class Drive(NamedTuple):
    """What senses fire upon one observation, in the mean over some."""

    total: float
    """Spikes of all channels together."""
    each: float
    """Spikes of a channel, in the mean over these spikes."""


def driven(encoder: ObservationEncoder, space: Any, seeing: float) -> Drive:
    """How much the senses fire in ``seeing`` ms, in the mean over random observations, those of ``encoder.examples``.

    Raises:
        InvalidValueError: they fire at none.
    """
    counts = [encoder.active(seen, space)[1] * (seeing / 1e3) for seen in encoder.examples(space, TRIED)]
    total = float(np.mean([c.sum() for c in counts]))
    if total <= 0:
        raise InvalidValueError(
            f"{type(encoder).__name__} fires at none of {TRIED} random observations of {space}; give it wider tuning "
            "or other bounds"
        )
    return Drive(total, float(sum((c**2).sum() for c in counts) / sum(c.sum() for c in counts)))
