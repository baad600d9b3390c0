"""Regularisers: the published formulas, by hand and by their gradients."""

import pytest
import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.registry import members
from spikeloom.learning.regularisers import RateAbove, RateBelow, Regulariser, regulariser_from_description
from spikeloom.learning.regularisers.base import regularised
from spikeloom.network import feedforward
from spikeloom.neurons import LIF

EVERY = sorted(members("spikeloom.learning.regularisers", Regulariser).items())


def gradient(x: torch.Tensor) -> torch.Tensor:
    assert x.grad is not None
    return x.grad


def test_rate_above_by_hand():
    """Sample 1 fires 3 spikes per neuron on average, one above the limit; sample 2 fires 1, below it."""
    count = torch.tensor([[6.0, 0.0], [1.0, 1.0]], requires_grad=True)
    penalty = RateAbove(limit=2.0, strength=0.5).penalty(count)
    assert penalty.item() == 0.5 * (1.0 + 0.0) / 2
    penalty.backward()
    # d/dn of strength / B (mean - limit)^2 = 2 strength (mean - limit) / (B N) = 0.25 for both neurons of sample 1
    assert gradient(count).tolist() == [[0.25, 0.25], [0.0, 0.0]]


def test_rate_below_by_hand():
    """Neuron 2 of sample 1 misses two spikes, neuron 1 of sample 2 one: (4 + 1) / 4 of the strength."""
    count = torch.tensor([[5.0, 0.0], [1.0, 2.0]], requires_grad=True)
    penalty = RateBelow(limit=2.0, strength=0.4).penalty(count)
    assert penalty.item() == pytest.approx(0.4 * 5 / 4)
    penalty.backward()
    # d/dn of strength / (B N) (limit - n)^2 = -2 strength (limit - n) / (B N)
    assert torch.allclose(gradient(count), torch.tensor([[0.0, -0.4], [-0.2, 0.0]]))


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_promises_of_each(name, kind):
    count = torch.randint(0, 30, (33, 257), generator=torch.Generator().manual_seed(0)).double()
    regulariser = kind(limit=8.0, strength=0.3)
    penalty = regulariser.penalty(count)
    assert penalty.shape == ()
    assert penalty >= 0
    assert torch.equal(kind(limit=8.0, strength=0.6).penalty(count), 2 * penalty)
    again = regulariser_from_description(regulariser.describe())
    assert type(again) is kind
    assert again.describe() == regulariser.describe()
    start = count + 0.25
    assert torch.autograd.gradcheck(regulariser.penalty, (start.requires_grad_(),))


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_the_number_of_threads_changes_no_bit(name, kind):
    count = torch.rand(128, 257, generator=torch.Generator().manual_seed(0)) * 20
    threads, found = torch.get_num_threads(), []
    try:
        for n in (1, 2, 3):
            torch.set_num_threads(n)
            found.append(kind(limit=9.7, strength=0.3).penalty(count).item())
    finally:
        torch.set_num_threads(threads)
    assert found == [found[0]] * 3


def test_hidden_populations_are_regularised():
    assert regularised(feedforward([3, 4, 5, 2])) == ("hidden1", "hidden2")
    assert regularised(feedforward([3, 4, 2], readout=LIF())) == ("hidden",)


@pytest.mark.parametrize("options", [{"limit": -1.0}, {"strength": 0.0}, {"strength": float("nan")}])
@pytest.mark.parametrize("kind", [RateAbove, RateBelow])
def test_impossible_settings(kind, options):
    with pytest.raises(InvalidValueError, match=kind.__name__):
        kind(**options)
