"""Prints the two kernels of a population: forwards through all steps of some samples, and backwards.

A kernel is serial, releases the interpreter lock, and works on its samples ``first`` to ``last`` alone: threads share
nothing; rows of its event lists are counted from ``first``. The state stays in vectors that fit the first-level cache,
the neuron's step is a loop that vectorises, and weights are touched by events only. Forwards a kernel lists the spikes
of each step, and for training the neurons whose surrogate derivative is not zero (a bit for each, and the values of
those few). Backwards these are all that is visited with weights. What else the derivative reads (``kept``) is found by
:mod:`spikeloom.core.trace`; for a plain LIF it is nothing. The text itself is in ``kernels.py.jinja``.

A model may call its variables and constants what it likes (``u``, ``h``, ``s``, ``width`` ...): in the text they have a
prefix or an underscore behind them, and the kernel's own scalars two underscores inside, which a model's may not have.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from pathlib import Path
from typing import Any

import jinja2

from spikeloom.core import trace
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.trace import Symbol
from spikeloom.neurons import Neuron
from spikeloom.surrogates import Surrogate


@dataclasses.dataclass(frozen=True)
class Shape:
    """All that the text of a population's kernels depends on; one kernel for itself depends on less."""

    neuron: type[Neuron]
    options: tuple[tuple[str, bool], ...]
    per_neuron: tuple[str, ...]  # constants that differ between neurons
    inputs: int  # projections whose spikes arrive as events
    outputs: int  # projections to other populations
    recurrent: bool
    surrogate: type[Surrogate]
    wanted: tuple[str, ...]  # constants whose gradient is wanted
    real: str  # float32 or float64


@dataclasses.dataclass(frozen=True)
class Traced:
    """The step of a neuron as symbols: what goes on, and what the derivative needs."""

    spike: Symbol | None
    argument: Symbol | None  # of spike(u)
    after: dict[str, Symbol]  # each state variable that the step changes, or reads
    gradients: dict[str, Symbol]  # of x, of each smooth state variable, of each wanted constant
    known: dict[Symbol, str]
    kept: tuple[str, ...]  # x and state variables before the step that the derivative reads

    @property
    def live(self) -> list[str]:
        """The state variables that the step changes or reads."""
        return list(self.after)

    @property
    def smooth(self) -> list[str]:
        """Those of them that carry gradients."""
        return [k for k in self.after if k in self.gradients]


@functools.cache
def traced(shape: Shape) -> Traced:
    """Trace the step of ``shape`` and derive its vector-Jacobian product."""
    neuron = shape.neuron
    outputs = trace.trace(neuron.plain_step(), ["x", *neuron.state, *neuron.constant_names()], **dict(shape.options))
    spike, states = (outputs[0], outputs[1:]) if neuron.spiking else (None, outputs)
    result = dict(zip(neuron.state, states, strict=True))
    still = {k for k, s in result.items() if s.op == "input" and s.value == k}  # the step passes them on unchanged
    still -= trace.inputs([*([] if spike is None else [spike]), *(s for k, s in result.items() if k not in still)])
    after = {k: s for k, s in result.items() if k not in still}
    argument = trace.spike_argument(outputs)
    if neuron.spiking and argument is None:
        raise InvalidValueError(f"{neuron.__name__}.step must call spike(u) once, or the class say spiking = False")
    smooth = [k for k in after if neuron.state[k] != "steps"]  # a countdown has no derivative
    some = outputs[0]
    cotangents = [trace.symbol(f"g__{k}", some) for k in ([] if spike is None else ["spike"]) + smooth]
    wanted = ["x", *smooth, *shape.wanted]
    found = trace.gradient(
        ([] if spike is None else [spike]) + [after[k] for k in smooth],
        cotangents,
        [trace.symbol(w, some) for w in wanted],
        trace.symbol("slope__spike", some),
    )
    if spike is not None and not _spike_or_zero(spike):
        raise InvalidValueError(
            f"{neuron.__name__}.step returns as its spike something that is neither spike(u) nor zero: return "
            "spike(u) itself, or zero where the neuron may not fire: where(held > 0, 0.0, spike(u))"
        )
    known = {spike: "is__spike"} if spike is not None and spike.args else {}
    read = trace.inputs(found, known)
    return Traced(
        spike=spike,
        argument=argument,
        after=after,
        gradients=dict(zip(wanted, found, strict=True)),
        known=known,
        kept=tuple(k for k in ("x", *after) if k in read),
    )


def _spike_or_zero(value: Symbol) -> bool:
    """Whether ``value`` is spike(u), zero, or a choice between such values."""
    if value.op == "where":
        return all(_spike_or_zero(v) for v in value.args[1:])
    return value.op == "spike" or (value.op == "constant" and value.value == 0)


def forward_vectors(shape: Shape) -> list[str]:
    """The vectors of one number per neuron that ``forward`` works with: rows of its argument ``vectors``."""
    spiking = ["spike_s", "spike_u", "spike_h", "s_count"] if shape.neuron.spiking else []
    return ["s_x", "base_x", *(f"s_{k}" for k in traced(shape).live), *spiking]


def backward_vectors(shape: Shape) -> list[str]:
    """The same of ``backward``."""
    spiking = ["s_g_spike", "s_h", "s_s", "totals", "product"] if shape.neuron.spiking else []
    return ["s_g_x", *(f"s_g_{k}" for k in traced(shape).smooth), *spiking]


def forward_arguments(shape: Shape) -> list[str]:
    """The arguments of ``forward``, in order."""
    t = traced(shape)
    events = [f"{what}_{k}" for k in range(shape.inputs) for what in ("offsets", "indices", "weight")]
    recurrent = ["weight_r", "spike_in", "spike_out", "active"] if shape.recurrent else []
    constants = [f"c_{k}" for k in shape.neuron.constant_names()]
    states = [*(f"in_{k}" for k in t.live), *(f"out_{k}" for k in t.live)]
    traces = [f"{what}_{k}" for k in t.live for what in ("trace", "tracing")]
    kept = ["keeping", *(f"keep_{k}" for k in t.kept)]
    lists: list[str] = []
    if shape.neuron.spiking:
        lists = ["listing", *(f"bump_{k}" for k in bump_parameters(shape.surrogate))]
        lists += ["count", "spike_offsets", "spike_index", "near_offsets", "near_marks", "near_h"]
    begin = ["first", "last", "steps", "vectors", *events, "base", "has_base", "drive", "has_drive"]
    return [*begin, *recurrent, *constants, *states, *traces, *kept, *lists]


def backward_arguments(shape: Shape) -> list[str]:
    """The arguments of ``backward``, in order."""
    t = traced(shape)
    events = [f"{what}_{k}" for k in range(shape.inputs) for what in ("offsets", "indices", "d_weight", "weighing")]
    outputs = [f"{what}_{k}" for k in range(shape.outputs) for what in ("weight_out", "transposed", "g_out")]
    recurrent: list[str] = []
    if shape.recurrent:
        recurrent = ["weight_r", "d_weight_r", "weighing_r", "spike_in"]
    room = ["block", "ends", "order"] if shape.inputs or shape.recurrent else []
    constants = [f"c_{k}" for k in shape.neuron.constant_names()]
    kept = [f"keep_{k}" for k in t.kept]
    traces = [f"{what}_{k}" for k in t.smooth for what in ("g_trace", "tracing", "g_in", "starting")]
    lists: list[str] = []
    if shape.neuron.spiking:
        lists = ["spike_offsets", "spike_index", "near_offsets", "near_marks", "near_h", "near"]
        lists += ["g_count", "counting", "g_train", "training"]
    found = ["n", "g_base", "basing", "g_x", "storing", *(f"dc_{k}" for k in shape.wanted)]
    begin = ["first", "last", "steps", "vectors", *room]
    return [*begin, *events, *outputs, *recurrent, *constants, *kept, *traces, *lists, *found]


def bump_parameters(surrogate: type[Surrogate]) -> list[str]:
    """The parameters of a surrogate's ``bump``, after ``u``."""
    return list(inspect.signature(surrogate.bump).parameters)[1:]


def source(shape: Shape, kernel: str) -> str:
    """The text of the module with one ``kernel``: ``"forward"``, or ``"backward"`` (the same for all surrogates)."""
    neuron, t = shape.neuron, traced(shape)
    bump = trace.trace(shape.surrogate.bump, [f"bump__{k}" for k in ("u", *bump_parameters(shape.surrogate))])
    bump_lines, (bump_value,) = trace.statements(bump, prefix="h")

    changed = {f"s_{k}": after for k, after in t.after.items()}
    if t.spike is not None and t.argument is not None:
        changed |= {"spike_s": t.spike, "spike_u": t.argument}
    step_lines, step_values = trace.statements(list(changed.values()))
    step_reads = trace.inputs(changed.values())

    vjp_lines, vjp_values = trace.statements(list(t.gradients.values()), t.known)
    vjp_reads = trace.inputs(t.gradients.values(), t.known)
    gradients = list(zip(t.gradients, vjp_values, strict=True))
    states = len(gradients) - len(shape.wanted)

    def constants(read: set[str], single: bool) -> list[str]:
        return [k for k in neuron.constant_names() if k in read and (k in shape.per_neuron) == single]

    context: dict[str, Any] = {
        "kernel": kernel,
        "neuron": neuron.__name__,
        "options": dict(shape.options),
        "real": shape.real,
        "step_text": _text(neuron),
        "spiking": neuron.spiking,
        "inputs": shape.inputs,
        "outputs": shape.outputs,
        "recurrent": shape.recurrent,
        "forward_vectors": forward_vectors(shape),
        "backward_vectors": backward_vectors(shape),
        "fired_is_read": "is__spike" in vjp_reads,
        "live": t.live,
        "smooth": t.smooth,
        "kept": t.kept,
        "forward_arguments": forward_arguments(shape),
        "backward_arguments": backward_arguments(shape),
        "bump_parameters": bump_parameters(shape.surrogate),
        "bump_lines": bump_lines,
        "bump_value": bump_value,
        "step_reads": step_reads,
        "step_shared": constants(step_reads, single=False),
        "step_single": constants(step_reads, single=True),
        "step_lines": step_lines,
        "step_results": list(zip(changed, step_values, strict=True)),
        "vjp_shared": constants(vjp_reads, single=False),
        "vjp_single": constants(vjp_reads, single=True),
        "vjp_lines": vjp_lines,
        "vjp_results": gradients[:states],
        "vjp_constants": gradients[states:],
    }
    return _template().render(context)


def _text(neuron: type[Neuron]) -> list[str]:
    """The lines of the step as it was written, for the reader of a kernel; of a class made at a prompt none is kept."""
    try:
        return inspect.cleandoc("    " + inspect.getsource(neuron.step)).splitlines()
    except (OSError, TypeError):
        return ["(its text is not at hand: the class was not defined in a file)"]


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False
    )
    text = Path(__file__).with_name("kernels.py.jinja").read_text(encoding="utf-8")
    return environment.from_string(text, globals={})
