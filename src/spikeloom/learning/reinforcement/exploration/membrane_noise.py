"""Noise at the membrane."""

from __future__ import annotations

import math
from typing import final

from spikeloom.learning.reinforcement.exploration.base import DRIVE, Exploration, drive_with
from spikeloom.network import Network
from spikeloom.sources import Poisson, WhiteNoise


@final
class MembraneNoise(Exploration):
    r"""Noise of this amount is added to what each neuron receives in each step.

    .. math:: x_k \leftarrow x_k + a(\text{episode})\, \xi_k, \qquad \langle \xi_k \rangle = 0,
              \; \langle \xi_k \xi_l \rangle = \delta_{kl}

    For a neuron that receives currents, white noise [pA] (:class:`~spikeloom.sources.WhiteNoise`). For one of
    ``input="delta"``, jumps of +- a / sqrt(2) mV that come at random, one of each kind per step in the mean
    (:class:`~spikeloom.sources.Poisson`); its membrane of time constant tau_m then has the standard deviation
    :math:`a / \sqrt{1 - e^{-2\,dt/\tau_m}}`. The cells differ, and so does each of their trials: what one did more than
    usual is correlated with what it brought (Xie & Seung 2004, doi:10.1103/PhysRevE.69.041909).

    >>> from spikeloom.neurons import LIF
    >>> net = Network(dt=1.0)
    >>> _ = net.population("action", LIF(input="current"), 4)
    >>> noise = MembraneNoise(amount=0.1)
    >>> noise.install(net, "action")
    >>> net.drives["exploration->action"].source
    WhiteNoise(mean=0, sigma=0.1)
    """

    def install(self, net: Network, population: str) -> None:
        self.begin(net, population, 0)

    def begin(self, net: Network, population: str, episode: int) -> None:
        amount = self.at(episode)
        if getattr(net.populations[population].neuron, "input", "current") == "current":
            drive_with(net, population, DRIVE, WhiteNoise(mean=0.0, sigma=amount))
            return
        each = Poisson(rate=1 / net.dt)
        drive_with(net, population, DRIVE, each, amount / math.sqrt(2))
        drive_with(net, population, f"{DRIVE} (down)", each, -amount / math.sqrt(2))
