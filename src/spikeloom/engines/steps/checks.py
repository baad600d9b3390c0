"""What is looked at before a run begins, and while it goes on."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.engines.steps.plan import Cells
from spikeloom.network import Network
from spikeloom.network.parts import Projection

BYTES = 12
"""Memory of a synapse at most: 4 for its target, 8 for its weight, or less and up to 2 for its delay."""

PLASTIC = 20
"""Memory of a synapse that learns, at most; 8 more for each variable of its own and for the time of its last event:
see :class:`~spikeloom.engines.steps.plastic.Group`.
"""


def enough_memory(net: Network, available: int | None = None) -> None:
    """Refuse a network whose synapses would not fit into memory, before anything is allocated.

    While they are made the lists stand in memory twice.

    Raises:
        InvalidValueError: they would not; the message names the largest projection.
    """
    sizes = {p.name: net.synapses(p) for p in net.projections.values()}
    needed = sum(2 * sizes[p.name] * bytes_of(p) for p in net.projections.values())
    there = _available() if available is None else available
    if there is not None and needed > there:
        largest = max(sizes, key=lambda name: sizes[name])
        raise InvalidValueError(
            f"{sum(sizes.values()):,} synapses need about {needed / 2**30:.1f} GiB while they are made, and "
            f"{there / 2**30:.1f} GiB are free; the largest projection is {largest!r} with {sizes[largest]:,}. Make "
            "the network smaller, or its connections sparser"
        )


def bytes_of(p: Projection) -> int:
    """Memory of one synapse of a projection, at most."""
    if p.rule is None:
        return BYTES
    timed = any(hasattr(part, "between") for part in p.rule.parts())
    return PLASTIC + 8 * (timed + sum(len(part.synapse) for part in p.rule.parts()))


def _available() -> int | None:
    """Bytes of memory that are free, or ``None`` where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def warn_of_silence(net: Network, began: bool) -> None:
    """Warn of populations that nothing reaches and that reach nothing, and of a network that nothing drives."""
    lonely = [
        n
        for n in net.populations
        if not any(n in (p.source, p.target) for p in net.projections.values())
        and not any(d.target == n for d in net.drives.values())
        and not _by_itself(net, n)
    ]
    driven = began or net.inputs or net.drives or any(_by_itself(net, n) for n in net.populations)
    if lonely:
        warnings.warn(
            f"the population {', '.join(map(repr, lonely))} is connected to nothing, and nothing drives it: "
            "net.connect(...) or net.drive(...) it",
            stacklevel=3,
        )
    elif not driven:
        warnings.warn(
            "nothing drives this network: no input, no drive, no current i_e, no state to go on from; it will rest",
            stacklevel=3,
        )


def _by_itself(net: Network, name: str) -> bool:
    """Whether neurons may fire without any input."""
    neuron = net.neuron(name)
    return neuron.random or bool((torch.as_tensor(getattr(neuron, "i_e", 0.0)) != 0).any())


def stable(plan: dict[str, Cells], state: dict[str, dict[str, Any]], time: float, dt: float) -> None:
    """Refuse to go on with a state that is no number any more.

    Raises:
        InvalidValueError: which variable of which neuron.
    """
    for name, c in plan.items():
        for k in c.text.states:
            if not np.isfinite(state[name][k].sum()) and not np.isfinite(state[name][k]).all():
                neuron = int(np.flatnonzero(~np.isfinite(state[name][k]))[0])
                raise InvalidValueError(
                    f"{name}.{c.public[k]} of neuron {neuron} is {state[name][k][neuron]} at {time:g} ms: the steps of "
                    f"{dt:g} ms are too long for these parameters, or weights are too large; try dt={dt / 10:g}"
                )
