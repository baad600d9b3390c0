"""The text of a population's update: neuron, receptors and drives as one line of symbols, printed as a kernel."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import jinja2

from spikeloom.core import trace
from spikeloom.core.language import draws_from, normal
from spikeloom.core.trace import Symbol
from spikeloom.neurons import Neuron
from spikeloom.synapses import Synapse


@dataclasses.dataclass(frozen=True)
class Shape:
    """All that the text of a population's update depends on."""

    neuron: type[Neuron]
    options: tuple[tuple[str, bool], ...]
    receptors: tuple[type[Synapse], ...]
    synaptic: tuple[tuple[str, ...], ...]
    """Names of the constants of each receptor."""
    single: tuple[str, ...]
    """Constants, prefixed as in the text, that differ between neurons."""
    poisson: tuple[int, ...]
    """The receptor of each Poisson drive."""
    driven: bool
    threshold: bool = False
    """Whether the threshold is noisy: ``threshold_noise`` is the standard deviation."""
    traced: tuple[str, ...] = ()
    """The state variables, as the text calls them, that are written down."""
    scaled: tuple[int, ...] = ()
    """The receptor of each gain."""


@dataclasses.dataclass(frozen=True)
class Text:
    """The names of a text's states and constants, in order, and the symbols of its results."""

    states: tuple[str, ...]
    constants: tuple[str, ...]
    spike: Symbol | None
    after: dict[str, Symbol]
    drawn: tuple[str, ...]
    """The random numbers of a step, by kind, in the order in which they are drawn."""


class _Drawn:
    """Random numbers as symbols."""

    def __init__(self, like: Symbol) -> None:
        self.like = like
        self.kinds: list[str] = []

    def draw(self, kind: str) -> Symbol:
        self.kinds.append(kind)
        return trace.symbol(f"draw__{len(self.kinds) - 1}", self.like)


@functools.cache
def text(shape: Shape) -> Text:
    """Trace the update of ``shape``.

    States and constants of receptor k are called ``r<k>__<name>``; a model's own names have no two underscores inside.
    """
    kind, many = shape.neuron, len(shape.receptors)
    arrived = [f"arrived_{k}" for k in range(many)]
    of = [[f"r{k}__{n}" for n in s.state] for k, s in enumerate(shape.receptors)]
    given = [[f"r{k}__{n}" for n in shape.synaptic[k]] for k in range(many)]
    own, constants = list(kind.state), kind.constant_names()
    constants = [*constants, *(["threshold__noise"] if shape.threshold else [])]
    drawn: list[str] = []
    names = [*arrived, "drive", *(n for part in (*of, *given) for n in part), *own, *constants]

    def update(*values: Any) -> tuple[Any, ...]:
        random, value = _Drawn(values[0]), dict(zip(names, values, strict=True))
        shift = (lambda: value["threshold__noise"] * normal()) if shape.threshold else None
        with draws_from(random, shift):
            found = line(value)
        drawn.extend(random.kinds)
        return found

    def line(value: dict[str, Any]) -> tuple[Any, ...]:
        parts = [(s, [value[n] for n in of[k]], [value[n] for n in given[k]]) for k, s in enumerate(shape.receptors)]

        def current(v: Any, s: float) -> Any:
            total = value["drive"] if shape.driven else 0.0
            for k, (synapse, states, fixed) in enumerate(parts):
                if hasattr(synapse, "current"):
                    total = total + synapse.current(v, s, *states, *fixed)
                else:
                    total = total + synapse.average(value[arrived[k]], *states, *fixed)
            return total

        def average() -> Any:
            total = value["drive"] if shape.driven else 0.0
            for k, (synapse, states, fixed) in enumerate(parts):
                total = total + synapse.average(value[arrived[k]], *states, *fixed)
            return total

        x = current if kind.takes_current() else average()
        found = kind.step(
            x, *(value[n] for n in own), *(value[n] for n in kind.constant_names()), **dict(shape.options)
        )
        found = found if isinstance(found, tuple) else (found,)
        arrivals = [
            result
            for k, (synapse, states, fixed) in enumerate(parts)
            for result in synapse.arrive(value[arrived[k]], *states, *fixed)
        ]
        return (*found, *arrivals)

    update.__qualname__ = f"{kind.__name__}.step"
    outputs = trace.trace(update, names)
    spike, after = (outputs[0], outputs[1:]) if kind.spiking else (None, outputs)
    states = (*own, *(n for part in of for n in part))
    fixed = (*(n for part in given for n in part), *constants)
    return Text(states, fixed, spike, dict(zip(states, after, strict=True)), tuple(drawn))


@functools.cache
@functools.cache
def body(shape: Shape) -> str:
    """The lines of the operation that moves the neurons of a shard on."""
    t = text(shape)
    outputs = {f"s_{k}": s for k, s in t.after.items() if not (s.op == "input" and s.value == k)}
    if t.spike is not None:
        outputs["spike_s"] = t.spike
    lines, values = trace.statements(list(outputs.values()))
    context = {
        "receptors": shape.receptors,
        "states": t.states,
        "single": shape.single,
        "shared": [k for k in t.constants if k not in shape.single],
        "spiking": shape.neuron.spiking,
        "poisson": shape.poisson,
        "driven": shape.driven,
        "scaled": shape.scaled,
        "drawn": t.drawn,
        "traced": shape.traced,
        "reads": trace.inputs(outputs.values()),
        "lines": lines,
        "results": list(zip(outputs, values, strict=True)),
    }
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False
    )
    return environment.from_string(Path(__file__).with_name("update.py.jinja").read_text(encoding="utf-8")).render(
        context
    )
