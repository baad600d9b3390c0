"""Parameters: bad values are refused in words that teach; good ones may be shared, per neuron or trainable."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError, SpikeloomError, UnknownNameError
from spikeloom.core.parameters import declarations, parameter, trainable
from spikeloom.neurons import ALIF, LIF, CubaLIF, LeakyIntegrator
from spikeloom.surrogates import Triangle


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [
        ("tau_m", -1.0, "-1"),
        ("tau_m", 0, "0"),
        ("tau_m", float("nan"), "nan"),
        ("tau_m", float("inf"), "inf"),
        ("tau_m", [20.0, -3.0], "-3"),
        ("tau_m", np.array([20.0, np.nan]), "nan"),
        ("tau_m", torch.tensor(-2.0), "-2"),
        ("tau_m", trainable(-4.0), "-4"),
        ("t_ref", -0.5, "-0.5"),
        ("tau_m", "20", "'20'"),
        ("tau_m", None, "None"),
        ("tau_m", True, "True"),
        ("tau_m", np.True_, "True"),
        ("tau_m", 1j, "1j"),
        ("tau_m", ["a", "b"], "'a'"),
        ("tau_m", [1.0, [2.0]], "[2.0]"),
        ("tau_m", [True, False], "True"),
        ("tau_m", object(), "object"),
    ],
)
def test_a_bad_number_is_named_with_what_is_allowed(name: str, value: Any, given: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        LIF(**{name: value})
    message = str(caught.value)
    assert f"LIF({name}=" in message
    assert given in message
    assert "a finite number >" in message
    assert "[ms]" in message


@pytest.mark.parametrize("value", [[[1.0, 2.0]], np.zeros((2, 0)), [], torch.ones(1, 1, 1)])
def test_the_shape_of_a_parameter(value: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"LIF\(theta=\.\.\.\) has shape .*one per neuron"):
        LIF(theta=value)


@pytest.mark.parametrize("value", ["values", "", None, 1, True, np.zeros(2), ["value"]])
def test_an_option_lists_its_choices(value: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"LIF\(reset=.*allowed: one of 'value', 'subtract'"):
        LIF(reset=value)


def test_a_tensor_that_wants_a_gradient_is_no_parameter() -> None:
    with pytest.raises(InvalidValueError, match=r"trainable\(\.\.\.\)"):
        LIF(tau_m=torch.tensor([20.0], requires_grad=True))
    with pytest.raises(InvalidValueError, match=r"LIF\(t_ref=\.\.\.\) cannot be trained: it is rounded"):
        LIF(t_ref=trainable(2.0))
    with pytest.raises(InvalidValueError, match="floating point"):
        LIF(tau_m=torch.nn.Parameter(torch.tensor([20]), requires_grad=False))


def test_unknown_and_positional_parameters() -> None:
    with pytest.raises(UnknownNameError, match="no parameter of LIF named 'taum'; did you mean 'tau_m'"):
        LIF(taum=20.0)  # pyright: ignore[reportCallIssue]
    with pytest.raises(InvalidValueError, match=r"by name: LIF\(tau_m=\.\.\., theta="):
        LIF(20.0)  # pyright: ignore[reportCallIssue]
    assert issubclass(InvalidValueError, ValueError)
    assert issubclass(UnknownNameError, SpikeloomError)


@pytest.mark.parametrize("kind", [LIF, ALIF, CubaLIF])
@pytest.mark.parametrize("below", ["v_rest", "v_reset"])
def test_a_threshold_at_or_below_rest_or_reset(kind: type, below: str) -> None:
    for level in (1.0, 2.0, [0.0, 1.0]):
        with pytest.raises(InvalidValueError, match=rf"{kind.__name__}\(theta=.*{below}=.*above {below}"):
            kind(**{below: level})
    assert kind(theta=-50.0, v_rest=-65.0, v_reset=-60.0).theta == -50.0
    with pytest.raises(InvalidValueError, match="theta has 2 values and v_rest has 3"):
        kind(theta=[1.0, 2.0], v_rest=[0.0, 0.0, 0.0])


def test_one_number_where_an_array_has_no_meaning() -> None:
    for value in ([1.0, 2.0], torch.ones(3), trainable(1.0)):
        with pytest.raises(InvalidValueError, match=r"Triangle\(width=\.\.\.\).*one plain number"):
            Triangle(width=value)  # pyright: ignore[reportArgumentType]
    assert Triangle(width=np.float32(0.5)).width == 0.5  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "value",
    [
        [1.0, 2.0],
        (1, 2),
        np.array([1.0, 2.0]),
        np.array([1, 2], np.int16),
        np.array([1.0, 2.0], ">f4"),
        np.array([2.0, 1.0])[::-1],
        torch.tensor([1.0, 2.0]),
        torch.tensor([1, 2]),
        torch.tensor([1.0, 2.0], dtype=torch.bfloat16),
    ],
    ids=str,
)
def test_one_number_per_neuron(value: Any) -> None:
    tau = LIF(tau_m=value).tau_m
    assert isinstance(tau, torch.Tensor)
    assert tau.dtype == torch.float64
    assert tau.tolist() == [1.0, 2.0]


def test_arrays_are_copied_and_may_be_read_only() -> None:
    array = np.array([1.0, 2.0])
    model = LIF(tau_m=array)
    array[0] = 99.0
    assert model.tau_m.tolist() == [1.0, 2.0]
    array.flags.writeable = False
    assert LIF(tau_m=array).tau_m.tolist() == [99.0, 2.0]
    tensor = torch.tensor([1.0, 2.0], dtype=torch.float64)
    model = LIF(tau_m=tensor)
    tensor[0] = 99.0
    assert model.tau_m.tolist() == [1.0, 2.0]


@given(st.floats(1e-3, 1e6))
def test_a_number_is_kept_to_the_bit(value: float) -> None:
    model = LIF(tau_m=value, i_e=-value)
    assert (model.tau_m, model.i_e) == (value, -value)
    again = LIF.from_values(json.loads(json.dumps(model.describe())))
    assert (again.tau_m, again.i_e) == (value, -value)
    assert LIF(tau_m=np.float64(value)).tau_m == value
    assert LIF(tau_m=torch.tensor(value, dtype=torch.float64)).tau_m == value


def test_trainable_parameters() -> None:
    one, three = trainable(20.0), trainable(20.0, size=3)
    assert one.shape == ()
    assert three.tolist() == [20.0, 20.0, 20.0]
    model = LIF(tau_m=one, theta=three)
    assert model.tau_m is one
    described = model.describe()
    assert described["tau_m"] == {"trainable": 20.0}
    assert described["theta"] == {"trainable": [20.0, 20.0, 20.0]}
    again = LIF.from_values(described)
    assert isinstance(again.theta, torch.nn.Parameter)
    assert again.theta.dtype == torch.float64
    assert "trainable" in repr(again)


def test_models_are_frozen_and_replaced() -> None:
    model = LIF(tau_m=10.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.tau_m = 5.0  # pyright: ignore[reportAttributeAccessIssue]
    changed = model.replace(theta=2.0)
    assert (changed.tau_m, changed.theta, model.theta) == (10.0, 2.0, 1.0)
    with pytest.raises(InvalidValueError):
        model.replace(theta=-1.0)
    assert repr(LeakyIntegrator()) == "LeakyIntegrator(tau_m=20, v_rest=0, resistance=1, i_e=0, input='delta')"


def test_bounds_in_words() -> None:
    field = parameter(default=1.0, unit="mV", minimum=0, maximum=2.5, doc="x")
    assert field.metadata["declaration"].allowed() == "a finite number >= 0 and <= 2.5 [mV]"
    assert declarations(LIF)["reset"].allowed() == "one of 'value', 'subtract'"
    assert declarations(LIF)["theta"].allowed() == "a finite number [mV]"
    assert declarations(int) == {}


def test_numbers_beyond_single_precision_are_numbers() -> None:
    from spikeloom.plasticity import PairSTDP

    assert PairSTDP(a_plus=1e300).a_plus == 1e300
    assert PairSTDP(tau_plus=1e-60).tau_plus == 1e-60
