"""What a run step by step is made of: populations with their receptors, and the order of things within a block."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from typing import Any

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.random import key
from spikeloom.engines.steps import draws
from spikeloom.engines.steps.text import Shape, Text, text
from spikeloom.network import Network
from spikeloom.network.parts import Drive, Gain, Projection
from spikeloom.synapses import Synapse

NOISE = "noise "
"""Before the name of a drive: the receptor that is the noise of the neuron itself."""


@dataclasses.dataclass
class Receptor:
    """All synapses of one kind and with the same parameters at a population."""

    name: str
    key: str
    synapse: Synapse
    constants: dict[str, Any]


@dataclasses.dataclass
class Cells:
    """One population, ready to run."""

    name: str
    size: int
    spiking: bool
    receptors: list[Receptor]
    shape: Shape
    text: Text
    constants: dict[str, Any]  # as the kernel takes them
    initial: dict[str, Any]  # by state variable: one number or one per neuron
    public: dict[str, str]  # state variables by the name under which they are recorded
    poisson: list[tuple[float, Any, Any, Any]]  # of each Poisson drive: weight, table, guide, key
    currents: list[Drive]
    listed: list[tuple[Drive, int]]  # drives whose events are listed, and the receptor that they reach
    noise_key: Any
    gains: list[Gain]  # in the order of the shape's ``scaled``


def receptor_key(net: Network, part: Projection | Drive) -> str:
    """Equal for synapses of the same kind and parameters, but for what has a gain of its own."""
    own = isinstance(part, Projection) and any(g.of == "projection" and g.target == part.name for g in net.gains)
    return json.dumps([part.synapse.describe(), part.name if own else ""], sort_keys=True)


def _gains(net: Network, name: str, receptors: list[str], analog: frozenset[str]) -> list[tuple[int, Gain]]:
    """The gains of a population, and of the projections onto it, with the receptor that each scales."""
    found: list[tuple[int, Gain]] = []
    for gain in net.gains:
        mine = [p for p in net.incoming(name) if gain.target == (p.name if gain.of == "projection" else name)]
        for p in mine:
            if p.source in analog and p.rule is None:
                raise UnsupportedError(
                    f"{gain.modulator!r} scales what {gain.target!r} receives, and {p.source!r} is given analog "
                    "values; give it spikes, or scale the values yourself"
                )
        if gain.of == "projection":
            found += [(receptors.index(receptor_key(net, p)), gain) for p in mine]
        elif gain.target == name:
            found += [(k, gain) for k, key in enumerate(receptors) if not key.startswith(NOISE)]
    return found


def cells(
    net: Network, name: str, dt: float, analog: frozenset[str], recorded: frozenset[str], sample: int = 0
) -> Cells:
    """The population ``name`` of ``net`` for steps of ``dt``; ``analog`` names the inputs that are no spikes,
    and ``recorded`` the state variables that are written down. Each ``sample`` of a batch has its own random numbers.
    """
    population, neuron = net.populations[name], net.neuron(name)
    drives = [d for d in net.drives.values() if d.target == name]
    events = [d for d in drives if d.source.gives_events]
    found: dict[str, Synapse] = {}
    for part in (*net.incoming(name), *events):
        found.setdefault(receptor_key(net, part), part.synapse)
    for d in drives:
        noise = d.source.receptor(d.weight)
        if noise is not None:  # its state is the neuron's own, so it is a receptor at which nothing arrives
            found[f"{NOISE}{d.name}"] = noise
    tau_m = getattr(neuron, "tau_m", None)
    if isinstance(tau_m, torch.Tensor):
        tau_m = tau_m.detach().double()
    of_current = neuron.takes_current()
    receptors: list[Receptor] = []
    for which, synapse in found.items():
        _fits(name, neuron, synapse, of_current)
        kind = type(synapse).__name__
        same = sum(1 for r in receptors if type(r.synapse) is type(synapse))
        receptors.append(
            Receptor(
                f"{_snake(kind)}{same + 1 if same else ''}",
                which,
                synapse,
                synapse.constants(dt, None if of_current else tau_m),
            )
        )
    fixed = {f"r{k}__{n}": v for k, r in enumerate(receptors) for n, v in r.constants.items()}
    fixed |= neuron.constants(dt)
    keys = list(found)
    poisson: list[tuple[float, Any, Any, Any]] = []
    at: list[int] = []
    for d in events:
        if d.source.listed:
            continue
        mean = float(d.source.values()["rate"]) * dt
        parts = max(1, int(np.ceil(mean / draws.MOST)))
        for part in range(parts):
            table = draws.poisson_table(mean / parts)
            poisson.append((d.weight, *table, np.uint64(key(net.seed, of_sample(f"events {d.name} {part}", sample)))))
            at.append(keys.index(receptor_key(net, d)))
    currents = [d for d in drives if d.source.gives_current]
    if currents and getattr(neuron, "input", "current") == "delta":
        raise InvalidValueError(
            f"{currents[0].name!r} gives a current [pA], and {type(neuron).__name__}(input='delta') of {name!r} takes "
            f"jumps [mV]; write {type(neuron).__name__}(input='current')"
        )
    shaky = [d for d in drives if d.source.shifts_threshold]
    if shaky:
        fixed["threshold__noise"] = math.hypot(*(d.weight * d.source.values()["sigma"] for d in shaky))
    gains = _gains(net, name, keys, analog)
    public = {k: k for k in neuron.state}
    for k, r in enumerate(receptors):
        public |= {f"r{k}__{n}": f"{r.name}.{n}" for n in r.synapse.state}
    shape = Shape(
        neuron=type(neuron),
        options=tuple(neuron.options().items()),
        receptors=tuple(type(r.synapse) for r in receptors),
        synaptic=tuple(tuple(r.constants) for r in receptors),
        single=tuple(k for k, v in fixed.items() if isinstance(v, torch.Tensor) and v.dim() == 1),
        poisson=tuple(at),
        driven=bool(currents) or any(p.source in analog for p in net.incoming(name)),
        threshold=bool(shaky),
        scaled=tuple(k for k, _ in gains),
        traced=tuple(k for k, shown in public.items() if shown in recorded),
    )
    made = text(shape)
    initial = dict(neuron.initial())
    initial |= dict.fromkeys((k for k in public if k not in initial), 0.0)
    return Cells(
        name,
        population.size,
        neuron.spiking,
        receptors,
        shape,
        made,
        {k: _constant(fixed[k]) for k in made.constants},
        initial,
        public,
        poisson,
        currents,
        [(d, keys.index(receptor_key(net, d))) for d in events if d.source.listed],
        np.uint64(key(net.seed, of_sample(f"noise {name}", sample))),
        [gain for _, gain in gains],
    )


def of_sample(stream: str, sample: int) -> str:
    """The name of a random stream for one sample of a batch; the first has that of a run of its own."""
    return f"{stream} of sample {sample}" if sample else stream


def _fits(name: str, neuron: Any, synapse: Synapse, of_current: bool) -> None:
    kind, model = type(synapse).__name__, type(neuron).__name__
    if synapse.needs_potential and not of_current:
        raise UnsupportedError(
            f"population {name!r}: {kind} depends on the membrane potential, and {model} is integrated exactly for "
            "currents; take a neuron that allows conductances, such as ConductanceLIF or AdEx"
        )
    if of_current and not hasattr(synapse, "current") and not hasattr(neuron, "input"):
        raise UnsupportedError(
            f"population {name!r}: {kind} moves the membrane at once, and {model} is integrated for currents; take a "
            "synapse with a time course, such as ExponentialCurrent(tau=2 * ms)"
        )
    if synapse.unit == "pA" and getattr(neuron, "input", "current") == "delta":
        raise InvalidValueError(
            f"population {name!r}: {kind} gives a current [pA], and {model}(input='delta') takes jumps [mV]; "
            f"write {model}(input='current')"
        )


def _snake(name: str) -> str:
    """``ExponentialCurrent`` as ``exponential_current``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _constant(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        array = value.detach().double().cpu().numpy()
        return np.ascontiguousarray(array) if array.ndim else float(array)
    return float(value)
