"""Choosing an engine, and what a run is given: every wrong thing is named, every right one is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spikeloom import engines
from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, Engine, Record, ReferenceEngine, recordable
from spikeloom.network import Network, feedforward
from spikeloom.neurons import LIF
from spikeloom.surrogates import Triangle

both = pytest.mark.parametrize("engine", [CpuEngine(), ReferenceEngine()], ids=lambda e: e.name)
T, B, N = 6, 2, 4


@pytest.fixture(scope="module")
def net() -> Network:
    return feedforward([N, 3, 2], gain=3.0)


@pytest.fixture(scope="module")
def spikes() -> Spikes:
    return Spikes.from_dense(np.random.default_rng(0).integers(0, 2, (T, B, N)), dt=1.0)


# ------------------------------------------------------------------------------------------------------------- choosing
def test_engines_are_chosen_by_name(net: Network, spikes: Spikes) -> None:
    assert engines.get("auto", net).name == "cpu"
    assert engines.get("reference", net).name == "reference"
    mine = CpuEngine(threads=1)
    assert engines.get(mine, net) is mine
    assert [engines.run(net, spikes, engine=e).engine for e in ("auto", "cpu", "reference")] == [
        "cpu",
        "cpu",
        "reference",
    ]


@pytest.mark.parametrize(
    ("name", "near"), [("gpux", "cpu"), ("refrence", "reference"), ("CPU", "cpu"), ("Auto", "auto")]
)
def test_an_unknown_engine(net: Network, name: str, near: str) -> None:
    with pytest.raises(
        UnknownNameError, match=rf"no engine named '{name}'; did you mean '{near}'.*auto, cpu, reference"
    ):
        engines.get(name, net)


def test_an_engine_that_is_none(net: Network) -> None:
    for wrong in (None, 3, CpuEngine):
        with pytest.raises(UnknownNameError, match="no engine named"):
            engines.get(wrong, net)  # pyright: ignore[reportArgumentType]


def test_an_engine_that_cannot_says_which_one_can() -> None:
    elsewhere = feedforward([N, 3, 2]).to("meta")
    with pytest.raises(UnsupportedError, match=r"'cpu' cannot run this network: .*'meta'; engine='reference' can"):
        engines.get("cpu", elsewhere)
    assert engines.get("auto", elsewhere).name == "reference"


# -------------------------------------------------------------------------------------------------------------- records
def test_what_can_be_recorded(net: Network, spikes: Spikes) -> None:
    known = ["hidden.spikes", "hidden.count", "hidden.train", "hidden.v", "hidden.held", "readout.v"]
    assert recordable(net) == known
    for engine in (CpuEngine(), ReferenceEngine()):
        record = engine.run(net, spikes, record=known + known)
        assert list(record) == known
        assert record["hidden.spikes"].shape == (T, B, 3)
        assert record["hidden.count"].shape == (B, 3)
        assert record["hidden.train"].shape == record["hidden.v"].shape == (T, B, 3)
        assert torch.equal(record["hidden.train"], record["hidden.spikes"].dense())
        assert torch.equal(record["hidden.count"], record["hidden.train"].sum(0))
        assert torch.equal(record["readout.v"][-1], record.state["readout"]["v"])
    assert list(engines.run(net, spikes)) == ["hidden.spikes", "readout.v"]
    assert list(engines.run(net, spikes, record=[])) == []


@both
@pytest.mark.parametrize(
    ("record", "message"),
    [
        (["hidden.spike"], "no recordable quantity named 'hidden.spike'; did you mean 'hidden.spikes'"),
        (["readout.spikes"], "no recordable quantity named 'readout.spikes'"),
        (["readout"], "Known: hidden.count, hidden.held"),
        (["input.spikes"], "no recordable quantity"),
        ([3], "no recordable quantity named 3"),
    ],
)
def test_what_cannot_be_recorded(engine: Engine, net: Network, spikes: Spikes, record: Any, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        engine.run(net, spikes, record=record)


@both
def test_a_record_is_a_list_of_keys(engine: Engine, net: Network, spikes: Spikes) -> None:
    with pytest.raises(InvalidValueError, match=r"record=\['readout.v'\]"):
        engine.run(net, spikes, record="readout.v")
    record = engine.run(net, spikes, record=["readout.v"])
    with pytest.raises(UnknownNameError, match=r"no recorded quantity named 'readout.w'; did you mean 'readout.v'"):
        _ = record["readout.w"]
    assert isinstance(record, Record)
    assert engine.name in repr(record)


# --------------------------------------------------------------------------------------------------------------- inputs
def dense(value: float, at: tuple[int, int, int] = (4, 1, 2)) -> np.ndarray:
    array = np.zeros((T, B, N))
    array[at] = value
    return array


@both
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (dense(np.nan), r"'input' is not finite at \(step, sample, channel\) = \(4, 1, 2\)"),
        (dense(-np.inf), r"not finite at .* = \(4, 1, 2\)"),
        (torch.zeros(T, B, N + 1), r"'input' has 4 channels, so shape \(T, B, 4\); given \(6, 2, 5\)"),
        (np.zeros((B, N)), r"given \(2, 4\)"),
        (np.zeros((0, B, N)), "nothing to run: 0 steps of 2 samples"),
        (np.zeros((T, 0, N)), "nothing to run: 6 steps of 0 samples"),
        ([[0.0]], "list given; allowed: Spikes, Current, or an array"),
        (None, "NoneType given"),
        ("spikes", "str given"),
        (np.full((T, B, N), None), "array of object"),
        (np.full((T, B, N), "1"), "array of <U1"),
        (np.zeros((T, B, N), complex), "array of complex128"),
        (Spikes.from_events([0], [0], shape=(T, 1, N), dt=0.5), "dt = 0.5 ms and the network dt = 1 ms"),
        (Spikes.from_events([0], [0], shape=(T, 1, N + 1), dt=1.0), r"given \(6, 1, 5\)"),
        (Current(np.zeros((B, N)), T, dt=2.0), "dt = 2 ms"),
    ],
)
def test_wrong_inputs(engine: Engine, net: Network, given: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        engine.run(net, given, record=["readout.v"])


@pytest.fixture(scope="module")
def two() -> Network:
    net = Network()
    net.input("left", N)
    net.input("right", N)
    net.population("cells", LIF(), 3)
    net.connect("left", "cells")
    net.connect("right", "cells")
    return net


@both
def test_inputs_by_name(engine: Engine, two: Network, spikes: Spikes) -> None:
    with pytest.raises(InvalidValueError, match=r"2 inputs; give them by name: \{'left': \.\.\., 'right': \.\.\.\}"):
        engine.run(two, spikes)
    with pytest.raises(InvalidValueError, match="no spikes given for the input 'right'"):
        engine.run(two, {"left": spikes})
    with pytest.raises(UnknownNameError, match="no input named 'write'; did you mean 'right'"):
        engine.run(two, {"left": spikes, "write": spikes})
    with pytest.raises(InvalidValueError, match="same steps and samples"):
        engine.run(two, {"left": spikes, "right": spikes.select([0])})
    with pytest.raises(InvalidValueError, match="no population yet"):
        engine.run(Network(), spikes)


@both
@pytest.mark.parametrize(
    "change",
    [
        lambda x: np.array(x, np.float32),
        lambda x: np.array(x, np.int8),
        lambda x: np.array(x, np.uint8),
        lambda x: np.array(x, bool),
        lambda x: np.array(x, ">f8"),
        lambda x: np.asfortranarray(x),
        lambda x: np.array(x[:, :, ::-1])[:, :, ::-1],
        lambda x: torch.from_numpy(x),
        lambda x: torch.from_numpy(x).to(torch.float16),
        lambda x: torch.from_numpy(x).to(torch.int64),
        lambda x: torch.from_numpy(x.transpose(2, 0, 1).copy()).permute(1, 2, 0),
        lambda x: torch.from_numpy(np.repeat(x, 2, axis=2))[:, :, ::2],
    ],
    ids=[
        "f4",
        "i1",
        "u1",
        "bool",
        "big-endian",
        "fortran",
        "reversed",
        "torch",
        "half",
        "int64",
        "permuted",
        "strided",
    ],
)
def test_arrays_of_any_type_and_layout(engine: Engine, net: Network, spikes: Spikes, change: Any) -> None:
    plain = spikes.dense().numpy().astype(np.float64)
    expected = engine.run(net, plain, record=["readout.v", "hidden.spikes"])
    found = engine.run(net, change(plain), record=["readout.v", "hidden.spikes"])
    assert torch.equal(found["readout.v"], expected["readout.v"])
    assert found["hidden.spikes"] == expected["hidden.spikes"]


@both
@pytest.mark.filterwarnings("error")
def test_read_only_arrays(engine: Engine, net: Network, spikes: Spikes) -> None:
    array = spikes.dense().numpy().copy()
    array.flags.writeable = False
    expected = engine.run(net, spikes, record=["readout.v"])["readout.v"]
    torch.testing.assert_close(engine.run(net, array, record=["readout.v"])["readout.v"], expected)
    offsets, indices = np.array(spikes.offsets), np.array(spikes.indices)
    offsets.flags.writeable = indices.flags.writeable = False
    frozen = Spikes(offsets, indices, spikes.shape, dt=1.0)
    assert torch.equal(engine.run(net, frozen, record=["readout.v"])["readout.v"], expected)
    values = np.ones((B, N), np.float32)
    values.flags.writeable = False
    assert engine.run(net, Current(values, T, dt=1.0), record=["readout.v"])["readout.v"].shape == (T, B, 2)


# ---------------------------------------------------------------------------------------------------------------- state
@both
def test_wrong_states(engine: Engine, net: Network, spikes: Spikes) -> None:
    good = engine.run(net, spikes).state

    def broken(**changes: Any) -> dict[str, Any]:
        return {**good, "hidden": {**good["hidden"], **changes}}

    with pytest.raises(UnknownNameError, match="no population named 'hiden'; did you mean 'hidden'"):
        engine.run(net, spikes, {**good, "hiden": good["hidden"]})
    with pytest.raises(InvalidValueError, match=r"'readout' has \[\]; this network needs \['v'\]"):
        engine.run(net, spikes, {"hidden": good["hidden"]})
    with pytest.raises(
        InvalidValueError, match=r"'hidden' has \['held', 'v', 'w'\]; this network needs \['held', 'v'\]"
    ):
        engine.run(net, spikes, broken(w=good["hidden"]["v"]))
    with pytest.raises(
        InvalidValueError, match=r"state hidden.v is \(1, 3\); allowed: .* \(samples, neurons\) = \(2, 3\)"
    ):
        engine.run(net, spikes, broken(v=torch.zeros(1, 3)))
    with pytest.raises(InvalidValueError, match=r"state hidden.v is ndarray; allowed: a tensor"):
        engine.run(net, spikes, broken(v=np.zeros((2, 3))))
    with pytest.raises(InvalidValueError, match=r"state hidden.v is not finite"):
        engine.run(net, spikes, broken(v=torch.full((2, 3), torch.nan)))


@both
def test_a_state_of_another_type_or_layout_is_taken(engine: Engine, net: Network, spikes: Spikes) -> None:
    good = engine.run(net, spikes).state
    other = {n: {k: v.double().T.contiguous().T for k, v in variables.items()} for n, variables in good.items()}
    expected = engine.run(net, spikes, good, record=["readout.v"])["readout.v"]
    assert torch.equal(engine.run(net, spikes, other, record=["readout.v"])["readout.v"], expected)
    one = {n: {k: v[:1].expand(B, -1) for k, v in variables.items()} for n, variables in good.items()}
    assert engine.run(net, spikes, one, record=["readout.v"])["readout.v"].shape == (T, B, 2)


@both
def test_a_circle_of_populations_is_refused(engine: Engine, spikes: Spikes) -> None:
    net = Network()
    net.input("input", N)
    net.population("a", LIF(), 2)
    net.population("b", LIF(), 2)
    net.connect("input", "a")
    net.connect("a", "b")
    net.connect("b", "a")
    with pytest.raises(InvalidValueError, match="a, b feed each other in a circle"):
        engine.run(net, spikes)


@both
def test_gradients_are_recorded_only_under_a_surrogate_and_torch(engine: Engine, net: Network, spikes: Spikes) -> None:
    def wants(surrogate: Triangle | None) -> bool:
        return engine.run(net, spikes, record=["readout.v"], surrogate=surrogate)["readout.v"].requires_grad

    assert wants(Triangle())
    assert not wants(None)
    with torch.no_grad():
        assert not wants(Triangle())
    assert not engines.run(net, spikes)["readout.v"].requires_grad


@both
def test_weights_in_any_layout(engine: Engine, spikes: Spikes) -> None:
    net = feedforward([N, 3, 2], gain=3.0)
    expected = engine.run(net, spikes, record=["readout.v"])["readout.v"]
    turned = net.weights["input->hidden"].detach().T.contiguous().T
    net.weights["input->hidden"] = torch.nn.Parameter(turned)
    record = engine.run(net, spikes, record=["readout.v"], surrogate=Triangle())
    torch.testing.assert_close(record["readout.v"], expected)
    record["readout.v"].sum().backward()
    assert net.weights["input->hidden"].grad is not None
