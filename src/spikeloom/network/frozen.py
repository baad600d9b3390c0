"""A network that no longer learns by itself."""

from __future__ import annotations

import copy
import dataclasses
import weakref
from typing import Any

import torch

from spikeloom.network.network import Network

_resting: weakref.WeakKeyDictionary[Network, tuple[Any, Network]] = weakref.WeakKeyDictionary()


def resting(net: Network) -> Network:
    """``net`` without its rules of plasticity: the same parameters, to be trained otherwise; ``net`` if it has none.

    >>> from spikeloom.network.builders import diehl_cook
    >>> net = diehl_cook(64, 20, 10)
    >>> resting(net).weights["input->exc"] is net.weights["input->exc"]
    True
    """
    rules = {n: p.rule for n, p in net.projections.items() if p.rule is not None}
    if not rules:
        return net
    known = _resting.get(net)
    if known is None or known[0] != (*net.projections, *net.populations):
        made = copy.copy(net)
        made.projections = {n: dataclasses.replace(p, rule=None) for n, p in net.projections.items()}
        _resting[net] = known = ((*net.projections, *net.populations), made)
    return known[1]


def frozen(net: Network) -> Network:
    """``net`` as it is now, without its rules of plasticity, and with neurons that forget and learn nothing.

    The weights are the very ones of ``net``, not copies; neurons are as they are now.

    >>> from spikeloom.network.builders import diehl_cook
    >>> still = frozen(diehl_cook(64, 20, 10))
    >>> still.projections["input->exc"].rule is None
    True
    """
    made = Network(dt=net.dt, seed=net.seed, dtype=net.dtype)
    for i in net.inputs.values():
        made.input(i.name, i.size)
    for p in net.populations.values():
        neuron = net.neuron(p.name)
        now = {k: v.detach() if isinstance(v, torch.Tensor) else v for k, v in neuron.values().items()}
        made.population(p.name, neuron.replace(**now).frozen(), p.size)
    for name, projection in net.projections.items():
        made.projections[name] = dataclasses.replace(projection, rule=None)
        if name in net.weights:
            made.weights[name] = net.weights[name]
        if name in net.learned:
            made.learned[name] = net.learned[name]
    made.drives |= net.drives
    made.modulators |= net.modulators
    made.releases += net.releases
    made.gains += net.gains
    made.places |= net.places
    return made
