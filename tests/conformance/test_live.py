"""A run that stays open is the run in one piece, to the bit, however it is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Dense
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import Trace
from spikeloom.network import Network
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.plasticity import Modulated, Oja, PairSTDP
from spikeloom.sources import Poisson
from spikeloom.units import Hz, ms, mV

STEPS = 1400
CUTS = [[1400], [1, 19, 600, 3, 777], [20] * 70]
"""Stretches longer than the engine keeps lists, and short ones."""
of_cuts = pytest.mark.parametrize("cuts", CUTS, ids=["whole", "ragged", "short"])


def plastic() -> Network:
    """Spikes with delays, a modulator released by hand and by spikes."""
    net = Network(dt=1 * ms, seed=3)
    net.input("in", 30)
    net.modulator("reward", tau=50 * ms)
    a = net.population("a", LIF(theta=15 * mV, tau_m=20 * ms), 17)
    b = net.population("b", LIF(theta=15 * mV, tau_m=20 * ms), 7)
    rule = Modulated(rule=PairSTDP(w_max=5.0), by="reward", tau_e=200 * ms, eta=1e-3)
    net.connect("in", a, Dense(), weight=1.5, rule=rule)
    net.connect(a, b, weight=3.0, delay=3 * ms, rule=PairSTDP(w_max=5.0))
    net.connect(b, a, weight=-1.0, delay=1 * ms)
    net.drive(b, Poisson(rate=300 * Hz), weight=2.0)
    net.release(b, "reward", amount=0.05)
    return net


def _given(seed: int = 1) -> Any:
    return np.random.default_rng(seed).random((STEPS, 1, 30)) < 0.03


RECORD = ["a.spikes", "a.count", "b.rate", "a.v", Trace("b.v", every=7, neurons=[2]), "reward.level"]


def _amounts() -> Any:
    found = np.zeros(STEPS)
    found[::170] = 0.4
    return found


def _bits(value: Any) -> tuple[bytes, ...]:
    if isinstance(value, Spikes):
        return value.offsets.tobytes(), value.indices.tobytes()
    return (value.numpy().tobytes(),)


def _same_state(one: Any, other: Any) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert {k: _bits(v) for k, v in one[name].items()} == {k: _bits(v) for k, v in other[name].items()}, name


@of_cuts
def test_stretches_are_the_whole_run(cuts: list[int]) -> None:
    given, amounts = _given(), _amounts()
    whole = sl.run(plastic(), Spikes.from_dense(given, dt=1.0), record=RECORD, released={"reward": amounts})
    assert whole["a.count"].sum() > 200
    run = sl.live(plastic(), record=RECORD)
    parts, at = [], 0
    for steps in cuts:
        spikes = Spikes.from_dense(given[at : at + steps], dt=1.0)
        parts.append(run.advance(spikes, released={"reward": amounts[at : at + steps]}))
        at += steps
    _same_state(run.state, whole.state)
    assert run.time == STEPS
    for key in ("a.v", "b.v", "reward.level", "b.rate"):
        assert _bits(torch.cat([p[key] for p in parts])) == _bits(whole[key]), key
    assert _bits(torch.stack([p["a.count"] for p in parts]).sum(0)) == _bits(whole["a.count"])
    dense = torch.cat([p["a.spikes"].dense() for p in parts])
    assert torch.equal(dense, whole["a.spikes"].dense())


def test_it_goes_on_from_its_own_state_and_from_a_run() -> None:
    given = [Spikes.from_dense(part, dt=1.0) for part in np.split(_given(), [500, 900])]
    none = {"reward": 0.0}
    one = sl.live(plastic())
    for spikes in given:
        one.advance(spikes, released=none)
    begun = sl.run(plastic(), given[0], released={"reward": np.zeros(500)})
    two = sl.live(plastic(), begun.state)
    two.advance(given[1], released=none)
    three = sl.live(plastic(), two.state)
    assert three.time == 900
    three.advance(given[2], released=none)
    _same_state(three.state, one.state)


@of_cuts
def test_analog_inputs(cuts: list[int]) -> None:
    def build() -> Network:
        net = Network(dt=1 * ms, seed=4)
        net.input("in", 5)
        linear = net.population("out", LeakyIntegrator(tau_m=5 * ms), 2)
        net.connect("in", linear, weight=np.full((5, 2), 0.3), rule=Oja(eta=1e-3, w_min=-2.0, w_max=2.0))
        cells = net.population("cells", LIF(theta=2 * mV), 3)
        net.connect("in", cells, weight=0.4)
        return net

    given = np.random.default_rng(2).random((STEPS, 1, 5))
    whole = sl.run(build(), given, record=["out.v", "cells.count"])
    run, at, values = sl.live(build(), record=["out.v", "cells.count"]), 0, []
    for steps in cuts:
        values.append(run.advance(given[at : at + steps]))
        at += steps
    assert _bits(torch.cat([v["out.v"] for v in values])) == _bits(whole["out.v"])
    assert whole["cells.count"].sum() > 0
    assert torch.equal(torch.stack([v["cells.count"] for v in values]).sum(0), whole["cells.count"])
    _same_state(run.state, whole.state)


def test_a_number_is_released_in_the_first_step() -> None:
    net = Network(dt=1 * ms)
    net.population("a", LIF(), 1)
    net.drive("a", Poisson(rate=100 * Hz))
    net.modulator("reward", tau=10 * ms)
    run = sl.live(net, record=["reward.level"])
    level = run.advance(duration=5 * ms, released={"reward": 2.0})["reward.level"].numpy()
    np.testing.assert_allclose(level, 2.0 * np.exp(-np.arange(5) / 10), rtol=1e-12)
    after = run.advance(duration=1 * ms)["reward.level"].item()
    assert after == pytest.approx(2 * np.exp(-0.5), rel=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    run = sl.live(plastic())
    spikes = Spikes.from_dense(_given()[:20], dt=1.0)
    with pytest.raises(UnknownNameError, match="dopamine"):
        run.advance(spikes, released={"dopamine": 1.0})
    with pytest.raises(InvalidValueError, match="not finite"):
        run.advance(spikes, released={"reward": float("nan")})
    with pytest.raises(UnsupportedError, match="one sample"):
        run.advance(Spikes.from_dense(np.zeros((5, 2, 30)), dt=1.0))
    run.advance(spikes)
    with pytest.raises(InvalidValueError, match="first stretch did not name it"):
        run.advance(spikes, released={"reward": 1.0})
    other = sl.live(plastic())
    other.advance(spikes, released={"reward": 0.0})
    with pytest.raises(InvalidValueError, match="was given spikes in the first stretch"):
        other.advance(np.zeros((5, 1, 30)), released={"reward": 0.0})
    with pytest.raises(UnknownNameError, match="nobody"):
        sl.live(plastic(), {"nobody": {}})


def test_a_state_that_is_no_number_is_found() -> None:
    net = Network(dt=1 * ms)
    net.input("in", 1)
    net.population("a", LeakyIntegrator(tau_m=10 * ms), 1)
    net.connect("in", "a", weight=1e300)
    run = sl.live(net)
    with pytest.raises(InvalidValueError, match="inf at 512 ms"):
        run.advance(np.full((600, 1, 1), 1e10))
