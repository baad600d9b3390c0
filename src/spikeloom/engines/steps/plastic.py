"""Plastic synapses: their lists, their memory, and the operations that change them and send what they are worth."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from spikeloom.connections.by_source import outgoing
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu import compiled
from spikeloom.engines.steps import draws
from spikeloom.engines.steps.events import Events
from spikeloom.engines.steps.fields import local_sums
from spikeloom.engines.steps.learning_text import Texts, body
from spikeloom.engines.steps.modulators import Level, epoch_of, signal_values
from spikeloom.engines.steps.operation import Operation, Programme
from spikeloom.network import Network
from spikeloom.network.parts import Projection
from spikeloom.plasticity import Plasticity, Shaped

IMPORTS = ("from spikeloom.engines.steps.draws import normal_at, uniform_at",)


AHEAD = 96
"""So many synapses ahead the weights of a target's synapses are asked for; they lie all over the memory."""


@dataclasses.dataclass
class Group:
    """The synapses of a plastic projection onto the neurons of a shard that have one delay.

    A synapse takes 8 bytes for its weight, 2 or 4 each for its target and its source and 4 for the way back from the
    target: 16 to 20 in all, 4 more if weights are shared, and 8 for each variable of its own.
    """

    projection: Projection
    delay: int
    site: str
    """``"dendrite"`` or ``"axon"``; without a delay it is the axon."""
    first: int
    last: int
    port: int
    members: Any
    """Where each synapse stands in the shard's lists of the projection, in the order of ``into``."""
    starts: Any
    targets: Any
    into_starts: Any
    into: Any
    source: Any
    which: Any
    weights: Any = None
    memory: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What is remembered: variables of synapses, traces of both sides."""
    of_source: frozenset[str] = frozenset()
    """What of it belongs to the neurons of the source, or to none."""
    looking: tuple[Operation, dict[str, Any]] | None = None
    """For synapses that change between events: how to see what they are worth now, and where it is written."""

    recall: Callable[[int], None] | None = None
    """For synapses that are kept as of the beginning of an epoch: take what they hold to be that of a step."""

    def seen(self, name: str, now: int) -> Any:
        """The weights (``"weight"``) or a variable of the synapses, as they are at the beginning of step ``now``."""
        own = self.weights if name == "weight" else self.memory[name]
        if self.looking is None or name == "last_event":
            return own
        operation, places = self.looking
        if name not in places:
            return own
        places[name][...] = own
        alone = Programme([([operation], False)])
        alone.execute(0, now, 1)
        return places[name]

    @property
    def full(self) -> bool:
        """Whether every source has a synapse with every target: row by row, as a matrix lies in memory."""
        n, c = self.last - self.first, self.projection.connection
        return c.dense and not c.shared and self.source.size == n * (self.starts.size - 1) > 0

    @property
    def late(self) -> bool:
        """Whether spikes are handled a block after they came."""
        return self.site == "dendrite"

    @property
    def nbytes(self) -> int:
        """Memory of the synapses."""
        arrays = [self.starts, self.targets, self.into_starts, self.into, self.source]
        arrays += [] if self.which is None else [self.which]
        arrays += [v for k, v in self.memory.items() if k.startswith(("synapse_", "last_event"))]
        weights = 8 * self.source.size if self.weights is None else self.weights.nbytes  # None: those of each run
        return weights + sum(a.nbytes for a in arrays)


def one_thread(p: Projection) -> bool:
    """Whether the synapses onto different targets depend on each other within a step: shared weights, carried sums."""
    return p.connection.shared or (p.rule is not None and carries(p.rule))


def carries(rule: Plasticity) -> bool:
    """Whether the rule hands something on from one synapse of a source to the next."""
    steps = [part.on_step for part in rule.parts() if hasattr(part, "on_step")]
    return any("carry" in inspect.signature(step).parameters for step in steps)


def groups(
    net: Network, p: Projection, sources: int, lists: tuple[Any, Any], delays: Any, bounds: tuple[int, int], port: int
) -> list[Group]:
    """The plastic synapses of a projection onto the targets ``bounds``, by delay.

    Raises:
        UnsupportedError: the rule cannot serve these synapses.
    """
    first, last = bounds
    offsets, source = lists
    rule = p.rule
    assert rule is not None
    which = p.connection.which(sources, net.size(p.target), first, last) if p.connection.shared else None
    if not isinstance(delays, np.ndarray):
        found = [(delays, None)]
    else:
        found = [(int(d), np.flatnonzero(delays == d)) for d in np.unique(delays)]
        together = any(hasattr(part, "on_interval") for part in rule.parts())
        if len(found) > 1 and (together or carries(rule)):
            raise UnsupportedError(
                f"{p.name!r}: {rule} acts on all synapses of a {'target' if together else 'source'} together, and "
                f"these have {len(found)} different delays; give them one: connect(..., delay=1 * ms)"
            )
    made: list[Group] = []
    for delay, members in found:
        if members is None:
            starts_in, from_, places = offsets, source, np.arange(source.size)
        else:
            target = np.repeat(np.arange(last - first), np.diff(offsets))[members]
            starts_in = np.concatenate([[0], np.cumsum(np.bincount(target, minlength=last - first))]).astype(np.int64)
            from_, places = np.ascontiguousarray(source[members]), members
        order = outgoing(starts_in, from_, sources, weight=np.arange(from_.size, dtype=np.float64))
        back = np.empty(from_.size, np.int32 if from_.size < 2**31 else np.int64)
        back[order.weights.astype(np.int64)] = np.arange(from_.size)  # pyright: ignore[reportOptionalMemberAccess]
        small = np.uint16 if sources <= 2**16 else np.int32
        made.append(
            Group(
                projection=p,
                delay=delay,
                site="axon" if delay == 0 else rule.site,
                first=first,
                last=last,
                port=port,
                members=places,
                starts=order.starts,
                targets=order.targets,
                into_starts=starts_in,
                into=back,
                source=from_.astype(small),
                which=None if which is None else np.ascontiguousarray(which[places][order.weights.astype(np.int64)]),  # pyright: ignore[reportOptionalMemberAccess]
            )
        )
    return made


class Learning:
    """A group at work in a run: its operations, by when they are done."""

    def __init__(
        self,
        group: Group,
        texts: Texts,
        ring: Any,
        pre: Any,
        post: Events,
        variables: dict[str, Any],
        dt: float,
        targets: int,
        stream: int,
        levels: dict[str, Level],
        local: dict[str, Any],
    ) -> None:
        self.texts, self.group = texts, group
        values: dict[str, Any] = {
            "ring": ring, "port": group.port, "first": group.first, "n": group.last - group.first,
            "delay": group.delay, "dt": dt, "ahead": np.uint64(AHEAD), "starts": group.starts, "targets": group.targets,
            "weights": group.weights, "into_starts": group.into_starts, "into": group.into, "source": group.source,
            "post_origin": post.origin, "post_offsets": post.offsets, "post_index": post.index,
            "noise_key": np.uint64(stream), "many": targets,
        }  # fmt: skip
        if group.which is not None:
            values["which"] = group.which
        if isinstance(pre, Events):
            values |= pre.values("pre_")
        else:
            given, since = pre
            values |= {"values": np.ascontiguousarray(given), "values_begin": since}
        values |= {f"constant_{k}": v for k, v in texts.constants(dt).items()}
        for k, trace in texts.traces.items():
            values |= {f"keep_{k}": float(np.exp(-dt / trace.tau)), f"jump_{k}": float(trace.jump)}
        values |= {f"shape_{k}": _table(shaped, dt) for k, shaped in texts.shaped.items()}
        for k, low_pass in texts.filters.items():
            values |= {f"gain_{k}": float(-np.expm1(-dt / low_pass.tau)), f"lag_{k}": round(low_pass.late / dt)}
            values[f"variable_{k}"] = variables[low_pass.variable]
        values |= {f"value_{k}": variables[v] for k, v in texts.values.items()}
        if texts.lag:
            values["lag"] = round(texts.lag / dt)
        values |= group.memory
        values |= {f"every_{p}": max(1, round(every / dt)) for p, every in texts.every.items()}
        if texts.every and group.which is None:
            values["totals"] = np.empty(group.last - group.first)
        values |= signal_values(texts, dt, levels) | local
        kinds = ("late",) if group.late else ("arrive", "depart")
        places: dict[str, Any] = {}
        if texts.has("between"):
            places = {f"synapse_{k}": np.empty(group.source.size) for k in texts.synapse}
            places["weight"] = np.empty(group.weights.size)
            values |= {f"seen_{k}": places[f"synapse_{k}"] for k in texts.synapse} | {"seen_w": places["weight"]}
            kinds = (*kinds, "look")
        self.values = values
        self.operations = {kind: self._operation(kind) for kind in kinds}
        group.looking = (self.operations["look"], places) if texts.has("between") else None
        group.recall = self._recall if texts.carried(group.which is not None) else None

    def _recall(self, now: int) -> None:
        """Take weights and variables of synapses to be those of step ``now``, and keep them as of the epoch's begin."""
        Programme([([self._operation("back")], False)]).execute(0, now, 1)

    def _operation(self, kind: str) -> Operation:
        name = type(self.texts.rule).__name__
        text = body(self.texts, kind, shared=self.group.which is not None, full=self.group.full)
        return Operation(f"{name.lower()}_{kind}", name, text, self.values, IMPORTS, (compiled, draws))


def texts_of(net: Network, p: Projection, sources: dict[str, Any], variables: list[str]) -> Texts:
    """The texts of a projection's rule, for what arrives in this run.

    Raises:
        UnsupportedError: the rule follows spikes, and the source is analog.
        InvalidValueError: it reads a variable that the target does not have.
    """
    rule = p.rule
    assert rule is not None
    analog = p.source in sources and not isinstance(sources[p.source], Spikes)
    if analog and not any(part.analog for part in rule.parts()):
        raise UnsupportedError(
            f"{p.name!r}: {type(rule).__name__} follows spikes, and {p.source!r} is given analog values; give it "
            "spikes, or take a rule for rates, such as Oja()"
        )
    if analog and p.delay is not None and rule.site == "axon":
        raise UnsupportedError(
            f"{p.name!r}: analog values have no spikes that travel along an axon; take {type(rule).__name__}("
            "site='dendrite'), or shift the values yourself"
        )
    spiking = net.populations[p.target].neuron.spiking
    if not spiking and any(hasattr(part, "on_post") for part in rule.parts()):
        raise UnsupportedError(
            f"{p.name!r}: {type(rule).__name__} follows spikes of its target, and {p.target!r} never spikes; take "
            "neurons that do, such as LIF(), or a rule for rates, such as Oja()"
        )
    texts = Texts(rule, analog, spiking, next(iter(variables), ""))
    read = [*texts.values.values(), *(f.variable for f in texts.filters.values())]
    missing = [v for v in read if v not in variables]
    if missing:
        raise InvalidValueError(
            f"{p.name!r}: {type(rule).__name__} reads {missing[0]!r} of the target neuron, and "
            f"{type(net.populations[p.target].neuron).__name__} has {', '.join(variables) or 'no variable'}"
        )
    return texts


def _table(shaped: Shaped, dt: float) -> Any:
    """What a spike leaves behind, step by step."""
    return np.ascontiguousarray(shaped.table(dt), np.float64)


def begin_memory(group: Group, net: Network, texts: Texts, variables: dict[str, Any], dt: float, begin: int) -> None:
    """The memory of a group that begins with step ``begin``."""
    n, size = group.last - group.first, group.source.size
    tables = {k: len(_table(shaped, dt)) for k, shaped in texts.shaped.items()}

    def empty(k: str, many: int) -> tuple[str, Any]:
        return (f"late_{k}", np.zeros((tables[k], many))) if k in tables else (f"trace_{k}", np.zeros(many))

    of_source = dict(empty(k, net.size(group.projection.source)) for k in texts.pre)
    found: dict[str, Any] = dict(of_source)
    found |= dict(empty(k, n) for k in texts.post)
    for k, low_pass in texts.filters.items():
        now = variables[low_pass.variable][group.first : group.last]
        found[f"filter_{k}"] = now.copy()
        found[f"late_{k}"] = np.tile(now, (round(low_pass.late / dt) + 1, 1))
    found |= {f"synapse_{k}": np.full(size, v, np.float64) for k, v in texts.synapse.items()}
    if texts.carried(group.which is not None):  # side by side with the weights: an event asks for one line of memory
        together = np.zeros((size, 1 + len(texts.close())))
        group.weights = together[:, 0]
        for c, k in enumerate(texts.close()):
            together[:, 1 + c] = found[f"synapse_{k}"]
            found[f"synapse_{k}"] = together[:, 1 + c]
    if texts.has("between") and not texts.carried(group.which is not None):
        found["last_event"] = np.full(size, begin, np.int64)
    epoch, alike = epoch_of(texts, dt), [k for k in texts.signals if k not in texts.local]
    sums = {f"{kind}_{k}": np.zeros(epoch + 1) for k in alike for kind in ("sum", "late_sum")}
    sums |= local_sums(texts, epoch)
    group.memory, group.of_source = found | sums, frozenset((*of_source, *sums))
