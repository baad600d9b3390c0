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
from spikeloom.plasticity import Ambient, Filtered, Plasticity, Shaped, Trace


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
        sizes: tuple[int, int], stream: int, levels: dict[str, tuple[Any, Any]],
    ) -> None:  # fmt: skip
        self.rule, self.source, self.target, self.which, self.delay, self.dt = rule, source, target, which, delay, dt
        self.weights, self.sizes, self.stream = np.array(weights, float), sizes, stream
        self.parts, self.levels = rule.parts(), levels
        self.variables = [[dict(part.initial()) for part in self.parts] for _ in source]
        self.last = np.zeros(len(source), int)
        self.traces: list[dict[str, Any]] = [
            {
                n: np.zeros(
                    (
                        *((len(t.table(dt)),) if isinstance(t, Shaped) else ()),
                        sizes[0] if isinstance(t, (Trace, Shaped)) and t.of == "pre" else sizes[1],
                    )
                )
                for n, t in part.traces().items()
                if not isinstance(t, Ambient)
            }
            for part in self.parts
        ]
        self.kinds = [{n: t for n, t in part.traces().items() if not isinstance(t, Ambient)} for part in self.parts]
        self.ambient = [{n: t.by for n, t in part.traces().items() if isinstance(t, Ambient)} for part in self.parts]
        self.inside = [range(p - len(part.parts()) + 1, p) for p, part in enumerate(self.parts)]
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
                own = self.traces[p][name]
                known[name] = (own[0] if isinstance(kind, Shaped) else own)[i if kind.of == "pre" else j]
        known |= {name: variables[name][j] for name in part.reads}
        return {n: float(v) for n, v in known.items()} | free

    def event(
        self, name: str, t: int, k: int, variables: dict[str, Any], free: dict[str, float], only: int | None = None
    ) -> dict[str, float]:
        """What ``name`` does to synapse ``k`` in step ``t``, by all parts of the rule or by one."""
        index = int(self.source[k]) * self.sizes[1] + int(self.target[k])
        if any(hasattr(part, "between") for part in self.parts) and name != "between":
            self.event("between", t, k, variables, {"elapsed": (t - self.last[k]) * self.dt})
            self.last[k] = t
        free = dict(free)
        begun = float(self.rule.sign * self.weights[self.which[k]])
        caught = {p for q, inside in enumerate(self.inside) if self.parts[q].captures for p in inside}
        captures = name in ("on_pre", "on_post", "on_step")
        before: list[float] = []
        free["w"] = begun
        with draws_from(_Numbers(self.stream, t, index, DRAWS[name] + 4 * (only or 0))):
            for p, part in enumerate(self.parts):
                function = getattr(part, name, None)
                before.append(free["w"])
                if captures and part.captures and any(hasattr(self.parts[q], name) for q in self.inside[p]):
                    function = part.on_change
                    start = before[self.inside[p].start]
                    free |= {"change": free["w"] - start, "w": start}
                if function is None or only not in (None, p):
                    continue
                known, options = self._known(p, k, variables, free), part.options()
                known |= {n: self._ambient(by, t) for n, by in self.ambient[p].items()}
                if name == "between":
                    known |= {n: self._gained(p, signal, int(self.last[k]), t) for n, signal in part.signals().items()}
                parameters = inspect.signature(function).parameters.values()
                given = [known[q.name] for q in parameters if q.kind is not q.KEYWORD_ONLY]
                found = function(*given, **{q.name: options[q.name] for q in parameters if q.kind is q.KEYWORD_ONLY})
                values = list(found) if isinstance(found, tuple) else [found]
                moves = name != "between" or "w" in inspect.signature(function).parameters
                names = [*(["w"] if moves else []), *part.synapse]
                names += ["carry"] if "carry" in inspect.signature(function).parameters else []
                for n, value in zip(names, values, strict=False):
                    if n == "w" and part.limited and not (captures and p in caught):
                        value = min(max(value, part.low), part.high)
                    if n in part.synapse:
                        self.variables[k][p][n] = float(value)
                    else:
                        free[n] = float(value)
        self.weights[self.which[k]] = self.rule.sign * free["w"]
        return free

    def _ambient(self, by: str, t: int) -> float:
        """The level of a modulator just before what is released in step ``t``."""
        m, level = self.levels[by]
        last = level[t - 1] if t else m.baseline
        return float(last if m.tau is None else m.baseline + (last - m.baseline) * math.exp(-self.dt / m.tau))

    def _within(self, by: str, t: int, s: Any) -> Any:
        """The level of a modulator ``s`` ms after step ``t`` began."""
        m, level = self.levels[by]
        return level[t] + 0 * s if m.tau is None else m.baseline + (level[t] - m.baseline) * np.exp(-s / m.tau)

    def _gained(self, p: int, signal: Any, begin: int, end: int) -> float:
        """What a modulator did from step ``begin`` to ``end``: the integral, step by step, by Simpson's rule."""
        for q, inside in enumerate(self.inside):
            if p in inside:
                signal = self.parts[q].gating(signal)
        s = np.linspace(0.0, self.dt, 65)
        weights = np.where(np.arange(65) % 2, 4.0, 2.0)
        weights[[0, -1]] = 1.0
        total = 0.0
        for t in range(begin, end):
            now = self._within(signal.by, t, s)
            for factor in signal.times:
                now = now * (factor.offset + factor.slope * self._within(factor.by, t, s))
            x = ((t - begin) * self.dt + s) / signal.tau
            total += float((now * x**signal.order * np.exp(-x) * weights).sum()) * self.dt / 64 / 3
        return total

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

    def send(self, t: int, fired: Any, variables: dict[str, Any]) -> None:
        """What spikes of the source take along is the weight of this step, also where the rule does not hear them."""
        texts = [part.between for part in self.parts if hasattr(part, "between")]
        if any("w" in inspect.signature(text).parameters for text in texts):
            for k in np.flatnonzero(fired[self.source]):
                self.event("between", t, int(k), variables, {"elapsed": (t - self.last[k]) * self.dt})
                self.last[k] = t

    def finish(self, t: int, variables: dict[str, Any]) -> None:
        """Bring all synapses up to date before step ``t``."""
        if self.has("between"):
            for k in range(len(self.source)):
                self.event("between", t, k, variables, {"elapsed": (t - self.last[k]) * self.dt})

    def add(self, side: str, fired: Any) -> None:
        """Add the spikes of a step to the traces of one side."""
        for own, kinds in zip(self.traces, self.kinds, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Trace) and kind.of == side:
                    for i in np.flatnonzero(fired):
                        own[name][i] = kind.jump if kind.nearest else own[name][i] + kind.jump * fired[i]

    def spread(self, side: str, fired: Any) -> None:
        """Add the spikes of a step to what is to come of the traces with a shape: row k is that of k steps later."""
        for own, kinds in zip(self.traces, self.kinds, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Shaped) and kind.of == side:
                    for i in np.flatnonzero(fired):
                        left = np.asarray(kind.table(self.dt))
                        own[name][:, i] = left if kind.nearest else own[name][:, i] + left * fired[i]

    def decay(self) -> None:
        """One step of decay."""
        for own, kinds in zip(self.traces, self.kinds, strict=True):
            for name, kind in kinds.items():
                if isinstance(kind, Trace):
                    own[name] = own[name] * math.exp(-self.dt / kind.tau)
                elif isinstance(kind, Shaped):
                    own[name] = np.concatenate([own[name][1:], np.zeros_like(own[name][:1])])

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
        for p, part in enumerate(self.parts):
            if part.interval is None or not hasattr(part, "on_interval"):
                continue
            if (t + 1) % max(1, round(part.interval / self.dt)) == 0:
                self.send(t, np.ones(self.sizes[0]), variables)  # totals are of weights that are up to date
                for j in range(self.sizes[1]):
                    mine = [int(k) for k in np.lexsort((self.source, self.target)) if self.target[k] == j]
                    total = float(sum(abs(self.weights[self.which[k]]) for k in mine))
                    for k in mine:
                        self.event("on_interval", t, k, variables, {"total": total}, only=p)

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
    levels = {n: (m, _level(net, m, post)) for n, m in net.modulators.items()}
    plain = Plain(
        p.rule,
        source,
        target,
        which,
        weights,
        delay,
        dt,
        (sources, targets),
        key(net.seed, f"plasticity {name}"),
        levels,
    )
    plain.begin(begin)
    lag = round(max(part.lag for part in p.rule.parts()) / dt)

    def then(fired: Any, t: int) -> Any:
        return fired[t] if t >= 0 else np.zeros(fired.shape[1])

    for t in range(len(pre)):
        now = {n: v[t] for n, v in variables.items()}
        if delay > 0 and p.rule.site == "dendrite":
            plain.follow(now)
            back, heard = then(post, t - delay), then(pre, t - lag)
            plain.decay()
            plain.spread("pre", heard)
            plain.spikes("on_post", t, back, now)
            plain.spikes("on_pre", t, heard, now)
            plain.send(t, pre[t], now)
            plain.add("pre", heard)
            plain.add("post", back)
            plain.spread("post", back)
        else:
            before = {n: v[t - 1] for n, v in variables.items()} if t else begin
            arrived = then(pre, t - delay - lag)
            plain.decay()
            plain.spread("pre", arrived)
            plain.spikes("on_pre", t, arrived, before)
            plain.send(t, then(pre, t - delay), before)
            plain.add("pre", arrived)
            plain.follow(now)
            plain.spikes("on_post", t, post[t], now)
            plain.add("post", post[t])
            plain.spread("post", post[t])
        plain.slowly(t, now)
    plain.finish(len(pre), {n: v[-1] for n, v in variables.items()})
    return plain.weights


def _level(net: Any, m: Any, fired: Any) -> Any:
    """The level of a modulator that the targets release."""
    level, found = m.baseline, []
    for row in fired:
        amount = sum(r.amount for r in net.releases if r.modulator == m.name) * row.sum()
        keep = 0.0 if m.tau is None else math.exp(-net.dt / m.tau)
        level = m.baseline + (level - m.baseline) * keep + amount
        found.append(level)
    return np.array(found)
