"""Dense products: for analog inputs, and for spikes so dense that a product is quicker than their events.

A product of matrices sums in an order that may depend on the shape of the whole batch. So each sample has a product
of its own: its result is the same to the bit in whatever batch it comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from spikeloom.connections import Connection
from spikeloom.core.spikes import Spikes

DENSE = 0.5
"""Share of channels that fire per step from which on a sample goes through a dense product.

Measured on 700 channels and 256 targets: the events of a step take as long as its product at a density of 0.55 forwards
and 0.4 backwards (``benchmarks/density.py`` draws the curves).
"""


class _BySample(torch.autograd.Function):
    """``connection.apply`` for each sample on its own; the gradients over all samples at once."""

    @staticmethod
    def forward(ctx: Any, connection: Connection, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        ctx.connection = connection
        ctx.save_for_backward(x, weight)
        return torch.stack([connection.apply(sample, weight) for sample in x])

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[None, torch.Tensor | None, torch.Tensor | None]:
        x, weight = (v.detach().requires_grad_(need) for v, need in zip(ctx.saved_tensors, ctx.needs_input_grad[1:]))
        with torch.enable_grad():
            y = ctx.connection.apply(x, weight)
        wanted = [v for v in (x, weight) if v.requires_grad]
        found = iter(torch.autograd.grad(y, wanted, grads[0]))
        return None, next(found) if x.requires_grad else None, next(found) if weight.requires_grad else None


def by_sample(connection: Connection, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The input of the targets (B, ..., targets) for source activity ``x`` (B, ..., sources)."""
    result = _BySample.apply(connection, x, weight)
    assert isinstance(result, torch.Tensor)
    return result


def split(spikes: Spikes) -> tuple[Spikes, np.ndarray]:
    """The spikes without the samples denser than :data:`DENSE`, and the numbers of those samples."""
    steps, samples, channels = spikes.shape
    offsets, indices = spikes.buffers()
    events = np.diff(offsets[::steps])
    many = events > DENSE * steps * channels
    if not many.any():
        return spikes, np.flatnonzero(many)
    kept = np.repeat(~many, events)
    lengths = np.where(np.repeat(many, steps), 0, np.diff(offsets))
    sparse = Spikes(np.concatenate([[0], np.cumsum(lengths)]), indices[kept], (steps, samples, channels), dt=spikes.dt)
    return sparse, np.flatnonzero(many)
