"""The weights and the memory of plastic projections, whole, whoever holds their parts: what goes in and comes out."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.engines.record import State
from spikeloom.engines.steps.plastic import Group
from spikeloom.engines.steps.shards import Shard, weights_in
from spikeloom.network import Network
from spikeloom.network.parts import Projection
from spikeloom.plasticity import Plasticity
from spikeloom.plasticity.incoming import Incoming

WEIGHT = "weight"
BEFORE = "weight before"
"""The entry of a state with what the kernels keep of weights that change between events (as the last event at each
synapse left them, or as of the beginning of an epoch): a run goes on from these. Give another ``weight`` without it to
begin with that.
"""


class Plastic:
    """One plastic projection: its groups in all shards.

    A value for each synapse stands in the order of the connection's own lists, by target and then by source; of a
    connection with a matrix of weights it has the matrix's shape.
    """

    def __init__(self, net: Network, p: Projection, shards: list[Shard]) -> None:
        self.net, self.p = net, p
        self.groups: list[list[Group]] = [s.plastic.get(p.name, []) for s in shards]
        counts = [sum(g.source.size for g in found) for found in self.groups]
        self.edges = np.cumsum([0, *counts])
        self.shared = p.connection.shared

    @property
    def variables(self) -> list[str]:
        """What can be recorded of its synapses."""
        return [WEIGHT, *self._named()]

    def _named(self) -> dict[str, str]:
        """The variables of its synapses by the names under which they are recorded: a second one of a name has a 2."""
        assert self.p.rule is not None
        found: dict[str, str] = {}
        for p, part in enumerate(self.p.rule.parts()):
            for n in part.synapse:
                many = sum(name.split(" ")[0] == n for name in found)
                found[f"{n} {many + 1}" if many else n] = f"synapse_p{p}__{n}"
        return found

    def variable(self, name: str, now: int) -> torch.Tensor:
        """What is recorded under ``name`` at the beginning of step ``now``."""
        if name == WEIGHT:
            return self.of_synapses(WEIGHT, now)
        return self.of_synapses(self._named()[name], now)

    def of_synapses(self, name: str, now: int | None = None) -> Any:
        """A variable of each synapse, or the weights, as a tensor: as they are at the beginning of step ``now``, or,
        without it, as the last event at each synapse left them.
        """
        if name == WEIGHT and self.shared:
            g = next(g for found in self.groups for g in found)
            flat = g.weights if now is None else g.seen(WEIGHT, now)
            return torch.from_numpy(flat.copy()).reshape(self.net.weights[self.p.name].shape)
        whole = np.empty(int(self.edges[-1]))
        for begin, found in zip(self.edges, self.groups, strict=False):
            for g in found:
                values = g.weights if name == WEIGHT else g.memory[name]
                values = values if now is None else g.seen(name, now)
                if len(found) == 1:
                    whole[begin : begin + g.into.size] = values[g.into]
                else:
                    whole[begin + g.members] = values[g.into]
        return torch.from_numpy(self._shaped(whole))

    def _shaped(self, whole: Any) -> Any:
        if not self.p.connection.dense or self.shared:
            return whole
        sources, targets = self.net.size(self.p.source), self.net.size(self.p.target)
        return np.ascontiguousarray(whole.reshape(targets, sources).T)

    def chosen(self, group: Group, by: str) -> Any:
        """Which targets a group has (``by`` "j"), or which synapses of the projection, in the group's order ("k")."""
        if by == "j":
            return slice(group.first, group.last)
        begin = next(b for b, found in zip(self.edges, self.groups, strict=False) if any(g is group for g in found))
        order = np.empty(group.into.size, np.int64)
        order[group.into] = begin + group.members
        return order

    def begin(self, mine: dict[str, torch.Tensor] | None) -> None:
        """Put the weights where the kernels find them; all other memory is that of a beginning, or of a state.

        Raises:
            InvalidValueError: weights outside the rule's bounds, or of another shape.
        """
        mine = mine or {}
        if BEFORE in mine and WEIGHT in mine:
            self._check(mine[WEIGHT].detach().double().numpy().reshape(-1))
        self._begin_weights(mine.get(BEFORE, mine.get(WEIGHT)), checked=BEFORE in mine)
        for name, value in mine.items():
            if name not in (WEIGHT, BEFORE):
                self._put(name, value.numpy())

    def recall(self, now: int) -> None:
        """What was put there is that of step ``now``."""
        for g in (g for found in self.groups for g in found):
            if g.recall is not None:
                g.recall(now)

    def _begin_weights(self, given: torch.Tensor | None, checked: bool) -> None:
        if self.shared:
            matrix = self.net.weights[self.p.name] if given is None else given
            flat = matrix.detach().double().numpy().reshape(-1).copy()
            self._check(flat)
            for g in (g for found in self.groups for g in found):
                g.weights = flat
            return
        if given is not None:
            values = given.detach().double().numpy()
            if not checked:
                self._check(values)
            self._scatter(values, WEIGHT)
            return
        for k, found in enumerate(self.groups):
            if not found:
                continue
            first, last = found[0].first, found[0].last
            offsets = self._offsets(k)
            values = weights_in(self.net, self.p, first, last, offsets)
            whole = np.full(int(offsets[-1]), values) if isinstance(values, float) else values.astype(np.float64)
            self._check(whole)
            for g in found:
                self._to(g, whole[g.members])

    def _offsets(self, k: int) -> Any:
        return np.sum([g.into_starts for g in self.groups[k]], 0)

    def _to(self, g: Group, values: Any) -> None:
        if g.weights is None or g.weights.size != values.size:
            g.weights = np.empty(values.size)
        g.weights[g.into] = values

    def _scatter(self, values: Any, name: str) -> None:
        if self.p.connection.dense and not self.shared:
            values = np.ascontiguousarray(values.T)
        values = values.reshape(-1)
        if values.size != self.edges[-1]:
            raise InvalidValueError(
                f"the state of {self.p.name!r} has {values.size} synapses; this network has {int(self.edges[-1])}"
            )
        for begin, found in zip(self.edges, self.groups, strict=False):
            for g in found:
                mine = values[begin : begin + g.into.size] if len(found) == 1 else values[begin + g.members]
                if name == WEIGHT:
                    self._to(g, mine)
                else:
                    g.memory[name][g.into] = mine

    def sound(self, time: float) -> None:
        """Refuse to go on with a trace, a weight or a variable of a synapse that is no number any more.

        Raises:
            InvalidValueError: which one, and when.
        """
        for g in (g for found in self.groups for g in found):
            for name, values in (*g.memory.items(), (WEIGHT, g.weights)):
                if not np.isfinite(values.sum()) and not np.isfinite(values).all():
                    what = name.split("__")[-1].removeprefix("synapse_")
                    first = values[~np.isfinite(values)][0]
                    raise InvalidValueError(
                        f"{self.p.name!r}: {what} of {type(self.p.rule).__name__} is {first} at {time:g} ms; its "
                        "amplitudes are too large, or a trace of it grows faster than it decays: give it bounds "
                        "(bounds='hard'), smaller amplitudes or shorter time constants"
                    )

    def _check(self, values: Any) -> None:
        rule = self.p.rule
        assert rule is not None
        low, high = rule.allowed
        if not np.isfinite(values).all():
            raise InvalidValueError(f"{self.p.name!r}: weight holds values that are not finite")
        if values.size:
            slack = 1e-6 * max((abs(v) for v in (low, high) if np.isfinite(v)), default=0.0)
            outside = values[(values < low - slack) | (values > high + slack)]
            if outside.size:
                raise InvalidValueError(
                    f"{self.p.name!r}: {outside.size} of {values.size} weights lie outside the bounds of its rule, "
                    f"such as {outside[0]:g}; {type(rule).__name__} takes weights from {low:g} to {high:g} (w_min="
                    f"{rule.w_min:g}, w_max={rule.w_max:g}): give it other bounds, or other weights"
                )

    def _put(self, name: str, value: Any) -> None:
        if name.startswith(("synapse_", "last_event")):
            self._scatter(value, name)
            return
        for found in self.groups:
            for d, g in enumerate(found):
                if name not in g.memory:
                    raise InvalidValueError(
                        f"the state of {self.p.name!r} has {name!r}; its rule remembers "
                        f"{', '.join(g.memory) or 'nothing'}"
                    )
                here = value[d]
                g.memory[name][...] = here if name in g.of_source else here[..., g.first : g.last]

    def remark(self, time: float) -> None:
        """Warn of what the rule has to say at the end of a run, such as of a target rate out of reach."""
        rule = self.p.rule
        assert rule is not None
        if self.shared or all(type(part).remark is Plasticity.remark for part in rule.parts()):
            return
        whole = [found[0] for found in self.groups if found]  # targets with one delay; others have no such rule
        weights = np.concatenate([g.weights[g.into] for g in whole]) * rule.sign
        counts = np.concatenate([np.diff(g.into_starts) for g in whole])
        for p, part in enumerate(rule.parts()):
            begin = f"trace_p{p}__"
            names = [n for n in whole[0].memory if n.startswith(begin) and n not in whole[0].of_source]
            traces = {n.removeprefix(begin): np.concatenate([g.memory[n] for g in whole]) for n in names}
            said = part.remark(time, Incoming(weights, np.concatenate([[0], np.cumsum(counts)]), traces))
            if said is not None:
                warnings.warn(f"{self.p.name!r}: {said}", stacklevel=2)

    def end(self, now: int, settled: bool) -> dict[str, torch.Tensor]:
        """All that is needed to go on after step ``now``; ``settled``: with all synapses brought up to date."""
        found = {WEIGHT: self.of_synapses(WEIGHT, now)}
        assert self.p.rule is not None
        if not settled and any(hasattr(part, "between") for part in self.p.rule.parts()):
            found[BEFORE] = self.of_synapses(WEIGHT)
        some = next((g for found in self.groups for g in found), None)
        if some is None:
            return found
        for name in some.memory:
            if name.startswith(("synapse_", "last_event")):
                found[name] = self.of_synapses(name, now if settled else None)
                if settled and name == "last_event":
                    found[name] = torch.full_like(found[name], now)
                continue
            rows = []
            for d in range(len(next(g for g in self.groups if g))):
                parts = [g[d].memory[name] for g in self.groups if g]
                rows.append(parts[0] if name in some.of_source else np.concatenate(parts, -1))
            found[name] = torch.from_numpy(np.stack(rows).copy())
        return found


def plastics(net: Network, shards: list[Shard]) -> dict[str, Plastic]:
    """The plastic projections by name."""
    return {p.name: Plastic(net, p, shards) for p in net.projections.values() if p.rule is not None}


def end_states(found: dict[str, Plastic], now: int, dt: float, settled: bool) -> State:
    """The states of all plastic projections after step ``now``, the end of a run; rules may have something to say."""
    for one in found.values():
        one.remark(now * dt)
    return {name: p.end(now, settled) for name, p in found.items()}
