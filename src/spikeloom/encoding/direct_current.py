"""No spikes: the features drive the network as a constant current."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from spikeloom.core.current import Current
from spikeloom.core.parameters import parameter
from spikeloom.encoding.base import Encoder, checked_features


@final
class DirectCurrent(Encoder):
    r"""Direct-current code: each feature is injected as a constant input through the first layer's weights.

    .. math:: I_n(t) = g \, x_n \quad \text{for all } t

    The first layer of neurons then turns numbers into spikes itself, and learns how. ``x`` may be any finite number.

    Source: Rueckauer et al. 2017, doi:10.3389/fnins.2017.00682 (analog input instead of Poisson spikes).

    >>> DirectCurrent(steps=10, gain=2.0).encode([[0.25, 0.5]])
    Current(T=10, B=1, N=2, dt=1 ms, 0.5 to 1)
    """

    gain: float = parameter(default=1.0, unit="1 / unit of x", doc="factor g from feature to input")

    def encode(self, x: Any, *, seed: int = 0, samples: Any = None, epoch: int = 0) -> Current:
        features = checked_features(x)
        return Current(features * np.asarray(self.gain, features.dtype), self.steps, dt=self.dt)
