"""Every rule of plasticity: the kernel does what the rule's texts say, on any connection, and to the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Convolution, Dense, OneToOne, Sparse
from spikeloom.connections.base import Connection
from spikeloom.core.distributions import Uniform
from spikeloom.core.errors import UnsupportedError
from spikeloom.core.registry import members
from spikeloom.engines import StepEngine, Trace
from spikeloom.engines.steps.plastic import carries
from spikeloom.network import Network
from spikeloom.network.checkpoint import load, load_state, save
from spikeloom.neurons import LIF, EscapeRate, Neuron
from spikeloom.plasticity import (
    Ambient,
    Gated,
    LateLTP,
    Modulated,
    Normalised,
    PairSTDP,
    Plasticity,
    Scaled,
    Summed,
    Wrapper,
)
from spikeloom.units import mV

DT = 0.5
STEPS = 240


def rules() -> dict[str, Plasticity]:
    """One of each kind of rule, with its defaults."""
    found: dict[str, Plasticity] = {}
    for name, kind in members("spikeloom.plasticity", Plasticity).items():
        found[name] = kind(rule=PairSTDP()) if issubclass(kind, Wrapper) else kind()
    for shape in ("rectified", "threshold"):
        found[f"Gated, {shape}"] = Gated(rule=PairSTDP(), offset=1.0, slope=-4.0, shape=shape)
    dopamine = Modulated(rule=PairSTDP(), by="dopamine", tau_e=90.0)
    found["Gated, around Modulated"] = Gated(rule=Gated(rule=dopamine, by="serotonin", offset=0.5), slope=-2.0)
    found["Gated, in Modulated"] = Modulated(rule=Gated(rule=PairSTDP(bounds="soft")), tau_e=90.0, eligibility="alpha")
    found["Summed, Modulated twice"] = Summed(
        rule=Gated(rule=dopamine.replace(eligibility="cascaded")),
        beside=Modulated(rule=PairSTDP(a_plus=0.0), by="serotonin", eta=-0.5, tau_e=60.0),
    )
    found["Summed, Modulated and not"] = Summed(rule=Normalised(rule=PairSTDP()), beside=dopamine)
    for eligibility in ("alpha", "cascaded"):
        found[f"Modulated, {eligibility}"] = Modulated(rule=PairSTDP(), tau_e=90.0, eligibility=eligibility)
    found["Modulated, LateLTP"] = Modulated(rule=LateLTP(d=7.0, reach=5.0), tau_e=90.0)
    found["Scaled and normalised"] = Normalised(rule=Scaled(rule=PairSTDP()))
    return found


RULES = rules()
COMPILED = ("PairSTDP", "Normalised")
"""Rules that are always run in all places of the delay; the others are compiled for one, and for all with ``--all``."""

of_each_everywhere = pytest.mark.parametrize(
    "name", [n if n in COMPILED else pytest.param(n, marks=pytest.mark.slow) for n in RULES]
)
of_each = pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if " " in n else n for n in RULES])
CONNECTIONS: dict[str, Connection] = {
    "dense": Dense(),
    "sparse": Sparse(indegree=5),
    "one to one": OneToOne(),
    "convolution": Convolution(shape=(1, 5, 4), channels=2, kernel=2),
}


def cell(rule: Plasticity) -> Neuron:
    """A neuron that knows what the rule asks for."""
    if any("score" in part.reads for part in rule.parts()):
        return EscapeRate(theta=8 * mV, tau_m=10.0, softness=1 * mV, drop=4 * mV)
    return LIF(theta=8 * mV, t_ref=1.0, tau_m=10.0)


def network(rule: Plasticity, connection: Connection, delay: Any, recurrent: bool = False) -> Network:
    """Noisy cells behind an input, or by themselves: one plastic projection onto them."""
    net = Network(dt=DT, seed=6, dtype=torch.float64)
    net.input("in", 20)
    size = connection.target_size if isinstance(connection, Convolution) else 20
    net.population("cells", cell(rule), size)
    net.connect("in", "cells", Sparse(indegree=6), weight=2.5, name="push")
    weight = 0.5 * (rule.w_min + rule.w_max)
    shape = connection.weight_shape(20, size) if connection.dense else ()
    net.connect(
        "cells" if recurrent else "in", "cells", connection, weight=np.full(shape, weight) if shape else weight,
        delay=delay, rule=rule, name="plastic",
    )  # fmt: skip
    modulate(net, rule)
    return net


def modulate(net: Network, rule: Plasticity) -> None:
    """Let the cells release what the rule asks for, each with its own time course; the last one is gone at once."""
    signals = [signal for part in rule.parts() for signal in part.signals().values()]
    ambient = [a for part in rule.parts() for a in part.traces().values() if isinstance(a, Ambient)]
    for k, name in enumerate(dict.fromkeys(found.by for found in (*signals, *ambient))):
        net.modulator(name, tau=(30.0, 12.0, None)[k], baseline=0.02)
        net.release("cells", name, amount=0.01 * (k + 1))


def given(steps: int = STEPS, seed: int = 1) -> sl.Spikes:
    """Spikes of the input."""
    return sl.Spikes.from_dense(np.random.default_rng(seed).random((steps, 1, 20)) < 0.04, dt=DT)


def run(net: Network, spikes: sl.Spikes, state: Any = None, threads: int = 1) -> Any:
    variables = [f"cells.{v}" for v in net.populations["cells"].neuron.state]
    return StepEngine(threads=threads).run(net, spikes, state, record=["cells.spikes", "plastic.weight", *variables])


def check(net: Network) -> None:
    """The weights after a run against those of the plain texts."""
    from tests.conformance.plain_plasticity import learned

    spikes = given()
    record = run(net, spikes)
    of_input = spikes.dense(dtype=torch.float64)[:, 0].numpy()
    of_cells = record["cells.spikes"].dense(dtype=torch.float64)[:, 0].numpy()
    neuron = net.populations["cells"].neuron
    variables = {v: record[f"cells.{v}"][:, 0].numpy() for v in neuron.state}
    size = net.size("cells")
    begin = {v: np.full(size, float(value)) for v, value in neuron.initial().items()}
    pre = of_cells if net.projections["plastic"].source == "cells" else of_input
    expected = learned(net, "plastic", pre, of_cells, variables, begin)
    after = record.state["plastic"]
    weight = after["weight"].numpy()
    assert of_cells.sum() > 20
    np.testing.assert_allclose(weight.reshape(-1), expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_array_equal(record["plastic.weight"][-1], weight)


@of_each
@pytest.mark.parametrize("delay", [0.5, 2.0])
def test_the_kernel_does_what_the_texts_say(name: str, delay: float | None) -> None:
    check(network(RULES[name], CONNECTIONS["sparse"], delay))


@of_each_everywhere
def test_without_a_delay(name: str) -> None:
    check(network(RULES[name], CONNECTIONS["sparse"], None))


@of_each_everywhere
def test_with_the_delay_in_the_axon(name: str) -> None:
    check(network(in_the_axon(RULES[name]), CONNECTIONS["sparse"], 1.5))


def in_the_axon(rule: Plasticity) -> Plasticity:
    """The same rule with the delay in the axon; that of a wrapper is that of the rule inside."""
    inner = [n for n in ("rule", "beside") if isinstance(getattr(rule, n, None), Plasticity)]
    return rule.replace(**{n: in_the_axon(getattr(rule, n)) for n in inner} or {"site": "axon"})


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("delay", [None, 1.0])
def test_on_every_connection(connection: str, delay: float | None) -> None:
    check(network(PairSTDP(bounds="soft"), CONNECTIONS[connection], delay))


@pytest.mark.parametrize("delay", [None, 1.0])
def test_onto_the_same_population(delay: float | None) -> None:
    check(network(PairSTDP(), CONNECTIONS["dense"], delay, recurrent=True))
    check(network(PairSTDP(), Sparse(indegree=5, autapses=False), delay, recurrent=True))


def test_inhibitory_weights_are_magnitudes_to_a_rule() -> None:
    rule = PairSTDP(w_min=0.0, w_max=-0.8, bounds="power", mu_plus=0.3, mu_minus=0.6)
    net = network(rule, CONNECTIONS["sparse"], 1.0)
    check(net)
    weight = run(net, given()).state["plastic"]["weight"]
    assert (weight <= 0).all()
    assert (weight >= -0.8).all()
    assert weight.std() > 0


def _bits(record: Any) -> dict[str, dict[str, bytes]]:
    return {n: {k: v.numpy().tobytes() for k, v in part.items()} for n, part in record.state.items()}


def wide(name: str, delay: Any) -> Network:
    """Enough neurons to be divided among threads."""
    rule = RULES[name]
    net = Network(dt=DT, seed=7, dtype=torch.float64)
    net.input("in", 20)
    net.population("cells", cell(rule), 150)
    net.connect("in", "cells", Sparse(indegree=6), weight=2.5, name="push")
    middle = 0.5 * (rule.w_min + rule.w_max)
    net.connect("cells", "cells", Sparse(indegree=9), weight=middle, delay=delay, rule=rule, name="plastic")
    net.connect("in", "cells", Dense(), weight=middle, delay=delay, rule=rule, name="more")
    modulate(net, rule)
    return net


@of_each
def test_the_same_bits_on_any_threads_and_in_one_run_or_two(name: str, tmp_path: Path) -> None:
    same_bits(wide(name, 1.0), tmp_path)


@of_each_everywhere
@pytest.mark.parametrize("delay", [None, Uniform(0.5, 4.0)], ids=["none", "many"])
def test_the_same_bits_with_other_delays(name: str, delay: Any, tmp_path: Path) -> None:
    rule, net = RULES[name], wide(name, delay)
    together = any(part.interval is not None for part in rule.parts()) or carries(rule)
    if together and delay is not None:  # a rule that acts on all synapses of a target or of a source needs one delay
        with pytest.raises(UnsupportedError, match=r"have \d+ different delays; give them one"):
            run(net, given())
        return
    same_bits(net, tmp_path)


def same_bits(net: Network, tmp_path: Path) -> None:
    """The whole state of a run, on other threads and in two pieces with a checkpoint between them."""
    spikes = given()
    whole = run(net, spikes)
    for threads in (2, 3):
        assert _bits(run(net, spikes, threads=threads)) == _bits(whole)
    dense = spikes.dense(dtype=torch.float64)
    first = run(net, sl.Spikes.from_dense(dense[:101], dt=DT), threads=2)
    save(net, tmp_path / "running.safetensors", first.state)
    again = load(tmp_path / "running.safetensors")
    second = run(again, sl.Spikes.from_dense(dense[101:], dt=DT), load_state(tmp_path / "running.safetensors"))
    assert _bits(second) == _bits(whole)
    assert again.describe() == net.describe()


def test_weights_are_written_down_now_and_then() -> None:
    net = network(PairSTDP(), CONNECTIONS["sparse"], 1.0)
    record = StepEngine().run(net, given(), record=[Trace("plastic.weight", neurons=[0, 7], every=60)])
    whole = StepEngine().run(net, given(), record=["plastic.weight"])["plastic.weight"]
    assert record["plastic.weight"].shape == (4, 2)
    assert torch.equal(record["plastic.weight"], whole[59::60, [0, 7]])


def batch(samples: int, steps: int = 120) -> sl.Spikes:
    """Other spikes in every sample."""
    return sl.Spikes.concatenate([given(steps, seed) for seed in range(samples)])


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_batch_learns_what_its_samples_learn(connection: str) -> None:
    net = network(PairSTDP(), CONNECTIONS[connection], 1.0)
    spikes = batch(3)
    record = run(net, spikes)
    alone = [run(net, spikes.select([b])) for b in range(3)]
    start = run(net, sl.Spikes.from_dense(np.zeros((1, 1, 20)), dt=DT)).state["plastic"]["weight"]
    expected = start + sum(r.state["plastic"]["weight"] - start for r in alone)
    assert torch.allclose(record.state["plastic"]["weight"], expected.clamp(0, 1), rtol=0, atol=1e-15)
    assert record["cells.v"].shape == (120, 3, net.size("cells"))
    for b, one in enumerate(alone):
        assert record["cells.spikes"].select([b]) == one["cells.spikes"]
        assert torch.equal(record["cells.v"][:, b : b + 1], one["cells.v"])
        assert torch.equal(record["plastic.weight"][b], one["plastic.weight"])


@pytest.mark.parametrize("delay", [None, 2.0])
@pytest.mark.parametrize("rule", [PairSTDP(w_min=-9.0, w_max=9.0, bounds="none"), RULES["ReducedSTDP"]], ids=repr)
def test_a_batch_goes_on_where_it_stood(rule: Plasticity, delay: float | None) -> None:
    net = network(rule, CONNECTIONS["sparse"], delay)
    weight = np.full(100, 0.5)
    spikes = batch(3)
    dense = spikes.dense(dtype=torch.float64)
    first = run(net, sl.Spikes.from_dense(dense[:50], dt=DT), threads=2)
    state = {**first.state, "plastic": {**first.state["plastic"], "weight": torch.from_numpy(weight)}}
    second = run(net, sl.Spikes.from_dense(dense[50:], dt=DT), state, threads=3)
    for b in range(3):
        begun = run(net, sl.Spikes.from_dense(dense[:50, b : b + 1], dt=DT))
        mine = {**begun.state, "plastic": {**begun.state["plastic"], "weight": torch.from_numpy(weight)}}
        alone = run(net, sl.Spikes.from_dense(dense[50:, b : b + 1], dt=DT), mine)
        assert second["cells.spikes"].select([b]) == alone["cells.spikes"]
        assert torch.equal(second["plastic.weight"][b], alone["plastic.weight"])


def test_samples_of_a_batch_have_noise_of_their_own() -> None:
    net = Network(dt=DT, seed=6)
    net.input("in", 20)
    net.population("cells", LIF(theta=8 * mV), 30)
    net.connect("in", "cells", Sparse(indegree=6), weight=1.0)
    net.drive("cells", sl.sources.Poisson(rate=2000 * sl.units.Hz), weight=0.5)
    quiet = sl.Spikes.concatenate([given(seed=1), given(seed=1)])
    both = StepEngine(threads=2).run(net, quiet, record=["cells.spikes"])["cells.spikes"]
    alone = StepEngine(threads=1).run(net, given(seed=1), record=["cells.spikes"])["cells.spikes"]
    assert both.select([0]) == alone
    assert both.select([1]) != alone


def test_a_batch_of_a_rule_that_works_between_events_goes_on() -> None:
    """Every sample goes on with its own eligibilities, from weights that all have in common."""
    rule = Modulated(rule=PairSTDP(bounds="none", a_plus=2e-9, a_minus=1e-9), by="reward", tau_e=40.0)
    net = network(rule, CONNECTIONS["sparse"], 1.0)
    dense = batch(2).dense(dtype=torch.float64)
    first = run(net, sl.Spikes.from_dense(dense[:50], dt=DT))
    second = run(net, sl.Spikes.from_dense(dense[50:], dt=DT), first.state)
    start = run(net, sl.Spikes.from_dense(np.zeros((1, 1, 20)), dt=DT)).state["plastic"]["weight"]
    whole = [run(net, sl.Spikes.from_dense(dense[:, b : b + 1], dt=DT)).state["plastic"]["weight"] for b in range(2)]
    expected = sum(w - start for w in whole)  # so small that it changes no spike
    moved = second.state["plastic"]["weight"] - start
    assert moved.abs().max() > 1e-9
    np.testing.assert_allclose(moved, expected, rtol=1e-5, atol=1e-15)
