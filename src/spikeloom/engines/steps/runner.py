"""One run, block by block: as many steps at a time as the shortest delay allows without an exchange of spikes."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import torch

from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps.checks import stable, warn_of_silence
from spikeloom.engines.steps.events import Events
from spikeloom.engines.steps.plan import Cells
from spikeloom.engines.steps.progress import Progress
from spikeloom.engines.steps.setting import KEPT, ROOM, Setting
from spikeloom.engines.steps.state import RECENT, end_state
from spikeloom.engines.steps.weights import end_states


@final
class Runner:
    """Moves a setting on, on so many threads."""

    def __init__(self, setting: Setting, threads: int) -> None:
        self.setting, self.threads = setting, threads
        self.now = self.done = setting.begin  # up to which step the run is, and up to which its spikes were recorded
        self.pending = 0  # steps of the last block, which is delivered when the next one begins
        self.checked = setting.begin  # the step at which all was found to be finite

    def run(self, progress: Any) -> Record:
        """Run to the end, or until an interrupt: then what was recorded so far is returned."""
        begin, end = self.setting.begin, self.setting.begin + self.setting.steps
        warn_of_silence(self.setting.net, self.setting.given)
        with Progress(self.setting.steps, self.setting.dt, progress) as bar:
            while self.now < end and not bar.interrupted:
                self._further(end)
                bar.at(self.now - begin)
        self._put_away()
        return Record(self.setting.recorders.values(begin, self.now), engine="steps", state=self.state())

    def stretch(self, steps: int) -> dict[str, Any]:
        """Run ``steps`` steps, not more than the recorders hold at a time; returns what was recorded in them."""
        begin, end = self.now, self.now + steps
        while self.now < end:
            self._further(end)
        self._put_away()
        return self.setting.recorders.values(begin, end)

    def _further(self, end: int) -> None:
        """As far towards step ``end`` as there is room, and as nobody looks at synapses."""
        self._advance(self._room(self.setting.recorders.next(self.now, end)))
        if self.setting.recorders.due(self.now):
            self._settle()
            self.setting.recorders.look(self.now)

    def state(self) -> State:
        """Where to go on."""
        self._check()
        state = end_state(self.setting.plan, self.setting.shards, self.setting.rings, self.setting.state, self.now)
        state |= end_states(self.setting.plastic, self.now, self.setting.dt, self.setting.settled)
        state |= {
            n: {"level": torch.tensor(float(one.last[0]), dtype=torch.float64)}
            for n, one in self.setting.levels[0].items()
        }
        state |= {n: one.state(self.now) for n, one in self.setting.fields[0].items()}
        for name, tail in self.setting.tails.items():
            if tail:
                recent = self.setting.lists[name].last(self.now, tail, self.setting.net.size(name))
                state.setdefault(name, {})[RECENT] = torch.from_numpy(recent)
        return state

    def _room(self, end: int) -> int:
        """The step up to which the lists are long enough whatever happens."""
        for attempt in range(2):
            rooms = [self.setting.lists[n].room(self.now) // c.size for n, c in self.setting.plan.items() if c.spiking]
            rows = KEPT - (self.now - self.done)
            most = max(
                (c.size for c, _ in self.setting.drives), default=1
            )  # currents are made for all these steps at once
            steps = min([rows, max(self.setting.block, ROOM // most), *rooms])
            if steps >= min(self.setting.block, end - self.now) or attempt:
                return min(end, self.now + steps)
            self._put_away()
        raise AssertionError("two attempts were made")

    def _advance(self, stop: int) -> None:
        """Go on to step ``stop``."""
        self._prepare(stop - self.now)
        if len(self.setting.shards) == 1:
            self.now, self.pending = self.setting.programmes[0].drive(self.now, stop, self.setting.block, self.pending)
            return
        while self.now < stop:
            self._together(min(self.setting.block, stop - self.now))

    def _together(self, steps: int) -> None:
        """One block, each shard on a thread. With one stage the threads meet once."""
        now, pending = self.now, self.pending
        for mine in self.setting.mine:
            for events in mine.values():
                events.origin[0] = now

        def first(k: int) -> None:
            if pending:
                self.setting.programmes[k].execute(0, now - pending, pending)
            self.setting.programmes[k].execute(1, now, steps)
            self.setting.programmes[k].execute(2, now, steps)

        shards = range(len(self.setting.shards))
        in_threads(first, shards, self.threads)
        self.setting.merge.execute(0, now, steps)
        for stage in range(1, len(self.setting.stages)):
            for phase in (2 * stage + 1, 2 * stage + 2):
                in_threads(lambda k, p=phase: self.setting.programmes[k].execute(p, now, steps), shards, self.threads)
            self.setting.merge.execute(0, now, steps)
        if len(self.setting.stages) > 1:
            in_threads(
                lambda k: self.setting.programmes[k].execute(2 * len(self.setting.stages) + 1, now, steps),
                shards,
                self.threads,
            )
        self.pending = steps
        self.now += steps

    def _prepare(self, steps: int) -> None:
        """Make what is known of the next steps: currents, and events that are listed."""
        made: dict[str, Any] = {}
        for c, update in self.setting.drives:
            if c.name not in made:
                made[c.name] = self._drive(c, steps)
            update.parcel.put("drives", made[c.name])
            update.parcel.put("drive_begin", self.now)
        for d, size, operations in self.setting.poured:
            offsets, index = d.source.events(
                self.now, steps, self.setting.dt, size, self.setting.key(f"events {d.name}")
            )
            events = Events(np.ascontiguousarray(offsets, np.int64), np.ascontiguousarray(index, np.int32), self.now)
            for operation in operations:
                for name, value in events.values().items():
                    operation.parcel.put(name, value)

    def _drive(self, c: Cells, steps: int) -> Any:
        """The current into each neuron of a population in each of some steps: from drives and from analog input."""
        total = np.zeros((1, 1))
        for d in c.currents:
            total = total + d.weight * d.source.current(self.now, steps, self.setting.dt, c.size)
        at = self.now - int(self.setting.since[0])
        for source, weight in self.setting.analog[c.name]:
            total = total + self.setting.sources[source][at : at + steps] @ weight
        return np.ascontiguousarray(np.broadcast_to(total, (max(len(total), 1), total.shape[1])))

    def _settle(self) -> None:
        """Deliver what is pending."""
        if self.pending:
            begun, steps = self.now - self.pending, self.pending
            shards = range(len(self.setting.shards))
            in_threads(lambda k: self.setting.programmes[k].execute(0, begun, steps), shards, self.threads)
            self.pending = 0

    def _put_away(self) -> None:
        """Deliver what is pending, give the spikes to the recorders, and begin the lists anew."""
        self._settle()
        if self.now - self.checked >= KEPT:
            self._check()
        if self.now > self.done:
            self.setting.recorders.take(self.setting.lists, self.done, self.now)
        for name in self.setting.plan:
            self.setting.lists[name].keep(self.now, self.setting.tails[name])
        self.done = self.now

    def _check(self) -> None:
        """Refuse to go on with anything that is no number any more."""
        stable(self.setting.plan, self.setting.state, self.now * self.setting.dt, self.setting.dt)
        for one in self.setting.plastic.values():
            one.sound(self.now * self.setting.dt)
        self.checked = self.now
