"""Fields in a run: concentrations that move on, interval by interval, and what they do where synapses are."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, final

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.engines.steps.events import Events
from spikeloom.engines.steps.learning_text import Texts
from spikeloom.engines.steps.modulators import EPOCH, LONGEST, area, moment
from spikeloom.engines.steps.operation import Operation
from spikeloom.modulators.field.solver import Solver
from spikeloom.network import Field, Network
from spikeloom.network.parts import Projection

ROOM = 2**21
"""Numbers that the sums of a signal may take: then an epoch is shorter."""

FEWEST = 64
"""Intervals of an epoch at least."""

KEPT = 2**23
"""Numbers of what is held for synapses over a block of steps at most: then a block is shorter."""

STEP = """
for t in range(steps):
    everywhere = given[(now + t - given_begin) % given.shape[0]]
    if everywhere != zero:
        busy[0] = 1
        for i in range(pending.shape[0]):
            pending[i] += everywhere
    for p in range(given_sites.shape[0]):
        amount = given_there[(now + t - given_begin) % given_there.shape[0], p]
        if amount != zero:
            busy[0] = 1
            pending[given_sites[p]] += amount * gain
{spikes}
    row = ((now + t) // every) % held.shape[0]
    if (now + t) % every == 0:
        border(above, pending, held[row], work, busy, axes, columns, values, uptake)
    if watched > 0 and (now + t + 1) % watched == 0:
        line = ((now + t + 1) // watched - watch_begin) % watch.shape[0]
        for i in range(chosen.shape[0]):
            watch[line, i] = held[row, chosen[i]]
"""

SPIKES = """
    row = now + t - origin_{k}[0]
    for e in range(offsets_{k}[row], offsets_{k}[row + 1]):
        busy[0] = 1
        pending[sites_{k}[index_{k}[e]]] += amount_{k} * gain
"""

NEVER = 0, 0, np.zeros(0, np.int64), np.zeros((1, 1))
"""What nobody watches: every so many steps, the first line, cells, and room for them."""

PARTS = ("level", "above", "pending")
"""The entries of a field's state: what synapses read, what is above the baseline, what waits for the next interval."""


@final
class FieldLevel:
    """The concentrations of one field in a shard: every shard computes them for itself, to the same bits.

    Raises:
        InvalidValueError: an interval that is no whole number of steps, or a state of another field.
    """

    def __init__(self, field: Field, dt: float, block: int, state: Mapping[str, Any] | None) -> None:
        self.field, self.dt = field, dt
        self.every = steps_of(field, dt)
        solver = Solver(field.medium, field.box, field.interval, rest=field.baseline)
        self.tables, self.gain = solver.tables, float(solver.gain[0])
        self.above, self.pending = np.zeros(field.box.cells), np.zeros(field.box.cells)
        level = np.full(field.box.cells, field.baseline)
        for name, mine in (("level", level), ("above", self.above), ("pending", self.pending)):
            if state is not None and name in state:
                given = state[name].double().numpy().reshape(-1)
                if given.shape != mine.shape:
                    raise InvalidValueError(
                        f"the state of {field.name!r} has {given.size} cells; this field has {mine.size}"
                    )
                mine[...] = given
        self.busy = np.array([self.pending.any(), self.above.any()], np.int64)
        self.work = np.empty_like(self.above)
        self.held = np.tile(level, (block // self.every + 2, 1))

    def operate(
        self, begin: int, given: Any, there: Any, sources: list[tuple[float, Any, Events]], watch: Any
    ) -> Operation:
        """The operation that moves the field on: ``given`` everywhere, ``there`` (sites, amounts) by hand, from spikes
        (amount of one, sites of the neurons, their list); ``watch`` is what is recorded, as :data:`NEVER`.
        """
        t = self.tables
        values: dict[str, Any] = {
            "above": self.above, "pending": self.pending, "held": self.held, "work": self.work, "busy": self.busy,
            "axes": t.axes, "columns": t.columns, "values": t.values, "uptake": t.uptake, "every": self.every,
            "gain": self.gain, "given": given, "given_begin": begin, "given_sites": there[0], "given_there": there[1],
        }  # fmt: skip
        values |= dict(zip(("watched", "watch_begin", "chosen", "watch"), watch, strict=True))
        for k, (amount, sites, events) in enumerate(sources):
            values |= {f"amount_{k}": float(amount), f"sites_{k}": sites, f"offsets_{k}": events.offsets}
            values |= {f"index_{k}": events.index, f"origin_{k}": events.origin}
        text = STEP.replace("{spikes}", "".join(SPIKES.format(k=k) for k in range(len(sources))))
        from spikeloom.modulators.field import sweep

        imports = ("from spikeloom.modulators.field.sweep import border",)
        return Operation("field", "a field of a modulator", text, values, imports, (sweep,))

    def state(self, now: int) -> dict[str, torch.Tensor]:
        """All that is needed to go on with step ``now``."""
        level = self.held[((now - 1) // self.every) % len(self.held)]
        found = zip(PARTS, (level, self.above, self.pending), strict=True)
        return {name: torch.from_numpy(value.copy()) for name, value in found}


def fields_of(net: Network, dt: float, block: int, state: Mapping[str, Any]) -> dict[str, FieldLevel]:
    """The fields of a shard."""
    found = {n: f for n, f in net.modulators.items() if isinstance(f, Field)}
    return {n: FieldLevel(f, dt, block, state.get(n)) for n, f in found.items()}


def longest_block(net: Network, dt: float) -> int:
    """How many steps a block may have, so that what is held of the largest field does not fill the memory."""
    fields = [f for f in net.modulators.values() if isinstance(f, Field)]
    return min((max(1, steps_of(f, dt) * (KEPT // f.box.cells)) for f in fields), default=LONGEST)


def steps_of(field: Field, dt: float) -> int:
    """The interval of a field in steps of ``dt`` ms."""
    every = round(field.interval / dt)
    if every < 1 or abs(every * dt - field.interval) > 1e-6 * field.interval:
        raise InvalidValueError(
            f"the field {field.name!r} moves on every {field.interval:g} ms, which is no whole number of steps of "
            f"{dt:g} ms; give it another interval, such as {max(every, 1) * dt:g}"
        )
    return every


@dataclasses.dataclass(frozen=True)
class Sites:
    """Where the synapses of a projection are in a field: the cell of each target, or of each synapse, all cells that
    are among these, and which of those each has; and the steps of an interval.
    """

    every: int
    cells: Any
    used: Any
    place: Any


def localise(texts: Texts, net: Network, p: Projection, dt: float, synapses: int) -> None:
    """Tell the texts of a rule which of the modulators that it follows are fields, and where its synapses are.

    Raises:
        InvalidValueError: they have no place in a field.
        UnsupportedError: the rule wants a product of a field and another modulator.
    """
    by = {k: s.by for k, s in texts.signals.items()} | {k: a.by for k, a in texts.ambient.items()}
    texts.local = {k: name for k, name in by.items() if isinstance(net.modulators.get(name), Field)}
    for signal in texts.signals.values():
        names = [signal.by, *(f.by for f in signal.times)]
        mixed = [name for name in names if isinstance(net.modulators.get(name), Field)]
        if mixed and signal.times:
            raise UnsupportedError(
                f"{p.name!r} learns by the product of {' and '.join(map(repr, names))}, and {mixed[0]!r} is a field; "
                "gate the rule inside instead: Modulated(rule=Gated(...))"
            )
    if not texts.local:
        return
    if p.name in net.places and len(net.places[p.name]) != synapses:
        raise InvalidValueError(
            f"net.place({p.name!r}, ...) has {len(net.places[p.name])} positions; it has {synapses} synapses"
        )
    texts.place = "k" if p.name in net.places else "j"
    for k, name in texts.local.items():
        field = net.modulators[name]
        assert isinstance(field, Field)
        cells = net.placed(p.name if texts.place == "k" else p.target, name)
        used, place = np.unique(cells, return_inverse=True)
        texts.there[k] = Sites(steps_of(field, dt), cells, used.astype(np.int32), place.astype(np.int32))
    shortest = min((abs(s.tau) for s in texts.signals.values()), default=math.inf)
    slow = [n for k, n in texts.local.items() if texts.there[k].every * dt > EPOCH * shortest]
    if slow:
        raise InvalidValueError(
            f"the field {slow[0]!r} moves on too seldom for {p.name!r}, whose eligibility lasts {shortest:g} ms; "
            f"allowed: an interval up to {EPOCH * shortest:g} ms"
        )
    texts.grain = math.lcm(*(one.every for one in texts.there.values()))
    texts.longest = texts.grain * max(FEWEST, ROOM // max(one.used.size for one in texts.there.values()))


def local_sums(texts: Texts, epoch: int) -> dict[str, Any]:
    """The sums of signals from fields since an epoch began: a row for each interval, of all cells that count."""
    found: dict[str, Any] = {}
    if not texts.local:
        return found
    between = texts.lines("between")
    for k in between.signals if between else ():
        if k in texts.local:
            shape = epoch // texts.there[k].every + 2, texts.there[k].used.size
            found[f"sum_{k}"] = np.zeros(shape)
            if texts.signals[k].order:
                found[f"late_sum_{k}"] = np.zeros(shape)
    return found


def local_values(texts: Texts, dt: float, fields: Mapping[str, FieldLevel], mine: Any) -> dict[str, Any]:
    """What the kernel of a rule knows of the fields that it follows; ``mine``: which synapses of the projection its
    group has, in its order, or which targets.
    """
    found: dict[str, Any] = {}
    for k, name in texts.local.items():
        one = texts.there[k]
        found |= {f"held_{k}": fields[name].held, f"every_{k}": one.every}
        if k in texts.ambient:
            found[f"site_{k}"] = np.ascontiguousarray(one.cells[mine])
            continue
        signal = texts.signals[k]
        slow, span = 1 / signal.tau, one.every * dt
        whole, parts = area(slow, span), [q * dt for q in range(one.every)]
        found |= {f"site_{k}": np.ascontiguousarray(one.place[mine]), f"used_{k}": one.used}
        found |= {f"whole_{k}": whole, f"part_{k}": np.array([area(slow, q) / whole for q in parts])}
        found |= {f"late_{k}": moment(slow, span) * slow, f"per_{k}": dt / signal.tau}
        found[f"late_part_{k}"] = np.array([moment(slow, q) * slow / whole for q in parts])
    return found
