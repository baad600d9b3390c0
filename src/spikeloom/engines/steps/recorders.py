"""What a run step by step writes down."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.core.spikes import Spikes
from spikeloom.engines.steps.events import Events
from spikeloom.engines.steps.fields import NEVER, steps_of
from spikeloom.engines.steps.plan import Cells
from spikeloom.engines.steps.weights import Plastic
from spikeloom.network import Field, Network


@dataclasses.dataclass(frozen=True)
class Trace:
    """A state variable of some ``neurons`` (all, if not given), written down every so many steps.

    Of a plastic projection the ``weight`` or a variable of its synapses: ``neurons`` are synapses then, in the order of
    the weights in a state.

    >>> Trace("exc.v", neurons=[0, 5], every=10).key
    'exc.v'
    """

    key: str
    neurons: Any = None
    every: int = 1


class Recorders:
    """All that a run records: of ``steps`` steps from ``begin`` on, or of one stretch of so many after the other."""

    def __init__(
        self,
        net: Network,
        plan: dict[str, Cells],
        record: Any,
        begin: int,
        steps: int,
        dt: float,
        plastic: dict[str, Plastic],
        levels: Sequence[str] = (),
    ) -> None:
        self.plan, self.begin, self.steps, self.dt, self.plastic = plan, begin, steps, dt, plastic
        self.looks: dict[str, tuple[Trace, list[Any]]] = {}
        self.keys: list[str] = []
        self.traces: dict[tuple[str, str], list[Any]] = {}
        self.spiking: dict[str, tuple[list[Any], list[Any]]] = {}
        self.levels: dict[str, Any] = {}
        known = (
            recordable(plan)
            + [f"{n}.level" for n in levels]
            + [f"{n}.{what}" for n, one in plastic.items() for what in one.variables]
        )
        if isinstance(record, (str, Trace)):
            raise InvalidValueError(f"record={record!r} is one thing; give a list: record=[{record!r}]")
        for one in record:
            trace = one if isinstance(one, Trace) else Trace(one)
            if trace.key not in known:
                raise unknown_name("recordable quantity", trace.key, known)
            name, what = trace.key.split(".", 1)
            self.keys.append(trace.key)
            if name in levels:
                field = net.modulators[name]
                if isinstance(field, Field):
                    every = trace.every if isinstance(one, Trace) else steps_of(field, dt)
                    self._trace(name, what, dataclasses.replace(trace, every=every), field.box.cells)
                else:
                    self.levels[name] = np.zeros(max(steps, 1))
            elif name in plastic:
                whole(trace.every, f"Trace({trace.key!r}): every", minimum=1)
                self.looks[trace.key] = (trace, [])
            elif what in ("spikes", "count", "train", "rate"):
                self.spiking[name] = ([], [])
            else:
                self._trace(name, self._state(name, what), trace, plan[name].size)

    def _state(self, name: str, what: str) -> str:
        """The variable that is recorded as ``what``, by its name in the kernel."""
        return next(k for k, public in self.plan[name].public.items() if public == what) if name in self.plan else what

    def _trace(self, name: str, state: str, trace: Trace, size: int) -> None:
        every = whole(trace.every, f"Trace({trace.key!r}): every", minimum=1)
        chosen = np.arange(size) if trace.neurons is None else np.unique(np.asarray(trace.neurons))
        if chosen.size and not (chosen[0] >= 0 and chosen[-1] < size and chosen.dtype.kind in "iu"):
            one, many = ("neuron", "neurons") if name in self.plan else ("cell", "cells")
            raise InvalidValueError(
                f"Trace({trace.key!r}, neurons=...) names {one} {chosen[-1]}; {name!r} has {many} 0 to {size - 1}"
            )
        rows = self.steps // every + 1  # the first one of a stretch may follow any other
        first = self.begin // every + 1
        self.traces[name, state] = [every, first, chosen.astype(np.int64), np.empty((rows, max(chosen.size, 1)))]

    def watch(self, name: str) -> Sequence[Any]:
        """What is written down of the field ``name``; see :data:`~spikeloom.engines.steps.fields.NEVER`."""
        return self.traces.get((name, "level"), NEVER)

    def arguments(self, name: str, first: int, last: int) -> dict[str, Any]:
        """What the update of the neurons ``first`` to ``last`` of a population takes."""
        found: dict[str, Any] = {}
        for state in self.plan[name].shape.traced:
            every, begin, chosen, values = self.traces[name, state]
            edges = np.searchsorted(chosen, [first, last]).tolist()
            names = ("every", "begin", "chosen_from", "chosen_to", "chosen", "trace")
            parts = zip(names, (every, begin, *edges, chosen, values), strict=True)
            found |= {f"{what}_{state}": value for what, value in parts}
        return found

    def next(self, now: int, end: int) -> int:
        """The step up to which nobody looks at synapses."""
        return min([end, *((now // t.every + 1) * t.every for t, _ in self.looks.values())])

    def due(self, now: int) -> bool:
        """Whether somebody looks at synapses after step ``now``."""
        return any(now % t.every == 0 for t, _ in self.looks.values())

    def look(self, now: int) -> None:
        """Write down what is asked for of synapses."""
        for trace, rows in self.looks.values():
            if now % trace.every == 0:
                name, what = trace.key.split(".", 1)
                values = self.plastic[name].variable(what, now)
                rows.append(values if trace.neurons is None else values.reshape(-1)[np.asarray(trace.neurons)])

    def take(self, lists: dict[str, Events], begin: int, end: int) -> None:
        """Keep the spikes of the steps from ``begin`` to ``end`` - 1."""
        for name, (counts, indices) in self.spiking.items():
            events = lists[name]
            row = begin - int(events.origin[0])
            offsets = events.offsets[row : row + end - begin + 1]
            counts.append(np.diff(offsets))
            indices.append(events.index[offsets[0] : offsets[-1]].copy())

    def values(self, begin: int, end: int) -> dict[str, Any]:
        """Everything recorded in the steps from ``begin`` to ``end`` - 1; what is read is free to be written again."""
        found: dict[str, Any] = {}
        for key in self.keys:
            name, what = key.split(".", 1)
            if name in self.levels:
                found[key] = torch.from_numpy(_rows(self.levels[name], begin - self.begin, end - self.begin))
            elif key in self.looks:
                rows = self.looks[key][1]
                found[key] = torch.stack(rows) if rows else torch.empty(0)
            elif name in self.spiking and what in ("spikes", "count", "train", "rate"):
                found[key] = self._of_spikes(name, what, end - begin)
            else:
                every, first, chosen, values = self.traces[name, self._state(name, what)]
                rows = _rows(values, begin // every + 1 - first, end // every + 1 - first)
                found[key] = torch.from_numpy(rows[:, : chosen.size])[:, None]
        for some in (*self.spiking.values(), *((rows,) for _, rows in self.looks.values())):
            for rows in some:
                rows.clear()
        return found

    def _of_spikes(self, name: str, what: str, steps: int) -> Any:
        counts, indices = self.spiking[name]
        size = self.plan[name].size
        offsets = np.concatenate([[0], np.cumsum(np.concatenate(counts))]) if counts else np.zeros(steps + 1, np.int64)
        index = np.concatenate(indices) if indices else np.empty(0, np.int32)
        spikes = Spikes(offsets.astype(np.int64), index, (max(steps, 1), 1, size), dt=self.dt, check=False)
        if what == "spikes":
            return spikes
        if what == "train":
            return spikes.dense(dtype=torch.float64)
        if what == "count":
            return torch.from_numpy(np.bincount(index, minlength=size).astype(np.float64))[None]
        return torch.from_numpy(np.diff(offsets) / (size * self.dt))


def _rows(ring: Any, begin: int, end: int) -> Any:
    """The rows ``begin`` to ``end`` - 1 of what is written round and round."""
    first = begin % len(ring)
    if first + end - begin <= len(ring):
        return ring[first : first + end - begin]
    return ring[np.arange(begin, end) % len(ring)]


def wanted_of(record: Any, name: str) -> list[str]:
    """What is asked for of the population ``name``, of anything that may be asked for."""
    keys = [
        one.key if isinstance(one, Trace) else str(one) for one in (record if isinstance(record, (list, tuple)) else ())
    ]
    return [key.split(".", 1)[1] for key in keys if key.startswith(f"{name}.")]


def recordable(plan: dict[str, Cells]) -> list[str]:
    """All that a run can record."""
    keys: list[str] = []
    for name, c in plan.items():
        keys += [f"{name}.{what}" for what in (("spikes", "count", "train", "rate") if c.spiking else ())]
        keys += [f"{name}.{what}" for what in c.public.values()]
    return keys
