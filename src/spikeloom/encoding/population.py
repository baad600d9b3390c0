"""Several neurons per feature with overlapping Gaussian receptive fields."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.spikes import Spikes
from spikeloom.encoding.base import Encoder, checked_features, chunks, once_per_channel


@final
class Population(Encoder):
    r"""Population code: m neurons per feature, each with a preferred value; the closer to it, the earlier the spike.

    .. math:: c_i = x_{low} + \frac{2 i - 3}{2} \cdot \frac{x_{high} - x_{low}}{m - 2}, \quad i = 1 \ldots m
    .. math:: \sigma = \frac{1}{\beta} \cdot \frac{x_{high} - x_{low}}{m - 2}
    .. math:: g_i = e^{-(x - c_i)^2 / 2 \sigma^2}, \qquad t_i = \mathrm{round}((T - 1)(1 - g_i)) \qquad [t: steps]

    Neurons whose activation g is below ``threshold`` stay silent. Neuron i of feature f = 0, 1, ... is channel
    f m + i - 1. ``x`` must lie in [``low``, ``high``].

    Source: Bohte, Kok & La Poutre 2002, doi:10.1016/S0925-2312(01)00658-0 (beta = 1.5; ten steps, of which the last
    means silence: threshold 0.1).

    >>> spikes = Population(steps=10, neurons_per_feature=4).encode([[0.25]])
    >>> spikes.neuron.tolist(), spikes.step.tolist()
    ([1, 0, 2], [0, 6, 6])
    """

    whole_numbers: ClassVar[tuple[str, ...]] = ("steps", "neurons_per_feature")

    neurons_per_feature: int = parameter(default=8, unit="neurons", minimum=3, doc="receptive fields per feature, m")
    low: float = parameter(default=0.0, unit="unit of x", doc="smallest value of a feature")
    high: float = parameter(default=1.0, unit="unit of x", doc="largest value of a feature")
    beta: float = parameter(default=1.5, unit="1", positive=True, doc="how narrow the fields are")
    threshold: float = parameter(default=0.1, unit="1", minimum=0, maximum=1, doc="smallest activation that fires")

    def check(self) -> None:
        if not self.low < self.high:
            raise InvalidValueError(f"Population needs low < high; given low={self.low:g}, high={self.high:g}")

    def outputs(self, features: int) -> int:
        return features * self.neurons_per_feature

    def encode(self, x: Any, *, seed: int = 0, samples: Any = None, epoch: int = 0) -> Spikes:
        features = checked_features(x, self.low, self.high, "The range is set by Population(low=..., high=...)")
        m = self.neurons_per_feature
        spacing = (self.high - self.low) / (m - 2)
        centre = self.low + (np.arange(1, m + 1) - 1.5) * spacing
        width = spacing / self.beta
        parts: list[Spikes] = []
        for part in chunks(features):
            distance = (features[part].astype(np.float64)[:, :, None] - centre) / width
            activation = np.exp(-0.5 * distance**2).reshape(len(distance), self.outputs(features.shape[1]))
            parts.append(once_per_channel(1 - activation, activation >= self.threshold, self.steps, self.dt))
        return Spikes.concatenate(parts)
