"""One run, block by block: as many steps at a time as the shortest delay allows without an exchange of spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps.checks import stable, warn_of_silence
from spikeloom.engines.steps.draws import scratch
from spikeloom.engines.steps.plan import Cells
from spikeloom.engines.steps.progress import Progress
from spikeloom.engines.steps.recorders import Recorders
from spikeloom.engines.steps.shards import Shard
from spikeloom.engines.steps.state import begin_state, end_state
from spikeloom.network import Network

LONGEST = 64
"""Steps of a block at most: what arrives stays near."""

KEPT = 512
"""Steps whose spikes stay in the lists before they are put away: often enough for memory, seldom enough for time."""


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
        late = [delays_of(b) for s in shards for found in s.bundles.values() for b in found]
        inner = [delays_of(b) for s in shards for n, found in s.bundles.items() if n in plan for b in found]
        least = min((low for low, _ in inner), default=LONGEST)
        self.block = max(1, min(least, LONGEST))
        most = max((high for _, high in late), default=0)
        self.slots = most + self.block + 1
        self.stages = [list(plan)] if least > 0 else _stages(net, plan)
        self.rings = [np.zeros((self.slots, max(1, s.width))) for s in shards]
        self.state, self.begin = begin_state(net, plan, shards, self.rings, state, dt)
        self.analog = {n: self._analog(n) for n in plan}
        self.now = self.begin
        self.given = state is not None
        self.recorders = Recorders(net, plan, record, self.begin, steps, dt)
        self.lists = [{n: self._list(s, n) for n in plan} for s in shards]
        rows = 1 + max((len(c.text.drawn) for c in plan.values()), default=0)
        self.vectors = [np.empty((rows, max((b - a for a, b in s.bounds.values()), default=1) + 64)) for s in shards]
        self.words = [scratch() for _ in shards]
        self.fixed = [{n: self._fixed(k, n) for n in plan} for k in range(len(shards))]
        self.at = 0  # steps in the lists
        self.safe = 0  # steps for which they are surely long enough
        self.pending = (0, 0)  # the block in the lists that is to be delivered: where it begins, how many steps

    def _list(self, s: Shard, name: str) -> tuple[Any, Any]:
        first, last = s.bounds[name]
        return np.zeros(KEPT + self.block + 1, np.int64), np.empty((last - first) * (self.block + 16) + 64, np.int32)

    def run(self, progress: bool) -> Record:
        """Run to the end, or until an interrupt: then what was recorded so far is returned."""
        end = self.begin + self.steps
        warn_of_silence(self.net, self.given)
        with Progress(self.steps, self.dt, progress) as bar:
            while self.now < end and not bar.interrupted:
                self._move(min(self.block, end - self.now))
                bar.at(self.now - self.begin)
        self._put_away()
        values = self.recorders.values(self.now - self.begin)
        state = end_state(self.plan, self.shards, self.rings, self.state, self.now)
        return Record(values, engine="steps", state=state)

    def _move(self, steps: int) -> None:
        """One block. With one stage the spikes of the block before are delivered first: the threads meet once."""
        if self.safe < steps:
            self.safe = self._room()
        if self.at + steps > KEPT or self.safe < steps:
            self._put_away()
            self.safe = self._room()
        self.safe -= steps
        shards = range(len(self.shards))
        drives = {n: self._drive(c, steps) for n, c in self.plan.items() if c.shape.driven}
        if len(self.stages) == 1:
            late, pending = self.pending

            def both(k: int) -> None:
                self._deliver(k, self.stages[0], late, pending)
                self._arrive(k, steps)
                self._update(k, self.stages[0], steps, drives)

            in_threads(both, shards, self.threads)
            self.pending = (self.at, steps)
        else:
            in_threads(lambda k: self._arrive(k, steps), shards, self.threads)
            for stage in self.stages:
                in_threads(lambda k, s=stage: self._update(k, s, steps, drives), shards, self.threads)
                in_threads(lambda k, s=stage: self._deliver(k, s, self.at, steps), shards, self.threads)
        self.at += steps
        self.now += steps

    def _room(self) -> int:
        """Steps for which the lists are long enough whatever happens."""
        rooms = [
            (index.size - 64 - int(offsets[self.at])) // (s.bounds[n][1] - s.bounds[n][0])
            for s, mine in zip(self.shards, self.lists, strict=True)
            for n, (offsets, index) in mine.items()
            if s.bounds[n][1] > s.bounds[n][0]
        ]
        return min(rooms, default=KEPT)

    def _put_away(self) -> None:
        """Deliver what is pending, give the spikes to the recorders, and begin the lists anew."""
        late, pending = self.pending
        if pending:
            in_threads(lambda k: self._deliver(k, self.stages[0], late, pending), range(len(self.shards)), self.threads)
        self.pending = (0, 0)
        stable(self.plan, self.state, self.now * self.dt, self.dt)
        if self.at:
            self.recorders.take(self.lists, self.at)
        self.at = 0

    def _drive(self, c: Cells, steps: int) -> Any:
        """The current into each neuron of a population in each step of a block: from drives and from analog input."""
        total = np.zeros((1, 1))
        for d in c.currents:
            total = total + d.weight * d.source.current(self.now, steps, self.dt, c.size)
        at = self.now - self.begin
        for given, weight in self.analog[c.name]:
            total = total + given[at : at + steps] @ weight
        return np.ascontiguousarray(np.broadcast_to(total, (max(len(total), 1), total.shape[1])))

    def _analog(self, name: str) -> list[tuple[Any, Any]]:
        """Values and weights of the analog inputs of a population."""
        return [
            (self.sources[p.source], self.net.weights[p.name].detach().double().numpy())
            for p in self.net.incoming(name)
            if p.source in self.sources and not isinstance(self.sources[p.source], Spikes)
        ]

    def _arrive(self, k: int, steps: int) -> None:
        """Deliver the spikes of the inputs."""
        if not self.sources:
            return
        at = self.now - self.begin
        for name, given in self.sources.items():
            if isinstance(given, Spikes):
                offsets, indices = given.buffers()
                for bundle in self.shards[k].bundles.get(name, ()):
                    bundle.deliver(self.rings[k], self.now, steps, offsets[at : at + steps + 1], indices)

    def _update(self, k: int, stage: list[str], steps: int, drives: dict[str, Any]) -> None:
        """Move the neurons of shard ``k`` on."""
        for name in stage:
            offsets, _ = self.lists[k][name]
            here = offsets[self.at : self.at + steps + 1]
            if self.at == 0:
                here[0] = 0
            fixed = self.fixed[k][name]
            if fixed is None:
                here[:] = 0
            elif name in drives:
                self.plan[name].update(self.now, steps, here, drives[name], *fixed)
            else:
                self.plan[name].update(self.now, steps, here, *fixed)

    def _fixed(self, k: int, name: str) -> list[Any] | None:
        """The arguments of an update that stay the same; ``None`` if the shard has no neuron of the population."""
        s, c = self.shards[k], self.plan[name]
        first, last = s.bounds[name]
        if first == last:
            return None
        found: list[Any] = [first, last, self.rings[k], *s.ports[name]]
        for p in c.poisson:
            found += p
        if c.text.drawn:
            found.append(c.noise_key)
        found += [self.state[name][n] for n in c.text.states]
        found += c.constants
        found += [self.vectors[k], self.lists[k][name][1]]
        if c.poisson:
            found.append(self.words[k])
        return found + self.recorders.arguments(name, first, last)

    def _deliver(self, k: int, stage: list[str], at: int, steps: int) -> None:
        """Bring the spikes of all shards to the neurons of shard ``k``: those of the block at ``at`` in the lists."""
        begun = self.now - self.at + at
        for name in stage:
            for bundle in self.shards[k].bundles.get(name, ()):
                for lists in self.lists:
                    offsets, index = lists[name]
                    if offsets[at] < offsets[at + steps]:
                        bundle.deliver(self.rings[k], begun, steps, offsets[at : at + steps + 1], index)


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
            raise InvalidValueError(
                f"the populations {rest} feed each other in a circle without any delay; give one of the projections a "
                "delay: connect(..., delay=1 * ms)"
            )
        stages.append(ready)
        done |= set(ready)
    return stages
