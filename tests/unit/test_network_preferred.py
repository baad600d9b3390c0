"""What maps look for: the weights with which the input reaches one of their neurons, were all layers linear."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Convolution, Dense, Pooling
from spikeloom.experiments import kheradpisheh_2018_network as published
from spikeloom.network.preferred import origin, preferred
from spikeloom.neurons import LIF


def net(stride: int = 1, size: int = 3, step: int = 2) -> sl.Network:
    """Two convolutions with a pooling between them, its windows overlapping where ``size`` exceeds ``step``."""
    made = sl.Network(dt=1.0, seed=3, dtype=torch.float64)
    made.input("in", 2 * 14 * 14)
    first = Convolution(shape=(2, 14, 14), channels=3, kernel=3, stride=stride)
    pool = Pooling(shape=first.target_shape, kernel=size, stride=step)
    second = Convolution(shape=pool.target_shape, channels=5, kernel=2)
    source = "in"
    for name, connection in (("a", first), ("b", pool), ("c", second)):
        made.population(name, LIF(), connection.target_size)
        made.connect(source, name, connection, weight=1.0 if connection is pool else None)
        source = name
    return made


@pytest.mark.parametrize(("stride", "size", "step"), [(1, 2, 2), (2, 2, 1), (1, 3, 2)])
def test_it_is_what_reaches_a_neuron_when_all_layers_are_linear(stride: int, size: int, step: int) -> None:
    made = net(stride, size, step)
    image = torch.zeros(1, 2, 14, 14, dtype=torch.float64, requires_grad=True)
    first = torch.nn.functional.conv2d(image, made.weights["in->a"], stride=stride)
    second = torch.nn.functional.conv2d(torch.nn.functional.avg_pool2d(first, size, step), made.weights["b->c"])
    found = preferred(made, "b->c")
    total = made.weights["b->c"].abs().sum((1, 2, 3))
    rows, columns = found.shape[2:]
    assert len(found) == 5
    for o in range(5):
        (gradient,) = torch.autograd.grad(second[0, o, 0, 0], image, retain_graph=True)
        torch.testing.assert_close(found[o] * total[o], gradient[0, :, :rows, :columns], rtol=0, atol=1e-14)
        assert not gradient[0, :, rows:].any()
        assert not gradient[0, :, :, columns:].any()
    assert torch.equal(preferred(made, "in->a"), made.weights["in->a"])
    torch.testing.assert_close(preferred(made, "b->c", maps=2), found[:2])
    more = preferred(made, "b->c", {"b->c": 2 * made.weights["b->c"], "in->a": 3 * made.weights["in->a"]})
    torch.testing.assert_close(more, 3 * found)


def test_the_parts_of_digits_are_drawn_alike() -> None:
    made = published.network(8, 1)
    found = preferred(made, "near->parts").numpy()
    total = made.weights["near->parts"].detach().double().numpy().sum((1, 2, 3), keepdims=True)[:, 0]
    np.testing.assert_allclose((found[:, 0] - found[:, 1]) * total, published.parts(made), atol=1e-6)


def test_it_goes_down_as_far_as_there_are_maps() -> None:
    made = net()
    assert (origin(made, "in->a"), origin(made, "b->c")) == ("in", "in")
    made.population("flat", LIF(), 27)
    made.connect("c", "flat", Dense())
    last = Convolution(shape=(3, 3, 3), channels=2, kernel=2)
    made.population("d", LIF(), last.target_size)
    made.connect("flat", "d", last)
    assert origin(made, "flat->d") == "flat"
    assert torch.equal(preferred(made, "flat->d"), made.weights["flat->d"])
    other = net()  # laid out differently from what is below
    turned = Convolution(shape=(1, other.size("a"), 1), channels=2, kernel=1)
    other.population("t", LIF(), turned.target_size)
    other.connect("a", "t", turned)
    assert origin(other, "a->t") == "a"


def test_maps_that_feed_each_other_in_a_circle() -> None:
    made = sl.Network(dt=1.0, dtype=torch.float64)
    same = Convolution(shape=(1, 4, 4), channels=1, kernel=3, padding=1)
    for name in ("a", "b"):
        made.population(name, LIF(), 16)
    made.connect("a", "b", same)
    made.connect("b", "a", same)
    assert preferred(made, "a->b").shape == (1, 1, 5, 5)
    assert origin(made, "a->b") == "b"


def test_through_many_layers_it_is_a_mean_of_the_lowest_weights() -> None:
    made = net()
    third = Convolution(shape=made.projections["b->c"].connection.target_shape, channels=2, kernel=3)  # pyright: ignore[reportAttributeAccessIssue]
    made.population("d", LIF(), third.target_size)
    made.connect("c", "d", third)
    image = torch.zeros(1, 2, 14, 14, dtype=torch.float64, requires_grad=True)
    below = torch.nn.functional.avg_pool2d(torch.nn.functional.conv2d(image, made.weights["in->a"]), 3, 2)
    for name in ("b->c", "c->d"):
        weight = made.weights[name]
        below = torch.nn.functional.conv2d(below, weight / weight.abs().sum((1, 2, 3), keepdim=True))
    found = preferred(made, "c->d")
    rows, columns = found.shape[2:]
    for o in range(2):
        (gradient,) = torch.autograd.grad(below[0, o, 0, 0], image, retain_graph=True)
        torch.testing.assert_close(found[o], gradient[0, :, :rows, :columns], rtol=0, atol=1e-14)
    with torch.no_grad():
        made.weights["in->a"].fill_(0.3)
        made.weights["b->c"].abs_()
        made.weights["c->d"].abs_()
    assert float(preferred(made, "c->d").max()) <= 0.3 + 1e-12
