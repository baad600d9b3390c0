"""A network step by step, as plainly as it can be written: it judges the compiled engine.

One step at a time, one population after another, matrices of weights for every delay, arrivals in a list of rows; no
event, no thread, no ring. Random events are those of the engine, read from its own table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from spikeloom.core.random import key
from spikeloom.core.spikes import Spikes
from spikeloom.engines.steps import draws
from spikeloom.network import Network


def synapses_of(net: Network, p: Any, dt: float) -> dict[int, np.ndarray]:
    """Matrices (sources, targets) of summed weights, by delay in steps."""
    sources, targets = net.size(p.source), net.size(p.target)
    offsets, source = p.connection.incoming(
        sources, targets, key(net.seed, f"synapses {p.name}"), recurrent=p.recurrent
    )
    if p.connection.dense:
        weight = net.weights[p.name].detach().double().numpy().T.reshape(-1)
    else:
        weight = np.broadcast_to(np.asarray(p.weight, float), source.shape)
        if isinstance(p.weight, np.ndarray):
            weight = p.weight[p.connection.order(sources, 0, targets)]
    delay: Any = (1 if p.recurrent else 0) if p.delay is None else np.floor(np.asarray(p.delay) / dt + 0.5)
    delay = (
        np.broadcast_to(delay, source.shape) if np.ndim(delay) == 0 else delay[p.connection.order(sources, 0, targets)]
    )
    found: dict[int, np.ndarray] = {}
    for j in range(targets):
        for k in range(offsets[j], offsets[j + 1]):
            found.setdefault(int(delay[k]), np.zeros((sources, targets)))[source[k], j] += weight[k]
    return found


def simulate(net: Network, inputs: dict[str, Spikes], steps: int, dt: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Spikes (T, N) and membranes (T, N) of every population; populations come after those without a delay before."""
    tables = {p.name: synapses_of(net, p, dt) for p in net.projections.values()}
    neurons = {n: net.neuron(n) for n in net.populations}
    size = {n: net.size(n) for n in (*net.inputs, *net.populations)}
    state: dict[str, Any] = {}
    arriving: dict[Any, Any] = {}
    for n, m in neurons.items():
        state[n] = {k: torch.as_tensor(v, dtype=torch.float64).expand(size[n]) for k, v in m.initial().items()}
    synaptic: dict[Any, Any] = {}
    spikes = {n: np.zeros((steps, size[n])) for n in neurons}
    membranes = {n: np.zeros((steps, size[n])) for n in neurons}
    given = {n: s.dense(dtype=torch.float64)[:, 0].numpy() for n, s in inputs.items()}

    def receptors(n: str) -> dict[str, Any]:
        parts = [*net.incoming(n), *(d for d in net.drives.values() if d.target == n and d.source.gives_events)]
        return {repr(part.synapse): part.synapse for part in parts}

    def send(source: str, t: int, fired: np.ndarray) -> None:
        for p in net.projections.values():
            if p.source == source:
                for delay, matrix in tables[p.name].items():
                    at = (p.target, repr(p.synapse), t + delay)
                    arriving[at] = arriving.get(at, 0.0) + fired @ matrix

    for t in range(steps):
        for n, train in given.items():
            send(n, t, train[t])
        for n, m in neurons.items():
            of_current = m.takes_current()
            total = np.zeros(size[n])
            for d in net.drives.values():
                if d.target == n and not d.source.gives_events:
                    total = total + d.weight * d.source.current(t, 1, dt, size[n])[0]
            parts: list[Any] = []
            for name, s in receptors(n).items():
                arrived = np.array(np.broadcast_to(arriving.pop((n, name, t), 0.0), size[n]))
                for d in net.drives.values():
                    if d.target == n and d.source.gives_events and repr(d.synapse) == name:
                        table = draws.poisson_table(float(d.source.values()["rate"]) * dt)
                        draws.add_poisson(
                            arrived,
                            d.weight,
                            *table,
                            np.uint64(key(net.seed, f"events {d.name} 0")),
                            t,
                            0,
                            0,
                            draws.scratch(),
                        )
                own = synaptic.setdefault((n, name), [torch.zeros(size[n], dtype=torch.float64) for _ in s.state])
                fixed = list(s.constants(dt, None if of_current else getattr(m, "tau_m", None)).values())
                parts.append((s, torch.from_numpy(arrived), own, fixed))
            now = torch.from_numpy(total)

            def current(v: Any, s: float, now: Any = now, parts: Any = parts) -> Any:
                return sum((p.current(v, s, *own, *fixed) for p, _, own, fixed in parts), now)

            x = current if of_current else sum((p.average(a, *own, *fixed) for p, a, own, fixed in parts), now)
            names = m.constant_names()
            constants = {
                k: torch.as_tensor(v).detach() if isinstance(v, torch.Tensor) else v for k, v in m.constants(dt).items()
            }
            found = type(m).step(x, *state[n].values(), *(constants[k] for k in names), **m.options())
            fired = torch.as_tensor(found[0], dtype=torch.float64).expand(size[n]).numpy()
            state[n] = dict(zip(state[n], (torch.as_tensor(v, dtype=torch.float64) for v in found[1:]), strict=True))
            for name, (s, arrived, own, fixed) in zip(receptors(n), parts, strict=True):
                synaptic[n, name] = list(s.arrive(arrived, *own, *fixed))
            spikes[n][t], membranes[n][t] = fired, state[n]["v"].expand(size[n]).numpy()
            send(n, t, fired)
    return spikes, membranes
