"""The same to the last bit: with one thread or two, the whole batch or parts of it, in one go or in two."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from spikeloom.core.current import Current
from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, Engine, Record, ReferenceEngine, recordable
from spikeloom.network import Network
from spikeloom.neurons import LIF, Neuron
from tests.conformance.cases import (
    Guise,
    analog,
    ask,
    dt_of,
    each_neuron,
    each_spiking,
    layer,
    lively,
    poisson,
    rich,
    rich_inputs,
)

T, B = 63, 7
both_types = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
both_engines = pytest.mark.parametrize("engine", [CpuEngine(threads=2), ReferenceEngine()], ids=lambda e: e.name)


def spikes_for(kind: type[Neuron]) -> Spikes:
    return poisson(T, B, dt=dt_of(kind))


def make(kind: type[Neuron], dtype: torch.dtype) -> Network:
    return lively(lambda gain: layer(Guise(kind, "default"), 123, dtype=dtype, gain=gain), spikes_for(kind))


def select(value: Any, part: slice) -> Any:
    if isinstance(value, dict):
        return {name: select(v, part) for name, v in value.items()}
    return value[:, part] if isinstance(value, torch.Tensor) else value.select(part)


def window(value: Any, start: int, stop: int) -> Any:
    if isinstance(value, dict):
        return {name: window(v, start, stop) for name, v in value.items()}
    if isinstance(value, Spikes):
        return value.window(start, stop)
    if isinstance(value, Current):
        return Current(value.values, stop - start, dt=value.dt)
    return value[start:stop]


def run(engine: Engine, net: Network, inputs: Any, state: Any = None) -> Record:
    return engine.run(net, inputs, state, record=recordable(net))


def assert_same(given: Record, parts: list[Record], *, over_samples: bool) -> None:
    """What was recorded in one run is, put together, what was recorded in the ``parts``."""
    for key, value in given.items():
        found = [p[key] for p in parts]
        if isinstance(value, Spikes):
            assert torch.equal(value.dense(), torch.cat([f.dense() for f in found], dim=1 if over_samples else 0)), key
        elif key.endswith(".count"):
            assert torch.equal(value, torch.cat(found) if over_samples else torch.stack(found).sum(0)), key
        else:
            assert torch.equal(value, torch.cat(found, dim=1 if over_samples else 0)), key
    for name, variables in given.state.items():
        for key, value in variables.items():
            ends = [p.state[name][key] for p in parts]
            assert torch.equal(value, torch.cat(ends) if over_samples else ends[-1]), f"final {name}.{key}"


@both_types
@each_neuron
def test_one_thread_or_two(kind: type[Neuron], dtype: torch.dtype) -> None:
    net = make(kind, dtype)
    one, two = (ask(CpuEngine(threads=n), net, spikes_for(kind)) for n in (1, 2))
    assert_same(one.record, [two.record], over_samples=True)
    for name, gradient in one.gradients.items():
        assert torch.equal(gradient, two.gradients[name]), f"gradient of {name}"
    assert all(g.norm() > 0 for g in one.gradients.values())


@both_types
@each_neuron
def test_a_whole_batch_or_parts(kind: type[Neuron], dtype: torch.dtype) -> None:
    net, spikes = make(kind, dtype), spikes_for(kind)
    parts = [run(CpuEngine(), net, select(spikes, part)) for part in (slice(0, 3), slice(3, B))]
    assert_same(run(CpuEngine(), net, spikes), parts, over_samples=True)


@both_engines
@both_types
@each_neuron
def test_in_one_go_or_in_two(kind: type[Neuron], dtype: torch.dtype, engine: Engine) -> None:
    net, spikes = make(kind, dtype), spikes_for(kind)
    first = run(engine, net, window(spikes, 0, 20))
    second = run(engine, net, window(spikes, 20, T), first.state)
    assert_same(run(engine, net, spikes), [first, second], over_samples=False)


@each_spiking
def test_with_every_kind_of_input(kind: type[Neuron]) -> None:
    inputs = rich_inputs(T, B, dt=dt_of(kind))
    net = lively(lambda gain: rich(Guise(kind, "default"), gain=gain), inputs)
    one, two = (ask(CpuEngine(threads=n), net, inputs) for n in (1, 2))
    assert_same(one.record, [two.record], over_samples=True)
    for name, gradient in one.gradients.items():
        assert torch.equal(gradient, two.gradients[name]), f"gradient of {name}"


@each_spiking
def test_parts_with_every_kind_of_input(kind: type[Neuron]) -> None:
    inputs = rich_inputs(T, B, dt=dt_of(kind))
    net = lively(lambda gain: rich(Guise(kind, "default"), gain=gain), inputs)
    whole = run(CpuEngine(), net, inputs)
    parts = [run(CpuEngine(), net, select(inputs, part)) for part in (slice(0, 1), slice(1, 4), slice(4, B))]
    assert_same(whole, parts, over_samples=True)
    # The product of an analog input sums in an order that may depend on the number of steps: the same spikes, but other
    # last bits.
    first = run(CpuEngine(), net, window(inputs, 0, 33))
    second = run(CpuEngine(), net, window(inputs, 33, T), first.state)
    for name in ("first", "second"):
        train = torch.cat([p[f"{name}.spikes"].dense() for p in (first, second)])
        assert torch.equal(whole[f"{name}.spikes"].dense(), train)
    v = torch.cat([p["readout.v"] for p in (first, second)])
    torch.testing.assert_close(v, whole["readout.v"], rtol=0, atol=1e-12)


@both_engines
def test_a_run_changes_nothing_it_was_given(engine: Engine) -> None:
    net = make(LIF, torch.float64)
    values = analog(T, B)
    state = run(engine, net, values).state
    before = {n: {k: v.clone() for k, v in variables.items()} for n, variables in state.items()}
    copies, weights = values.clone(), {n: p.detach().clone() for n, p in net.named_parameters()}
    end = run(engine, net, values, state).state
    for variables in end.values():
        for value in variables.values():
            value.fill_(123.0)  # what came out is the caller's
    assert torch.equal(values, copies)
    assert all(torch.equal(weights[n], p) for n, p in net.named_parameters())
    assert all(torch.equal(before[n][k], v) for n, variables in state.items() for k, v in variables.items())
