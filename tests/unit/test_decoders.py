"""Decoders: scores and gradients that can be worked out by hand, and what each promises."""

import math

import pytest
import torch

from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.core.registry import members
from spikeloom.engines import ReferenceEngine
from spikeloom.learning.decoders import Decoder, FirstSpike, MaxPotential, SpikeCount, decoder_from_description
from spikeloom.network import feedforward
from spikeloom.neurons import LIF
from spikeloom.surrogates import FastSigmoid

EVERY = sorted(members("spikeloom.learning.decoders", Decoder).items())


def gradient(x: torch.Tensor) -> torch.Tensor:
    assert x.grad is not None
    return x.grad


def train(*trains: str) -> torch.Tensor:
    """Spike trains written as strings, as (T, 1, neurons)."""
    return torch.tensor([[float(c) for c in text] for text in trains]).T[:, None]


def test_all_are_found():
    assert [name for name, _ in EVERY] == ["FirstSpike", "LastPotential", "MaxPotential", "SpikeCount"]


def test_max_potential_by_hand():
    v = torch.tensor([[[0.1, -3.0]], [[0.7, -1.0]], [[0.7, -2.0]]], requires_grad=True)
    scores = MaxPotential(scale=2.0).scores({"v": v}, dt=1.0)
    assert torch.equal(scores, torch.tensor([[1.4, -2.0]]))
    scores.sum().backward()
    assert torch.equal(gradient(v), torch.tensor([[[0.0, 0.0]], [[2.0, 2.0]], [[0.0, 0.0]]]))


def test_spike_count_by_hand():
    count = torch.tensor([[3.0, 0.0, 1.0]], requires_grad=True)
    scores = SpikeCount(scale=0.5).scores({"count": count}, dt=1.0)
    assert torch.equal(scores, torch.tensor([[1.5, 0.0, 0.5]]))
    scores.sum().backward()
    assert torch.equal(gradient(count), torch.full((1, 3), 0.5))


@pytest.mark.parametrize(("text", "steps"), [("10000", 0), ("00100", 2), ("00111", 2), ("00001", 4), ("00000", 5)])
def test_first_spike_is_the_time_of_the_first_spike(text, steps):
    scores = FirstSpike(tau=4.0).scores({"train": train(text)}, dt=0.5)
    assert float(scores) == -steps * 0.5 / 4.0


def test_first_spike_gradient_by_hand():
    """A spike at step m ends the silence of the steps from m to the first spike, or, if m is the first, to the
    second.
    """
    s = train("001010").requires_grad_()
    FirstSpike(tau=1.0).scores({"train": s}, dt=1.0).sum().backward()
    assert gradient(s).reshape(-1).tolist() == [2.0, 1.0, 2.0, 0.0, 0.0, 0.0]
    s = train("000").requires_grad_()
    FirstSpike(tau=1.0).scores({"train": s}, dt=1.0).sum().backward()
    assert gradient(s).reshape(-1).tolist() == [3.0, 2.0, 1.0]


def test_first_spike_gradient_is_that_of_the_written_product():
    s = torch.rand(6, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: FirstSpike(tau=3.0).scores({"train": x}, 0.5), (s,))


def test_earlier_more_and_higher_win():
    early = {"train": train("00010", "00100")}
    assert FirstSpike().scores(early, 1.0).argmax() == 1
    assert SpikeCount().scores({"count": torch.tensor([[1.0, 4.0, 2.0]])}, 1.0).argmax() == 1
    assert MaxPotential().scores({"v": torch.tensor([[[0.0, 0.1]], [[-1.0, 0.0]]])}, 1.0).argmax() == 1


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_promises_of_each(name, kind):
    decoder = kind()
    net = feedforward([5, 8, 3], readout=LIF(), gain=[8.0, 8.0], dtype=torch.float64, seed=3)
    inputs = (torch.rand(12, 4, 5, generator=torch.Generator().manual_seed(1)) < 0.4).double()
    record = ReferenceEngine().run(net, inputs, record=decoder.record(net), surrogate=FastSigmoid())
    scores = decoder.read(record, net.output, net.dt)
    assert scores.shape == (4, 3)
    assert scores.isfinite().all()
    scores.logsumexp(1).sum().backward()
    gradients = [gradient(p) for p in net.parameters()]
    assert all(g.isfinite().all() for g in gradients)
    assert any(g.abs().sum() > 0 for g in gradients)
    again = decoder_from_description(decoder.describe())
    assert type(again) is kind
    assert again.describe() == decoder.describe()


@pytest.mark.parametrize("kind", [FirstSpike, SpikeCount])
def test_a_readout_that_never_fires_is_refused(kind):
    with pytest.raises(
        InvalidValueError, match=rf"{kind.__name__} reads spikes.*LeakyIntegrator.*readout=.*MaxPotential"
    ):
        kind().record(feedforward([3, 2, 2]))


@pytest.mark.parametrize(("kind", "key"), [(MaxPotential, "scale"), (SpikeCount, "scale"), (FirstSpike, "tau")])
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, "x"])
def test_impossible_settings(kind, key, value):
    with pytest.raises(InvalidValueError, match=rf"{kind.__name__}\({key}="):
        kind(**{key: value})


def test_unknown_decoder():
    with pytest.raises(UnknownNameError, match="did you mean 'FirstSpike'"):
        decoder_from_description({"class": "FirstSpikes"})
