"""A small stack of convolutions and images of lines: for the tests of what learns on such stacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import spikeloom as sl
from spikeloom.connections import Convolution, Dense, Pooling
from spikeloom.core.distributions import Normal
from spikeloom.encoding import DifferenceOfGaussians
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.plasticity import OrderSTDP
from spikeloom.units import second

ENCODER = DifferenceOfGaussians(rows=8, size=5, steps=10, normalise=0)
EVER = 1e9 * second
RULE = OrderSTDP(a_plus=0.1, a_minus=-0.08)


def once(theta: Any) -> LIF:
    return LIF(tau_m=EVER, theta=theta, t_ref=EVER)


def stack(
    side: int = 8, classes: int = 4, rule: Any = RULE, stride: int = 1, dtype: torch.dtype = torch.float64
) -> sl.Network:
    """Two convolutions that learn, each followed by a pooling, and a read-out."""
    net = sl.Network(dt=1.0, seed=3, dtype=dtype)
    begin = Normal(0.6, 0.1, low=0.0, high=1.0)
    net.input("in", 2 * side**2)
    first = Convolution(shape=(2, side, side), channels=6, kernel=3, padding=1)
    net.population("a", once(2.5), first.target_size)
    net.connect("in", "a", first, weight=begin, rule=rule)
    pool = Pooling(shape=first.target_shape, kernel=2)
    net.population("b", once(1.0), pool.target_size)
    net.connect("a", "b", pool, weight=1.0)
    second_ = Convolution(shape=pool.target_shape, channels=9, kernel=2, padding=1, stride=stride)
    net.population("c", once(1.5), second_.target_size)
    net.connect("b", "c", second_, weight=begin, rule=rule)
    net.population("out", LeakyIntegrator(tau_m=EVER), classes)
    net.connect("c", "out", Dense(), weight=0.0)
    return net


def lines(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 8 x 8 pixels with one line each, of four directions, anywhere, on a little noise."""
    random = np.random.default_rng(seed)
    y = np.arange(samples) % 4
    x = 0.1 * random.random((samples, 8, 8))
    for image, direction in zip(x, y):
        at, along = random.integers(1, 7), np.arange(8)
        rows, columns = [(at, along), (along, at), (along, (along + at) % 8), (along, (at - along) % 8)][direction]
        image[rows, columns] = 0.9
    return x.reshape(samples, 64).astype(np.float32), y
