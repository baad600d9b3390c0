"""A threshold that trembles."""

from __future__ import annotations

from typing import final

from spikeloom.learning.reinforcement.exploration.base import DRIVE, Exploration, drive_with
from spikeloom.network import Network
from spikeloom.sources import ThresholdNoise


@final
class ThresholdTremor(Exploration):
    r"""The threshold of each neuron is drawn anew in each step.

    By :class:`~spikeloom.sources.ThresholdNoise` of this amount [mV]:

    .. math:: \text{spike} \iff v \ge \theta + a(\text{episode})\, \xi_k, \qquad \xi_k \sim N(0, 1)

    The membrane itself stays what its inputs make it. It is escape noise with a Gaussian in place of an exponential
    (Gerstner, Kistler, Naud & Paninski 2014, doi:10.1017/CBO9781107447615, chapter 9).
    """

    def install(self, net: Network, population: str) -> None:
        self.begin(net, population, 0)

    def begin(self, net: Network, population: str, episode: int) -> None:
        drive_with(net, population, DRIVE, ThresholdNoise(sigma=self.at(episode)))
