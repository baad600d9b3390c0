"""The state of a run, whole, whoever held its parts: what goes in and what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.engines.record import State
from spikeloom.engines.steps.plan import Cells
from spikeloom.engines.steps.shards import Bundle, Shard
from spikeloom.network import Network

RECENT = "recent"
"""The entry of a population's or an input's state with its spikes that plastic synapses are still to see."""

CLOCK = "clock"
"""The entry of a state that says how many steps have passed: random numbers go on from there."""


def check_names(net: Network, given: State | None) -> None:
    """Raises UnknownNameError where a state tells of something that the network does not have."""
    for name in given or {}:
        if name not in (*net.populations, CLOCK, *net.projections, *net.inputs, *net.modulators):
            raise unknown_name("population", name, net.populations)


def begin_state(net: Network, plan: dict[str, Cells], given: State | None) -> tuple[dict[str, dict[str, Any]], int]:
    """State variables of every population as arrays, and the number of the first step.

    A variable that is not given begins as its model says.

    Raises:
        InvalidValueError: a state of other variables or shapes.
        UnknownNameError: a state of a population that the network does not have.
    """
    found: dict[str, dict[str, Any]] = {}
    check_names(net, given)
    now = 0 if given is None or CLOCK not in given else int(given[CLOCK]["step"])
    for name, c in plan.items():
        if given is None or name not in given:
            found[name] = {k: _full(c.initial[k], c.size) for k in c.text.states}
            continue
        wanted = [*c.public.values(), *(f"{r.name}.arriving" for r in c.receptors)]
        mine = {k: v for k, v in given[name].items() if k not in ("spike", RECENT)}
        if set(mine) - set(wanted):
            raise InvalidValueError(f"the state of population {name!r} has {sorted(mine)}; this network has {wanted}")
        found[name] = {
            k: _array(name, c, mine[c.public[k]]) if c.public[k] in mine else _full(c.initial[k], c.size)
            for k in c.text.states
        }
    return found, now


def begin_rings(
    net: Network,
    plan: dict[str, Cells],
    shards: list[Shard],
    rings: list[Any],
    given: State | None,
    now: int,
    dt: float,
) -> None:
    """Put what was on its way into the rings, and the memory of synapses that tire where their kernels find it."""
    for name, c in plan.items():
        for r, receptor in enumerate(c.receptors):
            arriving = (given or {}).get(name, {}).get(f"{receptor.name}.arriving")
            if arriving is not None:
                _put(rings, shards, name, r, arriving.numpy(), now)
    for s in shards:
        for b in tired(s):
            begun = b.short_term.initial(net.size(net.projections[b.name].source)) if b.short_term else {}
            mine = (given or {}).get(b.name, {})
            b.memory = {k: mine[k].numpy().reshape(-1).copy() if k in mine else v for k, v in begun.items()}
            b.memory["dt"] = dt


def tired(s: Shard) -> list[Bundle]:
    """The bundles whose synapses remember."""
    return [b for found in s.bundles.values() for b in found if b.short_term is not None]


def end_state(plan: dict[str, Cells], shards: list[Shard], rings: list[Any], state: Any, now: int) -> State:
    """The state after step ``now``, as tensors (1, N), with what is on its way (steps, N)."""
    found: State = {CLOCK: {"step": torch.tensor(now)}}
    for name, c in plan.items():
        found[name] = {c.public[k]: torch.from_numpy(state[name][k].copy())[None] for k in c.text.states}
        for r, receptor in enumerate(c.receptors):
            slots = rings[0].shape[0]
            arriving = np.zeros((slots, c.size))
            for ring, s in zip(rings, shards, strict=True):
                first, last = s.bounds[name]
                port = s.ports[name][r]
                arriving[:, first:last] = np.roll(ring[:, port : port + last - first], -(now % slots), axis=0)
            used = np.flatnonzero(arriving.any(1))
            found[name][f"{receptor.name}.arriving"] = torch.from_numpy(
                arriving[: int(used[-1]) + 1 if len(used) else 0]
            )
    for b in tired(shards[0]):  # every shard has the same
        found[b.name] = {k: torch.from_numpy(v.copy())[None] for k, v in b.memory.items() if k != "dt"}
    return found


def _put(rings: list[Any], shards: list[Shard], name: str, receptor: int, arriving: Any, now: int) -> None:
    slots = rings[0].shape[0]
    if len(arriving) > slots:
        raise InvalidValueError(
            f"the state of {name!r} holds spikes for {len(arriving)} steps to come; this network has delays of fewer"
        )
    for ring, s in zip(rings, shards, strict=True):
        first, last = s.bounds[name]
        port = s.ports[name][receptor]
        for k, row in enumerate(arriving):
            ring[(now + k) % slots, port : port + last - first] = row[first:last]


def _full(value: Any, size: int) -> Any:
    value = value.detach().double().numpy() if isinstance(value, torch.Tensor) else value
    return np.full(size, value, np.float64)


def _array(name: str, c: Cells, value: Any) -> Any:
    array = torch.as_tensor(value).detach().double().numpy().reshape(-1)
    if array.shape != (c.size,):
        raise InvalidValueError(f"the state of {name!r} has {array.size} values; it has {c.size} neurons")
    return array.copy()
