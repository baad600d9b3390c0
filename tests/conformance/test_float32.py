"""Single precision: at most one spike in 100,000 differs, by rounding; where none does, the gradients agree."""

from __future__ import annotations

import pytest
import torch

from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, Record, ReferenceEngine, recordable
from spikeloom.network import Network
from spikeloom.neurons import Neuron
from tests.conformance.cases import (
    PLAIN,
    Answer,
    Guise,
    all_plain,
    ask,
    assert_close,
    assert_same_spikes,
    each_guise,
    each_neuron,
    gain_of,
    layer,
    poisson,
)

F32 = torch.float32


def train(record: Record, key: str) -> torch.Tensor:
    spikes = record[key]
    assert isinstance(spikes, Spikes)
    return spikes.dense()


def compare(net: Network, inputs: Spikes) -> tuple[int, int]:
    """Spikes, and how many of them one engine alone has. Gradients are compared where all spikes are the same."""
    engines = (ReferenceEngine(), CpuEngine(threads=2))
    first, second = (e.run(net, inputs, record=recordable(net)) for e in engines)
    same = torch.ones(inputs.shape[1], dtype=torch.bool)
    total = different = 0
    for key in (k for k in first if k.endswith(".spikes")):
        unequal = train(first, key) != train(second, key)
        same &= ~unequal.any(dim=2).any(dim=0)
        total, different = total + len(first[key]), different + int(unequal.sum())
    # Samples never meet, so those whose spikes agree can be compared by themselves, with a loss of theirs alone.
    chosen = inputs.select(torch.nonzero(same).reshape(-1).numpy())
    assert chosen.shape[1] >= 0.9 * inputs.shape[1]
    expected, given = (ask(e, net, chosen) for e in engines)
    assert_same_spikes(given.record, expected.record)
    if all_plain(net):
        assert_close(given, expected, 1e-5)
    else:  # hundreds of operations a step, in seven digits: gradients are compared in double precision only
        assert_close(Answer(given.record, {}), Answer(expected.record, {}), 1e-3)
    return total, different


@each_neuron
def test_one_spike_in_a_hundred_thousand(kind: type[Neuron]) -> None:
    # No feedback: where one spike differs, those that it would cause are not counted against the engine.
    guise = Guise(kind, "default")
    target = 0.15 if kind in PLAIN else None
    spikes = poisson(63, 7, dt=guise.dt)
    gain = gain_of(lambda gain: layer(guise, 123, gain=gain, feedback=0.0), spikes, target=target)
    net = layer(guise, 150, dtype=F32, gain=gain, feedback=0.0)
    total, different = compare(net, poisson(100, 64, dt=guise.dt))
    if kind.spiking and kind not in PLAIN:
        assert total > 5_000
        assert different <= total / 1_000
    elif kind.spiking:
        assert total > 100_000
        assert different <= total / 100_000


@each_neuron
@pytest.mark.parametrize("shape", [(63, 7, 123), (1, 7, 123), (63, 1, 1)], ids=str)
def test_odd_shapes_with_feedback(kind: type[Neuron], shape: tuple[int, int, int]) -> None:
    steps, samples, size = shape
    guise = Guise(kind, "default")
    gain = gain_of(lambda gain: layer(guise, 123, gain=gain), poisson(63, 7, dt=guise.dt))
    total, different = compare(layer(guise, size, dtype=F32, gain=gain), poisson(steps, samples, dt=guise.dt))
    assert different <= (0 if kind in PLAIN else total / 100)
    assert shape[0] == 1 or size == 1 or not kind.spiking or total > (1000 if kind in PLAIN else 200)


@pytest.mark.slow
@each_guise
def test_every_guise(guise: Guise) -> None:
    gain = gain_of(lambda gain: layer(guise, 123, gain=gain), poisson(63, 7, dt=guise.dt))
    compare(layer(guise, 123, dtype=F32, gain=gain), poisson(63, 20, dt=guise.dt))
