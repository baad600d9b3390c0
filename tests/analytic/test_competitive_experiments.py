"""Features from the order of spikes: the network is the published one, and small runs of it hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spikeloom import experiments
from spikeloom.connections import Convolution
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines.waves import Stack
from spikeloom.experiments import kheradpisheh_2018 as kheradpisheh
from spikeloom.experiments import kheradpisheh_2018_network as published
from spikeloom.experiments.base import Result
from spikeloom.network import kheradpisheh as kheradpisheh_network


def test_the_rule_by_itself_holds() -> None:
    measured = kheradpisheh.rule_by_itself(0)
    claims = {c.quantity: c for c in experiments.get("kheradpisheh-2018").claims(kheradpisheh.KheradpishehConfig())}
    assert len(measured) == 3
    assert all(claims[quantity].judge(value).holds for quantity, value in measured.items())


def test_another_rule_fails_the_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured are the engine's weights: changes that do not shrink towards the bounds are found out."""
    begin, after = published.changes(published.RULE)
    monkeypatch.setattr(published, "changes", lambda rule: (begin, begin + np.sign(after - begin) * rule.a_plus))
    measured = kheradpisheh.rule_by_itself(0)
    assert measured[kheradpisheh.FORMULA] > 1e-4


def test_the_layers_have_the_published_sizes() -> None:
    """As in SpykeTorch's program: 28 x 28 after the first layer, 15 x 15 and a silent frame, 16 x 16, and 9 x 9."""
    net = published.network(28, 0)
    stack = Stack.of(net)
    assert [layer.shape for layer in stack.layers] == [(32, 28, 28), (32, 17, 17), (150, 16, 16), (150, 9, 9)]
    assert [layer.theta for layer in stack.layers] == [10, 1, 1, 1]
    assert [layer.plastic for layer in stack.layers] == [True, False, True, False]
    for name, shape in (("contrast->edges", (32, 2, 5, 5)), ("near->parts", (150, 32, 2, 2))):
        weight = net.weights[name].detach()
        assert weight.shape == shape
        assert abs(float(weight.mean()) - 0.8) < 4 * 0.05 / weight.numel() ** 0.5
        assert abs(float(weight.std()) - 0.05) < 0.003


def test_shuffled_filters_have_the_same_weights_elsewhere() -> None:
    net = published.network(8, 0)
    other = published.shuffled(net, 0)
    for name, p in net.projections.items():
        if isinstance(p.connection, Convolution):
            before, after = (n.weights[name].detach().flatten(1) for n in (net, other))
            assert torch.equal(before.sort(1).values, after.sort(1).values)
            assert not torch.equal(before, after)


def test_a_part_is_made_of_edges() -> None:
    """A neuron of the second layer that sees one map at one place shows its filter there, blurred by the pooling."""
    net = published.network(8, 0)
    with torch.no_grad():
        net.weights["contrast->edges"].zero_()[3, 0, 2, 2] = 1.0
        net.weights["near->parts"].zero_()[7, 3, 1, 0] = 1.0
    found = published.parts(net)
    assert np.flatnonzero(found.any((1, 2))).tolist() == [7]
    expected = np.zeros((8, 8))
    expected[4:6, 2:4] = 0.25
    np.testing.assert_array_equal(found[7], expected)


def test_the_filters_are_drawn() -> None:
    experiment = experiments.get("kheradpisheh-2018")
    net = published.network(8, 0)
    figures: Any = experiment.figures(
        Result(measured={}, data={"edges": published.edges(net), "parts": published.parts(net)})
    )
    assert figures["edges"].axes[0].get_xlabel() == "32 filters of 5 x 5"
    assert figures["parts"].axes[0].get_xlabel() == "150 filters of 8 x 8"


@pytest.mark.slow
def test_digits_of_scikit_learn_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIKELOOM_DATA", raising=False)
    outcome = experiments.reproduce("kheradpisheh-2018")
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert len(outcome.claims) == 9


@pytest.mark.slow
def test_mnist_holds(data_dir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKELOOM_DATA", str(data_dir))
    outcome = experiments.reproduce("kheradpisheh-2018")
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert len(outcome.claims) == 10


@pytest.mark.parametrize("channels", [100, 2 * 3 * 5, 2 * 16])
def test_channels_that_are_no_square_are_named(channels: int) -> None:
    with pytest.raises(InvalidValueError, match="twice the cells of a square image"):
        kheradpisheh_network(channels)
