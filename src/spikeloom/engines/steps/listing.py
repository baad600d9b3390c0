"""The synapses of a projection, as the engine makes them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import unknown_name
from spikeloom.core.random import key
from spikeloom.engines.steps.shards import delays_in, delays_of, weights_in, weights_of
from spikeloom.network import Network


class Synapses(NamedTuple):
    """One entry for each synapse, by target and then by source: the order of weights in a state."""

    source: NDArray[np.int32]
    target: NDArray[np.int64]
    weight: NDArray[Any]
    delay: NDArray[np.float64]
    """[ms], in whole steps."""


def synapses(net: Network, name: str) -> Synapses:
    """All synapses of the projection ``name`` of ``net`` with the weights that it begins with.

    >>> import spikeloom as sl
    >>> net = sl.Network(dt=0.1, seed=1)
    >>> cells = net.population("cells", sl.neurons.LIF(), 4)
    >>> _ = net.connect(cells, cells, sl.connections.OneToOne(), weight=0.5, delay=1.5)
    >>> synapses(net, "cells->cells").target
    array([0, 1, 2, 3])

    Raises:
        UnknownNameError: there is no such projection.
    """
    if name not in net.projections:
        raise unknown_name("projection", name, net.projections)
    p = net.projections[name]
    sources, targets = net.size(p.source), net.size(p.target)
    offsets, source = p.connection.incoming(sources, targets, key(net.seed, f"synapses {name}"), recurrent=p.recurrent)
    size = int(offsets[-1])
    weight = weights_of(weights_in(net, p, 0, targets, offsets), size)
    steps = delays_of(delays_in(net, p, net.dt, 0, targets, offsets), size)
    return Synapses(source, np.repeat(np.arange(targets), np.diff(offsets)), weight, steps * net.dt)
