"""A network that no longer learns."""

from __future__ import annotations

import dataclasses

import torch

from spikeloom.network.network import Network


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
    made.drives |= net.drives
    return made
