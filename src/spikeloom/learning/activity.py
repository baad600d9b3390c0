"""What a network's activity costs: synaptic events, and the multiply-accumulates that a dense network would take
instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from spikeloom.core.current import Current
from spikeloom.core.spikes import Spikes
from spikeloom.network import Network


def input_events(inputs: Any) -> int:
    """Events in the input of a run: spikes; of an analog input, the entries that are not zero, each step anew."""
    if isinstance(inputs, Spikes):
        return len(inputs)
    if isinstance(inputs, Current):
        return int((inputs.values != 0).sum()) * inputs.steps
    return int(torch.count_nonzero(torch.as_tensor(inputs)))


def synaptic_events(net: Network, events: Mapping[str, float]) -> float:
    """Synapses that are passed when each input or population has so many ``events``: events times fan-out, over
    all projections.
    """
    return sum(events.get(p.source, 0) * fan_out for p, fan_out in _fan_outs(net))


def dense_macs(net: Network) -> int:
    """Multiply-accumulates of one evaluation of all connections of ``net``, as a network without spikes would do
    them.
    """
    return round(sum(net.size(p.source) * fan_out for p, fan_out in _fan_outs(net)))


def _fan_outs(net: Network) -> list[tuple[Any, float]]:
    return [(p, p.connection.fan_out(net.size(p.source), net.size(p.target))) for p in net.projections.values()]
