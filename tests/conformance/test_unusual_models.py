"""Models and uses that are allowed but rare: both engines give the same answer, or refuse in words that help."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, final

import numpy as np
import pytest
import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import abs, exp, spike, where
from spikeloom.core.parameters import Parameter, parameter, trainable
from spikeloom.engines import CpuEngine, Engine, ReferenceEngine
from spikeloom.network import Network
from spikeloom.neurons import LeakyIntegrator, Neuron
from spikeloom.surrogates import Surrogate, Triangle
from tests.conformance import cases
from tests.conformance.cases import CHANNELS, DEFAULT, DT, assert_engines_agree, drawn, layer, lively, poisson

ENGINES: tuple[type[Engine], ...] = (ReferenceEngine, CpuEngine)


def network(neuron: Neuron, size: int, recurrent: bool = True) -> Network:
    """``input -> cells -> readout``, and cells onto themselves."""
    net = Network(dt=DT, dtype=torch.float64)
    net.input("input", CHANNELS)
    net.population("cells", neuron, size)
    net.population("readout", LeakyIntegrator(), 3)
    net.connect("input", "cells", weight=2 * (0.1 + drawn(CHANNELS, size, 1)))
    if recurrent:
        net.connect("cells", "cells", weight=drawn(size, size, 2) / size**0.5)
    net.connect("cells", "readout", weight=drawn(size, 3, 3))
    return net


# ------------------------------------------------------------------------------------- a neuron without state variables
@final
class Gate(Neuron):
    """Fires in each step whose input reaches the threshold, and forgets it."""

    theta: Parameter = parameter(default=1.0, unit="mV", doc="threshold")

    def constants(self, dt: float) -> dict[str, Any]:
        return {"theta": self.theta}

    @staticmethod
    def step(x, theta):
        return (spike(x - theta),)


THETA = torch.linspace(0.3, 1.5, 23, dtype=torch.float64)


def gates(recurrent: bool) -> Network:
    return network(Gate(theta=trainable(THETA.clone())), 23, recurrent)


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_neuron_without_state_is_the_same_on_both_engines(recurrent: bool) -> None:
    answer = assert_engines_agree(gates(recurrent), poisson(63, 7))
    assert 0.05 < answer.record["cells.spikes"].density < 0.8
    assert set(answer.record.state["cells"]) == ({"spike"} if recurrent else set())
    assert all(g.norm() > 0 for g in answer.gradients.values())


def test_a_neuron_without_state_fires_where_its_input_reaches_the_threshold() -> None:
    net, spikes = gates(recurrent=False), poisson(20, 4)
    x = spikes.dense(dtype=torch.float64) @ net.weights["input->cells"]
    for engine in ENGINES:
        fired = engine().run(net, spikes, record=["cells.train"])["cells.train"]
        assert torch.equal(fired, (x >= THETA).to(torch.float64))


def test_a_neuron_without_state_trains_alike_on_both_engines() -> None:
    spikes, target = poisson(30, 8), torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(8, 3)
    found = []
    for engine in ENGINES:
        net, losses = gates(recurrent=True), []
        adam = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(10):
            adam.zero_grad()
            record = engine().run(net, spikes, record=["readout.v"], surrogate=Triangle())
            loss = (record["readout.v"][-1] - target).square().mean()
            loss.backward()
            adam.step()
            losses.append(float(loss.detach()))
        found.append((losses, dict(net.named_parameters())))
    (expected, trained), (given, own) = found
    assert expected[-1] < 0.8 * expected[0]
    assert given == pytest.approx(expected, rel=1e-9)
    for name, value in trained.items():
        assert cases.distance(own[name], value) < 1e-9, name


# --------------------------------------------------------------------------- a state variable that nothing ever changes
@final
class Biased(Neuron):
    """A leaky neuron driven by a current that is a state variable, so each sample may have another one."""

    start: Parameter = parameter(default=0.02, unit="mV", doc="the current [mV per step] to begin with")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "bias": "mV"}

    def initial(self) -> dict[str, Any]:
        return {"v": 0.0, "bias": self.start}

    def constants(self, dt: float) -> dict[str, Any]:
        return {"decay": math.exp(-dt / 20), "theta": 1.0}

    @staticmethod
    def step(x, v, bias, decay, theta):
        u = decay * v + x + bias
        s = spike(u - theta)
        return s, where(s > 0, 0.0, u), bias


def test_a_state_that_is_read_but_never_changed_keeps_its_initial_value() -> None:
    start = np.linspace(-0.1, 0.2, 23)
    net = network(Biased(start=trainable(start)), 23)
    answer = assert_engines_agree(net, poisson(63, 7))
    assert all(g.norm() > 0 for g in answer.gradients.values())  # that of `start` too: it comes through the state
    for engine in ENGINES:
        record = engine().run(net, poisson(63, 7), record=["cells.bias"])
        assert torch.equal(record["cells.bias"], torch.from_numpy(start).expand(63, 7, 23))
        assert torch.equal(record.state["cells"]["bias"], torch.from_numpy(start).expand(7, 23))


def test_a_state_that_is_never_changed_may_be_given_and_has_a_gradient() -> None:
    net, spikes = network(Biased(start=trainable(np.zeros(23))), 23), poisson(63, 7)
    given = torch.from_numpy(np.random.default_rng(4).normal(0.05, 0.1, (7, 23)))
    gradients = []
    for engine in ENGINES:
        state = ReferenceEngine().run(net, poisson(5, 7, seed=9)).state
        bias = state["cells"]["bias"] = given.clone().requires_grad_(True)
        keys = ["cells.bias", "readout.v"]
        record = engine().run(net, spikes, state, record=keys, surrogate=Triangle())
        assert torch.equal(record["cells.bias"].detach(), given.expand(63, 7, 23))
        assert torch.equal(record.state["cells"]["bias"], given)
        (record["readout.v"].square().sum() + record["cells.bias"][::2].sum()).backward()
        gradients.append(bias.grad)
    expected, found = gradients
    assert expected.norm() > 0
    assert cases.distance(found, expected) < 1e-10


# --------------------------------------------------------------------------------------- what is returned as the spike
def returning(result: Callable[[Any, Any, Any], Any]) -> Neuron:
    """A leaky neuron that returns ``result(s, v, held)`` as its spike, where ``s`` is ``spike(v - 1)``."""

    class Odd(Neuron):
        state: ClassVar[Mapping[str, str]] = {"v": "mV", "held": "steps"}

        def constants(self, dt: float) -> dict[str, Any]:
            return {"decay": 0.9}

        @staticmethod
        def step(x, v, held, decay):
            v = decay * v + x
            s = spike(v - 1.0)
            return result(s, v, held), where(s > 0, 0.0, v), held

    return Odd()


@pytest.mark.parametrize(
    "result",
    [
        lambda s, v, held: v,
        lambda s, v, held: s * v,
        lambda s, v, held: where(held > 0, v, s),
        lambda s, v, held: 2.0 * s,
        lambda s, v, held: 1.0 - s,
        lambda s, v, held: s + s,
        lambda s, v, held: where(s > 0, 3.0, 0.0),
        lambda s, v, held: where(held > 0, 1.0, s),
        lambda s, v, held: 1.0,
    ],
    ids=["v", "s*v", "v-or-s", "2s", "1-s", "s+s", "three-or-zero", "one-or-s", "one"],
)
def test_only_spike_or_zero_may_be_returned_as_the_spike(result: Callable[[Any, Any, Any], Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"Odd\.step returns .* return spike\(u\) itself, or zero where"):
        CpuEngine().run(network(returning(result), 5), poisson(5, 2))


def test_a_step_of_a_spiking_neuron_that_never_calls_spike_is_refused() -> None:
    class Silent(Neuron):
        state: ClassVar[Mapping[str, str]] = {"v": "mV"}

        def constants(self, dt: float) -> dict[str, Any]:
            return {"decay": 0.9}

        @staticmethod
        def step(x, v, decay):
            v = decay * v + x
            return where(v > 1.0, 1.0, 0.0), v

    with pytest.raises(InvalidValueError, match=r"Silent\.step must call spike\(u\) once, .* spiking = False"):
        CpuEngine().run(network(Silent(), 5), poisson(5, 2))


# ------------------------------------------------------------------------------------ between forward and backward pass
@pytest.mark.parametrize(
    ("engine", "projection"),
    [
        (CpuEngine, "input->cells"),  # read by autograd only if the input wants a gradient, too
        (CpuEngine, "cells->cells"),
        (CpuEngine, "cells->readout"),
        (ReferenceEngine, "cells->cells"),
        (ReferenceEngine, "cells->readout"),
    ],
)
def test_weights_changed_between_forward_and_backward_are_noticed(engine: type[Engine], projection: str) -> None:
    net = lively(lambda gain: layer(DEFAULT, 23, gain=gain), poisson(20, 3))
    record = engine().run(net, poisson(20, 3), record=["readout.v"], surrogate=Triangle())
    with torch.no_grad():
        net.weights[projection].mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        record["readout.v"].sum().backward()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_second_backward_pass_is_refused_unless_the_first_keeps_the_graph(engine: type[Engine]) -> None:
    net = lively(lambda gain: layer(DEFAULT, 23, gain=gain), poisson(20, 3))
    loss = engine().run(net, poisson(20, 3), record=["readout.v"], surrogate=Triangle())["readout.v"].square().sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        loss.backward()


# ------------------------------------------------------------------------------ a surrogate that is negative somewhere
@final
class Lobed(Surrogate):
    """A triangle of half-width ``width``, with a negative slope outside that ends abruptly at ``3 width``."""

    width: float = parameter(default=0.3, unit="mV", positive=True, doc="half-width of the positive part")

    @property
    def support(self) -> float:
        return 3 * self.width

    @staticmethod
    def bump(u, width):
        return where(abs(u) < 3.0 * width, 1.0 - abs(u) / width, 0.0)


@final
class MexicanHat(Surrogate):
    """Second derivative of a Gaussian, up to its sign: negative beyond ``width``, zero nowhere else."""

    width: float = parameter(default=0.3, unit="mV", positive=True, doc="distance of the zeros")

    @staticmethod
    def bump(u, width):
        square = u / width * (u / width)
        return (1.0 - square) * exp(-0.5 * square)


@pytest.mark.parametrize("surrogate", [Lobed, MexicanHat])
def test_a_derivative_that_is_negative_somewhere(surrogate: type[Surrogate]) -> None:
    net, spikes = lively(lambda gain: layer(DEFAULT, 23, gain=gain), poisson(63, 7)), poisson(63, 7)
    assert surrogate().derivative(0.5) < 0 < surrogate().derivative(0.1)
    answer = assert_engines_agree(net, spikes, surrogate=surrogate())
    positive = cases.ask(ReferenceEngine(), net, spikes, surrogate=Triangle(width=0.3))
    for name in ("weights.input->cells", "weights.cells->cells"):
        assert cases.distance(answer.gradients[name], positive.gradients[name]) > 0.1, "the lobes count"
