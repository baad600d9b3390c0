"""What every surrogate derivative promises, and what every connection does."""

from __future__ import annotations

import inspect
import json
import math
import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core import trace, units
from spikeloom.core.parameters import declarations
from spikeloom.surrogates import Surrogate
from tests.conformance.cases import each_surrogate
from tests.conformance.test_steps import SOURCE, evaluate

distances = st.floats(-10, 10) | st.sampled_from([0.0, 0.5, -0.5, 1.0, -1.0])
positive = st.floats(0.05, 20)


def drawn(surrogate: type[Surrogate], data: st.DataObject) -> Surrogate:
    return surrogate(**{name: data.draw(positive, name) for name in declarations(surrogate)})


@each_surrogate
@given(data=st.data())
def test_a_bump_at_the_threshold(surrogate: type[Surrogate], data: st.DataObject) -> None:
    model, u = drawn(surrogate, data), data.draw(distances)
    height = model.derivative(0.0)
    assert height == pytest.approx(model.values()["height"], rel=1e-15)
    assert 0 <= model.derivative(u) <= height * (1 + 1e-14)
    assert model.derivative(u) == model.derivative(-u)
    assert model.derivative(1.5 * u) <= model.derivative(u) * (1 + 1e-14)
    assert (model.derivative(u) == 0) == (abs(u) >= model.support) or math.isinf(model.support)
    assert surrogate().derivative(0.0) == 1.0


@each_surrogate
@given(data=st.data())
def test_floats_tensors_and_print_agree(surrogate: type[Surrogate], data: st.DataObject) -> None:
    model, u = drawn(surrogate, data), data.draw(distances)
    value = model.derivative(u)
    names = list(inspect.signature(surrogate.bump).parameters)
    assert names[1:] == list(model.values())  # the kernels pass them in this order
    assert evaluate(trace.trace(surrogate.bump, names), {"u": u, **model.values()}) == [value]
    for dtype, tolerance in ((torch.float64, 1e-15), (torch.float32, 1e-5)):
        found = model.derivative(torch.full((2, 3), u, dtype=dtype))
        assert found.dtype == dtype
        if abs(abs(u) - model.support) > 1e-5:
            torch.testing.assert_close(found, torch.full((2, 3), value, dtype=dtype), rtol=tolerance, atol=tolerance)


@each_surrogate
def test_far_from_the_threshold_nothing_overflows(surrogate: type[Surrogate]) -> None:
    for dtype in (torch.float32, torch.float64):
        found = surrogate().derivative(torch.tensor([-1e30, -1e4, 1e4, 1e30], dtype=dtype))
        assert torch.isfinite(found).all()
        assert (found < 1e-6).all()


@each_surrogate
def test_declaration_and_description(surrogate: type[Surrogate]) -> None:
    text = inspect.getdoc(surrogate) or ""
    assert ".. math::" in text
    assert SOURCE.search(text)
    assert getattr(surrogate, "__final__", False)
    for declared in declarations(surrogate).values():
        assert declared.doc
        assert set(re.split("/", declared.unit)) <= {"1", *vars(units)}
    model = surrogate().replace(height=0.3)
    assert json.dumps(surrogate.from_values(json.loads(json.dumps(model.describe()))).describe()) == json.dumps(
        model.describe()
    )
