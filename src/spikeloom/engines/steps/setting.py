"""What a run is made of: state, rings, lists of spikes, and of all kernels the programme of each shard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import key
from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu import compiled, lists, primitives, vectors
from spikeloom.engines.record import State
from spikeloom.engines.steps import draws
from spikeloom.engines.steps.by_hand import by_hand, refill
from spikeloom.engines.steps.deliver import pouring
from spikeloom.engines.steps.events import Events, merging
from spikeloom.engines.steps.fields import NEVER, fields_of, local_values, localise, longest_block
from spikeloom.engines.steps.modulators import Level, Released, check_modulators, present_values, released_amounts
from spikeloom.engines.steps.operation import Operation, Programme
from spikeloom.engines.steps.plan import Cells, of_sample
from spikeloom.engines.steps.plastic import Learning, begin_memory, texts_of
from spikeloom.engines.steps.recorders import Recorders
from spikeloom.engines.steps.shards import Shard
from spikeloom.engines.steps.state import RECENT, begin_rings, begin_state
from spikeloom.engines.steps.text import body
from spikeloom.engines.steps.weights import BEFORE, WEIGHT, plastics
from spikeloom.network import Network
from spikeloom.network.parts import Modulator

LONGEST = 64
"""Steps of a block at most: what arrives stays near."""

KEPT = 512
"""Steps whose spikes stay in the lists before they are put away: often enough for memory, seldom enough for time."""

ROOM = 2**18
"""Spikes for which a list has room, if that is more than a block can need."""

IMPORTS = (
    "from spikeloom.engines.cpu.lists import list_positive",
    "from spikeloom.engines.steps.draws import add_poisson, fill_normal, fill_uniform",
)
USES = (compiled, lists, primitives, vectors, draws)


@final
class Setting:
    """What a run works with: state of all populations, rings and lists of spikes, the programme of each shard."""

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
        sample: int = 0,
        released: Released = None,
        settled: bool = False,
        stretches: bool = False,
    ) -> None:
        self.settled, self.stretches = settled, stretches
        self.net, self.plan, self.sample = net, plan, sample
        self.sources: dict[str, Any] = dict(sources)
        self.shards = shards = [s.own() for s in shards]
        self.steps, self.dt = steps, dt
        self.state, self.begin = begin_state(net, plan, state)
        self.since = np.array([self.begin], np.int64)  # the step of the first row of analog sources
        self.plastic = plastics(net, shards)
        self.texts = {
            name: texts_of(net, one.p, sources, list(plan[one.p.target].text.states))
            for name, one in self.plastic.items()
        }
        for name, texts in self.texts.items():
            localise(texts, net, net.projections[name], dt, int(self.plastic[name].edges[-1]))
        self._spans()
        self.rings = [np.zeros((self.slots, max(1, s.width))) for s in shards]
        begin_rings(net, plan, shards, self.rings, state, self.begin, dt)
        self._begin_plastic(state or {})
        self.analog = {n: self._analog(n) for n in plan}
        self.given = state is not None
        self.recorders = Recorders(net, plan, record, self.begin, steps, dt, self.plastic, list(net.modulators))
        if stretches:
            analog = {n: v for n, v in sources.items() if not isinstance(v, Spikes)}
            self.sources |= {n: np.zeros((steps, v.shape[1])) for n, v in analog.items()}
        self.released = released_amounts(net, released, steps)
        follows = {t: one for t, one in self.texts.items() if one.followed}
        check_modulators(net, follows, self.released, self.given)
        self.levels = [self._levels(state or {}) for _ in shards]
        self.fields = [fields_of(net, dt, self.block, state or {}) for _ in shards]
        self.lists = {n: self._list(n, c.size, state or {}) for n, c in plan.items()}
        self.lists |= {n: self._given(n, v, state or {}) for n, v in sources.items() if isinstance(v, Spikes)}
        self.mine = [self.lists if len(shards) == 1 else self._mine(s) for s in shards]
        self.drives: list[tuple[Cells, Operation]] = []  # updates that take a current
        self.poured: list[tuple[Any, int, list[Operation]]] = []  # sources that list their events
        self.programmes = [self._programme(k) for k in range(len(shards))]
        for name, one in self.plastic.items():
            if state and name in state and BEFORE not in state[name]:
                one.recall(self.begin)
        joins = [merging(self.lists[n], [mine[n] for mine in self.mine]) for n in plan] if len(shards) > 1 else []
        self.merge = Programme([(joins, False)])

    def _spans(self) -> None:
        """How many steps a block has, how long what is sent stays under way, and how far back a spike is asked for."""
        learning = [g for s in self.shards for found in s.plastic.values() for g in found]
        spans = [b.span for s in self.shards for n, found in s.bundles.items() if n in self.plan for b in found]
        spans += [(g.delay, g.delay) for g in learning if g.late or g.projection.source in self.plan]
        least = min((low for low, _ in spans), default=LONGEST)
        at_once = any(not g.late or self.texts[g.projection.name].continuous for g in learning)
        self.block = 1 if at_once or self.net.gains else max(1, min(least, LONGEST, longest_block(self.net, self.dt)))
        every = [b.span[1] for s in self.shards for found in s.bundles.values() for b in found]
        self.slots = max([*every, *(g.delay for g in learning)], default=0) + self.block + 1
        self.stages = [list(self.plan)] if least > 0 else _stages(self.net, self.plan)
        self.tails: dict[str, int] = dict.fromkeys((*self.plan, *self.sources), 0)
        for g in learning:
            name = g.projection.target if g.late else g.projection.source
            self.tails[name] = max(self.tails[name], g.delay)
            source, lag = g.projection.source, round(self.texts[g.projection.name].lag / self.dt)
            if lag:  # spikes that the rule has not heard yet
                self.tails[source] = max(self.tails[source], lag + (0 if g.late else g.delay))

    def _begin_plastic(self, state: State) -> None:
        for name, one in self.plastic.items():
            texts = self.texts[name]
            for found in one.groups:
                for g in found:
                    begin_memory(g, self.net, texts, self.state[one.p.target], self.dt, self.begin)
            one.begin(state.get(name))

    def _levels(self, state: State) -> dict[str, Level]:
        """The modulators of a shard."""
        return {
            n: Level(m, self.dt, float(state[n]["level"]) if n in state else m.baseline, 2 * LONGEST)
            for n, m in self.net.modulators.items()
            if isinstance(m, Modulator)
        }

    def _list(self, name: str, size: int, state: State) -> Events:
        """Room for the spikes of a population, with those of the last steps that are still asked for."""
        tail = self.tails[name]
        made = Events.empty(KEPT + tail, max(size * (self.block + 16 + tail), min(size * KEPT, ROOM)), self.begin)
        made.follow(_recent(state, name, tail, size))
        return made

    def _given(self, name: str, spikes: Spikes, state: State) -> Events:
        """The spikes that are given to an input."""
        if self.stretches:
            return self._list(name, self.net.size(name), state)
        offsets, index = spikes.buffers()
        tail = self.tails[name]
        if tail == 0:
            return Events(offsets, index, self.begin)
        made = Events.empty(tail + offsets.size - 1, index.size + tail * self.net.size(name), self.begin)
        made.follow(_recent(state, name, tail, self.net.size(name)))
        end = int(made.offsets[tail])
        made.offsets[tail:] = end + offsets - offsets[0]
        made.index[end : end + index.size] = index
        return made

    def _mine(self, s: Shard) -> dict[str, Events]:
        """Lists for one block of one shard."""
        return {n: Events.empty(self.block, (b - a) * self.block, self.begin) for n, (a, b) in s.bounds.items()}

    def _programme(self, k: int) -> Programme:
        """The operations of shard ``k``: what is late of the block before, what arrives, and stage by stage the
        updates and what they send without a delay.
        """
        s, ring = self.shards[k], self.rings[k]
        made = {
            n: [(b.span[0], b.operation(self.lists[n].values(), ring, self.dt)) for b in found]
            for n, found in s.bundles.items()
            if n in self.lists
        }
        late = [self._level(k, n) for n in self.levels[k]]
        late += [self._field(k, n) for n in self.fields[k]]
        late += [o for n in self.plan for delay, o in made.get(n, ()) if delay > 0]
        arriving = [o for n in self.sources for _, o in made.get(n, ())] + self._poured(k)
        at_once: dict[str, list[Operation]] = {n: [] for n in self.plan}
        for learning in self._learning(k):
            g = learning.group
            late += [learning.operations[kind] for kind in ("late", "depart") if kind in learning.operations]
            if not g.late:
                source = g.projection.source
                (at_once[source] if g.delay == 0 and source in self.plan else arriving).append(
                    learning.operations["arrive"]
                )
        widest = max((b - a for a, b in s.bounds.values()), default=1)
        rows = 1 + max((len(c.text.drawn) for c in self.plan.values()), default=0)
        scratch = {"vectors": np.empty((rows, widest + 64)), "words": draws.scratch()}
        phases: list[tuple[list[Operation], bool]] = [(late, True), (arriving, False)]
        for stage in self.stages:
            phases.append(([self._update(k, n, scratch) for n in stage if s.bounds[n][0] < s.bounds[n][1]], False))
            if len(self.stages) > 1:
                sent = [o for n in stage for delay, o in made.get(n, ()) if delay == 0]
                phases.append((sent + [o for n in stage for o in at_once[n]], False))
        return Programme(phases)

    def _level(self, k: int, name: str) -> Operation:
        """The operation that makes the level of a modulator, from what its populations release and by hand."""
        sources = [(r.amount, self.lists[r.source]) for r in self.net.releases if r.modulator == name]
        watch = self.recorders.levels.get(name)
        shown = watch is not None and k == 0
        return self.levels[k][name].operate(
            self.begin, self.released.get(name, np.zeros(1)), sources, watch if shown else np.zeros(1), shown
        )

    def _field(self, k: int, name: str) -> Operation:
        """The operation that moves a field on."""
        sources = [
            (r.amount, self.net.placed(r.source, name), self.lists[r.source])
            for r in self.net.releases
            if r.modulator == name
        ]
        watch = self.recorders.watch(name) if k == 0 else NEVER
        return self.fields[k][name].operate(self.begin, *by_hand(self.released.get(name)), sources, watch)

    def _learning(self, k: int) -> list[Learning]:
        """The plastic synapses of shard ``k`` at work."""
        found: list[Learning] = []
        for name, one in self.plastic.items():
            p, texts = one.p, self.texts[name]
            pre = (self.sources[p.source], self.since) if texts.analog else self.lists[p.source]
            for g in self.shards[k].plastic[name]:
                values = self.state[p.target], self.dt, self.net.size(p.target), self.key(f"plasticity {name}")
                local = local_values(texts, self.dt, self.fields[k], one.chosen(g, texts.place))
                given = pre, self.lists[p.target], *values, self.levels[k], local
                found.append(Learning(g, texts, self.rings[k], *given))
        return found

    def _poured(self, k: int) -> list[Operation]:
        """The operations for sources that list their events."""
        found: list[Operation] = []
        s = self.shards[k]
        for c in self.plan.values():
            first, last = s.bounds[c.name]
            for d, receptor in c.listed:
                events = Events(np.zeros(2, np.int64), np.zeros(1, np.int32), self.begin)
                port = s.ports[c.name][receptor]
                found.append(pouring(d.weight, port, first, last, events.values(), self.rings[k]))
                if k == 0:
                    self.poured.append((d, c.size, []))
                next(p for p in self.poured if p[0] is d)[2].append(found[-1])
        return found

    def _update(self, k: int, name: str, scratch: dict[str, Any]) -> Operation:
        """The operation that moves the neurons of a population in shard ``k`` on."""
        s, c = self.shards[k], self.plan[name]
        first, last = s.bounds[name]
        events = self.mine[k][name]
        values: dict[str, Any] = {"first": first, "last": last, "ring": self.rings[k], "origin": events.origin}
        values |= {f"port_{r}": port for r, port in enumerate(s.ports[name])}
        for i, drive in enumerate(c.poisson):
            parts = zip(("weight", "bounds", "guide", "key"), drive, strict=True)
            values |= {f"poisson_{w}_{i}": v for w, v in parts}
        if c.shape.driven:
            values |= {"drives": np.zeros((1, 1)), "drive_begin": 0}
        if c.text.drawn:
            values["noise_key"] = c.noise_key
        for i, gain in enumerate(c.gains):
            values |= present_values(str(i), self.levels[k][gain.modulator], self.dt) | {f"slope_{i}": gain.gain}
        values |= {f"state_{k}": self.state[name][k] for k in c.text.states}
        values |= {f"constant_{k}": v for k, v in c.constants.items()}
        if c.spiking:
            values |= {"spike_offsets": events.offsets, "spike_index": events.index}
        values |= scratch | self.recorders.arguments(name, first, last)
        model = c.shape.neuron.__name__
        found = Operation(f"{model.lower()}_update", model, body(c.shape), values, IMPORTS, USES)
        if c.shape.driven:
            self.drives.append((c, found))
        return found

    def _analog(self, name: str) -> list[tuple[Any, Any]]:
        """The analog inputs of a population, and their weights."""
        return [
            (p.source, self.net.weights[p.name].detach().double().numpy())
            for p in self.net.incoming(name)
            if p.rule is None and p.source in self.sources and not isinstance(self.sources[p.source], Spikes)
        ]

    def feed(self, now: int, sources: Mapping[str, Any], released: Mapping[str, Any], first: int, last: int) -> None:
        """Take in what arrives and what is released from step ``now`` on: the rows ``first`` to ``last`` - 1 of it."""
        self.since[0] = now
        for name, value in sources.items():
            if isinstance(value, Spikes):
                self.lists[name].append(now, self.tails[name], *value.buffers(), first, last)
            else:
                self.sources[name][: last - first] = value[first:last]
        for name, room in self.released.items():
            refill(room, now - self.begin, released.get(name), first, last, name)

    def key(self, stream: str) -> int:
        """The key of a random stream of this sample."""
        return key(self.net.seed, of_sample(stream, self.sample))

    def weights(self) -> State:
        """The weights of the plastic projections as they are now."""
        return {name: {WEIGHT: one.of_synapses(WEIGHT, self.begin)} for name, one in self.plastic.items()}


def _recent(state: State, name: str, tail: int, size: int) -> Any:
    """The spikes of the last ``tail`` steps before a run, if its state tells."""
    found = np.zeros((tail, size), np.uint8)
    given = state.get(name, {}).get(RECENT)
    if given is not None and tail:
        known = given.numpy()[-tail:]
        found[tail - len(known) :] = known
    return found


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
