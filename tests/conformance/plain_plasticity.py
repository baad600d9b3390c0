"""A plastic projection as plainly as it can be written: it judges the kernels of the rules.

One synapse after the other, step by step, with the rule's own texts on Python's floats; who fired when, and what the
target's variables were, is read from the run that is judged.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from spikeloom.core.language import draws_from
from spikeloom.core.random import key
from spikeloom.engines.steps import draws
from spikeloom.engines.steps.learning_text import DRAWS
from spikeloom.plasticity import Filtered, Plasticity, Trace


class _Numbers:
    """The random numbers of one event at one synapse."""

    def __init__(self, stream: int, step: int, index: int, first: int) -> None:
        self.at, self.first, self.count = (np.uint64(stream), step, index), first, 0

    def draw(self, kind: str) -> float:
        self.count += 1
        return {"uniform": draws.uniform_at, "normal": draws.normal_at}[kind](*self.at, self.first + self.count - 1)


class Plain:
    """One plastic projection with synapses (source[k], target[k]) that all have one delay [steps]."""

    def __init__(
        self, rule: Plasticity, source: Any, target: Any, which: Any, weights: Any, delay: int, dt: float,
        sizes: tuple[int, int], stream: int,
    ) -> None:  # fmt: skip
        self.rule, self.source, self.target, self.which, self.delay, self.dt = rule, source, target, which, delay, dt
        self.weights, self.sizes, self.stream = np.array(weights, float), sizes, stream
        self.parts = rule.parts()
        self.variables = [[dict(part.initial()) for part in self.parts] for _ in source]
        self.last = np.zeros(len(source), int)
        self.traces: list[dict[str, Any]] = [
            {
                n: np.zeros(sizes[0] if isinstance(t, Trace) and t.of == "pre" else sizes[1])
                for n, t in part.traces().items()
            }
            for part in self.parts
        ]
        self.kinds = [part.traces() for part in self.parts]
        self.late: list[dict[str, list[Any]]] = [{} for _ in self.parts]

    def begin(self, variables: dict[str, Any]) -> None:
        """Low-passes begin at what they follow."""
        for own, kinds, late in zip(self.traces, self.kinds, self.late, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Filtered):
                    own[name] = variables[kind.variable].copy()
                    late[name] = [own[name].copy()] * (round(kind.late / self.dt) + 1)

    def _known(self, p: int, k: int, variables: dict[str, Any], free: dict[str, float]) -> dict[str, Any]:
        i, j = int(self.source[k]), int(self.target[k])
        part = self.parts[p]
        known: dict[str, Any] = {"low": part.low, "high": part.high, **part.constants(self.dt), **self.variables[k][p]}
        for name, kind in self.kinds[p].items():
            if isinstance(kind, Filtered):
                known[name] = self.late[p][name][0][j]
            else:
                known[name] = self.traces[p][name][i if kind.of == "pre" else j]
        known |= {name: variables[name][j] for name in part.reads}
        return {n: float(v) for n, v in known.items()} | free

    def event(self, name: str, t: int, k: int, variables: dict[str, Any], free: dict[str, float]) -> dict[str, float]:
        """What ``name`` does to synapse ``k`` in step ``t``."""
        index = int(self.source[k]) * self.sizes[1] + int(self.target[k])
        if any(hasattr(part, "between") for part in self.parts) and name != "between":
            self.event("between", t, k, variables, {"elapsed": (t - self.last[k]) * self.dt})
            self.last[k] = t
        free = dict(free)
        if name != "between":
            free["w"] = self.rule.sign * self.weights[self.which[k]]
        with draws_from(_Numbers(self.stream, t, index, DRAWS[name])):
            for p, part in enumerate(self.parts):
                function = getattr(part, name, None)
                if function is None:
                    continue
                known, options = self._known(p, k, variables, free), part.options()
                parameters = inspect.signature(function).parameters.values()
                given = [known[q.name] for q in parameters if q.kind is not q.KEYWORD_ONLY]
                found = function(*given, **{q.name: options[q.name] for q in parameters if q.kind is q.KEYWORD_ONLY})
                values = list(found) if isinstance(found, tuple) else [found]
                names = [*(["w"] if name != "between" else []), *part.synapse]
                names += ["carry"] if "carry" in inspect.signature(function).parameters else []
                for n, value in zip(names, values, strict=False):
                    if n == "w" and part.limited:
                        value = min(max(value, part.low), part.high)
                    if n in part.synapse:
                        self.variables[k][p][n] = float(value)
                    else:
                        free[n] = float(value)
        if name != "between":
            self.weights[self.which[k]] = self.rule.sign * free["w"]
        return free

    def has(self, name: str) -> bool:
        """Whether a part of the rule says what this event does."""
        return any(hasattr(part, name) for part in self.parts)

    def spikes(self, name: str, t: int, fired: Any, variables: dict[str, Any]) -> None:
        """What the spikes of the source (``on_pre``) or of the target (``on_post``) do in step ``t``."""
        ends = self.source if name == "on_pre" else self.target
        order = np.lexsort((self.target, self.source)) if name == "on_pre" else np.lexsort((self.source, self.target))
        if self.has(name):
            for k in order:
                for _ in range(int(fired[ends[k]])):
                    self.event(name, t, int(k), variables, {})

    def add(self, side: str, fired: Any) -> None:
        """Add the spikes of a step to the traces of one side."""
        for own, kinds in zip(self.traces, self.kinds, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Trace) and kind.of == side:
                    for i in np.flatnonzero(fired):
                        own[name][i] = kind.jump if kind.nearest else own[name][i] + kind.jump * fired[i]

    def decay(self) -> None:
        """One step of decay."""
        for own, kinds in zip(self.traces, self.kinds, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Trace):
                    own[name] = own[name] * math.exp(-self.dt / kind.tau)

    def follow(self, variables: dict[str, Any]) -> None:
        """One step of the low-passes."""
        for own, kinds, late in zip(self.traces, self.kinds, self.late, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Filtered):
                    own[name] = own[name] - (variables[kind.variable] - own[name]) * math.expm1(-self.dt / kind.tau)
                    late[name] = [*late[name][1:], own[name].copy()]

    def slowly(self, t: int, variables: dict[str, Any]) -> None:
        """What happens in every step, and now and then."""
        if self.has("on_step"):
            self._steps(t, variables)
        every = [part.interval for part in self.parts if part.interval is not None]
        if every and (t + 1) % round(min(every) / self.dt) == 0:
            for j in range(self.sizes[1]):
                mine = [int(k) for k in np.lexsort((self.source, self.target)) if self.target[k] == j]
                total = sum(abs(self.weights[self.which[k]]) for k in mine)
                for k in mine:
                    self.event("on_interval", t, k, variables, {"total": total})

    def _steps(self, t: int, variables: dict[str, Any]) -> None:
        if self.has("gate"):
            for k in np.lexsort((self.source, self.target)):
                if self._gate(int(k), variables) > 0:
                    self.event("on_step", t, int(k), variables, {})
            return
        carry, row = 0.0, -1
        for k in np.lexsort((self.target, self.source)):
            carry = carry if self.source[k] == row else 0.0
            row = self.source[k]
            carry = self.event("on_step", t, int(k), variables, {"carry": carry}).get("carry", 0.0)

    def _gate(self, k: int, variables: dict[str, Any]) -> float:
        for p, part in enumerate(self.parts):
            function = getattr(part, "gate", None)
            if function is not None:
                known = self._known(p, k, variables, {})
                return float(function(*(known[n] for n in inspect.signature(function).parameters)))
        return 1.0


def learned(net: Any, name: str, pre: Any, post: Any, variables: dict[str, Any], begin: dict[str, Any]) -> Any:
    """The weights of the projection ``name`` after a run in which source and target fired so: (T, N) each.

    ``variables`` of the target (T, N) after each step, and how they were at the ``begin``.
    """
    p, dt = net.projections[name], net.dt
    sources, targets = net.size(p.source), net.size(p.target)
    offsets, source = p.connection.incoming(sources, targets, key(net.seed, f"synapses {name}"), recurrent=p.recurrent)
    target = np.repeat(np.arange(targets), np.diff(offsets))
    if p.connection.dense:
        which = p.connection.which(sources, targets)
        weights = net.weights[name].detach().double().numpy().reshape(-1)
    else:
        which = np.arange(len(source))
        weights = np.broadcast_to(np.asarray(p.weight, float), source.shape)
    delay = (1 if p.recurrent else 0) if p.delay is None else round(p.delay / dt)
    plain = Plain(
        p.rule, source, target, which, weights, delay, dt, (sources, targets), key(net.seed, f"plasticity {name}")
    )
    plain.begin(begin)
    nobody = np.zeros(targets)
    for t in range(len(pre)):
        now = {n: v[t] for n, v in variables.items()}
        if delay > 0 and p.rule.site == "dendrite":
            plain.follow(now)
            back = post[t - delay] if t >= delay else nobody
            plain.decay()
            plain.spikes("on_post", t, back, now)
            plain.spikes("on_pre", t, pre[t], now)
            plain.add("pre", pre[t])
            plain.add("post", back)
        else:
            before = {n: v[t - 1] for n, v in variables.items()} if t else begin
            arrived = pre[t - delay] if t >= delay else np.zeros(sources)
            plain.decay()
            plain.spikes("on_pre", t, arrived, before)
            plain.add("pre", arrived)
            plain.follow(now)
            plain.spikes("on_post", t, post[t], now)
            plain.add("post", post[t])
        plain.slowly(t, now)
    return plain.weights
