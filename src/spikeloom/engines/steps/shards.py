"""The synapses of a network, divided among threads: each thread owns some neurons of every population.

A shard holds the synapses onto its own neurons, by source, and a ring of what will arrive at them. So threads write to
nothing that another one reads, and what a neuron receives is summed in the same order however many there are.
"""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import Pairs
from spikeloom.connections.by_source import outgoing
from spikeloom.core.distributions import Distribution, fill
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import key
from spikeloom.engines.steps.deliver import delivery
from spikeloom.engines.steps.operation import Operation
from spikeloom.engines.steps.plan import Cells, receptor_key
from spikeloom.engines.steps.plastic import Group, groups
from spikeloom.engines.steps.tiring import tiring
from spikeloom.network import Network
from spikeloom.network.parts import Projection
from spikeloom.synapses import ShortTerm

GRAIN = 64
"""Neurons are divided at multiples of this: random numbers and vectors come in groups."""


@dataclasses.dataclass
class Bundle:
    """All synapses of one source onto the neurons of a shard that stay as they are."""

    starts: NDArray[np.int64]
    targets: NDArray[Any]
    weights: Any
    delays: Any
    name: str
    """Of its first projection."""
    short_term: ShortTerm | None = None
    memory: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What tires: state variables of ``short_term``, one number for each source."""

    def operation(self, events: dict[str, Any], ring: Any, dt: float) -> Operation:
        """What brings the ``events`` of the source to the ``ring``."""
        if self.short_term is None:
            return delivery(self.starts, self.targets, self.weights, self.delays, events, ring)
        values = {"starts": self.starts, "targets": self.targets, "weights": self.weights, "delays": self.delays}
        return tiring(self.short_term, self.memory, {"ring": ring, **events, **values}, dt)

    @property
    def span(self) -> tuple[int, int]:
        """The shortest and the longest delay, in steps."""
        if not isinstance(self.delays, np.ndarray):
            return self.delays, self.delays
        return (int(self.delays.min()), int(self.delays.max())) if self.delays.size else (1, 1)

    @property
    def nbytes(self) -> int:
        """Memory of the synapses."""
        return sum(
            a.nbytes for a in (self.starts, self.targets, self.weights, self.delays) if isinstance(a, np.ndarray)
        )


@dataclasses.dataclass
class Shard:
    """What one thread owns."""

    bounds: dict[str, tuple[int, int]]  # its neurons of each population
    ports: dict[str, list[int]]  # where the receptors of a population begin in the ring
    width: int
    bundles: dict[str, list[Bundle]]  # by source
    plastic: dict[str, list[Group]]  # by projection

    def own(self) -> Shard:
        """The same with memory of its own for what changes in a run: others may run with these synapses as well."""
        return dataclasses.replace(
            self,
            bundles={
                n: [b if b.short_term is None else dataclasses.replace(b) for b in found]
                for n, found in self.bundles.items()
            },
            plastic={n: [dataclasses.replace(g) for g in found] for n, found in self.plastic.items()},
        )


def divide(size: int, parts: int) -> list[tuple[int, int]]:
    """``size`` neurons in so many ranges, cut at multiples of :data:`GRAIN`."""
    edges = [min(size, GRAIN * round(size * k / parts / GRAIN)) for k in range(parts)] + [size]
    return [(edges[k], edges[k + 1]) for k in range(parts)]


def delay_steps(net: Network, p: Projection, dt: float) -> int | Distribution | NDArray[Any]:
    """The delay of a projection in steps, or a distribution or array [ms] of them."""
    if p.delay is None:
        return 1 if p.recurrent else 0
    if not isinstance(p.delay, float):
        return p.delay
    return _steps_of(p.delay, p.name, dt)


def _steps_of(delay: float, name: str, dt: float) -> int:
    steps = round(delay / dt)
    if delay < dt * (1 - 1e-9):
        raise InvalidValueError(
            f"{name!r}: delay={delay:g} ms is shorter than a step of {dt:g} ms; allowed: at least {dt:g} ms, or none"
        )
    if abs(steps * dt - delay) > 1e-9 * delay:
        warnings.warn(
            f"{name!r}: a delay of {delay:g} ms is no whole number of steps of {dt:g} ms; {steps * dt:g} ms are taken",
            stacklevel=2,
        )
    return steps


def shard(net: Network, plan: dict[str, Cells], dt: float, number: int, parts: int) -> Shard:
    """Shard ``number`` of ``parts``, with its synapses."""
    bounds = {n: divide(c.size, parts)[number] for n, c in plan.items()}
    ports: dict[str, list[int]] = {}
    width = 0
    for n, c in plan.items():
        size = bounds[n][1] - bounds[n][0]
        ports[n] = [width + k * size for k in range(len(c.receptors))]
        width += size * len(c.receptors)
    bundles: dict[str, list[Bundle]] = {}
    for source in (*net.inputs, *net.populations):
        alike: dict[str, list[Projection]] = {}  # those that tire alike have their memory in common
        for p in net.projections.values():
            if p.source == source and p.rule is None:
                alike.setdefault("" if p.short_term is None else repr(p.short_term), []).append(p)
        if alike:
            bundles[source] = [_bundle(net, plan, dt, some, bounds, ports, width) for some in alike.values()]
    plastic: dict[str, list[Group]] = {}
    for p in net.projections.values():
        if p.rule is not None:
            span = bounds[p.target]
            lists = _incoming(net, p, span)
            receptor = _receptor(net, plan, p)
            port = ports[p.target][receptor]
            late = delays_in(net, p, dt, *span, lists[0])
            plastic[p.name] = groups(net, p, net.size(p.source), lists, late, span, port) if span[0] < span[1] else []
    return Shard(bounds, ports, width, bundles, plastic)


def _incoming(net: Network, p: Projection, bounds: tuple[int, int]) -> tuple[Any, Any]:
    """The lists of the synapses of a projection onto some of its targets."""
    sizes = net.size(p.source), net.size(p.target)
    return p.connection.incoming(*sizes, key(net.seed, f"synapses {p.name}"), *bounds, p.recurrent)


def _receptor(net: Network, plan: dict[str, Cells], p: Projection) -> int:
    """Which receptor of its target a projection reaches."""
    return [r.key for r in plan[p.target].receptors].index(receptor_key(net, p))


def _bundle(
    net: Network,
    plan: dict[str, Cells],
    dt: float,
    projections: list[Projection],
    bounds: dict[str, tuple[int, int]],
    ports: dict[str, list[int]],
    width: int,
) -> Bundle:
    sources = net.size(projections[0].source)
    lists: list[Any] = []
    weights: list[Any] = []
    delays: list[Any] = []
    where: list[Any] = []
    for p in projections:
        first, last = bounds[p.target]
        offsets, source = _incoming(net, p, (first, last))
        lists.append((offsets, source))
        weights.append(weights_in(net, p, first, last, offsets))
        delays.append(delays_in(net, p, dt, first, last, offsets))
        where.append(np.arange(last - first, dtype=np.int64) + ports[p.target][_receptor(net, plan, p)])
    name, tires = projections[0].name, projections[0].short_term
    alike = (
        tires is None and len({(w, d) for w, d in zip(weights, delays, strict=True)}) == 1
        if _plain(weights, delays)
        else False
    )
    one_delay = tires is None and all(isinstance(d, int) for d in delays) and len(set(delays)) == 1
    offsets, source = _joined(lists)
    kept = None if alike else _together(weights, lists, weights_of)
    late = None if one_delay else _together(delays, lists, delays_of)
    made = outgoing(offsets, source, sources, kept, late)
    del source, kept, late
    places = np.concatenate(where).astype(np.uint16 if width <= 2**16 else np.int32)
    targets = made.targets if _same(places) else places[made.targets]
    if alike:
        return Bundle(made.starts, targets, weights[0], delays[0], name)
    if one_delay:
        return Bundle(made.starts, targets, made.weights, delays[0], name)
    return Bundle(made.starts, targets, made.weights, made.delays, name, tires)


def _plain(weights: list[Any], delays: list[Any]) -> bool:
    return all(isinstance(w, float) for w in weights) and all(isinstance(d, int) for d in delays)


def _same(places: NDArray[Any]) -> bool:
    return bool((places == np.arange(places.size)).all())


def _joined(lists: list[Any]) -> tuple[Any, Any]:
    if len(lists) == 1:
        return lists[0]
    before = np.cumsum([0, *(int(o[-1]) for o, _ in lists)])
    offsets = np.concatenate([[0], *(o[1:] + b for (o, _), b in zip(lists, before, strict=False))])
    return offsets, np.concatenate([s for _, s in lists])


def weights_of(value: Any, size: int) -> Any:
    """Weights as an array."""
    return np.full(size, value) if isinstance(value, float) else value


def delays_of(value: Any, size: int) -> Any:
    """Delays [steps] as an array."""
    return np.full(size, value, np.uint8 if value < 256 else np.uint16) if isinstance(value, int) else value


def _together(values: list[Any], lists: list[Any], array: Any) -> Any:
    return np.concatenate([array(v, int(o[-1])) for v, (o, _) in zip(values, lists, strict=True)])


def weights_in(net: Network, p: Projection, first: int, last: int, offsets: Any) -> Any:
    """One number, or an array with a weight for each synapse of the lists."""
    if p.connection.dense:
        flat = net.weights[p.name].detach().double().numpy().reshape(-1)
        return flat[p.connection.which(net.size(p.source), net.size(p.target), first, last)]
    if p.name in net.learned:
        known = net.learned[p.name].detach().double().numpy()
        begin = int(_incoming(net, p, (0, first))[0][-1]) if first else 0
        found = known[begin : begin + int(offsets[-1])]
        if len(found) < offsets[-1] or (last == net.size(p.target) and begin + len(found) < len(known)):
            raise InvalidValueError(
                f"{p.name!r} keeps {len(known)} weights, and has another number of synapses; keep those of a run of "
                "this very network: net.keep(name, record.state[name]['weight'])"
            )
        return found
    if isinstance(p.weight, Distribution):
        drawn = np.empty(int(offsets[-1]), np.float32)
        fill(p.weight, key(net.seed, f"weights {p.name}"), first, offsets, drawn)
        return drawn
    if isinstance(p.weight, np.ndarray):
        return p.weight[_order(net, p, first, last)]
    return p.weight


def _order(net: Network, p: Projection, first: int, last: int) -> Any:
    if isinstance(p.connection, Pairs):
        return p.connection.order(net.size(p.source), first, last)
    raise InvalidValueError(
        f"{p.name!r}: an array with a value for each synapse is possible with Dense or Pairs; give a number or a "
        "distribution, such as Normal(0.1, 0.01)"
    )


def delays_in(net: Network, p: Projection, dt: float, first: int, last: int, offsets: Any) -> Any:
    """One number of steps, or an array with one for each synapse of the lists."""
    found = delay_steps(net, p, dt)
    if isinstance(found, int):
        return found
    if isinstance(found, Distribution):
        times = np.empty(int(offsets[-1]), np.float32)
        fill(found, key(net.seed, f"delays {p.name}"), first, offsets, times)
    else:
        times = found[_order(net, p, first, last)]
    steps = np.floor(times / dt + (0.5 + 1e-6))  # a half is rounded up, whatever float32 makes of it
    if steps.size and steps.min() < 1:
        raise InvalidValueError(
            f"{p.name!r}: a delay of {float(times.min()):g} ms is shorter than a step of {dt:g} ms; give the "
            f"distribution a lower bound: low={dt:g}"
        )
    most = int(steps.max()) if steps.size else 1
    if most >= 2**16:
        raise InvalidValueError(
            f"{p.name!r}: a delay of {float(times.max()):g} ms is {most} steps; allowed: up to 65535"
        )
    return steps.astype(np.uint8 if most < 256 else np.uint16)
