"""The compiled engine for any graph against a plain one: spikes, membranes, and the same bits however it is divided."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.connections import Dense, OneToOne, Pairs, Sparse
from spikeloom.core.distributions import Normal, Uniform
from spikeloom.core.errors import CheckpointError, InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, StepEngine, Trace
from spikeloom.network import Network
from spikeloom.network.checkpoint import load, load_state, save
from spikeloom.neurons import LIF, ConductanceLIF
from spikeloom.sources import Poisson, Sine, Step
from spikeloom.synapses import AlphaCurrent, Delta, ExponentialConductance, ExponentialCurrent, TsodyksMarkram
from spikeloom.units import Hz, ms, mV
from tests.conformance.plain_steps import simulate

DT = 0.1


def _input(steps: int, channels: int, rate: float = 0.01, seed: int = 3) -> Spikes:
    return Spikes.from_dense(np.random.default_rng(seed).random((steps, 1, channels)) < rate, dt=DT)


def jumps() -> Network:
    """Delta synapses, a loop of two populations, delays, drives; sizes that divide by nothing."""
    net = Network(dt=DT, seed=3, dtype=torch.float64)
    net.input("in", 9)
    exc = net.population("exc", LIF(theta=20 * mV, t_ref=2 * ms, v_reset=10 * mV), 131)
    inh = net.population("inh", LIF(theta=18 * mV, t_ref=1 * ms, tau_m=10 * ms), 67)
    net.connect("in", exc, Dense(), weight=2.0)
    net.connect(exc, inh, Sparse(indegree=12), weight=1.1, delay=0.3 * ms)
    net.connect(inh, exc, Sparse(probability=0.2), weight=-1.3, delay=1.5 * ms)
    net.connect(exc, exc, Sparse(outdegree=7, autapses=False), weight=0.9, delay=2.0 * ms)
    net.drive(exc, Poisson(rate=9000 * Hz), weight=0.25)
    net.drive(inh, Poisson(rate=5000 * Hz), weight=0.2)
    return net


def currents() -> Network:
    """Currents with a time course, per-neuron constants, delays that differ, a population without a delay behind."""
    net = Network(dt=DT, seed=4, dtype=torch.float64)
    net.input("in", 9)
    tau = np.random.default_rng(1).uniform(8, 20, 70)
    cells = net.population("cells", LIF(tau_m=tau, theta=15 * mV, input="current", resistance=0.04), 70)
    after = net.population("after", LIF(theta=2 * mV, t_ref=2 * ms), 33)
    random = np.random.default_rng(2)
    source, target = random.integers(0, 70, 400), random.integers(0, 70, 400)
    fast, slow = ExponentialCurrent(tau=2 * ms), AlphaCurrent(tau=3 * ms)
    net.connect("in", cells, weight=150.0 * random.random((9, 70)), synapse=fast, delay=0.1 * ms)
    net.connect(
        cells,
        cells,
        Pairs(source=source, target=target),
        weight=random.normal(0, 60, 400),
        delay=random.integers(1, 30, 400) * DT,
        synapse=slow,
    )
    net.connect(cells, after, weight=0.3)
    net.drive(cells, Sine(amplitude=150, frequency=8 * Hz, offset=330))
    net.drive(cells, Step(amplitude=120, start=20 * ms, stop=40 * ms), name="pulse")
    return net


def conductances() -> Network:
    """Conductances that depend on the membrane."""
    net = Network(dt=DT, seed=5, dtype=torch.float64)
    net.input("in", 9)
    cells = net.population("cells", ConductanceLIF(), 65)
    open_, shut = ExponentialConductance(tau=5 * ms), ExponentialConductance(tau=10 * ms, reversal=-80 * mV)
    net.connect("in", cells, weight=9.0, synapse=open_, delay=0.5 * ms)
    net.connect(cells, cells, Sparse(indegree=5), weight=4.0, synapse=shut, delay=0.4 * ms)
    return net


NETWORKS = [jumps, currents, conductances]
of_each = pytest.mark.parametrize("build", NETWORKS, ids=lambda b: b.__name__)


def _run(
    net: Network,
    steps: int,
    state: Any = None,
    threads: int = 1,
    first: int = 0,
    total: int | None = None,
    progress: bool = False,
) -> Any:
    keys = [f"{n}.{what}" for n in net.populations for what in ("spikes", "v")]
    given = _input(total or steps, 9).dense(dtype=torch.float64)[first : first + steps]
    return StepEngine(threads=threads).run(net, Spikes.from_dense(given, dt=DT), state, record=keys, progress=progress)


@of_each
def test_it_does_what_the_plain_engine_does(build: Any) -> None:
    net, steps = build(), 600
    given = {"in": _input(steps, 9)}
    spikes, membranes = simulate(net, given, steps, DT)
    record = _run(net, steps)
    for name in net.populations:
        found = record[f"{name}.spikes"].dense(dtype=torch.float64)[:, 0].numpy()
        assert spikes[name].sum() > 30
        np.testing.assert_array_equal(found, spikes[name])
        np.testing.assert_allclose(record[f"{name}.v"][:, 0].numpy(), membranes[name], rtol=1e-10, atol=1e-10)


def _bits(record: Any) -> list[bytes]:
    return [
        v.indices.tobytes() + v.offsets.tobytes() if isinstance(v, Spikes) else v.numpy().tobytes()
        for v in (record[k] for k in record)
    ]


def _state_bits(state: Any) -> dict[str, dict[str, bytes]]:
    return {n: {k: v.numpy().tobytes() for k, v in part.items()} for n, part in state.items()}


@of_each
@pytest.mark.parametrize("threads", [2, 3])
def test_the_same_bits_with_any_number_of_threads(build: Any, threads: int) -> None:
    net = build()
    one, more = _run(net, 300), _run(net, 300, threads=threads)
    assert _bits(one) == _bits(more)
    assert _state_bits(one.state) == _state_bits(more.state)


@of_each
def test_a_run_in_two_parts_is_the_run_in_one_to_the_bit(build: Any) -> None:
    net = build()
    whole = _run(net, 500)
    first = _run(net, 203, total=500)
    second = _run(net, 297, first.state, threads=2, first=203, total=500)
    assert _state_bits(second.state) == _state_bits(whole.state)
    for key in whole:
        if isinstance(whole[key], Spikes):
            parts = [first[key].dense(), second[key].dense()]
            assert torch.equal(torch.cat(parts), whole[key].dense())
        else:
            assert torch.equal(torch.cat([first[key], second[key]]), whole[key])


def test_layer_by_layer_gives_the_same_spikes() -> None:
    net = Network(dt=1.0, seed=1, dtype=torch.float64)
    net.input("in", 20)
    net.population("a", LIF(t_ref=2 * ms), 31)
    net.population("b", LIF(reset="subtract"), 17)
    net.connect("in", "a", weight=0.4 * np.random.default_rng(0).normal(0.4, 1, (20, 31)))
    net.connect("a", "a", weight=0.2 * np.random.default_rng(1).normal(0, 1, (31, 31)))
    net.connect("a", "b", weight=0.5 * np.random.default_rng(2).normal(0.2, 1, (31, 17)))
    spikes = Spikes.from_dense(np.random.default_rng(3).random((200, 1, 20)) < 0.2, dt=1.0)
    keys = ["a.spikes", "b.spikes", "b.v"]
    layers, steps = CpuEngine().run(net, spikes, record=keys), StepEngine().run(net, spikes, record=keys)
    assert len(layers["b.spikes"]) > 100
    assert _bits(steps)[:2] == _bits(layers)[:2]
    np.testing.assert_allclose(steps["b.v"].numpy(), layers["b.v"].numpy(), rtol=1e-12, atol=1e-12)


def test_what_is_recorded_of_some_neurons_every_few_steps() -> None:
    net = jumps()
    every = StepEngine().run(net, _input(101, 9), record=["exc.v", "exc.rate", "exc.count", "exc.spikes"])
    some = StepEngine(threads=2).run(net, _input(101, 9), record=[Trace("exc.v", neurons=[130, 2, 64], every=7)])
    expected = every["exc.v"][6::7][:, :, [2, 64, 130]]
    assert torch.equal(some["exc.v"], expected)
    assert float(every["exc.rate"].sum()) * 131 * DT == pytest.approx(len(every["exc.spikes"]))
    assert float(every["exc.count"].sum()) == len(every["exc.spikes"])


def test_weights_and_delays_from_distributions_do_not_depend_on_threads() -> None:
    net = Network(dt=DT, seed=8)
    net.population("cells", LIF(theta=20 * mV), 300)
    net.connect("cells", "cells", Sparse(indegree=30), weight=Normal(0.5, 0.1), delay=Uniform(0.5, 3.0))
    net.drive("cells", Poisson(rate=14000 * Hz), weight=0.1)
    runs = [StepEngine(threads=k).run(net, None, duration=200.0, record=["cells.spikes"]) for k in (1, 2)]
    assert len(runs[0]["cells.spikes"]) > 300
    assert _bits(runs[0]) == _bits(runs[1])


def test_poisson_events_have_their_mean_and_variance() -> None:
    net = Network(dt=DT, seed=0)
    net.population("cells", LIF(tau_m=1e9, theta=1e9), 2000)
    net.drive("cells", Poisson(rate=20000 * Hz), weight=1.0)
    net.drive("cells", Poisson(rate=900000 * Hz), weight=1e-6, name="many")
    v = StepEngine().run(net, None, duration=10.0, record=["cells.v"])["cells.v"][-1, 0].numpy()
    few, many = np.floor(v + 0.5), (v - np.floor(v + 0.5)) * 1e6
    assert few.mean() == pytest.approx(200, abs=4 * (200 / 2000) ** 0.5)
    assert few.var() == pytest.approx(200, rel=0.15)
    assert many.mean() == pytest.approx(9000, abs=4 * (9000 / 2000) ** 0.5 + 1)


def test_the_state_of_a_run_does_not_share_memory_with_the_next() -> None:
    net = jumps()
    first = _run(net, 50)
    before = _state_bits(first.state)
    _run(net, 50, first.state)
    assert _state_bits(first.state) == before


# ------------------------------------------------------------------------------------------------------------ bad input
def test_what_cannot_be_is_refused_with_a_reason() -> None:
    net = Network(dt=DT)
    cells = net.population("cells", LIF(theta=20 * mV), 10)
    with pytest.raises(InvalidValueError, match="say how long"):
        sl.run(net)
    with pytest.raises(InvalidValueError, match=r"duration=0\.25"):
        sl.run(net, duration=0.25)
    with pytest.raises(InvalidValueError, match=r"'cells\.v'|list"):
        sl.run(net, duration=1.0, record="cells.v")
    with pytest.raises(UnknownNameError, match=r"cells\.v"):
        sl.run(net, duration=1.0, record=["cells.w"])
    with pytest.raises(InvalidValueError, match="neurons 0 to 9"):
        sl.run(net, duration=1.0, record=[Trace("cells.v", neurons=[10])])
    with pytest.raises(InvalidValueError, match="needs a weight"):
        net.connect(cells, cells, OneToOne())
    with pytest.raises(InvalidValueError, match="delay"):
        net.connect(cells, cells, OneToOne(), weight=1.0, delay=-1.0)
    net.connect(cells, cells, OneToOne(), weight=1.0, delay=0.05)
    with pytest.raises(InvalidValueError, match="shorter than a step"):
        sl.run(net, duration=1.0)


def test_a_delay_between_steps_is_rounded_and_said() -> None:
    net = Network(dt=DT)
    cells = net.population("cells", LIF(theta=20 * mV), 10)
    net.connect(cells, cells, OneToOne(), weight=1.0, delay=0.26)
    with pytest.warns(UserWarning, match=r"0\.3 ms are taken"):
        StepEngine(threads=1).run(net, None, duration=1.0)


def test_synapses_and_neurons_that_do_not_fit() -> None:
    net = Network(dt=DT)
    net.population("cells", LIF(theta=20 * mV), 10)
    net.connect("cells", "cells", OneToOne(), weight=1.0, synapse=ExponentialConductance(), delay=1.0)
    with pytest.raises(UnsupportedError, match="ConductanceLIF"):
        sl.run(net, duration=1.0)
    net = Network(dt=DT)
    net.population("cells", LIF(theta=20 * mV), 10)
    net.connect("cells", "cells", OneToOne(), weight=1.0, synapse=ExponentialCurrent(), delay=1.0)
    with pytest.raises(InvalidValueError, match="input='current'"):
        sl.run(net, duration=1.0)
    net = Network(dt=DT)
    net.population("cells", LIF(theta=20 * mV), 10)
    net.drive("cells", Sine())
    with pytest.raises(InvalidValueError, match="takes jumps"):
        sl.run(net, duration=1.0)
    net = Network(dt=DT)
    net.population("cells", ConductanceLIF(), 10)
    net.connect("cells", "cells", OneToOne(), weight=1.0, synapse=Delta(), delay=1.0)
    with pytest.raises(UnsupportedError, match="ExponentialCurrent"):
        sl.run(net, duration=1.0)


def test_layered_engines_say_why_they_cannot() -> None:
    net = jumps()
    with pytest.raises(UnsupportedError, match=r"delay.*engine='steps' can"):
        sl.run(net, _input(10, 9), engine="cpu")
    assert sl.run(net, _input(10, 9)).engine == "steps"


def test_an_interrupt_returns_what_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    from spikeloom.engines.steps import runner

    net = jumps()
    whole = _run(net, 200)
    move, calls = runner.Runner._advance, []

    def interrupted(self: Any, stop: int) -> None:
        calls.append(stop - self.now)
        if len(calls) == 20:
            signal.raise_signal(signal.SIGINT)
        move(self, stop)

    monkeypatch.setattr(runner, "KEPT", 7)
    monkeypatch.setattr(runner.Runner, "_advance", interrupted)
    part = _run(net, 200, progress=True)
    done = sum(calls)
    assert len(calls) == 20
    assert part["exc.v"].shape[0] == done
    assert torch.equal(part["exc.v"], whole["exc.v"][:done])
    assert part["exc.spikes"].shape[0] == done
    rest = _run(net, 200 - done, part.state, first=done, total=200)
    assert _state_bits(rest.state) == _state_bits(whole.state)


@of_each
def test_a_checkpoint_of_a_running_simulation_goes_on_to_the_bit(build: Any, tmp_path: Path) -> None:
    net = build()
    whole = _run(net, 300)
    first = _run(net, 130, total=300)
    save(net, tmp_path / "running.safetensors", first.state)
    again = load(tmp_path / "running.safetensors")
    second = _run(again, 170, load_state(tmp_path / "running.safetensors"), threads=2, first=130, total=300)
    assert _state_bits(second.state) == _state_bits(whole.state)
    assert again.describe() == net.describe()


def test_a_checkpoint_keeps_distributions_names_and_short_term_plasticity(tmp_path: Path) -> None:
    net = Network(dt=DT, seed=8)
    net.population("cells", LIF(theta=20 * mV), 90)
    tires = TsodyksMarkram(u=0.3)
    sparse = Sparse(indegree=9)
    net.connect(
        "cells", "cells", sparse, weight=Normal(2.5, 0.1), delay=Uniform(0.5, 3.0), short_term=tires, name="loop"
    )
    net.drive("cells", Poisson(rate=14000 * Hz), weight=0.1)
    first = StepEngine().run(net, None, duration=60.0, record=["cells.spikes"])
    assert len(first["cells.spikes"]) > 50
    save(net, tmp_path / "a", first.state)
    keys = ["cells.spikes", "cells.v"]
    runs = [
        StepEngine(threads=1).run(net, None, first.state, duration=60.0, record=keys),
        StepEngine(threads=2).run(load(tmp_path / "a"), None, load_state(tmp_path / "a"), duration=60.0, record=keys),
    ]
    assert _bits(runs[0]) == _bits(runs[1])
    save(net, tmp_path / "b")
    with pytest.raises(CheckpointError, match="holds no state"):
        load_state(tmp_path / "b")


def test_more_synapses_than_memory_are_refused_before_they_are_made() -> None:
    net = Network(dt=DT)
    net.population("cells", LIF(theta=20 * mV), 1_000_000)
    net.connect("cells", "cells", Sparse(indegree=10_000_000), weight=1.0, delay=1.0)
    with pytest.raises(InvalidValueError, match=r"10,000,000,000,000 synapses need about .* GiB.*'cells->cells'"):
        sl.run(net, duration=1.0)


def test_what_nothing_drives_is_said() -> None:
    net = Network(dt=DT)
    net.population("a", LIF(theta=20 * mV), 3)
    with pytest.warns(UserWarning, match="'a' is connected to nothing"):
        StepEngine().run(net, None, duration=1.0)
    net.connect("a", "a", OneToOne(), weight=1.0, delay=1.0)
    with pytest.warns(UserWarning, match="nothing drives this network"):
        StepEngine().run(net, None, duration=1.0)


def test_an_unstable_step_names_the_variable_and_the_neuron() -> None:
    net = Network(dt=2.0, dtype=torch.float64)
    net.population("cells", ConductanceLIF(), 5)
    net.input("in", 1)
    huge = ExponentialConductance(tau=1e6)
    net.connect("in", "cells", Pairs(source=[0], target=[3]), weight=[1e30], delay=2.0, synapse=huge)
    given = Spikes.from_events([1], [0], shape=(2000, 1, 1), dt=2.0)
    with pytest.raises(InvalidValueError, match=r"cells\.v of neuron 3 is .* ms: the steps of 2 ms"):
        StepEngine().run(net, given)
