"""Independent Poisson events."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import Hz
from spikeloom.sources.base import Source


@final
class Poisson(Source):
    r"""Independent Poisson events at each neuron, as of many independent sources together.

    .. math:: P(k \text{ events in a step}) = e^{-r\,dt} (r\,dt)^k / k!

    Which events come in which step at which neuron is a function of the network's seed, the same on any number of
    threads; tails of a probability below 2**-32 are left out.
    """

    rate: float = parameter(default=1000 * Hz, unit="Hz", minimum=0, doc="events of each neuron")

    gives_events: ClassVar[bool] = True
    gives_current: ClassVar[bool] = False
