"""Rules for rates: closed forms, and every rule written down again in NumPy, on analog values and on spikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.connections import Convolution, Sparse
from spikeloom.connections.base import Connection
from spikeloom.core.current import Current
from spikeloom.core.distributions import Uniform
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.engines import StepEngine
from spikeloom.network import Network
from spikeloom.neurons import LIF, Linear, Neuron, PoissonNeuron
from spikeloom.plasticity import (
    BCM,
    Covariance,
    Hebb,
    Oja,
    Plasticity,
    Sanger,
)
from spikeloom.units import Hz

ETA, TAU, N, M = 3e-3, 12.0, 4, 3
Array = np.ndarray[Any, Any]


# ------------------------------------------------------------------------------------ the rules once more, for matrices
def hebb(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    return w + ETA * np.outer(x, y - 0.1)


def hebb_hard(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    return np.clip(w + ETA * np.outer(x, y) * 0.9, -0.1, 0.8)


def hebb_soft(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    change = ETA * np.outer(x, y)
    return np.clip(w + change * np.where(change > 0, 0.8 - w, w + 0.1), -0.1, 0.8)


def hebb_power(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    change, left = ETA * np.outer(x, y), 0.9
    return np.clip(w + change * left * (np.where(change > 0, 0.8 - w, w + 0.1) / left) ** 0.4, -0.1, 0.8)


def covariance(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    mean_x, mean_y = memory.get("means", (np.full(N, 0.2), np.full(len(y), -0.3)))
    memory["means"] = mean_x + (x - mean_x) / 40, mean_y + (y - mean_y) / 40
    return w + ETA * np.outer(x - mean_x, y - mean_y)


def bcm(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    theta = memory.get("theta", np.full(len(y), 0.3))
    memory["theta"] = theta + (y**2 / 0.5 - theta) / 40
    return w + ETA * np.outer(x, y * (y - theta))


def oja(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    return w + ETA * y * (x[:, None] - 2.0 * y * w)


def sanger(w: Array, x: Array, y: Array, memory: dict[str, Any]) -> Array:
    return w + ETA * y * (x[:, None] - np.cumsum(y * w, axis=1))


FORTY = -1 / np.log1p(-1 / 40)  # a step of 1 ms takes the 40th part
RULES: dict[str, tuple[Plasticity, Callable[..., Array]]] = {
    "Hebb": (Hebb(eta=ETA, theta=0.1, tau=TAU, bounds="none"), hebb),
    "Hebb, hard": (Hebb(eta=ETA, tau=TAU, w_min=-0.1, w_max=0.8), hebb_hard),
    "Hebb, soft": (Hebb(eta=ETA, tau=TAU, w_min=-0.1, w_max=0.8, bounds="soft"), hebb_soft),
    "Hebb, power": (Hebb(eta=ETA, tau=TAU, w_min=-0.1, w_max=0.8, bounds="power", mu=0.4), hebb_power),
    "Covariance": (
        Covariance(eta=ETA, tau=TAU, tau_mean=FORTY, begin_x=0.2, begin_y=-0.3, bounds="none"),
        covariance,
    ),
    "BCM": (BCM(eta=ETA, tau=TAU, tau_theta=FORTY, begin=0.3, y_0=0.5), bcm),
    "Oja": (Oja(eta=ETA, tau=TAU, alpha=2.0), oja),
    "Sanger": (Sanger(eta=ETA, tau=TAU), sanger),
}
of_each = pytest.mark.parametrize("name", RULES)


def network(
    rule: Plasticity, neuron: Neuron, weight: Any, connection: Connection | None = None, **more: Any
) -> Network:
    net = Network(dt=1.0, seed=4, dtype=torch.float64)
    net.connect(net.input("x", N), net.population("y", neuron, M), connection, weight=weight, rule=rule, **more)
    return net


def begin(seed: int) -> Array:
    return np.random.default_rng(seed).uniform(0.0, 0.5, (N, M))


def analog(seed: int, steps: int = 60) -> Array:
    return np.random.default_rng(seed).normal(size=(steps, 1, N))


def trace(spikes: Array) -> Array:
    """The rate of each neuron after each step, by its definition: (T, N)."""
    steps = np.arange(len(spikes))
    after = np.where(steps[:, None] >= steps, np.exp(-(steps[:, None] - steps) / TAU), 0.0)
    return after @ spikes / TAU


def again(written: Callable[..., Array], w: Array, x: Array, y: Array) -> Array:
    """The weights after each step, from what both sides did: (T, N, M)."""
    memory: dict[str, Any] = {}
    found = []
    for of_source, of_target in zip(x, y, strict=True):
        w = written(w, of_source, of_target, memory)
        found.append(w)
    return np.stack(found)


# ------------------------------------------------------------------------------------------------------- analog values
@of_each
@given(seed=st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_analog_values_teach_what_the_equation_says(name: str, seed: int) -> None:
    rule, written = RULES[name]
    w, x = begin(seed), analog(seed)
    record = StepEngine(threads=1).run(network(rule, Linear(), w), x, record=["y.v", "x->y.weight"])
    y, weights = record["y.v"][:, 0].numpy(), record["x->y.weight"].numpy()
    np.testing.assert_allclose(weights, again(written, w, x[:, 0], y), rtol=0, atol=1e-13)
    before = np.concatenate([w[None], weights[:-1]])  # a unit answers with the weights before they change
    np.testing.assert_allclose(y, np.einsum("tn,tnm->tm", x[:, 0], before), rtol=0, atol=1e-13)


@of_each
def test_a_run_in_two_parts_is_one_run(name: str) -> None:
    rule, _ = RULES[name]
    net, x = network(rule, Linear(), begin(1)), analog(1)
    whole = sl.run(net, x).state["x->y"]
    first = sl.run(net, x[:23])
    second = StepEngine(threads=2).run(net, x[23:], first.state).state["x->y"]
    assert set(whole) == set(second)
    assert all(torch.equal(whole[k], second[k]) for k in whole)


@pytest.mark.parametrize(
    "name", [name if name in ("Oja", "Sanger", "BCM") else pytest.param(name, marks=pytest.mark.slow) for name in RULES]
)
def test_lists_of_synapses_teach_what_a_matrix_does(name: str) -> None:
    rule, _ = RULES[name]
    x = analog(2)
    dense = sl.run(network(rule, Linear(), 0.25), x).state["x->y"]["weight"]
    lists = sl.run(network(rule, Linear(), 0.25, Sparse(probability=1.0)), x).state["x->y"]["weight"]
    assert torch.equal(lists.reshape(M, N).T, dense)
    one = Convolution(shape=(N, 1, 1), channels=M, kernel=1)  # one place: nothing is shared
    kernel = np.full(one.weight_shape(N, M), 0.25)
    shared = sl.run(network(rule, Linear(), kernel, one), x).state["x->y"]["weight"]
    assert torch.equal(shared.reshape(M, N).T, dense)


def test_a_constant_current_is_an_analog_value() -> None:
    values = np.array([[0.5, -1.0, 0.25, 2.0]])
    net = network(Oja(eta=ETA), Linear(), begin(3))
    constant = sl.run(net, Current(values, 50, dt=1.0)).state["x->y"]["weight"]
    assert torch.equal(constant, sl.run(net, np.tile(values, (50, 1, 1))).state["x->y"]["weight"])


def test_a_target_that_spikes_is_known_by_its_rate() -> None:
    x = np.abs(analog(5, 300))
    net = network(Hebb(eta=ETA, tau=TAU, theta=0.1, bounds="none"), LIF(theta=3.0), begin(5))
    record = sl.run(net, x, record=["y.spikes", "x->y.weight"])
    y = record["y.spikes"].dense(dtype=torch.float64)[:, 0].numpy()
    assert y.sum() > 30
    expected = again(hebb, begin(5), x[:, 0], trace(y))
    np.testing.assert_allclose(record["x->y.weight"].numpy(), expected, rtol=0, atol=1e-12)


def test_a_length_of_step_is_not_a_learning_rate() -> None:
    """The same values for the same time, in steps of another length: the same drift, where nothing feeds back."""
    found = []
    for dt in (1.0, 0.25):
        net = Network(dt=dt, dtype=torch.float64)
        net.connect(
            net.input("x", 1), net.population("y", Linear(), 1), weight=1.0, rule=Hebb(eta=1e-12, bounds="none")
        )
        weight = sl.run(net, np.full((round(80 / dt), 1, 1), 2.0)).state["x->y"]["weight"]
        found.append((float(weight[0, 0]) - 1) / 1e-12)
    np.testing.assert_allclose(found, 80 * 2.0 * 2.0, rtol=1e-3)


# -------------------------------------------------------------------------------------------------------------- spikes
@of_each
@given(seed=st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_spikes_teach_by_their_rates(name: str, seed: int) -> None:
    rule, written = RULES[name]
    random = np.random.default_rng(seed)
    w, x = begin(seed), (random.random((150, N)) < 0.2).astype(float)
    record = sl.run(
        network(rule, LIF(theta=0.8), w), sl.Spikes.from_dense(x[:, None], dt=1.0), record=["y.spikes", "x->y.weight"]
    )
    y = record["y.spikes"].dense(dtype=torch.float64)[:, 0].numpy()
    expected = again(written, w, trace(x), trace(y))
    np.testing.assert_allclose(record["x->y.weight"].numpy(), expected, rtol=0, atol=1e-12)


# ---------------------------------------------------------------------------- Hebb alone runs away, and falls silent
@pytest.mark.parametrize(("start", "ends"), [(0.30, "runs away"), (0.25, "stays"), (0.20, "falls silent")])
def test_hebb_alone_holds_nothing(start: float, ends: str) -> None:
    r"""y - theta grows by 1 + eta \|x\|^2 in each step: the fixed point y = theta is unstable on both sides."""
    x = np.array([1.0, 0.5, 0.5, 0.25])
    theta = 0.25 * x.sum()
    net = network(Hebb(eta=ETA, theta=theta, bounds="none"), Linear(), start)
    y = sl.run(net, np.tile(x, (2000, 1, 1)), record=["y.v"])["y.v"][:, 0, 0].numpy()
    away = (start * x.sum() - theta) * (1 + ETA * (x @ x)) ** np.arange(2000)
    np.testing.assert_allclose(y, theta + away, rtol=1e-9)
    assert {"runs away": y[-1] > 100 * theta, "stays": y[-1] == theta, "falls silent": y[-1] < 0}[ends]


@pytest.mark.parametrize(("theta", "weight", "rate"), [(8 * Hz, 1.0, 20.0), (12 * Hz, 0.0, 0.0)])
def test_hebb_alone_saturates_or_silences_spiking_neurons(theta: float, weight: float, rate: float) -> None:
    """Twenty inputs of 50 Hz let the target fire at 10 Hz; its weights end at the one bound or at the other."""
    net = Network(dt=1.0, seed=2, dtype=torch.float64)
    net.input("x", 20)
    net.population("y", PoissonNeuron(rate=0 * Hz, gain=20 * Hz), 1)
    net.connect("x", "y", weight=0.5, rule=Hebb(eta=0.1, theta=theta, tau=200.0))
    drawn = np.random.default_rng(3).random((40_000, 1, 20)) < 0.05
    record = sl.run(net, sl.Spikes.from_dense(drawn, dt=1.0), record=["y.spikes"])
    last = record["y.spikes"].step >= 30_000
    np.testing.assert_allclose(record.state["x->y"]["weight"], weight, atol=1e-12)
    assert last.sum() / 10 == pytest.approx(rate, abs=5.0 if rate else 0.0)  # 200 spikes: 3.5 standard deviations


# ----------------------------------------------------------------------------------------------------- what is refused
def test_analog_values_do_not_travel_along_an_axon() -> None:
    with pytest.raises(UnsupportedError, match="shift the values yourself"):
        sl.run(network(Oja(site="axon"), Linear(), 0.1, delay=2.0), analog(1))
    late = sl.run(network(Oja(), Linear(), 0.1, delay=2.0), analog(1), record=["y.v"])["y.v"][:, 0]
    assert (late[:2] == 0).all()
    np.testing.assert_allclose(late[2], 0.1 * analog(1)[0, 0].sum(), rtol=1e-12)


def test_a_sum_along_synapses_needs_one_delay() -> None:
    net = network(Sanger(), Linear(), 0.1, Sparse(probability=1.0), delay=Uniform(1.0, 9.0))
    with pytest.raises(UnsupportedError, match=r"synapses of a source together.*give them one"):
        sl.run(net, analog(1))


def test_parameters_that_make_no_sense_are_refused() -> None:
    for wrong in (lambda: Oja(alpha=0.0), lambda: BCM(y_0=-1.0), lambda: Hebb(tau=0.0), lambda: Hebb(bounds="elastic")):
        with pytest.raises(InvalidValueError, match="not possible"):
            wrong()
    with pytest.raises(InvalidValueError, match="outside the bounds"):
        sl.run(network(Hebb(), Linear(), 1.5), analog(1))
