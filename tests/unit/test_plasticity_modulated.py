"""The third factor against closed forms, and what is refused of modulators."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import torch

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.network import Network
from spikeloom.plasticity import Modulated, PairSTDP
from spikeloom.units import Hz

PAIR = PairSTDP(bounds="none", a_plus=1.0, a_minus=0.0, tau_plus=10.0)


def pair(rule: Modulated, delay: float | None = 1.0, **modulator: Any) -> Network:
    """One synapse, and a neuron that a kick makes fire."""
    net = Network(dt=1.0, seed=1)
    net.input("pre", 1)
    net.input("kick", 1)
    net.population("cell", sl.neurons.LIF(theta=15.0), 1)
    net.modulator("dopamine", **modulator)
    net.connect("pre", "cell", Sparse(probability=1.0), weight=0.0, delay=delay, rule=rule)
    net.connect("kick", "cell", Sparse(probability=1.0), weight=1000.0)
    return net


def at(time: float, steps: int) -> sl.Spikes:
    return sl.Spikes.from_times([time], [0], shape=(steps, 1, 1), dt=1.0)


def learned(net: Network, steps: int, amounts: dict[int, float], lag: int) -> float:
    """The weight after a pair of 3 ms, at 1501 and 1504 ms at the synapse."""
    released = np.zeros(steps)
    for step, amount in amounts.items():
        released[step] = amount
    given = {"pre": at(1501, steps), "kick": at(1504 - lag, steps)}
    record = sl.run(net, given, released={"dopamine": released}, record=["cell.spikes"])
    assert len(record["cell.spikes"]) == 1
    return float(record.state["pre->cell"]["weight"][0])


@pytest.mark.parametrize(("delay", "lag"), [(None, 0), (1.0, 1)])
@pytest.mark.parametrize("after", [800, 1399, 7000])
def test_a_pair_and_a_burst_of_dopamine_a_hundred_milliseconds_later(delay: float | None, lag: int, after: int) -> None:
    """Own closed form: e**-0.3 e**-0.097 d_0 / (1/tau_c + 1/tau_d) (1 - e**(-T (1/tau_c + 1/tau_d)))."""
    net = pair(Modulated(rule=PAIR, by="dopamine", tau_e=1000.0), delay, tau=200.0)
    rate = 1 / 1000 + 1 / 200
    expected = math.exp(-0.3 - 0.097) * 0.1 / rate * (1 - math.exp(-after * rate))
    assert learned(net, 1601 + after, {1601: 0.1}, lag) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("eligibility", ["exponential", "alpha", "cascaded"])
def test_each_eligibility_is_the_integral_of_its_kernel(eligibility: str) -> None:
    rule = Modulated(rule=PAIR, by="dopamine", tau_e=300.0, tau_rise=80.0, eligibility=eligibility)
    kernels = {
        "exponential": lambda s: math.exp(-s / 300),
        "alpha": lambda s: s / 300 * math.exp(-s / 300),
        "cascaded": lambda s: (math.exp(-s / 300) - math.exp(-s / 80)) * 300 / 220,
    }
    amounts = {1550: 0.2, 1900: -0.1, 3000: 0.4}  # over several epochs of 240 and 900 ms
    end = 4000

    def level(t: float) -> float:
        return 0.01 + sum(a * math.exp(-(t - s) / 150) for s, a in amounts.items() if t >= s)

    points = [1504.0, *map(float, amounts), float(end)]
    parts = [
        scipy.integrate.quad(lambda t: level(t) * kernels[eligibility](t - 1504), a, b, epsabs=1e-13)[0]
        for a, b in itertools.pairwise(points)
    ]
    found = learned(pair(rule, tau=150.0, baseline=0.01), end, amounts, 1)
    assert found == pytest.approx(math.exp(-0.3) * sum(parts), rel=1e-9)


def test_equal_time_constants_of_a_cascade_are_an_alpha_function() -> None:
    cascade = Modulated(rule=PAIR, by="dopamine", tau_e=300.0, tau_rise=300.0, eligibility="cascaded")
    alpha = Modulated(rule=PAIR, by="dopamine", tau_e=300.0, eligibility="alpha")
    found = [learned(pair(rule, tau=150.0), 3000, {1600: 0.3}, 1) for rule in (cascade, alpha)]
    assert found[0] == found[1] != 0


def test_without_a_signal_nothing_is_learned_and_a_baseline_learns_as_the_rule_alone() -> None:
    rule = Modulated(rule=PAIR, by="dopamine", tau_e=100.0, eta=0.01)
    assert learned(pair(rule), 3000, {}, 1) == 0
    held = learned(pair(rule, baseline=1.0), 4000, {}, 1)  # the whole area of the trace: eta tau_e = 1
    assert held == pytest.approx(math.exp(-0.3), rel=1e-9)


def test_the_level_of_a_modulator_that_spikes_release() -> None:
    net = Network(dt=0.5, seed=3)
    cells = net.population("cells", sl.neurons.PoissonNeuron(rate=20 * Hz), 30)
    dopamine = net.modulator("dopamine", tau=40.0, baseline=0.1)
    net.release(cells, dopamine, amount=0.02)
    record = sl.run(net, duration=400.0, record=["cells.spikes", "dopamine.level"])
    counts = np.bincount(record["cells.spikes"].step, minlength=800)
    level, expected = 0.1, []
    for n in counts:
        level = 0.1 + (level - 0.1) * math.exp(-0.5 / 40) + 0.02 * n
        expected.append(level)
    np.testing.assert_allclose(record["dopamine.level"], expected, rtol=1e-13)
    assert net.describe() == Network.from_description(net.describe()).describe()
    first = sl.run(net, duration=150.0, record=["dopamine.level"])
    second = sl.run(net, None, first.state, duration=250.0, record=["dopamine.level"])
    assert torch.equal(torch.cat([first["dopamine.level"], second["dopamine.level"]]), record["dopamine.level"])


def test_a_signal_that_is_never_set() -> None:
    rule = Modulated(rule=PAIR, by="dopamine")
    steps = {"pre": at(10, 100), "kick": at(20, 100)}
    with pytest.raises(InvalidValueError, match=r"learns by 'dopamine', and nothing ever sets it"):
        sl.run(pair(rule), steps)
    with pytest.raises(UnknownNameError, match="dopamin"):
        sl.run(pair(rule.replace(by="dopamin"), baseline=1.0), steps)


@pytest.mark.parametrize(
    ("released", "error"),
    [
        ({"serotonin": np.zeros(100)}, "serotonin"),
        ({"dopamine": np.zeros(99)}, r"shape \(99,\); allowed: one amount for each of 100 steps"),
        ({"dopamine": np.full(100, np.nan)}, "not finite in step 0"),
    ],
)
def test_releases_that_cannot_be(released: dict[str, Any], error: str) -> None:
    with pytest.raises((InvalidValueError, UnknownNameError), match=error):
        sl.run(pair(Modulated(rule=PAIR, by="dopamine")), {"pre": at(10, 100), "kick": at(20, 100)}, released=released)


def test_modulators_that_cannot_be() -> None:
    net = Network(dt=1.0)
    net.population("cells", sl.neurons.LIF(), 2)
    net.modulator("dopamine")
    with pytest.raises(InvalidValueError, match="taken"):
        net.modulator("cells")
    with pytest.raises(InvalidValueError, match=r"tau=-1.*allowed: a time > 0 ms"):
        net.modulator("other", tau=-1)
    with pytest.raises(UnknownNameError, match="dopamin"):
        net.release("cells", "dopamin")
    with pytest.raises(InvalidValueError, match=r"a model of spikeloom\.plasticity"):
        Modulated(by="dopamine")
    with pytest.raises(InvalidValueError, match="a name"):
        Modulated(rule=PAIR, by=3)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("second", ["projection", "modulator", "field", "population"])
def test_two_parts_of_one_name_are_refused(second: str) -> None:
    """Else ``Trace("feedback.weight")`` would be a level, and one state would take the place of the other."""
    net = Network(dt=1.0)
    net.population("cells", sl.neurons.LIF(), 2)
    if second == "projection":
        net.modulator("feedback")
        with pytest.raises(InvalidValueError, match=r"is the name of a modulator.*name='feedback synapses'\)"):
            net.connect("cells", "cells", rule=PAIR, name="feedback")
        assert not net.projections
        assert not net.weights
    else:
        net.connect("cells", "cells", rule=PAIR, name="feedback")
        add = {
            "modulator": lambda: net.modulator("feedback"),
            "field": lambda: net.field("feedback", extent=(4.0,), spacing=1.0),
            "population": lambda: net.population("feedback", sl.neurons.LIF(), 2),
        }
        with pytest.raises(InvalidValueError, match=r"'feedback' is taken, by a projection; names in use"):
            add[second]()
        assert not net.modulators
        with pytest.raises(InvalidValueError, match=r"is the name of a population.*name='cells synapses'\)"):
            net.connect("cells", "cells", name="cells")
