"""The exact engine: leaky integrate-and-fire networks from event to event, with spike times to rounding."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections.by_source import outgoing
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.random import key
from spikeloom.core.spikes import Spikes
from spikeloom.engines.exact.cells import FIXED, cells, onto_current
from spikeloom.engines.steps.shards import weights_in, weights_of
from spikeloom.network import Network
from spikeloom.network.parts import Projection
from spikeloom.synapses import Delta, ExponentialCurrent

MOST = 200_000_000


@dataclasses.dataclass(frozen=True)
class Times:
    """Spikes at their exact ``times`` [ms], in order, with the ``neurons`` that fired, of ``size`` in all."""

    times: NDArray[np.float64]
    neurons: NDArray[np.int64]
    size: int

    def __len__(self) -> int:
        return len(self.times)

    def on_grid(self, dt: float, duration: float) -> Spikes:
        """The spikes in steps of ``dt``: a spike belongs to the step in which it falls."""
        return Spikes.from_times(self.times, self.neurons, shape=(round(duration / dt), 1, self.size), dt=dt, sort=True)


@final
class ExactEngine:
    """Runs networks of :class:`~spikeloom.neurons.LIF` and :class:`~spikeloom.neurons.CubaLIF` from event to event.

    Nothing is put on a grid: between two events a membrane is known in closed form, and so is the time at which it
    reaches the threshold (Brette 2006, doi:10.1162/089976606777301260, for conductances; here for currents, where a
    bisection of the closed form gives it to rounding). Synapses onto ``LIF`` are ``Delta`` or one
    ``ExponentialCurrent`` for each population, onto ``CubaLIF`` ``Delta``; drives are ``Poisson``; each projection has
    one delay. Cost follows the events: one thread, no step.
    """

    name = "exact"

    def run(
        self,
        net: Network,
        inputs: dict[str, Times] | None = None,
        state: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        duration: float,
    ) -> dict[str, Times]:
        """Run for ``duration`` ms: the spikes of each population, by its name.

        Args:
            net: the network; its ``dt`` plays no part.
            inputs: for each input its spikes, as :class:`Times`.
            state: where populations begin, by name: ``{"cells": {"v": ...}}`` [mV], with ``"i"`` [pA] for ``CubaLIF``;
                one number or one for each neuron. What is not named begins at rest.
            duration: how long to run [ms].

        Raises:
            UnsupportedError: a neuron, synapse or drive that this engine does not solve.
            InvalidValueError: inputs or a state that do not fit, or a duration that is not above zero.
        """
        if not (np.isfinite(duration) and duration > 0):
            raise InvalidValueError(f"duration={duration!r} ms is not possible; allowed: a finite time above 0")
        if net.gains:
            raise UnsupportedError(
                f"the exact engine knows no modulators, and {net.gains[0].modulator!r} scales what "
                f"{net.gains[0].target!r} receives; engine='steps' can"
            )
        first: dict[str, int] = {}
        total = 0
        for name in (*net.populations, *net.inputs):
            first[name], total = total, total + net.size(name)
        neurons = sum(p.size for p in net.populations.values())
        found = cells(net, state or {})
        given = _given(net, inputs or {}, first)
        begin = [found["v"], found["i"], np.zeros(neurons), np.full(neurons, -1.0)]
        fixed = [found[k] for k in FIXED]
        from spikeloom.engines.exact import simulate as loop

        simulate: Any = loop.simulate
        times, fired, too_many = simulate(
            float(duration), *begin, *fixed, *_packets(net, first, total), *given, *_drives(net, first), MOST
        )
        if too_many:
            raise InvalidValueError(
                f"more than {MOST} spikes: this network fires without end; check its weights, delays and t_ref"
            )
        spikes: dict[str, Times] = {}
        for name, p in net.populations.items():
            mine = (fired >= first[name]) & (fired < first[name] + p.size)
            spikes[name] = Times(times[mine], fired[mine] - first[name], p.size)
        return spikes


def _packets(net: Network, first: dict[str, int], total: int) -> list[Any]:
    """What a spike of each source sends: for each projection one packet, with its delay and its synapses."""
    owner: list[NDArray[Any]] = []
    rows: dict[str, list[Any]] = {k: [] for k in ("delay", "begin", "end", "current", "target", "weight")}
    before = 0
    for p in net.projections.values():
        several = p.delay is not None and not isinstance(p.delay, float)
        if p.short_term is not None or p.rule is not None or several:
            raise UnsupportedError(
                f"the exact engine wants one delay for each projection, and synapses that neither tire nor learn; "
                f"{p.name!r} has others; engine='steps' can"
            )
        if p.recurrent and p.delay is None:
            raise InvalidValueError(f"{p.name!r} needs a delay: nothing is put on a grid; connect(..., delay=1 * ms)")
        sources = net.size(p.source)
        made = _synapses(net, p, sources)
        owner.append(np.arange(sources) + first[p.source])
        rows["delay"].append(np.full(sources, p.delay or 0.0))
        rows["begin"].append(made.starts[:-1] + before)
        rows["end"].append(made.starts[1:] + before)
        rows["current"].append(np.full(sources, onto_current(net, p.target, p.synapse)))
        rows["target"].append(made.targets.astype(np.int64) + first[p.target])
        rows["weight"].append(made.weights)
        before += made.targets.size
    kinds = {"delay": np.float64, "begin": np.int64, "end": np.int64, "current": np.bool_}
    if not owner:
        empty = [np.zeros(0, kind) for kind in kinds.values()]
        return [np.zeros(total + 1, np.int64), *empty, np.zeros(0, np.int64), np.zeros(0)]
    sources = np.concatenate(owner)
    order = np.argsort(sources, kind="stable")
    starts = np.searchsorted(sources[order], np.arange(total + 1))
    parts = [np.concatenate(rows[k])[order].astype(kind) for k, kind in kinds.items()]
    return [starts, *parts, np.concatenate(rows["target"]), np.concatenate(rows["weight"]).astype(np.float64)]


def _synapses(net: Network, p: Projection, sources: int) -> Any:
    targets = net.size(p.target)
    offsets, source = p.connection.incoming(
        sources, targets, key(net.seed, f"synapses {p.name}"), recurrent=p.recurrent
    )
    weight = weights_of(weights_in(net, p, 0, targets, offsets), source.size)
    return outgoing(offsets, source, sources, weight)


def _given(net: Network, inputs: dict[str, Times], first: dict[str, int]) -> list[Any]:
    """Times and sources of all spikes from outside, in order."""
    if set(inputs) != set(net.inputs):
        raise InvalidValueError(f"this network has the inputs {list(net.inputs)}; given {list(inputs)}")
    times = np.concatenate([np.zeros(0), *(np.asarray(inputs[n].times, np.float64) for n in net.inputs)])
    sources = np.concatenate(
        [np.zeros(0, np.int64), *(np.asarray(inputs[n].neurons, np.int64) + first[n] for n in net.inputs)]
    )
    for n in net.inputs:
        if inputs[n].size != net.size(n):
            raise InvalidValueError(f"the input {n!r} has {net.size(n)} channels; given spikes of {inputs[n].size}")
    if not np.isfinite(times).all() or (times < 0).any():
        raise InvalidValueError("input spikes need finite times from 0 on")
    order = np.argsort(times, kind="stable")
    return [times[order], sources[order]]


def _drives(net: Network, first: dict[str, int]) -> list[Any]:
    """Key, rate, weight, first and last neuron, and kind of each Poisson drive."""
    for d in net.drives.values():
        if not d.source.gives_events or not isinstance(d.synapse, (Delta, ExponentialCurrent)):
            raise UnsupportedError(
                f"the exact engine knows Poisson drives through Delta or ExponentialCurrent synapses; {d.name!r} is "
                f"{type(d.source).__name__}; engine='steps' can"
            )
    drives = [d for d in net.drives.values() if d.source.values()["rate"] > 0]
    return [
        np.array([key(net.seed, f"exact events {d.name}") for d in drives], np.uint64),
        np.array([d.source.values()["rate"] for d in drives], np.float64),
        np.array([d.weight for d in drives], np.float64),
        np.array([first[d.target] for d in drives], np.int64),
        np.array([first[d.target] + net.size(d.target) for d in drives], np.int64),
        np.array([onto_current(net, d.target, d.synapse) for d in drives], np.bool_),
    ]
