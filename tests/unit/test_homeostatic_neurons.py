"""Thresholds that move towards a target rate: what they reach, and what they count on their way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError
from spikeloom.network import Network
from spikeloom.neurons import HomeostaticConductanceLIF, HomeostaticLIF
from spikeloom.sources import Poisson, Step
from spikeloom.synapses import ExponentialConductance
from spikeloom.units import Hz, ms, mV, second


@pytest.mark.parametrize("rate", [1500 * Hz, 4000 * Hz])
def test_a_threshold_goes_where_the_target_rate_is(rate: float) -> None:
    """And counts on its way: the spikes in a time T are nu* T + (h(T) - h(0)) / eta."""
    neuron = HomeostaticLIF(theta=15 * mV, lowest=1 * mV, eta=0.2 * mV, target=10 * Hz, t_ref=2 * ms)
    net = Network(dt=0.5 * ms, dtype=torch.float64)
    net.drive(net.population("cells", neuron, 20), Poisson(rate=rate), weight=0.5 * mV)
    record = sl.run(net, duration=20 * second, record=["cells.spikes"], progress=False)
    spikes, h = record["cells.spikes"], record.state["cells"]["h"][0].numpy()
    number = np.bincount(spikes.neuron, minlength=20)
    assert number == pytest.approx(0.01 * 20_000 + h / 0.2, rel=1e-9)
    assert sl.analysis.rates(spikes, start=10 * second).mean() == pytest.approx(10, rel=0.05)


def test_a_threshold_for_conductances_goes_there_too() -> None:
    net = Network(dt=0.5 * ms, dtype=torch.float64)
    cells = net.population("cells", HomeostaticConductanceLIF(eta=0.1 * mV, target=10 * Hz), 20)
    excitation = ExponentialConductance(tau=5 * ms, reversal=0 * mV)
    net.drive(cells, Poisson(rate=2000 * Hz), weight=0.6, synapse=excitation)
    record = sl.run(net, duration=20 * second, record=["cells.spikes"], progress=False)
    h = record.state["cells"]["h"][0].numpy()
    assert np.bincount(record["cells.spikes"].neuron, minlength=20) == pytest.approx(200 + h / 0.1, rel=1e-9)
    assert sl.analysis.rates(record["cells.spikes"], start=10 * second).mean() == pytest.approx(10, rel=0.05)


def test_a_threshold_stays_between_its_ends() -> None:
    neuron = HomeostaticLIF(theta=15 * mV, lowest=14 * mV, highest=16 * mV, eta=1 * mV, target=10 * Hz)
    net = Network(dt=1 * ms, dtype=torch.float64)
    net.population("silent", neuron, 1)
    net.drive("silent", Step(amplitude=0.0))
    assert float(sl.run(net, duration=1 * second, record=[], progress=False).state["silent"]["h"]) == -1.0
    net.drive("silent", Poisson(rate=5000 * Hz), weight=1 * mV)
    assert float(sl.run(net, duration=1 * second, record=[], progress=False).state["silent"]["h"]) > 0.9


@pytest.mark.parametrize(
    "make",
    [
        lambda: HomeostaticLIF(lowest=0 * mV),
        lambda: HomeostaticLIF(lowest=2 * mV, highest=1 * mV),
        lambda: HomeostaticConductanceLIF(lowest=-61 * mV),
    ],
)
def test_a_lowest_threshold_at_the_reset_is_refused(make: Any) -> None:
    with pytest.raises(InvalidValueError, match="would fire for ever"):
        make()
