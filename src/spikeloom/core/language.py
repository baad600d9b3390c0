"""The language in which models write their step: arithmetic, comparisons, ``if`` on options, and the names below.

A ``step`` is an ordinary Python function over scalars, and may call helpers written in the same way. It runs
unchanged on plain floats, on torch tensors (whole populations at once, with gradients: the reference engine), and on
the symbols of :mod:`spikeloom.core.trace`, from which the compiled engines print their kernels and derive their
gradients. So there is one text for each equation, and no second one that could drift away from it.

=====================  ==============================================================================================
``where(c, a, b)``     ``a`` where the comparison ``c`` holds, else ``b``; no gradient flows through ``c``
``exp expm1 log abs``  as in mathematics
``minimum maximum``    of two values
``spike(u)``           1 where ``u >= 0``, else 0; its derivative is that of the surrogate in use, at ``u``
``uniform normal``     a random number, in [0, 1) or standard normal, another one at each call, neuron and step
=====================  ==============================================================================================

An ``if`` may only ask for options (plain bools, known before a kernel is generated, so they cost nothing); a branch on
state is written with ``where``.
"""

from __future__ import annotations

import builtins
import contextlib
import contextvars
import math
from collections.abc import Callable, Generator
from typing import Any, Protocol, cast

import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.trace import Symbol, apply

_surrogate: contextvars.ContextVar[Callable[[torch.Tensor], torch.Tensor] | None] = contextvars.ContextVar(
    "surrogate", default=None
)
_draws: contextvars.ContextVar[Draws | None] = contextvars.ContextVar("draws", default=None)
_threshold: contextvars.ContextVar[Callable[[], Any] | None] = contextvars.ContextVar("threshold", default=None)


@contextlib.contextmanager
def surrogate_in_use(derivative: Callable[[torch.Tensor], torch.Tensor] | None) -> Generator[None]:
    """Within this context :func:`spike` on tensors has ``derivative`` (a function of u); without one it has none."""
    token = _surrogate.set(derivative)
    try:
        yield
    finally:
        _surrogate.reset(token)


class _Spike(torch.autograd.Function):
    """The Heaviside step forwards, a surrogate derivative backwards."""

    @staticmethod
    def forward(ctx: Any, u: torch.Tensor, derivative: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        ctx.save_for_backward(u)
        ctx.derivative = derivative
        return (u >= 0).to(u.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
        (u,) = ctx.saved_tensors
        return grads[0] * ctx.derivative(u), None


class Draws(Protocol):
    """Where random numbers come from: an engine's, by step and neuron."""

    def draw(self, kind: str) -> Any:
        """The next number of this step: ``kind`` is ``"uniform"`` or ``"normal"``."""
        ...


@contextlib.contextmanager
def draws_from(draws: Draws, threshold: Callable[[], Any] | None = None) -> Generator[None]:
    """Within this context :func:`uniform` and :func:`normal` draw, and ``threshold()`` shifts that of :func:`spike`."""
    token, shifted = _draws.set(draws), _threshold.set(threshold)
    try:
        yield
    finally:
        _draws.reset(token)
        _threshold.reset(shifted)


def uniform() -> Any:
    """A random number in [0, 1)."""
    return _drawn("uniform")


def normal() -> Any:
    """A random number of mean 0 and variance 1, normally distributed."""
    return _drawn("normal")


def _drawn(kind: str) -> Any:
    draws = _draws.get()
    if draws is None:
        raise InvalidValueError(f"a step that calls {kind}() runs step by step only: sl.run(net, engine='steps')")
    return draws.draw(kind)


def spike(u: Any) -> Any:
    """1 where ``u >= 0``, else 0."""
    shift = _threshold.get()
    u = u if shift is None else u - shift()
    if isinstance(u, Symbol):
        return apply("spike", u)
    if isinstance(u, torch.Tensor):
        derivative = _surrogate.get()
        if derivative is None:
            return (u >= 0).to(u.dtype)
        return cast("Any", _Spike).apply(u, derivative)
    return 1.0 if u >= 0 else 0.0


def where(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where ``condition`` holds, else ``b``."""
    if isinstance(condition, Symbol):
        return apply("where", condition, a, b)
    if isinstance(condition, torch.Tensor):
        like = a if isinstance(a, torch.Tensor) else b if isinstance(b, torch.Tensor) else None
        # Two plain numbers say nothing of a type: the widest keeps their values, and engines cast what a step returns.
        dtype = torch.float64 if like is None else like.dtype
        first = a.to(dtype) if isinstance(a, torch.Tensor) else torch.tensor(a, dtype=dtype, device=condition.device)
        second = b.to(dtype) if isinstance(b, torch.Tensor) else torch.tensor(b, dtype=dtype, device=condition.device)
        return torch.where(condition, first, second)
    return a if condition else b


def _unary(name: str, on_tensor: Callable[[torch.Tensor], torch.Tensor], on_float: Callable[[Any], Any], x: Any) -> Any:
    if isinstance(x, Symbol):
        return apply(name, x)
    return on_tensor(x) if isinstance(x, torch.Tensor) else on_float(x)


def exp(x: Any) -> Any:
    """e to the ``x``."""
    return _unary("exp", torch.exp, math.exp, x)


def expm1(x: Any) -> Any:
    """exp(x) - 1, accurate near zero."""
    return _unary("expm1", torch.expm1, math.expm1, x)


def log(x: Any) -> Any:
    """Natural logarithm."""
    return _unary("log", torch.log, math.log, x)


def abs(x: Any) -> Any:
    """Absolute value."""
    return _unary("abs", torch.abs, builtins.abs, x)


def _pair(a: Any, b: Any) -> tuple[torch.Tensor, torch.Tensor]:
    like = a if isinstance(a, torch.Tensor) else b
    return tuple(v if isinstance(v, torch.Tensor) else torch.full_like(like, v) for v in (a, b))  # pyright: ignore[reportReturnType]


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two values."""
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        return apply("minimum", a, b)
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        return torch.minimum(*_pair(a, b))
    return min(a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger of two values."""
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        return apply("maximum", a, b)
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        return torch.maximum(*_pair(a, b))
    return max(a, b)
