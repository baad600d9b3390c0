"""Convolution and pooling: lists of synapses against torch's operations, and a convolution as a part of networks."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.connections import Connection, Convolution, Dense, OneToOne, Pooling
from spikeloom.core.distributions import Normal
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, ReferenceEngine, get, run
from spikeloom.network import Network
from spikeloom.network.checkpoint import load, save
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.surrogates import Triangle

conv2d = torch.nn.functional.conv2d


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """Shapes, kernels, strides and paddings that fit together, many of them odd."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7)))
    padding = draw(st.integers(0, 3))
    kernel = draw(st.integers(1, min(shape[1:]) + 2 * padding))
    return {"shape": shape, "kernel": kernel, "stride": draw(st.integers(1, 4)), "padding": padding}


def matrix(connection: Connection, sources: int, targets: int, weight: Any) -> torch.Tensor:
    """The weights of all pairs (sources, targets), from the lists of synapses."""
    offsets, source = connection.incoming(sources, targets, 0)
    found = np.zeros((sources, targets))
    np.add.at(found, (source, np.repeat(np.arange(targets), np.diff(offsets))), weight)
    return torch.from_numpy(found)


def check_lists(connection: Connection, sources: int, targets: int, cut: int) -> None:
    """As all connections promise: types, ascending sources, and the same in two ranges of targets."""
    offsets, source = connection.incoming(sources, targets, 0)
    assert (offsets.dtype, source.dtype, offsets[-1]) == (np.int64, np.int32, connection.expected(sources, targets))
    assert connection.fan_out(sources, targets) == len(source) / sources
    target = np.repeat(np.arange(targets), np.diff(offsets))
    assert (np.diff(target.astype(np.int64) * sources + source) > 0).all()
    parts = [connection.incoming(sources, targets, 0, *part) for part in ((0, cut), (cut, targets))]
    assert np.array_equal(source, np.concatenate([part[1] for part in parts]))
    assert np.array_equal(np.diff(offsets), np.concatenate([np.diff(part[0]) for part in parts]))


# --------------------------------------------------------------------------------------------------- lists of synapses
@given(window=windows(), channels=st.integers(1, 4), data=st.data())
@settings(max_examples=60)
def test_lists_and_which_reproduce_the_convolution(window: dict[str, Any], channels: int, data: st.DataObject) -> None:
    connection = Convolution(**window, channels=channels)
    sources, targets = math.prod(connection.shape), connection.target_size
    cut = data.draw(st.integers(0, targets))
    check_lists(connection, sources, targets, cut)
    random = np.random.default_rng(cut)
    weight = connection.draw(sources, targets, random)
    assert weight.shape == connection.weight_shape(sources, targets)
    x = torch.from_numpy(random.standard_normal((2, 3, sources)))
    which = connection.which(sources, targets)
    assert which.dtype == np.int32
    assert np.array_equal(which, np.concatenate([connection.which(sources, targets, *p) for p in ((0, cut), (cut,))]))
    y = connection.apply(x, torch.from_numpy(weight))
    image = x.reshape(6, *connection.shape)
    plain = conv2d(image, torch.from_numpy(weight), stride=window["stride"], padding=window["padding"])
    assert plain.shape[1:] == connection.target_shape
    assert torch.equal(y, plain.reshape(2, 3, targets))
    torch.testing.assert_close(x @ matrix(connection, sources, targets, weight.reshape(-1)[which]), y)
    alone = connection.apply(x[0, 0], torch.from_numpy(weight))
    torch.testing.assert_close(alone, y[0, 0])


@given(window=windows(), data=st.data())
@settings(max_examples=60)
def test_pooling_sums_its_windows_channel_by_channel(window: dict[str, Any], data: st.DataObject) -> None:
    connection = Pooling(**window)
    sources, targets = math.prod(connection.shape), connection.target_size
    check_lists(connection, sources, targets, data.draw(st.integers(0, targets)))
    x = torch.from_numpy(np.random.default_rng(targets).standard_normal((2, sources)))
    channels, kernel = connection.shape[0], torch.ones(connection.shape[0], 1, *[connection.kernel] * 2).double()
    image = x.reshape(2, *connection.shape)
    plain = conv2d(image, kernel, stride=window["stride"], padding=window["padding"], groups=channels)
    assert plain.shape[1:] == connection.target_shape
    torch.testing.assert_close(x @ matrix(connection, sources, targets, 1.0), plain.reshape(2, targets))


@given(sources=st.integers(1, 9), targets=st.integers(1, 9), data=st.data())
def test_which_of_dense_is_its_matrix(sources: int, targets: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, targets))
    weight = np.arange(sources * targets).reshape(sources, targets)
    which = Dense().which(sources, targets, first)
    assert which.dtype == np.int32
    assert np.array_equal(weight.reshape(-1)[which], weight[:, first:].T.reshape(-1))


def test_which_is_refused_without_an_array_of_weights_and_for_ranges_that_are_not_there() -> None:
    assert (Convolution.dense, Convolution.shared) == (True, True)
    assert (Dense.dense, Dense.shared, Pooling.dense, Pooling.shared) == (True, False, False, False)
    for connection in (OneToOne(), Pooling(shape=(1, 2, 2), kernel=1)):
        with pytest.raises(UnsupportedError, match="has no matrix of weights"):
            connection.which(4, 4)
    with pytest.raises(InvalidValueError, match="targets from 0 to 5 are asked for; there are 0 to 4"):
        Dense().which(4, 4, 0, 5)
    with pytest.raises(InvalidValueError, match="need more than 2147483647 weights"):
        Dense().which(2**16, 2**16, 0, 1)


# ------------------------------------------------------------------------------------------------------ in a network
def build(connection: Connection, dtype: torch.dtype = torch.float64, **more: Any) -> Network:
    """input (2 x 7 x 5) -> maps (3 x 4 x 3) by ``connection`` -> read-out."""
    net = Network(dt=1.0, seed=5, dtype=dtype)
    net.input("image", 70)
    net.population("maps", LIF(tau_m=10.0), 36)
    net.population("readout", LeakyIntegrator(tau_m=20.0), 4)
    net.connect("image", "maps", connection, **more)
    net.connect("maps", "readout")
    return net


LAYER = Convolution(shape=(2, 7, 5), channels=3, kernel=3, stride=2, padding=1, gain=3.0)
SPIKES = Spikes.from_dense(np.random.default_rng(3).random((12, 3, 70)) < 0.3, dt=1.0)


def test_outputs_and_gradients_are_those_of_conv2d() -> None:
    net = Network(dt=1.0, seed=1, dtype=torch.float64)
    net.input("image", 70)
    model = LeakyIntegrator(tau_m=20.0)
    net.population("readout", model, LAYER.target_size)
    net.connect("image", "readout", LAYER)
    weight = net.weights["image->readout"]
    assert isinstance(weight, torch.nn.Parameter)
    assert weight.shape == (3, 2, 3, 3)
    twin = weight.detach().clone().requires_grad_()
    v: Any = torch.zeros(3, 36, dtype=torch.float64)
    trace: list[torch.Tensor] = []
    for x in SPIKES.dense(dtype=torch.float64):
        y = conv2d(x.reshape(3, 2, 7, 5), twin, stride=2, padding=1).reshape(3, 36)
        v = model.plain_step()(y, v, **model.constants(1.0))
        v = v[0] if isinstance(v, (tuple, list)) else v
        trace.append(v)
    found = ReferenceEngine().run(net, SPIKES, record=["readout.v"], surrogate=Triangle())["readout.v"]
    expected = torch.stack(trace)
    torch.testing.assert_close(found, expected)
    slope = torch.from_numpy(np.random.default_rng(4).standard_normal(expected.shape))
    (found * slope).sum().backward()
    (expected * slope).sum().backward()
    assert weight.grad is not None
    assert twin.grad is not None
    assert float(twin.grad.abs().min()) > 0
    torch.testing.assert_close(weight.grad, twin.grad)


def test_spikes_and_gradients_are_those_of_the_same_weights_in_a_matrix() -> None:
    net, other = build(LAYER), build(Dense())
    which = LAYER.which(70, 36)
    weight = net.weights["image->maps"].detach().numpy()
    with torch.no_grad():
        other.weights["image->maps"].copy_(matrix(LAYER, 70, 36, weight.reshape(-1)[which]))
        other.weights["maps->readout"].copy_(net.weights["maps->readout"])
    counts: list[torch.Tensor] = []
    for each, engine in ((net, ReferenceEngine()), (other, CpuEngine())):
        record = engine.run(each, SPIKES, record=["readout.v", "maps.count"], surrogate=Triangle())
        counts.append(record["maps.count"])
        record["readout.v"][-1].pow(2).sum().backward()
    assert counts[0].sum() > 50
    assert torch.equal(counts[0], counts[1])
    full, some = other.weights["image->maps"].grad, net.weights["image->maps"].grad
    assert full is not None
    assert some is not None
    offsets, source = LAYER.incoming(70, 36, 0)
    added = np.zeros(weight.size)
    np.add.at(added, which, full.numpy()[source, np.repeat(np.arange(36), np.diff(offsets))])
    assert np.abs(added).min() > 0
    np.testing.assert_allclose(some.numpy().reshape(-1), added, rtol=1e-9, atol=1e-12)


def test_the_cpu_engine_refuses_it_and_names_one_that_can() -> None:
    net = build(LAYER)
    reason = r"synapses of 'image->maps' share weights \(Convolution\), which engine='reference' runs and trains"
    with pytest.raises(UnsupportedError, match=f"engine 'cpu' cannot run this network: {reason}"):
        get("cpu", net)
    assert get("reference", net).name == "reference"
    assert get("auto", build(Dense())).name == "cpu"


def test_weights_are_drawn_given_or_refused() -> None:
    drawn = Convolution(shape=(8, 9, 9), channels=500, kernel=5, gain=2.0, mean=30.0)
    sums = drawn.draw(8 * 81, drawn.target_size, np.random.default_rng(0)).sum((1, 2, 3))
    assert sums.mean() == pytest.approx(30.0, abs=4 * 2.0 / 500**0.5)
    assert sums.std() == pytest.approx(2.0, rel=0.12)
    normal = build(LAYER, weight=Normal(0.8, 0.05)).weights["image->maps"].detach()
    assert normal.shape == (3, 2, 3, 3)
    assert float(normal.mean()) == pytest.approx(0.8, abs=4 * 0.05 / 54**0.5)
    assert normal.unique().numel() == 54
    assert torch.equal(normal, build(LAYER, weight=Normal(0.8, 0.05)).weights["image->maps"])
    assert (build(LAYER, weight=0.3).weights["image->maps"] == 0.3).all()
    with pytest.raises(InvalidValueError, match=r"shape \(70, 36\); allowed: one number, or an array of shape \(3, 2"):
        build(LAYER, weight=np.zeros((70, 36)))
    matrices = [build(Dense(), weight=Normal(0.0, 1.0)).weights["image->maps"] for _ in range(2)]
    assert torch.equal(*matrices)
    assert matrices[0].shape == (70, 36)


def test_a_network_with_both_comes_back_from_its_file(tmp_path: Path) -> None:
    net = build(LAYER)
    pool = Pooling(shape=(3, 4, 3), kernel=2, stride=1)
    net.population("pooled", LIF(), pool.target_size)
    net.connect("maps", "pooled", pool, weight=1.5)
    with torch.no_grad():
        net.weights["image->maps"].add_(1.0)
    save(net, tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    assert again.describe() == net.describe()
    assert torch.equal(again.weights["image->maps"], net.weights["image->maps"])
    assert isinstance(again.projections["maps->pooled"].connection, Pooling)


def test_the_first_spike_of_a_window_wins() -> None:
    """Kheradpisheh's pooling: a target fires with the first input spike of its window, once."""
    pool = Pooling(shape=(2, 4, 6), kernel=2)
    net = Network(dt=1.0)
    net.input("maps", 48)
    net.population("pooled", LIF(theta=1.0, t_ref=1000.0), pool.target_size)
    net.connect("maps", "pooled", pool, weight=1.5)
    active = np.random.default_rng(6).random((30, 1, 48)) < 0.04
    record = run(net, Spikes.from_dense(active, dt=1.0), record=["pooled.spikes"], engine="steps")
    found = record["pooled.spikes"].dense(dtype=torch.float64)[:, 0].numpy()
    image = torch.from_numpy(active[:, 0]).double().reshape(30, 2, 4, 6)
    any_ = torch.nn.functional.max_pool2d(image, 2).reshape(30, 12).numpy() > 0
    first = any_ & (any_.cumsum(0) == 1)
    assert first.sum() >= 10
    assert np.array_equal(found > 0, first)


# -------------------------------------------------------------------------------------------- description and refusal
@pytest.mark.parametrize(
    "connection", [LAYER, Pooling(shape=(3, 8, 8), padding=1), Pooling(shape=(1, 5, 5), kernel=3, stride=1)], ids=repr
)
def test_a_description_goes_through_json(connection: Connection) -> None:
    again = type(connection).from_values(json.loads(json.dumps(connection.describe())))
    assert again.describe() == connection.describe()
    assert repr(again) == repr(connection)
    assert isinstance(again.shape, tuple)
    assert Pooling(shape=(3, 8, 8)).values()["stride"] == 2


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (Convolution, {}, r"needs shape, channels, kernel; write Convolution\(shape="),
        (Pooling, {}, r"Pooling needs shape; write Pooling\(shape="),
        (Convolution, {"shape": (4, 4)}, r"shape=\(4, 4\)\) is not possible; allowed: \(channels, height, width\)"),
        (Convolution, {"shape": (1, 4, 0)}, "width of shape must be a whole number, at least 1; given 0"),
        (
            Convolution,
            {"kernel": 5},
            r"kernel=5\) is larger than the source, 4 x 4 with a padding of 0; give kernel up",
        ),
        (Convolution, {"kernel": 2.5}, "kernel must be a whole number"),
        (Convolution, {"channels": 0}, "channels must be a whole number, at least 1"),
        (Convolution, {"padding": -1}, "padding must be a whole number, at least 0"),
        (Convolution, {"channels": 2**30}, "a population may have 2147483647 neurons"),
        (Convolution, {"gain": -1.0}, r"gain=-1.0\) is not possible; allowed: a finite number >= 0 \[mV\]"),
        (Convolution, {"mean": float("nan")}, "mean=nan"),
        (Pooling, {"shape": (1, 4, 4), "stride": 0}, "stride must be a whole number, at least 1; given 0"),
    ],
)
def test_what_is_no_window_is_refused(kind: type[Connection], values: dict[str, Any], message: str) -> None:
    whole = {"shape": (1, 4, 4), "channels": 2, "kernel": 3} if kind is Convolution and values else {}
    with pytest.raises(InvalidValueError, match=message):
        kind(**{**whole, **values})


def test_populations_of_other_sizes_are_refused() -> None:
    needs = r"needs a source of 70 neurons \(2 x 7 x 5\) and a target of 36 neurons \(3 x 4 x 3\); given 70 and 37"
    net = Network()
    net.input("image", 70)
    net.population("maps", LIF(), 37)
    with pytest.raises(InvalidValueError, match=needs):
        net.connect("image", "maps", LAYER)
    with pytest.raises(InvalidValueError, match=needs):
        LAYER.which(70, 37)
    with pytest.raises(InvalidValueError, match=r"needs a source of 4 neurons \(1 x 2 x 2\) and a target of 1"):
        net.connect("image", "maps", Pooling(shape=(1, 2, 2)), weight=1.0)
