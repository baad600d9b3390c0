"""The synapses of a network that grow: their elements, their lists, and the network that has them."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import Pairs
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.record import State
from spikeloom.network import Network
from spikeloom.plasticity.structure import Structure
from spikeloom.plasticity.structure.calcium import advance
from spikeloom.plasticity.structure.elements import AXON, DENDRITE, Growing
from spikeloom.plasticity.structure.rewiring import places, rewired, taken

PARTS = ("structure/calcium", "structure/elements", "structure/synapses")
"""The entries of a state that belong to the structure."""

Ends = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Sources and targets of synapses."""


@final
class Growth:
    """Structural plasticity under way: what changes at an update, beside the state of the neurons."""

    def __init__(self, net: Network, structure: Structure, state: State | None) -> None:
        self.given, self.structure = net, structure
        self.pairs = structure.projections()
        _check(net, structure)
        mine = {part: dict((state or {}).get(part, {})) for part in PARTS}
        self.lists = {name: self._begin_list(name, mine["structure/synapses"]) for name in self.pairs}
        self.calcium = {
            name: _taken(mine["structure/calcium"], name, net.size(name)) for name in structure.populations()
        }
        self.elements: dict[tuple[str, str, str], NDArray[np.float64]] = {}
        for k, kind in structure.kinds.items():
            for side, population in kind.sides():
                self.elements[k, side, population] = self._begin_elements(k, side, population, mine)
        self.network = self._network()
        self.times: list[float] = []
        self.past: dict[str, dict[str, list[Any]]] = {"calcium": {}, "synapses": {}, "elements": {}}

    # --- beginning ----------------------------------------------------------------------------------------------------

    def _begin_list(self, name: str, state: Mapping[str, torch.Tensor]) -> Ends:
        if f"{name}.source" in state:
            source, target = (state[f"{name}.{end}"].numpy().astype(np.int64) for end in ("source", "target"))
        else:
            connection = self.given.projections[name].connection
            source, target = connection.source.astype(np.int64), connection.target.astype(np.int64)  # pyright: ignore[reportAttributeAccessIssue]
        sizes = [self.given.size(n) for n in self.pairs[name]]
        Pairs(source=source, target=target).check_sizes(sizes[0], sizes[1])
        return source, target

    def _begin_elements(
        self, kind: str, side: str, population: str, state: Mapping[str, Mapping[str, torch.Tensor]]
    ) -> NDArray[np.float64]:
        """As in the state; or what the synapses that are there take, and the vacant ones."""
        size, known = self.given.size(population), state["structure/elements"]
        if f"{kind}.{side}.{population}" in known:
            return _taken(known, f"{kind}.{side}.{population}", size)
        declared = self.structure.kinds[kind]
        end = (AXON, DENDRITE).index(side)
        found = np.full(size, float(declared.sides()[side, population].initial))
        for name, ends in declared.projections().items():
            if ends[end] == population:
                found += taken(self.lists[name][end], size)
        return found

    def engine_state(self, state: State | None) -> State | None:
        """What of a state is the engine's."""
        return None if state is None else {k: v for k, v in state.items() if k not in PARTS}

    # --- updating -----------------------------------------------------------------------------------------------------

    def update(self, spikes: Mapping[str, Spikes], now: int) -> None:
        """Calcium and elements through the ``spikes`` of the interval that ended with step ``now``, then synapses."""
        for population, fired in spikes.items():
            elements = {
                key: (self.structure.kinds[key[0]].sides()[key[1:]], number)
                for key, number in self.elements.items()
                if key[2] == population
            }
            at: Any = (fired.step + 1) * fired.dt  # a spike is there at the end of its step
            calcium = self.calcium[population]
            advance(self.structure.calcium, calcium, elements, fired.neuron, at, self.structure.interval)
        changes = [self._rewire(name, kind, now) for name, kind in self.structure.kinds.items()]
        if any(changes):
            self.network = self._network()
        self._note(now)

    def _rewire(self, name: str, kind: Growing, now: int) -> bool:
        """Update the synapses of one kind; whether any of them came or went."""
        sides = [[p for side, p in kind.sides() if side == wanted] for wanted in (AXON, DENDRITE)]
        begins = [np.cumsum([0, *(self.given.size(p) for p in populations)]) for populations in sides]
        before: list[Ends] = []
        for projection, (source, target) in kind.projections().items():
            first = begins[0][sides[0].index(source)], begins[1][sides[1].index(target)]
            before.append((self.lists[projection][0] + first[0], self.lists[projection][1] + first[1]))
        numbers = [
            np.concatenate([self.elements[name, side, p] for p in populations])
            for side, populations in zip((AXON, DENDRITE), sides, strict=True)
        ]
        own = None if kind.autapses else self._own(sides, begins)
        old = [np.concatenate([ends[k] for ends in before]) for k in range(2)]
        seed = self.given.seed
        source, target, stays = rewired(old[0], old[1], numbers[0], numbers[1], seed, name, now, own)
        owner = [np.searchsorted(b, ends, side="right") - 1 for b, ends in zip(begins, (source, target), strict=True)]
        for projection, (a, d) in kind.projections().items():
            i, j = sides[0].index(a), sides[1].index(d)
            mine = (owner[0] == i) & (owner[1] == j)
            self.lists[projection] = (source[mine] - begins[0][i], target[mine] - begins[1][j])
        for side, populations, b, ends in zip((AXON, DENDRITE), sides, begins, (source, target), strict=True):
            used = taken(ends, int(b[-1]))
            for p, first, last in zip(populations, b, b[1:], strict=False):
                number, loss = self.elements[name, side, p], kind.sides()[side, p].loss
                number -= loss * np.maximum(places(number) - used[first:last], 0)
        return source.size > int(stays.sum()) or not stays.all()

    def _own(self, sides: list[list[str]], begins: list[Any]) -> NDArray[np.int64]:
        """Where each axon's own neuron stands among the dendrites; -1 if it is not there."""
        parts = []
        for population in sides[0]:
            size, there = self.given.size(population), population in sides[1]
            parts.append(np.arange(size) + begins[1][sides[1].index(population)] if there else np.full(size, -1))
        return np.concatenate(parts)

    def _network(self) -> Network:
        """The network with the present synapses: all else is shared with the one that was given."""
        made = copy.copy(self.given)
        made.projections = {
            name: dataclasses.replace(p, connection=Pairs(source=self.lists[name][0], target=self.lists[name][1]))
            if name in self.pairs
            else p
            for name, p in self.given.projections.items()
        }
        return made

    # --- what is told -------------------------------------------------------------------------------------------------

    def _note(self, now: int) -> None:
        self.times.append(now * self.given.dt)
        for what, values in (
            ("calcium", {name: float(v.mean()) for name, v in self.calcium.items()}),
            ("synapses", {name: ends[0].size for name, ends in self.lists.items()}),
            ("elements", {".".join(key): float(v.mean()) for key, v in self.elements.items()}),
        ):
            for name, value in values.items():
                self.past[what].setdefault(name, []).append(value)

    def history(self) -> dict[str, Any]:
        """Times of the updates, and what there was at each."""
        return {"times": np.array(self.times)} | {
            what: {name: np.array(v) for name, v in found.items()} for what, found in self.past.items()
        }

    def state(self) -> State:
        """Calcium, elements and synapses, as tensors."""
        ends = {
            f"{name}.{end}": torch.from_numpy(values.astype(np.int32))
            for name, both in self.lists.items()
            for end, values in zip(("source", "target"), both, strict=True)
        }
        return {
            "structure/calcium": {name: torch.from_numpy(v.copy()) for name, v in self.calcium.items()},
            "structure/elements": {".".join(k): torch.from_numpy(v.copy()) for k, v in self.elements.items()},
            "structure/synapses": ends,
        }


def _taken(state: Mapping[str, torch.Tensor], name: str, size: int) -> NDArray[np.float64]:
    """What a state says of each neuron, or nothing at all."""
    if name not in state:
        return np.zeros(size)
    found = state[name].double().numpy().reshape(-1).copy()
    if found.shape != (size,):
        raise InvalidValueError(f"the state's {name!r} has {found.size} values; the network has {size} neurons there")
    return found


def _check(net: Network, structure: Structure) -> None:
    """Raises if a projection is missing or cannot grow."""
    for name, (source, target) in structure.projections().items():
        p = net.projections.get(name)
        if p is None or (p.source, p.target) != (source, target):
            end = name.removeprefix(f"{source}->{target}")
            raise InvalidValueError(
                f"synapses of {source!r} onto {target!r} are to grow, and the network has no projection {name!r}; make "
                f"one: net.connect({source!r}, {target!r}, Pairs(source=[], target=[]), weight=..., delay=1 * ms"
                + (f", name={name!r})" if end else ")")
            )
        if not isinstance(p.connection, Pairs):
            raise UnsupportedError(
                f"{name!r}: {p.connection} cannot grow; give a list of synapses: Pairs(source=[...], target=[...])"
            )
        if p.rule is not None:
            raise UnsupportedError(
                f"{name!r}: its weights learn by {type(p.rule).__name__}, and its synapses cannot come and go as well; "
                "give the rule to another projection"
            )
        if not isinstance(p.weight, float) or not (p.delay is None or isinstance(p.delay, float)):
            raise UnsupportedError(
                f"{name!r}: synapses that come and go have one weight and one delay, such as weight=0.1 * mV; given "
                "several"
            )
