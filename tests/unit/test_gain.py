"""Modulators that scale what a population or a projection receives, against the same spikes with other weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.distributions import Uniform
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.engines import ExactEngine, StepEngine
from spikeloom.network import Network
from spikeloom.network.checkpoint import load, load_state, save
from spikeloom.network.frozen import frozen
from spikeloom.neurons import LIF, ConductanceLIF, LeakyIntegrator
from spikeloom.plasticity import PairSTDP
from spikeloom.sources import Poisson, Regular
from spikeloom.synapses import AlphaCurrent, Delta, ExponentialConductance, ExponentialCurrent
from spikeloom.units import Hz, ms, mV

DT = 0.5
STEPS = 400
KEEP = math.exp(-DT / 40)


def given(steps: int = STEPS, seed: int = 1) -> sl.Spikes:
    return sl.Spikes.from_dense(np.random.default_rng(seed).random((steps, 1, 12)) < 0.05, dt=DT)


def amounts() -> Any:
    """Bursts and a dip."""
    found = np.zeros(STEPS)
    found[[50, 51, 130, 300]] = [0.8, 0.4, -0.9, 2.0]
    return found


def factors(gain: float) -> Any:
    """1 + gain (m - baseline) as each step begins: before what is released in it."""
    above, found = 0.0, []
    for amount in amounts():
        found.append(max(0.0, 1 + gain * above * KEEP))
        above = above * KEEP + amount
    return np.array(found)


def linear(synapse: Any = None) -> Network:
    """A membrane that never fires: what it receives adds up."""
    net = Network(dt=DT, dtype=torch.float64)
    net.input("in", 12)
    net.population("cells", LeakyIntegrator(tau_m=10 * ms, input="delta" if synapse is None else "current"), 3)
    net.connect("in", "cells", weight=np.linspace(0.2, 1.0, 36).reshape(12, 3), delay=2 * ms, synapse=synapse)
    net.modulator("ach", tau=40 * ms, baseline=0.3)
    return net


@pytest.mark.parametrize("gain", [0.5, -1.5])
@pytest.mark.parametrize("synapse", [None, ExponentialCurrent(tau=5 * ms), AlphaCurrent(tau=5 * ms)], ids=repr)
def test_what_arrives_counts_as_many_times_as_much(synapse: Any, gain: float) -> None:
    """Against a plain filter: the response of the network without a gain to each step's input, times the factor."""
    net = linear(synapse)
    spikes = given()
    once = sl.Spikes.from_times([0.0], [0], shape=(STEPS, 1, 12), dt=DT)
    impulse = sl.run(net, once, record=["cells.v"])
    response = impulse["cells.v"][:, 0, 0].numpy() / net.weights["in->cells"][0, 0].item()  # to one mV, with the delay
    arrived = spikes.dense(dtype=torch.float64)[:, 0].numpy() @ net.weights["in->cells"].detach().numpy()
    net.modulate("cells", "ach", gain=gain)
    found = sl.run(net, spikes, released={"ach": amounts()}, record=["cells.v"])["cells.v"][:, 0].numpy()
    late = np.concatenate([np.zeros((4, 3)), arrived[:-4]]) * factors(gain)[:, None]  # scaled as it arrives
    early = np.concatenate([response[4:], np.zeros(4)])
    expected = np.stack([np.convolve(early, late[:, j])[:STEPS] for j in range(3)], 1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert (factors(gain) == 0).any() == (gain < 0)


def test_a_modulator_that_is_gone_with_the_step_acts_in_the_next_one() -> None:
    net = Network(dt=DT, dtype=torch.float64)
    net.input("in", 12)
    net.population("cells", LeakyIntegrator(tau_m=10 * ms), 1)
    net.connect("in", "cells", weight=1.0)
    net.modulator("ach")
    net.modulate("cells", "ach", gain=1.0)
    spikes = sl.Spikes.from_times([3.0, 3.5], [0, 0], shape=(20, 1, 12), dt=DT)
    released = np.zeros(20)
    released[6] = 2.0
    v = sl.run(net, spikes, released={"ach": released}, record=["cells.v"])["cells.v"][:, 0, 0].numpy()
    alone = sl.run(net, spikes, record=["cells.v"])["cells.v"][:, 0, 0].numpy()
    assert v[6] == alone[6] > 0
    jump = v[7] - v[6] * math.exp(-DT / 10)
    assert jump == pytest.approx(3 * (alone[7] - alone[6] * math.exp(-DT / 10)), rel=1e-12)


def two() -> Network:
    """Two projections and a drive onto the same synapses."""
    net = Network(dt=DT, seed=3, dtype=torch.float64)
    net.input("in", 12)
    net.population("cells", LeakyIntegrator(tau_m=10 * ms), 20)
    net.connect("in", "cells", Sparse(indegree=4), weight=0.5, name="a")
    net.connect("in", "cells", Sparse(indegree=4), weight=-0.8, delay=Uniform(1.0, 4.0), name="b")
    net.drive("cells", Poisson(rate=500 * Hz), weight=0.1)
    net.modulator("ach", tau=40 * ms)
    net.modulator("na", tau=40 * ms)
    return net


def potential(net: Network, threads: int = 1) -> Any:
    released = {m: amounts() for m in net.modulators}
    return StepEngine(threads=threads).run(net, given(), record=["cells.v"], released=released)["cells.v"][:, 0].numpy()


def test_a_projection_is_scaled_alone_and_a_population_with_its_drives() -> None:
    """All is linear: what each part adds is known from networks without the others."""
    nothing = two()
    plain = potential(nothing)
    one = two()
    one.modulate("a", "ach", gain=0.7)
    other = two()
    other.modulate("b", "ach", gain=0.7)
    whole = two()
    whole.modulate(whole.populations["cells"], whole.modulators["ach"], gain=0.7)  # pyright: ignore[reportArgumentType]
    both = two()
    both.modulate(both.projections["a"], "ach", gain=0.7)
    both.modulate("b", "ach", gain=0.7)
    extra_a, extra_b = potential(one) - plain, potential(other) - plain
    assert np.abs(extra_a).max() > 0.1
    np.testing.assert_allclose(potential(both) - plain, extra_a + extra_b, atol=1e-12)
    driven = potential(whole) - plain - extra_a - extra_b  # what the drive adds
    assert np.abs(driven).max() > 0.1
    assert np.abs(driven[:51]).max() < 1e-12  # rounded otherwise, with receptors of their own


def test_several_modulators_of_one_target_multiply() -> None:
    net = linear()
    net.modulate("cells", "ach", gain=0.5)
    net.modulator("na", tau=40 * ms, baseline=0.3)
    net.modulate("in->cells", "na", gain=-0.4)
    spikes = given()
    released = {"ach": amounts(), "na": amounts()}
    v = sl.run(net, spikes, released=released, record=["cells.v"])["cells.v"][:, 0].numpy()
    plain = sl.run(linear(), spikes, record=["cells.v"])["cells.v"][:, 0].numpy()
    decay = math.exp(-DT / 10)
    jumps = [x - np.concatenate([np.zeros((1, 3)), x[:-1]]) * decay for x in (v, plain)]
    expected = factors(0.5) * factors(-0.4)
    np.testing.assert_allclose(jumps[0], jumps[1] * expected[:, None], rtol=1e-9, atol=1e-12)


def rich(kind: Any = None) -> Network:
    """Spikes that release what scales them; a rule; conductances; all that has a state."""
    net = Network(dt=DT, seed=5, dtype=torch.float64)
    net.input("in", 12)
    net.population("cells", ConductanceLIF(), 150)
    synapse = ExponentialConductance(tau=5 * ms, reversal=0 * mV)
    net.connect("in", "cells", Sparse(indegree=4), weight=6.0, synapse=synapse)
    net.connect(
        "cells", "cells", Sparse(indegree=10), weight=0.6, delay=1 * ms, synapse=synapse, rule=kind, name="back"
    )
    net.drive("cells", Poisson(rate=800 * Hz), weight=1.2, synapse=synapse)
    net.drive("cells", Regular(interval=30 * ms), weight=3.0, synapse=synapse)
    net.modulator("ach", tau=40 * ms)
    net.modulator("na", tau=15 * ms, baseline=0.1)
    net.release("cells", "ach", amount=0.02)
    net.modulate("cells", "ach", gain=0.5)
    net.modulate("back", "na", gain=2.0)
    return net


def bits(record: Any) -> Any:
    return {n: {k: v.numpy().tobytes() for k, v in part.items()} for n, part in record.state.items()}


@pytest.mark.parametrize("rule", [None, PairSTDP(w_max=2.0)], ids=["fixed", "plastic"])
def test_the_same_bits_on_any_threads_and_in_one_run_or_two(rule: Any, tmp_path: Path) -> None:
    net, spikes = rich(rule), given()
    whole = StepEngine(threads=1).run(net, spikes, record=["cells.spikes"], released={"na": amounts()})
    assert len(whole["cells.spikes"]) > 200
    for threads in (2, 3):
        again = StepEngine(threads=threads).run(net, spikes, released={"na": amounts()})
        assert bits(again) == bits(whole)
    dense = spikes.dense(dtype=torch.float64)
    first = sl.run(net, sl.Spikes.from_dense(dense[:173], dt=DT), released={"na": amounts()[:173]})
    save(net, tmp_path / "run.safetensors", first.state)
    other = load(tmp_path / "run.safetensors")
    assert other.describe() == net.describe()
    assert len(other.gains) == 2
    later = sl.Spikes.from_dense(dense[173:], dt=DT)
    second = sl.run(other, later, load_state(tmp_path / "run.safetensors"), released={"na": amounts()[173:]})
    assert bits(second) == bits(whole)
    still = sl.run(frozen(net), spikes, released={"na": amounts()}, record=["cells.spikes"])
    assert (still["cells.spikes"] == whole["cells.spikes"]) == (rule is None)
    live = sl.live(net)
    for a, b in ((0, 1), (1, 200), (200, 400)):
        live.advance(sl.Spikes.from_dense(dense[a:b], dt=DT), released={"na": amounts()[a:b]})
    assert {n: {k: v.numpy().tobytes() for k, v in part.items()} for n, part in live.state.items()} == bits(whole)


def test_it_matters_and_costs_nothing_where_it_is_not_used() -> None:
    """A gain of 0 changes no bit; without one the compiled text is that of a network without modulators."""
    from spikeloom.engines.steps.plan import cells
    from spikeloom.engines.steps.text import body

    spikes = given()
    found = []
    for gain in (0.0, 0.5):
        net = linear()
        before = cells(net, "cells", DT, frozenset(), frozenset())
        net.modulate("cells", "ach", gain=gain)
        after = cells(net, "cells", DT, frozenset(), frozenset())
        assert "factor" not in body(before.shape)
        assert "factor" in body(after.shape)
        found.append(sl.run(net, spikes, released={"ach": amounts()}, record=["cells.v"])["cells.v"])
    assert torch.equal(found[0], sl.run(linear(), spikes, record=["cells.v"])["cells.v"])
    assert not torch.equal(found[0], found[1])


def test_a_batch() -> None:
    net = rich()
    spikes = sl.Spikes.concatenate([given(100, seed) for seed in range(3)])
    both = sl.run(net, spikes, record=["cells.count"], released={"na": amounts()[:100]})["cells.count"]
    alone = sl.run(net, spikes.select([0]), record=["cells.count"], released={"na": amounts()[:100]})["cells.count"]
    assert both.shape == (3, 150)
    assert torch.equal(both[:1], alone)


def test_engines_that_cannot() -> None:
    net = Network(dt=1.0)
    net.input("in", 12)
    net.population("cells", LIF(theta=1.0), 3)
    net.connect("in", "cells")
    net.modulator("ach")
    spikes = sl.Spikes.from_dense(np.zeros((5, 1, 12)), dt=1.0)
    assert sl.run(net, spikes).engine == "cpu"
    net.modulate("cells", "ach", gain=0.1)
    assert sl.run(net, spikes).engine == "steps"
    for engine in ("cpu", "reference"):
        with pytest.raises(UnsupportedError, match=r"'ach' scales what 'cells' receives; engine='steps' can"):
            sl.run(net, spikes, engine=engine)
    with pytest.raises(UnsupportedError, match=r"knows no modulators, and 'ach' scales what 'cells' receives"):
        ExactEngine().run(net, duration=10.0)
    with pytest.raises(UnsupportedError, match=r"'in' is given analog values; give it spikes"):
        sl.run(net, np.zeros((5, 1, 12)))


def test_gains_that_cannot_be() -> None:
    net = linear()
    net.connect("in", "cells", name="more")
    net.field("da", extent=(10.0, 10.0), spacing=5.0)
    with pytest.raises(UnknownNameError, match=r"population or projection named 'cell'.*did you mean 'cells'"):
        net.modulate("cell", "ach", gain=1.0)
    with pytest.raises(UnknownNameError, match=r"modulator named 'dopamine'"):
        net.modulate("in->cells", "dopamine", gain=1.0)
    with pytest.raises(InvalidValueError, match=r"gain=nan.*allowed: a finite number"):
        net.modulate("in->cells", "ach", gain=math.nan)
    with pytest.raises(UnsupportedError, match=r"'da'\): a field has another concentration in every place"):
        net.modulate("in->cells", "da", gain=1.0)
    net.modulate(net.populations["cells"], "ach", gain=1.0)
    net.modulate(net.projections["more"], "ach", gain=1.0)
    with pytest.raises(InvalidValueError, match=r"modulate\('cells', 'ach'\): it is scaled by this already"):
        net.modulate(net.populations["cells"], "ach", gain=0.5)
    assert Network.from_description(net.describe()).describe() == net.describe()
    assert isinstance(net.projections["more"].synapse, Delta)
