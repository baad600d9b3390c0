"""Dense products: for analog inputs, and for spikes so dense that a product is quicker than their events.

A product of matrices sums in an order that may depend on the shape of the whole batch. So each sample has a product of
its own: its result is the same to the bit in whatever batch it comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import njit

from spikeloom.connections import Connection
from spikeloom.core.spikes import Spikes

DENSE = 2.5
"""Events per channel and step (a channel may have several in a step) above which a sample goes through a dense product.

``benchmarks/density.py`` times both ways. When this number was chosen, on two cores, inference over 12,800 rows (steps
of samples) of a network 784-256-10 took 36 to 52 ms by products, whatever the input. By events it took 4.4 ms at 0.1
events per channel and step, and 39 ms at 2; a training step 11 and 103 ms, beside 94 to 127 ms: on those lines, as long
as by products at about 2.5. (In the run after it the lines met at 3.3 in training and above 4 in inference: see the
results; between these numbers the two ways differ by less than a fifth.)
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


@njit(nogil=True, cache=True, error_model="numpy")
def _fill(block, offsets, indices, first):
    """``block[t, i]`` = events of channel i in row ``first + t``."""
    block[:] = 0.0
    for t in range(block.shape[0]):
        for k in range(offsets[first + t], offsets[first + t + 1]):
            block[t, indices[k]] += 1.0


class _OfSpikes(torch.autograd.Function):
    """``connection.apply`` for some samples of spikes, one at a time: never more than one is dense in memory."""

    @staticmethod
    def forward(
        ctx: Any, connection: Connection, spikes: Spikes, samples: list[int], weight: torch.Tensor
    ) -> torch.Tensor:
        ctx.connection, ctx.spikes, ctx.samples = connection, spikes, samples
        ctx.save_for_backward(weight)
        steps, channels = spikes.shape[0], spikes.shape[2]
        block = torch.empty((steps, channels), dtype=weight.dtype)
        offsets, indices = spikes.buffers()
        drive: torch.Tensor | None = None
        for b in samples:
            _fill(block.numpy(), offsets, indices, b * steps)
            x = connection.apply(block, weight)
            drive = x.new_zeros((spikes.shape[1], *x.shape)) if drive is None else drive
            drive[b] = x
        assert drive is not None
        return drive

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[None, None, None, torch.Tensor]:
        (weight,) = ctx.saved_tensors
        steps, channels = ctx.spikes.shape[0], ctx.spikes.shape[2]
        block = torch.empty((steps, channels), dtype=weight.dtype)
        offsets, indices = ctx.spikes.buffers()
        total = torch.zeros_like(weight)
        for b in ctx.samples:
            _fill(block.numpy(), offsets, indices, b * steps)
            ctx.connection.add_gradient(total, block, grads[0][b])
        return None, None, None, total


def of_spikes(connection: Connection, spikes: Spikes, samples: np.ndarray, weight: torch.Tensor) -> torch.Tensor:
    """The input of the targets (B, T, targets) from some ``samples`` of ``spikes``; zero for the others."""
    result = _OfSpikes.apply(connection, spikes, samples.tolist(), weight)
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
    sparse = Spikes(
        np.concatenate([[0], np.cumsum(lengths)]), indices[kept], (steps, samples, channels), dt=spikes.dt, check=False
    )
    return sparse, np.flatnonzero(many)
