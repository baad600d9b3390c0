"""What every neuron promises of its step: one text with one meaning, derivatives by machine, a complete declaration."""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
import re
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
from tests.conformance.cases import DT, GUISES, Guise, each_neuron

every_guise = pytest.mark.parametrize("guise", GUISES, ids=str)  # nothing is compiled here
SOURCE = re.compile(r"doi:10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,}")


def evaluate(outputs: list[trace.Symbol] | tuple[trace.Symbol, ...], values: dict[str, float]) -> list[float]:
    """The symbols printed, and the text executed on plain floats."""
    lines, names = trace.statements(outputs)
    scope: dict[str, Any] = {f"{k}_": v for k, v in values.items()}
    scope |= {"real": float, "exp": math.exp, "expm1": math.expm1, "log": math.log, "abs": abs, "inf": math.inf}
    exec("\n".join(lines), scope)
    return [eval(name, scope) for name in names]


def names_of(neuron: Neuron) -> list[str]:
    return ["x", *neuron.state, *neuron.constant_names()]


@st.composite
def scalars(draw: st.DrawFn, neuron: Neuron) -> dict[str, float]:
    """Input, state and constants: near what the model has, on both sides of the threshold, ties included."""
    constants = {k: float(torch.as_tensor(v).detach().reshape(-1)[0]) for k, v in neuron.constants(DT).items()}
    threshold = float(
        torch.as_tensor(1.0 if neuron.threshold() is None else neuron.threshold()).detach().reshape(-1)[0]
    )
    near = st.floats(-3, 3) | st.sampled_from([0.0, 0.5, 1.0, 2.0, threshold])
    values = {"x": draw(near)}
    for name, unit in neuron.state.items():
        values[name] = float(draw(st.integers(0, 4))) if unit == "steps" else threshold * draw(near)
    for name, value in constants.items():
        values[name] = value * draw(st.floats(0.5, 1.5) | st.just(1.0))
    return values


@every_guise
@settings(max_examples=25)
@given(data=st.data())
def test_the_printed_step_is_the_step(guise: Guise, data: st.DataObject) -> None:
    neuron = guise.model(1)
    values = data.draw(scalars(neuron))
    symbols = trace.trace(neuron.plain_step(), names_of(neuron), **neuron.options())
    assert evaluate(symbols, values) == list(neuron.plain_step()(**values, **neuron.options()))


@every_guise
@settings(max_examples=25)
@given(data=st.data())
def test_the_step_means_the_same_on_tensors(guise: Guise, data: st.DataObject) -> None:
    neuron = guise.model(1)
    values = data.draw(scalars(neuron))
    tensors = {k: torch.full((3,), v, dtype=torch.float64) for k, v in values.items()}
    found = neuron.plain_step()(**tensors, **neuron.options())
    for a, b in zip(found, neuron.plain_step()(**values, **neuron.options()), strict=True):
        np.testing.assert_allclose(torch.as_tensor(a).expand(3).numpy(), b, rtol=1e-14, atol=1e-14)


@every_guise
@settings(max_examples=25)
@given(data=st.data())
def test_the_derivative_is_that_of_autograd(guise: Guise, data: st.DataObject) -> None:
    neuron, surrogate = guise.model(1), Triangle(width=2.0)
    values = data.draw(scalars(neuron))
    symbols = trace.trace(neuron.plain_step(), names_of(neuron), **neuron.options())
    weights = [data.draw(st.floats(-2, 2)) for _ in symbols]

    leaves = {k: torch.tensor([v], dtype=torch.float64, requires_grad=True) for k, v in values.items()}
    with surrogate_in_use(surrogate.derivative):
        outputs = neuron.plain_step()(**leaves, **neuron.options())
    total = sum((w * torch.as_tensor(o).sum() for w, o in zip(weights, outputs, strict=True)), torch.zeros(()))
    expected = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)

    like = symbols[0]
    cotangents = [trace.symbol(f"cotangent{k}", like) for k in range(len(symbols))]
    wanted = [trace.symbol(k, like) for k in leaves]
    found = trace.gradient(symbols, cotangents, wanted, trace.symbol("slope", like))
    argument = trace.spike_argument(symbols)
    slope = 0.0 if argument is None else surrogate.derivative(evaluate([argument], values)[0])
    given_values = {**values, **{f"cotangent{k}": w for k, w in enumerate(weights)}, "slope": slope}
    for name, a, b in zip(leaves, evaluate(found, given_values), expected, strict=True):
        assert a == pytest.approx(0.0 if b is None else float(b), rel=1e-12, abs=1e-12), name


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
    assert sorted(neuron.constants(DT)) == sorted(neuron.constant_names())
    signature = inspect.signature(type(neuron).step)
    options = [p.name for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert sorted(neuron.options()) == sorted(options)
    assert all(type(v) is bool for v in neuron.options().values())
    assert list(neuron.initial()) == list(neuron.state)
    symbols = trace.trace(neuron.plain_step(), names_of(neuron), **neuron.options())
    assert len(symbols) == len(neuron.state) + neuron.spiking
    assert (trace.spike_argument(symbols) is not None) == neuron.spiking
    for value in neuron.constants(DT).values():
        assert torch.as_tensor(value).dim() <= 1
        assert torch.isfinite(torch.as_tensor(value)).all()


@each_neuron
def test_it_declares_units_and_meaning(kind: type[Neuron]) -> None:
    known = {"1", *vars(units)}
    for name, declared in declarations(kind).items():
        assert declared.doc, name
        assert set(declared.unit.split("/")) <= known, f"{name}: {declared.unit!r} is no unit"
        if declared.choices is None:
            assert math.isfinite(getattr(kind(), name))
    for name, unit in kind.state.items():
        assert set(unit.split("/")) <= known | {"steps"}, f"{name}: {unit!r} is no unit"


@each_neuron
def test_it_says_its_equation_and_its_source(kind: type[Neuron]) -> None:
    text = inspect.getdoc(kind) or ""
    assert ".. math::" in text
    assert SOURCE.search(text), "the docstring needs a source, as doi:10.... or arXiv:...."


@each_neuron
def test_it_is_final_and_cannot_be_changed(kind: type[Neuron]) -> None:
    assert getattr(kind, "__final__", False)
    model = kind()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(model, next(iter(declarations(kind))), 3.0)


@each_neuron
def test_left_alone_it_stays_where_it_begins(kind: type[Neuron]) -> None:
    net = Network(dt=DT, dtype=torch.float64)
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
