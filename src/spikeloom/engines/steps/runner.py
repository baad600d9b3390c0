"""One run, block by block: as many steps at a time as the shortest delay allows without an exchange of spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from spikeloom.core.distributions import Distribution
from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps.plan import Cells
from spikeloom.engines.steps.progress import Progress
from spikeloom.engines.steps.recorders import Recorders
from spikeloom.engines.steps.shards import Shard
from spikeloom.engines.steps.state import begin_state, end_state
from spikeloom.network import Network

LONGEST = 64
"""Steps of a block at most: lists of spikes stay short."""


class Runner:
    """What a run works with: state of all populations, rings and lists of spikes of each shard, recorders."""

    def __init__(
        self,
        net: Network,
        plan: dict[str, Cells],
        shards: list[Shard],
        sources: dict[str, Any],
        steps: int,
        dt: float,
        state: State | None,
        record: Any,
        threads: int,
    ) -> None:
        self.net, self.plan, self.shards, self.sources = net, plan, shards, sources
        self.steps, self.dt, self.threads = steps, dt, threads
        late = [delays_of(s.bundles[n]) for s in shards for n in s.bundles]
        least = min((low for s in shards for n in s.bundles if n in plan for low, _ in [delays_of(s.bundles[n])]), default=LONGEST)
        self.block = max(1, min(least, LONGEST))
        most = max((high for _, high in late), default=0)
        self.slots = most + self.block + 1
        self.stages = [list(plan)] if least > 0 else _stages(net, plan)
        self.rings = [np.zeros((self.slots, max(1, s.width))) for s in shards]
        self.state, self.begin = begin_state(net, plan, shards, self.rings, state)
        self.now = self.begin
        self.recorders = Recorders(net, plan, record, self.begin, steps, dt)
        self.lists = [{n: self._list(s, n) for n in plan} for s in shards]
        rows = 1 + max((len(c.text.drawn) for c in plan.values()), default=0)
        self.vectors = [
            np.empty((rows, max((b - a for a, b in s.bounds.values()), default=1) + 64)) for s in shards
        ]
        self.nothing = np.zeros(1, np.int64), np.zeros(1, np.int32)

    def _list(self, s: Shard, name: str) -> tuple[Any, Any]:
        first, last = s.bounds[name]
        return np.zeros(self.block + 1, np.int64), np.empty((last - first) * self.block + 64, np.int32)

    def run(self, progress: bool) -> Record:
        """Run to the end, or until an interrupt: then what was recorded so far is returned."""
        end = self.begin + self.steps
        with Progress(self.steps, self.dt, progress) as bar:
            try:
                while self.now < end:
                    self._move(min(self.block, end - self.now))
                    bar.at(self.now - self.begin)
            except KeyboardInterrupt:
                bar.interrupted()
        values = self.recorders.values(self.now - self.begin)
        state = end_state(self.plan, self.shards, self.rings, self.state, self.now)
        return Record(values, engine="steps", state=state)

    def _move(self, steps: int) -> None:
        """One block."""
        shards = range(len(self.shards))
        drives = {n: self._drive(c, steps) for n, c in self.plan.items() if c.shape.driven}
        in_threads(lambda k: self._arrive(k, steps), shards, self.threads) if self.sources else None
        for stage in self.stages:
            in_threads(lambda k, s=stage: self._update(k, s, steps, drives), shards, self.threads)
            in_threads(lambda k, s=stage: self._deliver(k, s, steps), shards, self.threads)
        self.recorders.take(self.lists, steps)
        self.now += steps

    def _drive(self, c: Cells, steps: int) -> Any:
        """The current into each neuron of a population in each step of a block: from drives and from analog input."""
        total = np.zeros((1, 1))
        for d in c.currents:
            total = total + d.weight * d.source.current(self.now, steps, self.dt, c.size)
        for p in self.net.incoming(c.name):
            given = self.sources.get(p.source)
            if given is not None and not isinstance(given, Spikes):
                weight = self.net.weights[p.name].detach().double().numpy()
                at = self.now - self.begin
                total = total + given[at : at + steps] @ weight
        return np.ascontiguousarray(np.broadcast_to(total, (max(len(total), 1), total.shape[1])))

    def _arrive(self, k: int, steps: int) -> None:
        """Deliver the spikes of the inputs."""
        at = self.now - self.begin
        for name, given in self.sources.items():
            bundle = self.shards[k].bundles.get(name)
            if bundle is not None and isinstance(given, Spikes):
                offsets, indices = given.buffers()
                bundle.deliver(self.rings[k], self.now, steps, offsets[at : at + steps + 1], indices)

    def _update(self, k: int, stage: list[str], steps: int, drives: dict[str, Any]) -> None:
        """Move the neurons of shard ``k`` on."""
        s, ring = self.shards[k], self.rings[k]
        for name in stage:
            first, last = s.bounds[name]
            c = self.plan[name]
            offsets, index = self.lists[k][name]
            if first == last:
                offsets[:] = 0
                continue
            arguments: list[Any] = [first, last, self.now, steps, ring, *s.ports[name]]
            for p in c.poisson:
                arguments += p
            if c.shape.driven:
                arguments.append(drives[name])
            if c.text.drawn:
                arguments.append(c.noise_key)
            arguments += [self.state[name][n] for n in c.text.states]
            arguments += c.constants
            arguments += [self.vectors[k], index, offsets]
            arguments += self.recorders.arguments(name, first, last)
            c.update(*arguments)

    def _deliver(self, k: int, stage: list[str], steps: int) -> None:
        """Bring the spikes of all shards to the neurons of shard ``k``."""
        for name in stage:
            bundle = self.shards[k].bundles.get(name)
            if bundle is not None:
                for lists in self.lists:
                    offsets, index = lists[name]
                    if offsets[steps]:
                        bundle.deliver(self.rings[k], self.now, steps, offsets, index)


def delays_of(bundle: Any) -> tuple[int, int]:
    """The shortest and the longest delay of a bundle, in steps."""
    if isinstance(bundle.delays, int):
        return bundle.delays, bundle.delays
    return (int(bundle.delays.min()), int(bundle.delays.max())) if bundle.delays.size else (1, 1)


def _stages(net: Network, plan: dict[str, Cells]) -> list[list[str]]:
    """Populations in an order in which spikes without a delay arrive within their step."""
    before = {
        n: {p.source for p in net.incoming(n) if p.delay is None and not p.recurrent and p.source in plan} for n in plan
    }
    stages: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(plan):
        ready = [n for n in plan if n not in done and before[n] <= done]
        if not ready:
            rest = ", ".join(n for n in plan if n not in done)
            from spikeloom.core.errors import InvalidValueError

            raise InvalidValueError(
                f"the populations {rest} feed each other in a circle without any delay; give one of the projections a "
                "delay: connect(..., delay=1 * ms)"
            )
        stages.append(ready)
        done |= set(ready)
    return stages
