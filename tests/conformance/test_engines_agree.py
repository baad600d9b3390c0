"""The compiled engine gives the reference engine's answer in float64: spikes, traces, final state, every gradient."""

from __future__ import annotations

import pytest
import torch

from spikeloom.core.current import Current
from spikeloom.core.spikes import Spikes
from spikeloom.network import Network
from spikeloom.neurons import LIF, LeakyIntegrator, Neuron
from spikeloom.surrogates import Surrogate
from tests.conformance import cases
from tests.conformance.cases import (
    CHANNELS,
    DEFAULT,
    DT,
    Guise,
    assert_engines_agree,
    each_guise,
    each_spiking,
    each_surrogate,
    every_other,
    layer,
    lively,
    poisson,
    rich,
    rich_inputs,
)

SHAPES = [(63, 7, 123), (1, 7, 123), (63, 7, 1), (63, 1, 123), (1, 1, 1)]  # (steps, samples, neurons)


# ------------------------------------------------------------------------------------------ every neuron in every guise
@each_guise
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_odd_shapes(guise: Guise, shape: tuple[int, int, int]) -> None:
    steps, samples, size = shape
    # At the same gain for every size: many spikes where there are many neurons, some or none where there are not.
    gain = cases.gain_of(lambda gain: layer(guise, 123, gain=gain), poisson(63, 7, dt=guise.dt))
    answer = assert_engines_agree(layer(guise, size, gain=gain), poisson(steps, samples, dt=guise.dt))
    if shape == SHAPES[0]:
        assert not guise.kind.spiking or answer.record["cells.spikes"].density > 0.3 * cases.target_of(guise.kind)
        assert all(g.norm() > 0 for g in answer.gradients.values())


@each_guise
def test_input_without_a_single_spike(guise: Guise) -> None:
    silence = Spikes.from_events([], [], [], shape=(63, 7, CHANNELS), dt=guise.dt)
    answer = assert_engines_agree(layer(guise, 123), silence)
    assert answer.gradients["weights.input->cells"].norm() == 0


@each_guise
def test_a_strong_drive(guise: Guise) -> None:
    # Strong enough that a neuron that can fire at every step does.
    net = layer(guise, 12, feedback=0.0)
    with torch.no_grad():
        net.weights["input->cells"].abs_().add_(0.1).mul_(1000.0)
    answer = assert_engines_agree(net, Spikes.from_dense(torch.ones(63, 7, CHANNELS), dt=guise.dt))
    if guise.kind.spiking:
        rate = (answer.record["cells.count"] / 63).max()
        assert rate > ((0.95 if guise.name == "default" else 0.2) if guise.kind in cases.PLAIN else 0.01)


@every_other
def test_the_other_neurons(kind: type[Neuron]) -> None:
    # From hardly any input to far too much, from cell to cell: no gain that fits has to be searched for. Forwards only:
    # their gradients take a kernel of up to thousands of lines, and are for the slow cases.
    guise = Guise(kind, "default")
    net = Network(dt=guise.dt, dtype=torch.float64)
    net.connect(net.input("input", CHANNELS), net.population("cells", guise.model(48), 48))
    with torch.no_grad():
        gain = 2.0 ** (1 + torch.arange(48) % 12)
        net.weights["input->cells"].copy_(gain * (0.1 + torch.from_numpy(cases.drawn(CHANNELS, 48, 1))))
    spikes = poisson(150, 2, dt=guise.dt)
    engines = (cases.ReferenceEngine(), cases.CpuEngine(threads=2))
    expected, given = (e.run(net, spikes, record=cases.recordable(net)) for e in engines)
    assert not kind.spiking or len(expected["cells.spikes"]) >= 3
    cases.assert_same_spikes(given, expected)
    cases.assert_close(cases.Answer(given, {}), cases.Answer(expected, {}), 1e-10)


# ---------------------------------------------------------------------------------------- every neuron, larger networks
@each_spiking
def test_layers_recurrence_skips_and_every_kind_of_input(kind: type) -> None:
    guise = Guise(kind, "default")
    inputs = rich_inputs(63, 5, dt=guise.dt)
    net = lively(lambda gain: rich(guise, gain=gain), inputs)
    answer = assert_engines_agree(net, inputs)
    least = 0.1 * cases.target_of(kind)
    assert all(answer.record[f"{name}.spikes"].density > least for name in ("first", "second"))
    assert all(g.norm() > 0 for g in answer.gradients.values())
    assert set(answer.gradients) == {*(f"weights.{p}" for p in net.projections), "input analog"}


@each_guise
def test_a_state_to_begin_with(guise: Guise) -> None:
    spikes = poisson(63, 7, dt=guise.dt)
    net = lively(lambda gain: layer(guise, 123, gain=gain), spikes)
    begin = cases.ReferenceEngine().run(net, poisson(20, 7, seed=5, dt=guise.dt)).state
    moved = {n: {k: v + 0.01 * (k == "v") for k, v in variables.items()} for n, variables in begin.items()}
    assert_engines_agree(net, spikes, moved)


@each_spiking
def test_gradients_of_the_state_to_begin_with(kind: type[Neuron]) -> None:
    dt = cases.dt_of(kind)
    spikes = poisson(63, 7, dt=dt)
    net = lively(lambda gain: layer(Guise(kind, "default"), 123, gain=gain), spikes)
    found = []
    for engine in (cases.ReferenceEngine(), cases.CpuEngine()):
        state = cases.ReferenceEngine().run(net, poisson(20, 7, seed=5, dt=dt)).state
        smooth = [
            state[n][k].requires_grad_(True) for n in state for k, u in net.neuron(n).state.items() if u != "steps"
        ]
        record = engine.run(net, spikes, state, record=["readout.v", "cells.count"], surrogate=cases.surrogate_for(net))
        loss = record["readout.v"].square().sum() + record["cells.count"][:, ::2].sum()
        found.append(torch.autograd.grad(loss, smooth))
        assert not any(v.requires_grad for variables in record.state.values() for v in variables.values())
    for expected, given in zip(*found, strict=True):
        assert expected.norm() > 0
        assert cases.distance(given, expected) <= (1e-10 if kind in cases.PLAIN else 1e-8)


@each_surrogate
def test_every_surrogate(surrogate: type[Surrogate]) -> None:
    net = lively(lambda gain: layer(DEFAULT, 123, gain=gain), poisson(63, 7))
    answers = [
        assert_engines_agree(net, poisson(63, 7), surrogate=s) for s in (surrogate(), surrogate().replace(height=0.3))
    ]
    gradients = [a.gradients["weights.input->cells"] for a in answers]
    assert cases.distance(*gradients) > 0.01  # the height counts


@pytest.mark.slow
@each_surrogate
@each_guise
def test_every_surrogate_with_every_neuron(guise: Guise, surrogate: type[Surrogate]) -> None:
    spikes = poisson(63, 7, dt=guise.dt)
    net = lively(lambda gain: layer(guise, 123, gain=gain), spikes)
    assert_engines_agree(net, spikes, surrogate=surrogate())


# ---------------------------------------------------------------------------------------------------- kinds of networks
def two(first: object, second: object) -> tuple[Network, dict[str, object]]:
    """One population with two inputs."""
    net = Network(dt=DT, dtype=torch.float64)
    for k, name in enumerate(("a", "b")):
        net.input(name, CHANNELS)
        if k == 0:
            net.population("cells", LIF(), 10)
        net.connect(name, "cells", weight=0.1 + cases.drawn(CHANNELS, 10, k))
    net.connect("cells", "cells", weight=0.1 * cases.drawn(10, 10, 3))
    net.population("readout", LeakyIntegrator(), 3)
    net.connect("cells", "readout", weight=cases.drawn(10, 3, 4))
    return net, {"a": first, "b": second}


T, B = 40, 6
KINDS = {
    "spikes": lambda seed: poisson(T, B, seed=seed),
    "current": lambda seed: cases.current(T, B, seed=seed),
    "analog": lambda seed: cases.analog(T, B, seed=seed),
}


@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("first", KINDS)
def test_two_inputs_onto_one_population(first: str, second: str) -> None:
    net, inputs = two(KINDS[first](21), KINDS[second](22))
    answer = assert_engines_agree(net, inputs)
    assert len(answer.record["cells.spikes"]) > 50


@pytest.mark.parametrize("kind", KINDS)
def test_numpy_inputs_mean_the_same_as_torch(kind: str) -> None:
    net = layer(DEFAULT, 10, gain=4.0)
    value = KINDS[kind](3)
    dense = value.dense(dtype=torch.float64) if isinstance(value, (Spikes, Current)) else value
    expected = cases.ask(cases.ReferenceEngine(), net, value)
    for engine in (cases.CpuEngine(), cases.ReferenceEngine()):
        cases.assert_close(cases.ask(engine, net, dense.numpy()), expected, 1e-10)


def test_layers_without_recurrence_each_read_by_all_behind_it() -> None:
    net = Network(dt=DT, dtype=torch.float64)
    net.input("input", CHANNELS)
    net.population("a", LIF(tau_m=11.0), 33)
    net.population("b", LIF(tau_m=12.0), 70)
    net.population("readout", LeakyIntegrator(), 4)
    net.connect("input", "a", weight=3 * (0.05 + cases.drawn(CHANNELS, 33, 1)))
    net.connect("a", "b", weight=0.05 + cases.drawn(33, 70, 2))
    net.connect("a", "readout")
    net.connect("b", "readout")
    answer = assert_engines_agree(net, poisson(63, 5))
    assert min(len(answer.record[f"{n}.spikes"]) for n in "ab") > 100


def test_populations_that_nothing_projects_to() -> None:
    net = Network(dt=DT, dtype=torch.float64)
    net.input("input", CHANNELS)
    net.population("alone", LIF(i_e=1.5), 5)
    net.population("readout", LeakyIntegrator(), 3)
    net.connect("alone", "alone", weight=cases.drawn(5, 5, 1))
    net.connect("alone", "readout", weight=cases.drawn(5, 3, 1))
    answer = assert_engines_agree(net, poisson(63, 2))
    assert (answer.record["alone.count"] >= 2).all()


@pytest.mark.parametrize("steps", [31, 32, 33, 64, 65])
@pytest.mark.parametrize("density", [0.02, 0.5])
def test_steps_around_a_block(steps: int, density: float) -> None:
    spikes = poisson(steps, 3, density=density)
    net = lively(lambda gain: layer(DEFAULT, 123, gain=gain), spikes)
    assert_engines_agree(net, spikes)


@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5, 9])
def test_samples_around_a_chunk(samples: int) -> None:
    net = lively(lambda gain: layer(DEFAULT, 12, gain=gain), poisson(30, samples))
    assert_engines_agree(net, poisson(30, samples))


@pytest.mark.parametrize(
    "frozen", ["input->cells", "cells->cells", "cells->readout", "all but input", "all but readout"]
)
def test_frozen_weights_get_no_gradient_and_pass_others_on(frozen: str) -> None:
    net = lively(lambda gain: layer(DEFAULT, 12, gain=gain), poisson(30, 4))
    for name, weight in net.weights.items():
        keep = frozen.removeprefix("all but ")
        weight.requires_grad_(
            not (name.endswith(keep) if keep == "readout" else name.startswith(keep)) if keep == frozen else False
        )
    if frozen == "all but input":
        net.weights["input->cells"].requires_grad_(True)
    if frozen == "all but readout":
        net.weights["cells->readout"].requires_grad_(True)
    answer = assert_engines_agree(net, poisson(30, 4))
    for name, weight in net.weights.items():
        assert (answer.gradients[f"weights.{name}"].norm() > 0) == weight.requires_grad
        assert (weight.grad is None) == (not weight.requires_grad)


def test_going_back_twice_gives_the_same_gradient_twice() -> None:
    net = lively(lambda gain: layer(DEFAULT, 12, gain=gain), poisson(30, 4))
    record = cases.CpuEngine().run(net, poisson(30, 4), record=["readout.v"], surrogate=cases.Triangle())
    loss = record["readout.v"].square().sum()
    loss.backward(retain_graph=True)
    first = net.weights["input->cells"].grad
    assert first is not None
    once = first.clone()
    loss.backward()
    assert torch.equal(first, 2 * once)


def test_without_a_surrogate_nothing_has_a_gradient() -> None:
    net = layer(DEFAULT, 12)
    for engine in (cases.CpuEngine(), cases.ReferenceEngine()):
        record = engine.run(net, poisson(5, 2), record=["readout.v", "cells.count"])
        assert not record["readout.v"].requires_grad
        assert not record["cells.count"].requires_grad
