"""The texts of a rule of plasticity as lines of a kernel: what each event does to one synapse."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2

from spikeloom.core import trace
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import draws_from, maximum, minimum
from spikeloom.core.trace import Symbol
from spikeloom.plasticity import Ambient, Filtered, Plasticity, Shaped, Signal, Trace

FREE = ("w", "elapsed", "total", "carry", "change")
"""Names that mean the same in all parts of a rule."""

CAPTURED = ("on_pre", "on_post", "on_step")
"""Events whose changes a part may take over from the parts inside."""

DRAWS = {"on_pre": 0, "on_post": 16, "on_step": 32, "on_interval": 48, "between": 64, "gate": 80}
"""Where the random numbers of an event begin: no two events of a step share one."""


@dataclasses.dataclass(frozen=True)
class Lines:
    """The lines of one event, by what they read and what they give."""

    lines: tuple[str, ...]
    results: dict[str, str]
    """The expression for the weight ``w``, each variable of the synapse that changes, ``carry`` and ``gate``."""
    pre: tuple[str, ...]
    post: tuple[str, ...]
    synapse: tuple[str, ...]
    signals: tuple[str, ...]
    drawn: tuple[tuple[str, int], ...]
    """Random numbers: their kind, and where they stand in the step's."""


class _Drawn:
    def __init__(self, like: Symbol) -> None:
        self.like, self.kinds = like, list[str]()

    def draw(self, kind: str) -> Symbol:
        self.kinds.append(kind)
        return trace.symbol(f"draw__{len(self.kinds) - 1}", self.like)


class Texts:
    """All that the kernel of a rule needs to know.

    Names of a part's traces, variables and constants get its number in front: ``p0__pre``. Values of the neurons on
    both sides come from traces, but for ``x`` of an analog source and ``y`` of a target that does not spike.
    """

    def __init__(self, rule: Plasticity, analog: bool, spiking: bool, activity: str) -> None:
        self.rule, self.parts, self.analog = rule, rule.parts(), analog
        self.traces: dict[str, Trace] = {}
        self.shaped: dict[str, Shaped] = {}
        self.filters: dict[str, Filtered] = {}
        self.ambient: dict[str, Ambient] = {}
        self.values: dict[str, str] = {}  # of the target: name in the text, state variable
        self.local: dict[str, str] = {}  # signals and ambient that are of a field, and its name: fields.localise
        self.there: dict[str, Any] = {}  # where synapses are in these fields
        self.place, self.grain, self.longest = "j", 1, 0  # whose place counts there; an epoch is a multiple, at most
        for p, part in enumerate(self.parts):
            for name, found in part.traces().items():
                if name == "x" and analog:
                    continue
                if name == "y" and not spiking:
                    self.values[f"p{p}__y"] = activity
                elif isinstance(found, Trace):
                    self.traces[f"p{p}__{name}"] = found
                elif isinstance(found, Shaped):
                    self.shaped[f"p{p}__{name}"] = found
                elif isinstance(found, Ambient):
                    self.ambient[f"p{p}__{name}"] = found
                else:
                    self.filters[f"p{p}__{name}"] = found
            self.values |= {f"p{p}__{name}": name for name in part.reads}
        self.synapse = {f"p{p}__{n}": v for p, part in enumerate(self.parts) for n, v in part.initial().items()}
        held = [range(p - len(part.parts()) + 1, p) for p, part in enumerate(self.parts)]  # the parts inside each
        self.signals = {
            f"p{p}__{n}": self._gated(v, [q for q, inside in enumerate(held) if p in inside])
            for p, part in enumerate(self.parts)
            for n, v in part.signals().items()
        }
        memories = {**self.traces, **self.shaped}
        self.pre = [n for n, found in memories.items() if found.of == "pre"]
        self.post = [n for n, found in memories.items() if found.of == "post"]
        self.every = {
            p: part.interval
            for p, part in enumerate(self.parts)
            if part.interval is not None and hasattr(part, "on_interval")
        }
        self.begins = [inside.start for inside in held]
        self.captured = {p for q, inside in enumerate(held) if self.parts[q].captures for p in inside}
        self.lag = max(part.lag for part in self.parts)
        self.continuous = bool(self.filters or analog or self.has("on_step"))
        self.of_target = [*self.post, *self.filters, *self.values]

    def _gated(self, signal: Signal, around: list[int]) -> Signal:
        """A signal with what the wrappers around its part make of it."""
        return functools.reduce(lambda found, q: self.parts[q].gating(found), around, signal)

    @property
    def followed(self) -> list[str]:
        """The modulators that the rule follows."""
        of_signals = [name for s in self.signals.values() for name in (s.by, *(f.by for f in s.times))]
        return list(dict.fromkeys([*of_signals, *(a.by for a in self.ambient.values())]))

    def constants(self, dt: float) -> dict[str, float]:
        """The constants of all parts."""
        found: dict[str, float] = {}
        for p, part in enumerate(self.parts):
            own = {"low": part.low, "high": part.high, **part.constants(dt)}
            found |= {f"p{p}__{n}": float(v) for n, v in own.items()}
        return found

    def carried(self, shared: bool) -> bool:
        """Whether synapses are kept as they would have been at the beginning of an epoch; weights are not shared."""
        moving = [part for part in self.parts if hasattr(part, "between")]
        return bool(moving) and not shared and all(hasattr(part, "before") for part in moving)

    def close(self) -> list[str]:
        """The variables of a synapse that events touch together with its weight, where synapses are carried."""
        known = _bodies.setdefault(self.rule, {})
        if "close" not in known:
            since = self.lines("since")
            events = [self.lines(e, carried=True) for e in ("on_pre", "on_post", "on_step")]
            touched = {n for e in (since, *events) if e is not None for n in (*e.synapse, *e.results)}
            known["close"] = [n for n in self.synapse if n in touched]
        return known["close"]

    def has(self, event: str) -> bool:
        """Whether any part says what ``event`` does."""
        return any(hasattr(part, event) for part in self.parts)

    def lines(self, event: str, only: int | None = None, carried: bool = False) -> Lines | None:
        """The lines of ``event``, of all parts or of the one numbered ``only``; ``None`` if nothing happens.

        Beside the events there are ``"since"``, what a weight of 0 has become at the end of ``between``, and
        ``"before"``, the variables. With ``carried`` what an event adds to the variables of a synapse that knows
        ``before`` is added as if it had happened ``elapsed`` ms ago.
        """
        if not self.has("between" if event == "since" else event):
            return None
        of_time = event in ("between", "since", "before")
        beside = tuple(self.signals) if of_time else ("x", *self.ambient, *self.pre, *self.of_target)
        known = [*FREE, *beside, *self.synapse, *self.constants(1.0)]
        drawn: list[str] = []
        written: list[str] = []

        def run(*values: Any) -> tuple[Any, ...]:
            value, random = dict(zip(known, values, strict=True)), _Drawn(values[0])
            if event == "since":
                value["w"] = 0.0
            before: list[Any] = []  # the weight before each part acts
            with draws_from(random):
                for p, part in enumerate(self.parts):
                    before.append(value["w"])
                    begun = before[self.begins[p]]
                    function = getattr(part, "between" if event == "since" else event, None)
                    if part.captures and event in CAPTURED and value["w"] is not begun:
                        value |= {"change": value["w"] - begun, "w": begun}
                        self._apply(p, part, event, part.on_change, value, written, carried)
                    elif function is not None and only in (None, p):
                        self._apply(p, part, event, function, value, written)
            drawn.extend(random.kinds)
            if event == "since":
                written[:] = ["w"]
            return tuple(value[name] for name in written)

        run.__qualname__ = f"{type(self.rule).__name__}.{event}"
        last = dict(zip(written, trace.trace(run, known), strict=True))
        changed = {n: s for n, s in last.items() if not (s.op == "input" and s.value == n)}
        lines, results = trace.statements(list(changed.values()))
        reads = trace.inputs(changed.values())
        return Lines(
            lines=tuple(lines),
            results=dict(zip(changed, results, strict=True)),
            pre=tuple(n for n in (*self.pre, "x") if n in reads),
            post=tuple(n for n in self.of_target if n in reads),
            synapse=tuple(n for n in self.synapse if n in reads),
            signals=tuple(n for n in self.signals if n in reads),
            drawn=tuple((kind, DRAWS[event] + 4 * (only or 0) + k) for k, kind in enumerate(drawn)),
        )

    def _apply(
        self, p: int, part: Plasticity, event: str, function: Callable[..., Any], value: dict[str, Any], to: list[str],
        carried: bool = False,
    ) -> None:  # fmt: skip
        names = [f"p{p}__{n}" for n in part.synapse]
        kept = {n: value[n] for n in names} if carried and hasattr(part, "before") else {}
        value |= dict.fromkeys(kept, 0.0)
        results = self._called(p, part, event, function, value)
        if event == "gate":
            value["gate"] = results[0]
            to.append("gate")
            return
        if event not in ("between", "before") or "w" in inspect.signature(function).parameters:
            names = ["w", *names]
        if event == "on_step" and "carry" in inspect.signature(function).parameters:
            names.append("carry")
        if len(results) not in (1, len(names)):
            raise InvalidValueError(
                f"{type(part).__name__}.{event} returns {len(results)} values; expected "
                f"{', '.join(n.split('__')[-1] for n in names)}"
            )
        for name, result in zip(names, results, strict=False):
            bounded = event != "since" and not (event in CAPTURED and p in self.captured)
            if name == "w" and part.limited and bounded:
                result = minimum(maximum(result, value[f"p{p}__low"]), value[f"p{p}__high"])
            value[name] = result
            to.append(name)
        if kept:  # what was added, as of the beginning of the epoch
            earlier = self._called(p, part, "before", part.before, value)
            for (name, old), added in zip(kept.items(), earlier, strict=True):
                value[name] = old if isinstance(added, float) and added == 0 else old + added

    def _called(
        self, p: int, part: Plasticity, event: str, function: Callable[..., Any], value: dict[str, Any]
    ) -> list[Any]:
        """What a text gives for values by name."""
        taken, options = [], part.options()
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                continue
            name = parameter.name
            own = name if name in FREE or (name == "x" and self.analog) else f"p{p}__{name}"
            if own not in value:
                known = sorted(n.split("__", 1)[1] for n in value if n.startswith(f"p{p}__"))
                raise InvalidValueError(
                    f"{type(part).__name__}.{event} asks for {name!r}; there are {', '.join((*FREE, *known))}"
                )
            taken.append(value[own])
        named = {
            k: options[k]
            for k, v in inspect.signature(function).parameters.items()
            if v.kind is inspect.Parameter.KEYWORD_ONLY
        }
        given = function(*taken, **named)
        return list(given) if isinstance(given, tuple) else [given]


_bodies: weakref.WeakKeyDictionary[Plasticity, dict[Any, Any]] = weakref.WeakKeyDictionary()
"""Lines that were made before: runs of the same network ask for them again and again."""


def body(texts: Texts, kind: str, *, shared: bool, full: bool = False) -> str:
    """The lines of an operation: ``kind`` is ``"late"``, ``"arrive"``, ``"depart"``, ``"look"`` or ``"back"``.

    ``full``: every source has a synapse with every target, in their order.
    """
    known = _bodies.setdefault(texts.rule, {})
    which = (texts.analog, *texts.values.items(), *texts.local.items(), texts.place, kind, shared, full)
    if which not in known:
        known[which] = _body(texts, kind, shared, full)
    return known[which]


def choices(signal: Signal) -> list[tuple[bool, ...]]:
    """A modulator and the factors beside it are each a constant and what falls: every choice of one of the two."""
    return list(itertools.product((False, True), repeat=1 + len(signal.times)))


def _body(texts: Texts, kind: str, shared: bool, full: bool) -> str:
    carried = texts.carried(shared)
    events = {e: texts.lines(e, carried=carried) for e in ("on_pre", "on_post", "on_step", "between", "gate")}
    events |= {e: texts.lines(e) if carried else None for e in ("since", "before")}
    slow = {p: texts.lines("on_interval", p) for p in texts.every}  # one part after the other: each sees its own total
    text = _template().render(
        t_=texts,
        choices=choices,
        kind=kind,
        shared=shared,
        full=full,
        carried=carried,
        bounds=next((p for p, part in enumerate(texts.parts) if hasattr(part, "between") and part.limited), None),
        sign=texts.rule.sign,
        slow=slow,
        carries=any("carry" in e.results for e in events.values() if e is not None),
        constants=list(texts.constants(1.0)),
        **events,
    )
    return "\n".join(line for line in text.splitlines() if line.strip())


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("learn")),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    return environment.get_template("main.py.jinja")
