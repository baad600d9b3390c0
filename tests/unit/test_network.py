"""Building networks: what fits together, and what is said when it does not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from spikeloom.connections import Dense
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.core.parameters import trainable
from spikeloom.network import Network, feedforward
from spikeloom.neurons import ALIF, LIF, CubaLIF, LeakyIntegrator


def small() -> Network:
    net = Network()
    net.input("input", 4)
    net.population("cells", LIF(), 3)
    net.population("readout", LeakyIntegrator(), 2)
    return net


@pytest.mark.parametrize("dt", [0.0, -1.0, float("nan"), float("inf"), "1", None, True])
def test_dt(dt: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"Network\(dt=.*a step > 0 ms"):
        Network(dt=dt)


@pytest.mark.parametrize("dtype", [torch.float16, torch.int64, "float32", np.float32])
def test_dtype(dtype: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"torch\.float32, torch\.float64"):
        Network(dtype=dtype)


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "3", None, float("inf"), float("nan")])
def test_sizes(size: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"'cells': size=.*a whole number >= 1"):
        Network().population("cells", LIF(), size)
    with pytest.raises(InvalidValueError, match="'input': size="):
        Network().input("input", size)


@pytest.mark.parametrize("name", ["", "a.b", "a:b", "a->b", 3, None])
def test_names(name: Any) -> None:
    with pytest.raises(InvalidValueError, match="a name must be a string without"):
        Network().input(name, 3)


def test_names_are_given_once() -> None:
    net = small()
    with pytest.raises(InvalidValueError, match=r"'cells' is taken, by a population.*names in use: \['input', 'cells'"):
        net.input("cells", 3)


def test_a_population_needs_a_model_of_its_size() -> None:
    with pytest.raises(InvalidValueError, match=r"not a neuron model.*LIF"):
        Network().population("cells", LIF, 3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValueError, match=r"'cells' has 3 neurons; LIF\.tau_m has 2 values"):
        Network().population("cells", LIF(tau_m=[10.0, 20.0]), 3)
    with pytest.raises(InvalidValueError, match=r"LIF\.theta has 2 values"):
        Network().population("cells", LIF(theta=trainable(1.0, size=2)), 3)


def test_ends_of_a_connection() -> None:
    net = small()
    with pytest.raises(UnknownNameError, match="no source named 'inputs'; did you mean 'input'"):
        net.connect("inputs", "cells")
    with pytest.raises(UnknownNameError, match="no target named 'cell'; did you mean 'cells'"):
        net.connect("input", "cell")
    with pytest.raises(UnknownNameError, match="no source named '3'"):
        net.connect(3, "cells")  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValueError, match="an input cannot be a target"):
        net.connect("cells", "input")
    with pytest.raises(InvalidValueError, match="LeakyIntegrator never spikes"):
        net.connect("readout", "cells")
    net.connect("input", "cells")
    with pytest.raises(InvalidValueError, match="'input->cells' is already connected"):
        net.connect("input", "cells")
    with pytest.raises(InvalidValueError, match="give a connection, such as Dense"):
        net.connect("cells", "readout", Dense)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones((3, 4)), r"shape \(3, 4\); allowed: one number, or an array of shape \(4, 3\)"),
        ([1.0, 2.0], r"shape \(2,\)"),
        (float("nan"), "not finite"),
        (np.full((4, 3), np.inf), "not finite"),
        ("strong", "real numbers"),
        ([[1.0], [1.0, 2.0]], "rectangular"),
    ],
)
def test_weights(weight: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=f"'input->cells'.*{message}"):
        small().connect("input", "cells", weight=weight)


def test_given_weights_are_copied() -> None:
    array = np.arange(12.0).reshape(4, 3)
    array.flags.writeable = False
    net = small()
    net.connect("input", "cells", weight=array)
    net.connect("cells", "readout", weight=torch.ones(2, 3).T)
    assert net.weights["input->cells"].tolist() == array.tolist()
    with torch.no_grad():
        net.weights["input->cells"].zero_()
    assert array[3, 2] == 11.0
    one = small()
    one.connect("input", "cells", weight=0.25)
    assert (one.weights["input->cells"] == 0.25).all()


def test_drawn_weights_depend_on_the_seed_and_their_name_alone() -> None:
    def build(order: list[tuple[str, str]], seed: int) -> Network:
        net = Network(seed=seed)
        net.input("a", 50)
        net.input("b", 50)
        net.population("cells", LIF(), 40)
        for pair in order:
            net.connect(*pair)
        return net

    first = build([("a", "cells"), ("b", "cells")], 0)
    second = build([("b", "cells"), ("a", "cells")], 0)
    other = build([("a", "cells")], 1)
    assert torch.equal(first.weights["a->cells"], second.weights["a->cells"])
    assert not torch.equal(first.weights["a->cells"], first.weights["b->cells"])
    assert not torch.equal(first.weights["a->cells"], other.weights["a->cells"])


def test_dense_draws_what_it_says() -> None:
    random = np.random.default_rng(0)
    weights = Dense(gain=2.0, mean=30.0).draw(400, 1000, random)
    sums = weights.sum(0)
    assert sums.mean() == pytest.approx(30.0, abs=4 * 2.0 / 1000**0.5)
    assert sums.std() == pytest.approx(2.0, rel=0.1)
    assert Dense().weight_shape(4, 3) == (4, 3)
    assert Dense().fan_out(4, 3) == 3


def test_layers_in_an_order_that_can_be_run() -> None:
    net = Network()
    net.input("input", 2)
    for name in ("c", "b", "a"):
        net.population(name, LIF(), 2)
    net.connect("input", "a")
    net.connect("a", "b")
    net.connect("b", "c")
    net.connect("b", "b")
    assert net.layers() == ["a", "b", "c"]
    assert net.output == "a"
    net.connect("c", "a")
    with pytest.raises(InvalidValueError, match="c, b, a feed each other in a circle"):
        net.layers()


def test_an_empty_network_says_what_to_add() -> None:
    with pytest.raises(InvalidValueError, match=r"net\.population\("):
        _ = Network().output
    with pytest.raises(UnknownNameError, match="no population named 'x'"):
        Network().size("x")


def test_a_description_builds_the_same_network() -> None:
    net = Network(dt=0.5, seed=3, dtype=torch.float64)
    net.input("input", 4)
    net.population("lif", LIF(tau_m=trainable([10.0, 20.0, 30.0]), reset="subtract"), 3)
    net.population("alif", ALIF(tau_a=[100.0, 200.0]), 2)
    net.population("cuba", CubaLIF(t_ref=2.0), 2)
    net.connect("input", "lif", Dense(gain=2.0))
    net.connect("lif", "lif")
    net.connect("lif", "alif")
    net.connect("alif", "cuba")
    text = json.dumps(net.describe())
    again = Network.from_description(json.loads(text))
    assert json.dumps(again.describe()) == text
    assert repr(again) == repr(net)
    state = again.state_dict()
    assert all(torch.equal(state[k], v) for k, v in net.state_dict().items())


def test_trainable_parameters_are_the_networks_and_stay_positive() -> None:
    net = Network(dtype=torch.float64)
    net.input("input", 1)
    net.population("cells", LIF(tau_m=trainable(20.0), theta=trainable([1.0, 2.0])), 2)
    assert set(dict(net.named_parameters())) == {"trained.cells:tau_m", "trained.cells:theta"}
    with torch.no_grad():
        assert float(net.neuron("cells").values()["tau_m"]) == pytest.approx(20.0, rel=1e-15)
    with torch.no_grad():
        net.trained["cells:tau_m"] -= 100.0
        net.trained["cells:theta"] += 1.0
        assert 0 < float(net.neuron("cells").values()["tau_m"]) < 1e-30
    assert net.neuron("cells").values()["theta"].tolist() == [2.0, 3.0]


def test_casting_a_network() -> None:
    net = feedforward([3, 4, 2])
    assert net.dtype == torch.float32
    assert net.double().dtype == torch.float64
    assert net.describe()["dtype"] == "float64"


def test_feedforward() -> None:
    net = feedforward([3, 4, 5, 2], recurrent=True, gain=[1.0, 2.0, 3.0], recurrent_gain=0.5)
    assert list(net.projections) == [
        "input->hidden1",
        "hidden1->hidden1",
        "hidden1->hidden2",
        "hidden2->hidden2",
        "hidden2->readout",
    ]
    assert [p.connection.values()["gain"] for p in net.projections.values()] == [1.0, 0.5, 2.0, 0.5, 3.0]
    assert list(feedforward([3, 4, 2]).populations) == ["hidden", "readout"]
    assert isinstance(feedforward([3, 2], readout=LIF()).populations["readout"].neuron, LIF)
    with pytest.raises(InvalidValueError, match=r"feedforward\(\[3\]\) needs at least"):
        feedforward([3])
    with pytest.raises(InvalidValueError, match="2 layers of weights, but gain has 3 values"):
        feedforward([3, 4, 2], gain=[1.0, 2.0, 3.0])
    with pytest.raises(InvalidValueError, match="'hidden': size=0"):
        feedforward([3, 0, 2])
