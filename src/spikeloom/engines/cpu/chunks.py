"""Runs the kernels of a plan over chunks of samples, forwards and backwards.

A chunk goes through all layers on one thread. Samples never meet forwards, so the division into chunks leaves no
trace; the weights' gradients are summed within each chunk and then over the chunks in order, and the chunks depend on
the number of samples alone. So one thread or sixteen give the same bits.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu.lists import SLACK, marks_of
from spikeloom.engines.cpu.plan import Layer, Plan
from spikeloom.engines.cpu.primitives import BLOCK, NARROW
from spikeloom.engines.cpu.template import backward_vectors, forward_vectors
from spikeloom.engines.cpu.vectors import BYTES

Array = NDArray[Any]

TENSORS = {np.float32: torch.float32, np.float64: torch.float64}

CHUNKS = 4
"""Chunks of a batch; each holds a gradient of its own for every weight, so more cost memory and a longer sum."""


@dataclasses.dataclass
class Events:
    """The events of one population in one chunk: rows (sample, step) of spikes, and of slopes near threshold."""

    offsets: Array
    index: Array
    near_offsets: Array
    near_marks: Array
    near_h: Array


@dataclasses.dataclass
class Buffers:
    """Arrays over all samples, filled by the chunks side by side."""

    begin: dict[str, dict[str, Array]]  # state before the run: (B, N)
    end: dict[str, dict[str, Array]]
    count: dict[str, Array]  # (B, N)
    trace: dict[str, dict[str, Array]]  # (B, T, N), of the state variables asked for
    keep: dict[str, dict[str, Array]]  # (B, T, N), what the derivative reads


def divide(samples: int) -> list[tuple[int, int]]:
    """The chunks of a batch, as (first, last + 1)."""
    edges = np.linspace(0, samples, min(CHUNKS, samples) + 1).astype(int)
    return [(int(a), int(b)) for a, b in itertools.pairwise(edges)]


def vectors(count: int, length: int, real: Any) -> Array:
    """Room for so many vectors, each beginning on a boundary of 64 bytes: no register's worth straddles two lines."""
    return torch.empty((count, -(-length // BYTES) * BYTES), dtype=TENSORS[real]).numpy()


def rows(count: int, length: int, real: Any) -> Array:
    """Zeros in so many rows, each filled up to whole vectors, so that none is written in part."""
    lanes = BYTES // np.dtype(real).itemsize
    return torch.zeros((count, -(-length // lanes) * lanes), dtype=TENSORS[real]).numpy()


def rows_of(plan: Plan, source: str, events: dict[str, Events], first: int, last: int) -> tuple[Array, Array]:
    """Offsets and indices of what ``source`` sends in this chunk."""
    if source in events:
        return events[source].offsets, events[source].index
    spikes = plan.sources[source]
    assert isinstance(spikes, Spikes)
    offsets, indices = spikes.buffers()
    return offsets[first * plan.steps : last * plan.steps + 1], indices


def forward(
    plan: Plan, weights: dict[str, Array], buffers: Buffers, room: dict[str, int], chunk: tuple[int, int]
) -> dict[str, Events]:
    """Run one chunk through all layers. ``room`` remembers how long lists get, so that they are seldom made twice."""
    first, last = chunk
    events: dict[str, Events] = {}
    for layer in plan.layers:
        found = _run_layer(plan, layer, weights, buffers, room, first, last, events)
        if found is not None:
            events[layer.name] = found
    return events


def _run_layer(
    plan: Plan,
    layer: Layer,
    weights: dict[str, Array],
    buffers: Buffers,
    room: dict[str, int],
    first: int,
    last: int,
    events: dict[str, Events],
) -> Events | None:
    name, rows = layer.name, (last - first) * plan.steps
    size = layer.size
    none2, none3 = np.empty((1, 1), plan.real), np.empty((1, 1, 1), plan.real)
    arguments: list[Any] = [first, last, plan.steps, vectors(len(forward_vectors(layer.shape)), size, plan.real)]
    for projection, source in layer.events:
        arguments += [*rows_of(plan, source, events, first, last), weights[projection]]
    arguments += [none2 if layer.base is None else layer.base.detach().numpy(), layer.base is not None]
    arguments += [none3 if layer.drive is None else layer.drive.detach().numpy(), layer.drive is not None]
    begin, end = buffers.begin[name], buffers.end[name]
    if layer.recurrent is not None:
        arguments += [weights[layer.recurrent], begin["spike"], end["spike"], np.empty(size, np.int32)]
    arguments += layer.constants
    arguments += [begin[k] for k in layer.traced.live] + [end[k] for k in layer.traced.live]
    for k in layer.traced.live:
        trace = buffers.trace[name].get(k)
        arguments += [none3 if trace is None else trace, trace is not None]
    listing = plan.surrogate is not None
    arguments += [listing, *(buffers.keep[name].get(k, none3) for k in layer.traced.kept)]
    if not layer.shape.neuron.spiking:
        layer.kernels.forward(*arguments)
        return None
    arguments += [listing, *plan.bump]
    most = rows * layer.size + layer.size + SLACK
    spikes_room = min(most, room.get(f"{name}.spikes", 0) * rows + layer.size + rows * layer.size // 16)
    nears_room = (
        min(most, room.get(f"{name}.nears", 0) * rows + layer.size + SLACK + rows * layer.size // 8) if listing else 1
    )
    while True:
        offsets, near_offsets = np.empty(rows + 1, np.int64), np.empty(rows + 1, np.int64)
        index, near_h = np.empty(spikes_room, np.int32), np.empty(nears_room, plan.real)
        near_marks = np.empty((rows, marks_of(layer.size)) if listing else (1, 1), np.uint8)
        if layer.kernels.forward(*arguments, buffers.count[name], offsets, index, near_offsets, near_marks, near_h):
            break
        spikes_room, nears_room = min(most, 2 * spikes_room), min(most, 2 * nears_room) if listing else 1
    room[f"{name}.spikes"] = max(room.get(f"{name}.spikes", 0), -(-int(offsets[-1]) // rows))
    room[f"{name}.nears"] = max(room.get(f"{name}.nears", 0), -(-int(near_offsets[-1]) // rows))
    return Events(offsets, index, near_offsets, near_marks, near_h)


@dataclasses.dataclass
class Cotangents:
    """What the loss wants: gradients with respect to what was recorded of a population; ``None``: not asked."""

    count: Array | None  # (B, N)
    train: Array | None  # (B, T, N)
    trace: dict[str, Array]  # (B, T, N)


@dataclasses.dataclass
class Sums:
    """Gradients of one chunk."""

    weights: dict[str, Array]  # rows as :func:`rows` makes them, longer than the weights'
    constants: dict[tuple[str, str], Array]  # (population, constant): one for each neuron


def active_layers(plan: Plan, needed: set[str]) -> set[str]:
    """The populations whose kernels have to run backwards: something at or below them wants a gradient."""
    active: set[str] = set()
    for layer in plan.layers:
        own = {p for p, _ in layer.events} | {layer.recurrent}
        analog = [x for x in (layer.base, layer.drive) if x is not None and x.requires_grad]
        if own & needed or layer.wanted or layer.start or analog or any(source in active for _, source in layer.events):
            active.add(layer.name)
    return active


def backward(
    plan: Plan,
    active: set[str],
    weights: dict[str, Array],
    needed: set[str],
    buffers: Buffers,
    events: dict[str, Events],
    cotangents: dict[str, Cotangents],
    g_base: dict[str, Array],
    g_drive: dict[str, Array],
    g_begin: dict[tuple[str, str], Array],
    chunk: tuple[int, int],
) -> Sums:
    """Run one chunk backwards through the ``active`` layers. ``needed``: the projections whose weights want a gradient.

    The gradients with respect to constant and analog inputs go into the rows of ``g_base`` and ``g_drive``, which
    hold an array for each layer that has one or passes its gradient on; those with respect to the state at the
    beginning into ``g_begin``.
    """
    first, last = chunk
    none2, none3 = np.empty((1, 1), plan.real), np.empty((1, 1, 1), plan.real)
    sums = Sums({}, {})
    for layer in reversed(plan.layers):
        if layer.name not in active:
            continue
        name, shape = layer.name, layer.shape
        arguments: list[Any] = [first, last, plan.steps, vectors(len(backward_vectors(shape)), layer.size, plan.real)]
        arrivals = [rows_of(plan, source, events, first, last) for _, source in layer.events]
        own = [p for p, _ in layer.events]
        if layer.recurrent is not None:
            own.append(layer.recurrent)
            arrivals.append((events[name].offsets, events[name].index))
        for projection in own:
            shape_of = weights[projection].shape
            wanted = projection in needed
            sums.weights[projection] = rows(shape_of[0], shape_of[1], plan.real) if wanted else none2
        if own:
            most = max(int(np.diff(offsets[:: plan.steps]).max()) for offsets, _ in arrivals)
            arguments += [
                rows(min(BLOCK, plan.steps), layer.size, plan.real),
                np.empty(1 + max(len(weights[p]) for p in own), np.int64),
                np.empty(most, np.int32),
            ]
        for (projection, _), arrived in zip(layer.events, arrivals, strict=False):
            arguments += [*arrived, sums.weights[projection], projection in needed]
        for projection, target in layer.outgoing:
            weight = weights[projection]
            narrow = np.ascontiguousarray(weight.T) if weight.shape[1] <= NARROW else none2
            arguments += [weight, narrow, g_drive[target]]
        if layer.recurrent is not None:
            wanted = layer.recurrent in needed
            arguments += [
                weights[layer.recurrent],
                sums.weights[layer.recurrent],
                wanted,
                buffers.begin[name]["spike"],
            ]
        arguments += layer.constants
        arguments += [buffers.keep[name][k] for k in layer.traced.kept]
        asked = cotangents[name]
        for k in layer.traced.smooth:
            trace, start = asked.trace.get(k), g_begin.get((name, k))
            arguments += [none3 if trace is None else trace, trace is not None]
            arguments += [none2 if start is None else start, start is not None]
        if shape.neuron.spiking:
            mine = events[name]
            arguments += [mine.offsets, mine.index, mine.near_offsets, mine.near_marks, mine.near_h]
            arguments.append(np.empty(layer.size + SLACK, np.int32))
            arguments += [none2 if asked.count is None else asked.count, asked.count is not None]
            arguments += [none3 if asked.train is None else asked.train, asked.train is not None]
        base, drive = g_base.get(name), g_drive.get(name)
        arguments += [
            layer.size,
            none2 if base is None else base,
            base is not None,
            none3 if drive is None else drive,
            drive is not None,
        ]
        for constant in layer.wanted:
            sums.constants[name, constant] = np.zeros(layer.size, plan.real)
            arguments.append(sums.constants[name, constant])
        layer.kernels.backward(*arguments)
    sums.weights = {k: v for k, v in sums.weights.items() if k in needed}
    return sums
