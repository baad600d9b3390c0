"""What the maps of a convolution look for, as images of the input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch.nn.functional import conv_transpose2d

from spikeloom.connections import Convolution, Pooling
from spikeloom.network.network import Network
from spikeloom.network.parts import Projection


def preferred(
    net: Network, projection: str, weights: Mapping[str, torch.Tensor] | None = None, maps: int | None = None
) -> torch.Tensor:
    r"""What the maps of a convolution look for, (maps, channels, rows, columns), seen from below.

    Of a convolution from an input these are its weights. Of one from a layer of maps m below, which look for
    :math:`P_m`, it is their mean, weighted and put where the window has them:

    .. math:: P_o(c, y, x) = \frac{\sum_{m,i,j} w_{o,m,i,j}\; P_m(c,\; y - S i,\; x - S j)}{\sum_{m,i,j} |w_{o,m,i,j}|}

    with the stride S of the layer below, in which a pooling of K x K weighs each of its sources with 1 / K^2; and so on
    down to :func:`origin`, in units of the weights there. Layers between are taken as linear: this is a picture, and no
    measurement (as Kheradpisheh et al. 2018, doi:10.1016/j.neunet.2017.12.005, show their features).

    Args:
        net: the network.
        projection: a convolution.
        weights: weights to take instead of the network's, by projection.
        maps: how many maps, the first ones; all if not given.

    >>> from spikeloom.network import kheradpisheh
    >>> net = kheradpisheh(2 * 32**2)
    >>> preferred(net, "contrast->edges").shape, preferred(net, "near->parts", maps=10).shape
    (torch.Size([32, 2, 5, 5]), torch.Size([10, 2, 8, 8]))
    """
    known = {**dict(net.weights.items()), **(weights or {})}
    chain = [net.projections[projection], *_down(net, projection)]
    lowest = [p for p in chain if isinstance(p.connection, Convolution)][-1]

    def kernel(p: Projection) -> torch.Tensor:
        weight = known[p.name].detach().double().cpu()
        return weight if p is lowest else weight / weight.abs().sum((1, 2, 3), keepdim=True).clamp(min=1e-300)

    found = kernel(chain[0])[:maps]
    for below in chain[1:]:
        connection = below.connection
        if isinstance(connection, Convolution):
            found = conv_transpose2d(found, kernel(below), stride=connection.stride)
        elif isinstance(connection, Pooling):
            side, channels = connection.kernel, found.shape[1]
            mean = torch.full((channels, 1, side, side), 1 / side**2, dtype=found.dtype)
            found = conv_transpose2d(found, mean, stride=connection.stride or side, groups=channels)
    return found


def origin(net: Network, projection: str) -> str:
    """The input, or the lowest population of maps, whose images :func:`preferred` shows."""
    return [net.projections[projection], *_down(net, projection)][-1].source


def _down(net: Network, projection: str) -> Iterator[Projection]:
    """The convolutions and poolings below a convolution, from its source downwards, as far as there are no others."""
    at, seen = net.projections[projection], {projection}
    while True:
        onto = [p for p in net.incoming(at.source) if not p.recurrent]
        if len(onto) != 1 or onto[0].name in seen:
            return
        (below,) = onto
        made, used = below.connection, at.connection
        if not isinstance(made, (Convolution, Pooling)) or not isinstance(used, (Convolution, Pooling)):
            return
        if made.target_shape != used.shape:
            return
        yield below
        at = below
        seen.add(below.name)
