"""Stacks of convolutions and poolings whose neurons fire once in a sample."""

from __future__ import annotations

import math
from typing import Final

from spikeloom.connections import Convolution, Dense, Pooling
from spikeloom.core.distributions import Normal
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.units import ms, mV, second
from spikeloom.network.network import Network
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.plasticity import OrderSTDP, Plasticity

EVER: Final = 1e9 * second
"""Much longer than any sample: neurons that do not leak, and do not fire twice."""

BEGIN: Final = Normal(0.8, 0.05, low=0.0, high=1.0)
"""From which the weights that learn are drawn."""


def kheradpisheh(
    channels: int,
    first: int = 32,
    second: int = 150,
    classes: int = 10,
    *,
    rule: Plasticity | None = None,
    dt: float = 1 * ms,
    seed: int = 0,
) -> Network:
    """Square images of on- and off-cells, ``first`` maps of windows of 5 x 5, a pooling of 2 x 2, ``second`` maps of
    windows of 2 x 2, another pooling, and a read-out of ``classes``.

    Thresholds, windows, edges and initial weights are those of SpykeTorch's program for the digits of Kheradpisheh,
    Ganjtabesh, Thorpe & Masquelier (2018, doi:10.1016/j.neunet.2017.12.005). There layers are padded with silent
    neurons, and synapses learn that these are silent: so give the encoder a margin, as in
    ``DifferenceOfGaussians(rows=28, margin=2)``; the first pooling has neurons around it that nothing reaches. Both
    convolutions learn by ``rule``, which is what :class:`~spikeloom.learning.Competitive` trains.

    Args:
        channels: of the input, twice the cells of a square: 2 * 32**2 for MNIST with a margin of 2.
        first, second: maps of the two convolutions.
        classes: neurons of the read-out.
        rule: how the convolutions learn; OrderSTDP() if not given.
        dt: length of a step, ms.
        seed: of the initial weights.

    >>> net = kheradpisheh(2 * 32**2)
    >>> [net.projections[name].connection.target_shape for name in ("contrast->edges", "edges->near", "near->parts")]
    [(32, 28, 28), (32, 17, 17), (150, 16, 16)]
    """
    side = math.isqrt(channels // 2)
    if 2 * side**2 != channels or side < 5:
        raise InvalidValueError(
            f"kheradpisheh(channels={channels!r}): give twice the cells of a square image of at least 5 x 5, such as "
            "DifferenceOfGaussians(rows=28, margin=2).outputs(28 * 28)"
        )
    rule = OrderSTDP() if rule is None else rule
    net = Network(dt=dt, seed=seed)
    net.input("contrast", channels)
    edges = Convolution(shape=(2, side, side), channels=first, kernel=5)
    near = Pooling(shape=edges.target_shape, kernel=2, padding=3)
    parts = Convolution(shape=near.target_shape, channels=second, kernel=2)
    features = Pooling(shape=parts.target_shape, kernel=2, padding=1)
    source = "contrast"
    layers = (
        ("edges", edges, 10 * mV),
        ("near", near, 1 * mV),
        ("parts", parts, 1 * mV),
        ("features", features, 1 * mV),
    )
    for name, connection, theta in layers:
        learns = isinstance(connection, Convolution)
        net.population(name, LIF(tau_m=EVER, theta=theta, t_ref=EVER), connection.target_size)
        net.connect(source, name, connection, weight=BEGIN if learns else 1.0, rule=rule if learns else None)
        source = name
    net.population("digit", LeakyIntegrator(tau_m=EVER), classes)
    net.connect(source, "digit", Dense(), weight=0.0)
    return net
