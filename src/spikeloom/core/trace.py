"""A step, run once on symbols, becomes a graph: printed as a kernel, and differentiated, by machine.

:func:`trace` calls a function of the step language with one :class:`Symbol` for each argument, and returns the symbols
of its results. Equal expressions are one symbol. :func:`gradient` adds the symbols of a vector-Jacobian product;
:func:`statements` prints the straight-line code that some symbols need, and :func:`inputs` says which arguments that
code reads - so a kernel stores between its forward and its backward pass exactly what the derivative of *this* model
needs, often nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from spikeloom.core.errors import InvalidValueError

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_COMPARISONS = ("gt", "ge", "lt", "le")


class Symbol:
    """A scalar expression: an input by name, a constant, or an operation on other symbols."""

    __slots__ = ("args", "op", "order", "table", "value")
    __hash__ = object.__hash__

    def __init__(self, op: str, args: tuple[Symbol, ...], value: Any, table: dict[Any, Symbol]) -> None:
        self.op, self.args, self.value, self.table = op, args, value, table
        self.order = len(table)

    def __add__(self, other: Any) -> Symbol:
        return apply("add", self, other)

    def __radd__(self, other: Any) -> Symbol:
        return apply("add", other, self)

    def __sub__(self, other: Any) -> Symbol:
        return apply("sub", self, other)

    def __rsub__(self, other: Any) -> Symbol:
        return apply("sub", other, self)

    def __mul__(self, other: Any) -> Symbol:
        return apply("mul", self, other)

    def __rmul__(self, other: Any) -> Symbol:
        return apply("mul", other, self)

    def __truediv__(self, other: Any) -> Symbol:
        return apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return apply("div", other, self)

    def __neg__(self) -> Symbol:
        return apply("neg", self)

    def __gt__(self, other: Any) -> Symbol:
        return apply("gt", self, other)

    def __ge__(self, other: Any) -> Symbol:
        return apply("ge", self, other)

    def __lt__(self, other: Any) -> Symbol:
        return apply("lt", self, other)

    def __le__(self, other: Any) -> Symbol:
        return apply("le", self, other)

    def __eq__(self, other: object) -> bool:
        raise InvalidValueError(
            "a step may not ask whether two values are equal (== or !=): write where(...) with <, <=, > or >="
        )

    def __bool__(self) -> bool:
        raise InvalidValueError(
            "a step may not branch on a value: write where(condition, a, b) instead of `if` or `and`; "
            "`if` is for options, the keyword-only arguments of step"
        )

    def __repr__(self) -> str:
        return f"Symbol({self.op}, {self.value if self.value is not None else list(self.args)})"


def apply(op: str, *args: Any) -> Symbol:
    """The symbol of an operation; the same operation on the same symbols is the same symbol."""
    table = next(a.table for a in args if isinstance(a, Symbol))
    symbols = tuple(a if isinstance(a, Symbol) else _leaf("constant", float(a), table) for a in args)
    key = (op, *(s.order for s in symbols))
    if key not in table:
        table[key] = Symbol(op, symbols, None, table)
    return table[key]


def _leaf(op: str, value: Any, table: dict[Any, Symbol]) -> Symbol:
    # A zero with its sign: 0.0 == -0.0, but 1/x tells them apart.
    key = (op, repr(value))
    if key not in table:
        table[key] = Symbol(op, (), value, table)
    return table[key]


def trace(function: Callable[..., Any], names: Sequence[str], **options: bool) -> tuple[Symbol, ...]:
    """Run ``function`` on one symbol per name; the symbols of what it returns.

    Raises:
        InvalidValueError: it does what the step language has no word for.
    """
    table: dict[Any, Symbol] = {}
    try:
        result: Any = function(*(_leaf("input", name, table) for name in names), **options)
    except (TypeError, AttributeError) as error:  # x ** 2, torch.exp(x), x.clamp(0)
        raise InvalidValueError(
            f"{function.__qualname__} cannot be compiled: {error}. Allowed: + - * /, comparisons, and from "
            "spikeloom.core.language where, exp, expm1, log, abs, minimum, maximum and spike; write x * x for x ** 2"
        ) from error
    outputs: tuple[Any, ...] = cast("tuple[Any, ...]", result) if isinstance(result, tuple) else (result,)
    return tuple(o if isinstance(o, Symbol) else _leaf("constant", float(o), table) for o in outputs)


def symbol(name: str, like: Symbol) -> Symbol:
    """The input called ``name`` in the graph of ``like``."""
    return _leaf("input", name, like.table)


def _reachable(outputs: Iterable[Symbol], known: Mapping[Symbol, str]) -> list[Symbol]:
    """The symbols that ``outputs`` need, in an order in which they can be computed; not those behind ``known`` ones."""
    seen: dict[Symbol, None] = {}
    stack = list(outputs)
    while stack:
        s = stack.pop()
        if s not in seen:
            seen[s] = None
            if s not in known:
                stack.extend(s.args)
    return sorted(seen, key=lambda s: s.order)


def inputs(outputs: Iterable[Symbol], known: Mapping[Symbol, str] | None = None) -> set[str]:
    """The names of the inputs that ``outputs`` depend on; a symbol in ``known`` is taken as an input of that name."""
    given = known or {}
    return {given.get(s) or str(s.value) for s in _reachable(outputs, given) if s in given or s.op == "input"}


def statements(
    outputs: Sequence[Symbol], known: Mapping[Symbol, str] | None = None, prefix: str = "e"
) -> tuple[list[str], list[str]]:
    """Straight-line Python for ``outputs``: its assignments, and one expression (a name) for each output.

    Constants are printed as ``real(...)``, so that a float32 kernel stays in float32; inputs with an underscore
    behind their name, so that they cannot clash with other variables of a kernel.
    """
    given = known or {}
    names: dict[Symbol, str] = {}
    lines: list[str] = []
    for s in _reachable(outputs, given):
        if s in given:
            names[s] = f"{given[s]}_"
        elif s.op == "input":
            names[s] = f"{s.value}_"
        elif s.op == "constant":
            names[s] = f"real({s.value!r})"
        else:
            names[s] = f"{prefix}{len(lines)}"
            lines.append(f"{names[s]} = {_printed(s, [names[a] for a in s.args])}")
    return lines, [names[o] for o in outputs]


def _printed(s: Symbol, a: list[str]) -> str:
    if s.op in _INFIX:
        return f"{a[0]} {_INFIX[s.op]} {a[1]}"
    if s.op == "neg":
        return f"-{a[0]}"
    if s.op == "where":
        return f"{a[1]} if {a[0]} else {a[2]}"
    if s.op in ("minimum", "maximum"):  # the second of equals: so a processor's own instruction does it
        return f"{a[0]} if {a[0]} {'<' if s.op == 'minimum' else '>'} {a[1]} else {a[1]}"
    if s.op == "spike":
        return f"real(1.0) if {a[0]} >= real(0.0) else real(0.0)"
    return f"{s.op}({a[0]})"


def gradient(
    outputs: Sequence[Symbol], cotangents: Sequence[Symbol], wanted: Sequence[Symbol], surrogate: Symbol | None
) -> list[Symbol]:
    """Symbols of the vector-Jacobian product: for each of ``wanted``, the sum over outputs of cotangent x derivative.

    ``surrogate`` stands for the derivative of ``spike`` at its argument.
    """
    table = outputs[0].table
    zero, one = _leaf("constant", 0.0, table), _leaf("constant", 1.0, table)
    grads: dict[Symbol, Symbol] = {}

    def add(to: Symbol, g: Symbol) -> None:
        if g is not zero:
            grads[to] = _sum(grads[to], g, zero) if to in grads else g

    def times(g: Symbol, factor: Symbol) -> Symbol:
        return zero if factor is zero else g if factor is one else g * factor

    for output, cotangent in zip(outputs, cotangents, strict=True):
        add(output, cotangent)
    for s in reversed(_reachable(outputs, {})):
        if s not in grads or not s.args or s.op in _COMPARISONS:
            continue
        g, a = grads[s], s.args
        if s.op == "add":
            add(a[0], g)
            add(a[1], g)
        elif s.op == "sub":
            add(a[0], g)
            add(a[1], -g)
        elif s.op == "mul":
            add(a[0], times(g, a[1]))
            add(a[1], times(g, a[0]))
        elif s.op == "div":
            add(a[0], g / a[1])
            add(a[1], -(g * s / a[1]))
        elif s.op == "neg":
            add(a[0], -g)
        elif s.op == "exp":
            add(a[0], g * s)
        elif s.op == "expm1":
            add(a[0], g * (s + one))
        elif s.op == "log":
            add(a[0], g / a[0])
        elif s.op == "abs":
            add(a[0], apply("where", a[0] > zero, g, apply("where", a[0] < zero, -g, zero)))
        elif s.op == "where":
            add(a[1], apply("where", a[0], g, zero))
            add(a[2], apply("where", a[0], zero, g))
        elif s.op in ("minimum", "maximum"):
            # At a tie each side gets half, as in torch.
            for taken, other in ((a[0], a[1]), (a[1], a[0])):
                wins, loses = (taken > other, taken < other) if s.op == "maximum" else (taken < other, taken > other)
                add(taken, apply("where", wins, g, apply("where", loses, zero, g * 0.5)))
        elif s.op == "spike":
            if surrogate is not None:
                add(a[0], times(g, surrogate))
        else:
            raise AssertionError(f"no derivative is written for {s.op!r}")
    return [grads.get(w, zero) for w in wanted]


def _sum(a: Symbol, b: Symbol, zero: Symbol) -> Symbol:
    """``a + b``, in fewer operations where one is a negative, or each is zero where the other is not."""
    if a.op == b.op == "where" and a.args[0] is b.args[0]:
        condition = a.args[0]
        if a.args[2] is zero and b.args[1] is zero:
            a, b = b, a
        if a.args[1] is zero and b.args[2] is zero:
            return a.args[2] if a.args[2] is b.args[1] else apply("where", condition, b.args[1], a.args[2])
    return a - b.args[0] if b.op == "neg" else a + b


def spike_argument(outputs: Iterable[Symbol]) -> Symbol | None:
    """The ``u`` of the one ``spike(u)`` among the expressions of ``outputs``; ``None`` if there is none."""
    found = [s.args[0] for s in _reachable(outputs, {}) if s.op == "spike"]
    if len(found) > 1:
        raise InvalidValueError(f"a step may call spike(...) once; this one calls it on {len(found)} different values")
    return found[0] if found else None
