"""Noise of any distribution: one class with a text for what is drawn."""

from __future__ import annotations

import numpy as np

from spikeloom.core.language import uniform, where
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.sources import Source
from spikeloom.sources.noise import Noise


class Coin(Source):
    """Two currents, one as likely as the other."""

    gives_current = False

    def receptor(self, weight: float) -> Noise:
        return Sides(mean=3.0 * weight, scale=weight)


class Sides(Noise):
    """The current of a coin."""

    @staticmethod
    def draw(noise, scale):
        return where(uniform() < 0.5, -scale, scale)


def test_another_distribution_is_one_text() -> None:
    net = Network(dt=0.5, seed=3)
    net.population("cells", LIF(tau_m=20.0, resistance=0.1, theta=1e9, input="current"), 500)
    net.drive("cells", Coin(), weight=2.0)
    record = run(net, duration=100.0, record=["cells.sides.noise", "cells.v"], progress=False)
    noise, v = np.asarray(record["cells.sides.noise"])[:, 0], np.asarray(record["cells.v"])[:, 0]
    assert noise.shape == (200, 500)
    assert set(np.unique(noise)) == {-2.0, 2.0}
    assert abs(noise.mean()) < 5 * 2 / noise.size**0.5
    decay = np.exp(-0.5 / 20)
    expected = v[:-1] * decay + 0.1 * (1 - decay) * (6 + noise[:-1])
    np.testing.assert_allclose(v[1:], expected, atol=1e-5)
