"""The step language: one text on floats, tensors and symbols; derivatives by machine are those of autograd."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core import language, trace
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import abs, exp, expm1, log, maximum, minimum, spike, surrogate_in_use, where

EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b + 1.5 + (2.0 + a),
    "subtract": lambda a, b: a - b - (1.0 - a) - 0.5,
    "multiply": lambda a, b: 3.0 * a * b * a,
    "divide": lambda a, b: a / (b * b + 1.0) + 2.0 / (a * a + 1.0),
    "negate": lambda a, b: -(a * b),
    "exp": lambda a, b: exp(0.3 * a) * b,
    "expm1": lambda a, b: expm1(a) + b,
    "log": lambda a, b: log(a * a + 1.0) * b,
    "abs": lambda a, b: abs(a) * b,
    "minimum": lambda a, b: minimum(a, b) * a,
    "minimum with a number": lambda a, b: minimum(0.5, a) + minimum(b, -0.5),
    "maximum": lambda a, b: maximum(a, b) * b,
    "maximum with a number": lambda a, b: maximum(0.0, a) + maximum(b, 1.0),
    "where": lambda a, b: (
        where(a > b, a * a, b) + where(a <= 0.0, 1.0, b) + where(b >= 1.0, a, 2.0) + where(a < b, a, b)
    ),
    "where with two numbers": lambda a, b: where(a > b, 0.3, 0.7) * a,
    "a value used often": lambda a, b: (a * b + 1.0) * (a * b + 1.0) / ((a * b) * (a * b) + 1.0),
    "spike": lambda a, b: spike(a - b) * b + a,
}
each_expression = pytest.mark.parametrize("f", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
values = st.floats(-3, 3) | st.sampled_from([0.0, -0.5, 0.5, 1.0])


def evaluate(outputs: list[trace.Symbol] | tuple[trace.Symbol, ...], given: dict[str, float]) -> list[float]:
    lines, names = trace.statements(outputs)
    scope: dict[str, Any] = {f"{k}_": v for k, v in given.items()}
    scope |= {"real": float, "exp": math.exp, "expm1": math.expm1, "log": math.log, "abs": language.builtins.abs}
    exec("\n".join(lines), scope)
    return [eval(name, scope) for name in names]


@each_expression
@given(a=values, b=values)
def test_floats_tensors_and_print_agree(f: Callable[[Any, Any], Any], a: float, b: float) -> None:
    (result,) = evaluate(trace.trace(f, ["a", "b"]), {"a": a, "b": b})
    assert result == f(a, b)
    tensor = f(torch.tensor([a], dtype=torch.float64), torch.tensor([b], dtype=torch.float64))
    assert tensor.dtype == torch.float64
    assert float(tensor) == pytest.approx(result, rel=1e-14, abs=1e-14)


@each_expression
@given(a=values, b=values, g=st.floats(-2, 2))
def test_the_derivative_is_that_of_autograd(f: Callable[[Any, Any], Any], a: float, b: float, g: float) -> None:
    def slope(u: Any) -> Any:
        return 1.0 / (1.0 + u * u)

    (output,) = trace.trace(f, ["a", "b"])
    wanted = [trace.symbol("a", output), trace.symbol("b", output)]
    found = trace.gradient([output], [trace.symbol("g", output)], wanted, trace.symbol("slope", output))
    result = evaluate(found, {"a": a, "b": b, "g": g, "slope": slope(a - b)})
    leaves = [torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (a, b)]
    with surrogate_in_use(slope):
        expected = torch.autograd.grad(g * f(*leaves).sum(), leaves, allow_unused=True)
    for x, y in zip(result, expected, strict=True):
        assert x == pytest.approx(0.0 if y is None else float(y), rel=1e-12, abs=1e-12)


def test_without_a_surrogate_a_spike_has_no_derivative() -> None:
    u = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    assert not spike(u).requires_grad
    assert spike(u).tolist() == [0.0, 1.0, 1.0]
    (output,) = trace.trace(lambda a: spike(a) * 2.0, ["a"])
    (found,) = trace.gradient([output], [trace.symbol("g", output)], [trace.symbol("a", output)], None)
    assert evaluate([found], {"a": 0.5, "g": 1.0}) == [0.0]


def test_the_surrogate_is_the_one_in_use_when_the_step_runs() -> None:
    u = torch.tensor([0.5], requires_grad=True)
    with surrogate_in_use(lambda u: 2.0 * u):
        with surrogate_in_use(lambda u: 3.0 * u):
            inner = spike(u)
        outer = spike(u)
    assert torch.autograd.grad(inner, u)[0].item() == 1.5
    assert torch.autograd.grad(outer, u)[0].item() == 1.0


def test_where_keeps_the_type_of_its_values() -> None:
    for dtype in (torch.float32, torch.float64):
        x = torch.tensor([1.0, -1.0], dtype=dtype)
        assert where(x > 0, x, 0.1).dtype == dtype
        assert where(x > 0, 0.1, x).dtype == dtype
        # Of two plain numbers nothing is lost.
        assert where(x > 0, 0.1, 0.7).tolist() == [0.1, 0.7]


def test_equal_expressions_are_computed_once() -> None:
    lines, names = trace.statements(trace.trace(lambda a, b: (a * b + 1.0, exp(a * b + 1.0)), ["a", "b"]))
    assert len(lines) == 3
    assert names == ["e1", "e2"]


def test_what_is_read_is_known() -> None:
    outputs = trace.trace(lambda a, b, c: (a * b, where(c > 0, a, 1.0)), ["a", "b", "c"])
    assert trace.inputs(outputs) == {"a", "b", "c"}
    assert trace.inputs(outputs[:1]) == {"a", "b"}
    assert trace.inputs(outputs, {outputs[0]: "product"}) == {"product", "a", "c"}


@pytest.mark.parametrize(
    ("step", "advice"),
    [
        (lambda a: 1.0 if a > 0 else 0.0, "where"),
        (lambda a: a if a and a > 1 else 0.0, "where"),
        (lambda a: where(a == 0.0, 1.0, 2.0), "where"),
        (lambda a: where(a != 0.0, 1.0, 2.0), "where"),
    ],
    ids=["if", "and", "==", "!="],
)
def test_what_the_language_lacks_is_said(step: Callable[[Any], Any], advice: str) -> None:
    with pytest.raises(InvalidValueError, match=advice):
        trace.trace(step, ["a"])


def test_spike_may_be_called_once() -> None:
    outputs = trace.trace(lambda a, b: spike(a) + spike(b), ["a", "b"])
    with pytest.raises(InvalidValueError, match="once"):
        trace.spike_argument(outputs)
    assert trace.spike_argument(trace.trace(lambda a: spike(a) * spike(a), ["a"])) is not None
    assert trace.spike_argument(trace.trace(lambda a: a * 2.0, ["a"])) is None
