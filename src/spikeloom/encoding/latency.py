"""One spike per channel: the stronger, the earlier."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from spikeloom.core.parameters import parameter
from spikeloom.core.spikes import Spikes
from spikeloom.encoding.base import Encoder, checked_features, chunks, once_per_channel


@final
class Latency(Encoder):
    r"""Latency code: each channel fires once, and the larger its feature the earlier.

    .. math:: t = \mathrm{round}\left((T - 1) \frac{1 - x}{1 - \theta}\right) \text{ if } x \ge \theta,
              \text{ else silent}  \qquad [t: steps]

    x = 1 fires at step 0 and x = threshold at the last step. With threshold 0 (or ``None``) every channel fires; above
    0 the weak ones stay silent, so a dark pixel costs nothing. ``x`` must lie in [0, 1].

    Source: Thorpe & Gautrais 1998, doi:10.1007/978-1-4615-4831-7_19 (strong input fires first); Kheradpisheh &
    Masquelier 2020, doi:10.1142/S0129065720500276 (the linear map; no threshold, and truncated where we round).

    >>> Latency(steps=11).encode([[1.0, 0.75, 0.0]]).step.tolist()
    [0, 3, 10]
    >>> Latency(steps=11, threshold=0.5).encode([[1.0, 0.75, 0.0]]).step.tolist()
    [0, 5]
    """

    threshold: float | None = parameter(
        default=0.0, unit="1", minimum=0, maximum=1, doc="smallest feature that fires; 0 or None: all fire"
    )

    def __post_init__(self) -> None:
        if self.threshold is None:
            object.__setattr__(self, "threshold", 0.0)
        super().__post_init__()

    def encode(self, x: Any, *, seed: int = 0, samples: Any = None, epoch: int = 0) -> Spikes:
        features = checked_features(x, 0, 1, "Scale it first, as in x / 255 for 8-bit images")
        threshold = self.threshold or 0.0
        span = max(1 - threshold, np.finfo(np.float64).tiny)  # threshold 1: only x = 1 fires, at step 0
        parts: list[Spikes] = []
        for part in chunks(features):
            strength = features[part].astype(np.float64)
            fires = features[part] >= features.dtype.type(threshold)  # 0.7 in float32 is not below 0.7 in float64
            parts.append(once_per_channel(np.minimum((1 - strength) / span, 1), fires, self.steps, self.dt))
        return Spikes.concatenate(parts)
