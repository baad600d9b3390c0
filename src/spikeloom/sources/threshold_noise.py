"""A threshold that trembles."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import mV
from spikeloom.sources.base import Source


@final
class ThresholdNoise(Source):
    r"""A threshold drawn anew in each step, for each neuron on its own, whatever its model.

    .. math:: \text{spike} \iff v \ge \theta + \sigma \, \xi_k, \qquad \xi_k \sim N(0, 1)
    """

    sigma: float = parameter(default=1 * mV, unit="mV", minimum=0, doc="standard deviation of the threshold")

    gives_current: ClassVar[bool] = False
    shifts_threshold: ClassVar[bool] = True
