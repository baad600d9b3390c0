"""What every neuron promises of its step: one text with one meaning, derivatives by machine, a complete declaration."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import json
import math
import re
import types
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.core import trace, units
from spikeloom.core.language import surrogate_in_use
from spikeloom.core.parameters import declarations
from spikeloom.engines import ReferenceEngine, recordable
from spikeloom.network import Network
from spikeloom.neurons import Neuron
from spikeloom.surrogates import Triangle
from tests.conformance.cases import PLAIN, Guise, dt_of, every_guise, every_layered, every_neuron

SOURCE = re.compile(r"doi:10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,}")


def evaluate(outputs: list[trace.Symbol] | tuple[trace.Symbol, ...], values: dict[str, float]) -> list[float]:
    """The symbols printed, and the text executed on plain floats."""
    scope: dict[str, Any] = {f"{k}_": v for k, v in values.items()}
    scope |= {"real": float, "exp": math.exp, "expm1": math.expm1, "log": math.log, "abs": abs, "inf": math.inf}
    exec(printed(tuple(outputs)), scope)
    return list(scope["results__"])


@functools.lru_cache(maxsize=64)
def printed(outputs: tuple[trace.Symbol, ...]) -> types.CodeType:
    """The text of the symbols, compiled: hundreds of lines for some neurons."""
    lines, names = trace.statements(outputs)
    return compile("\n".join([*lines, f"results__ = [{', '.join(names)}]"]), "<printed>", "exec")


def names_of(neuron: Neuron) -> list[str]:
    return ["x", *neuron.state, *neuron.constant_names()]


@st.composite
def scalars(draw: st.DrawFn, neuron: Neuron) -> dict[str, float]:
    """Input, state and constants: near what the model has, on both sides of the threshold, ties included."""
    kind = type(neuron)
    constants = {k: first(v) for k, v in neuron.constants(dt_of(kind)).items()}
    begin = {k: first(v) for k, v in neuron.initial().items()}
    threshold = 1.0 if neuron.threshold() is None else first(neuron.threshold())
    plain = kind in PLAIN
    near = st.floats(-3, 3) if plain else st.floats(-0.2, 1.2)
    near |= st.sampled_from([0.0, 0.5, 1.0, 2.0, threshold] if plain else [0.0, 0.5, 1.0])
    values = {"x": draw(near) * (1.0 if plain else 20.0)}
    for name, unit in neuron.state.items():
        # From where it begins to the threshold, and beyond; other variables by as much as their own size.
        way = threshold - begin[name] if name == "v" else threshold if plain else abs(begin[name]) or 1.0
        values[name] = float(draw(st.integers(0, 4))) if unit == "steps" else begin[name] + way * draw(near)
    for name, value in constants.items():
        spread = st.floats(0.5, 1.5) if plain else st.floats(0.98, 1.02)
        values[name] = value * draw(spread | st.just(1.0))
    return values


def first(value: Any) -> float:
    return float(torch.as_tensor(value).detach().reshape(-1)[0])


def digits(guise: Guise, plain: float) -> float:
    """A tolerance: ``plain`` for models of a few operations, more where hundreds follow one another."""
    return plain if guise.kind in PLAIN else 1e4 * plain


@functools.lru_cache(maxsize=64)
def symbols_of(guise: Guise) -> tuple[trace.Symbol, ...]:
    neuron = guise.model(1)
    return trace.trace(neuron.plain_step(), names_of(neuron), **neuron.options())


@functools.lru_cache(maxsize=64)
def gradient_of(guise: Guise) -> tuple[tuple[trace.Symbol, ...], trace.Symbol | None]:
    """The derivative by x, states and constants, and the argument of the spike."""
    symbols = symbols_of(guise)
    cotangents = [trace.symbol(f"cotangent{k}", symbols[0]) for k in range(len(symbols))]
    wanted = [trace.symbol(k, symbols[0]) for k in names_of(guise.model(1))]
    found = trace.gradient(symbols, cotangents, wanted, trace.symbol("slope", symbols[0]))
    return tuple(found), trace.spike_argument(symbols)


@every_guise
@settings(max_examples=25)
@given(data=st.data())
def test_the_printed_step_is_the_step(guise: Guise, data: st.DataObject) -> None:
    neuron = guise.model(1)
    values = data.draw(scalars(neuron))
    assert evaluate(symbols_of(guise), values) == list(neuron.plain_step()(**values, **neuron.options()))


@every_guise
@settings(max_examples=25)
@given(data=st.data())
def test_the_step_means_the_same_on_tensors(guise: Guise, data: st.DataObject) -> None:
    neuron = guise.model(1)
    values = data.draw(scalars(neuron))
    tensors = {k: torch.full((3,), v, dtype=torch.float64) for k, v in values.items()}
    found = neuron.plain_step()(**tensors, **neuron.options())
    for a, b in zip(found, neuron.plain_step()(**values, **neuron.options()), strict=True):
        near = digits(guise, 1e-14)
        np.testing.assert_allclose(torch.as_tensor(a).expand(3).numpy(), b, rtol=near, atol=near)


@every_guise
@settings(max_examples=25)
@given(data=st.data())
def test_the_derivative_is_that_of_autograd(guise: Guise, data: st.DataObject) -> None:
    neuron, surrogate = guise.model(1), Triangle(width=2.0)
    values = data.draw(scalars(neuron))
    symbols = symbols_of(guise)
    weights = [data.draw(st.floats(-2, 2)) for _ in symbols]

    leaves = {k: torch.tensor([v], dtype=torch.float64, requires_grad=True) for k, v in values.items()}
    with surrogate_in_use(surrogate.derivative):
        outputs = neuron.plain_step()(**leaves, **neuron.options())
    total = sum((w * torch.as_tensor(o).sum() for w, o in zip(weights, outputs, strict=True)), torch.zeros(()))
    expected = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)

    found, argument = gradient_of(guise)
    slope = 0.0 if argument is None else surrogate.derivative(evaluate([argument], values)[0])
    given_values = {**values, **{f"cotangent{k}": w for k, w in enumerate(weights)}, "slope": slope}
    near = digits(guise, 1e-12)
    wanted = dict(zip(leaves, expected, strict=True))
    for name, a in zip(names_of(neuron), evaluate(found, given_values), strict=True):
        b = wanted[name]
        assert a == pytest.approx(0.0 if b is None else float(b), rel=near, abs=near), name


@every_guise
def test_a_description_builds_the_same_model(guise: Guise) -> None:
    model = guise.model(5)
    text = json.dumps(model.describe())
    again = type(model).from_values(json.loads(text))
    assert json.dumps(again.describe()) == text
    for name, value in model.values().items():
        copy = getattr(again, name)
        assert type(copy) is type(value)
        assert torch.equal(copy, value) if isinstance(value, torch.Tensor) else copy == value


@every_guise
def test_constants_options_and_state_are_what_the_step_takes(guise: Guise) -> None:
    neuron = guise.model(5)
    assert sorted(neuron.constants(guise.dt)) == sorted(neuron.constant_names())
    signature = inspect.signature(type(neuron).step)
    options = [p.name for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert sorted(neuron.options()) == sorted(options)
    assert all(type(v) is bool for v in neuron.options().values())
    assert list(neuron.initial()) == list(neuron.state)
    symbols = symbols_of(guise)
    assert len(symbols) == len(neuron.state) + neuron.spiking
    assert (trace.spike_argument(symbols) is not None) == neuron.spiking
    for value in neuron.constants(guise.dt).values():
        assert torch.as_tensor(value).dim() <= 1
        assert torch.isfinite(torch.as_tensor(value)).all()


@every_neuron
def test_it_declares_units_and_meaning(kind: type[Neuron]) -> None:
    known = {"1", *vars(units)}
    for name, declared in declarations(kind).items():
        assert declared.doc, name
        assert set(declared.unit.split("/")) <= known, f"{name}: {declared.unit!r} is no unit"
        if declared.choices is None:
            assert math.isfinite(getattr(kind(), name))
    for name, unit in kind.state.items():
        assert set(unit.split("/")) <= known | {"steps"}, f"{name}: {unit!r} is no unit"


@every_neuron
def test_it_says_its_equation_and_its_source(kind: type[Neuron]) -> None:
    text = inspect.getdoc(kind) or ""
    assert ".. math::" in text
    assert SOURCE.search(text), "the docstring needs a source, as doi:10.... or arXiv:...."


@every_neuron
def test_it_is_final_and_cannot_be_changed(kind: type[Neuron]) -> None:
    assert getattr(kind, "__final__", False)
    model = kind()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(model, next(iter(declarations(kind))), 3.0)


@every_layered
def test_left_alone_it_stays_where_it_begins(kind: type[Neuron]) -> None:
    net = Network(dt=dt_of(kind), dtype=torch.float64)
    net.input("input", 1)
    net.population("cells", kind(), 3)
    net.connect("input", "cells", weight=1.0)
    record = ReferenceEngine().run(net, torch.zeros(20, 2, 1), record=recordable(net))
    for name, value in kind().initial().items():
        # A linear model rests exactly; others may have their fixed point a little beside it.
        threshold = kind().threshold()
        room = 0.05 * abs(threshold - value) if name == "v" and threshold is not None else 0.05
        assert (record[f"cells.{name}"] - value).abs().max() <= room
    assert not kind.spiking or len(record["cells.spikes"]) == 0
