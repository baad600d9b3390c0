"""Every neuron of the registry in several guises, small networks that hold it, and how two engines are compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from spikeloom.core import trace
from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import declarations, trainable
from spikeloom.core.registry import members
from spikeloom.core.spikes import Spikes
from spikeloom.engines import CpuEngine, Engine, Record, ReferenceEngine, recordable
from spikeloom.network import Network
from spikeloom.neurons import ALIF, LIF, CubaLIF, LeakyIntegrator, Neuron
from spikeloom.surrogates import Surrogate, Triangle

NEURONS: dict[str, type[Neuron]] = members("spikeloom.neurons", Neuron)
LAYERED = {name: kind for name, kind in NEURONS.items() if not kind.random}
"""Those that run layer by layer too, of which this table tells."""
SURROGATES: dict[str, type[Surrogate]] = members("spikeloom.surrogates", Surrogate)
PLAIN = (LIF, CubaLIF, ALIF, LeakyIntegrator)
"""Exact models with a threshold of 1, compiled within a second: every case of the table runs on them each time. On the
others (kernels of hundreds of lines) a few cases do, and all of them with ``scripts/test --all``."""
CHANNELS = 12
DT = 1.0


def dt_of(kind: type[Neuron]) -> float:
    """A step [ms] that a model is meant for."""
    return DT if kind in PLAIN else 0.1


def target_of(kind: type[Neuron]) -> float:
    """How many spikes a step a lively neuron has: 60 Hz, or 100 Hz where a step is a tenth of a ms."""
    return 0.06 if kind in PLAIN else 0.01


# --------------------------------------------------------------------------------------------------- guises of a neuron
@dataclasses.dataclass(frozen=True, eq=False)
class Guise:
    """A neuron model with some of its parameters changed, for a population of any size."""

    kind: type[Neuron]
    name: str
    changes: dict[str, Any] = dataclasses.field(default_factory=dict)
    spread: bool = False
    """Every number differs from neuron to neuron."""
    trains: bool = False
    """Every number is trainable, every other one for each neuron on its own."""

    def __str__(self) -> str:
        return f"{self.kind.__name__}-{self.name}"

    @property
    def dt(self) -> float:
        return dt_of(self.kind)

    def model(self, size: int) -> Neuron:
        """The model for ``size`` neurons; shifts are halved until the model accepts them all."""
        random = np.random.default_rng(7)
        largest = 0.3 if self.kind in PLAIN else 0.03
        for scale in (1.0, 0.5, 0.25, 0.1, 0.01):
            try:
                return self.kind(**self._values(size, scale * largest, random))
            except InvalidValueError:
                if scale == 0.01:
                    raise
        raise AssertionError("unreachable")

    def _values(self, size: int, scale: float, random: np.random.Generator) -> dict[str, Any]:
        values = dict(self.changes)
        if not (self.spread or self.trains):
            return values
        for k, (name, start) in enumerate(numbers(self.kind).items()):
            declared = declarations(self.kind)[name]
            start = values.get(name, start)
            alone = self.trains and k % 2 == 0
            relative = declared.positive or declared.minimum is not None
            shifts = random.uniform(-scale, scale, 1 if alone else size)
            value = start * (1 + shifts) if relative else start + shifts * (min(1.0, abs(start)) or 1.0)
            if declared.unit == "ms" and not declared.positive:
                value = np.round(value)  # some neurons have a refractory period, others another, others none
                value[::3] = 0.0 if not alone else value[::3]
            value = np.minimum(value, np.inf if declared.maximum is None else declared.maximum)
            value = float(value[0]) if alone else value
            values[name] = trainable(value) if self.trains and declared.smooth else value
        return values


def numbers(kind: type[Neuron]) -> dict[str, float]:
    """The parameters of a model that are numbers, with their defaults."""
    default = kind()
    return {n: getattr(default, n) for n, d in declarations(kind).items() if d.choices is None}


def guises(kind: type[Neuron]) -> list[Guise]:
    """The default; each option by itself; all options together, with parameters that differ or are trained."""
    default = kind()
    options = {
        n: [c for c in d.choices if c != getattr(default, n)] for n, d in declarations(kind).items() if d.choices
    }
    switches = {n: choices[0] for n, choices in options.items() if choices}
    # What is zero by default and may not be negative is switched off by default: a refractory period, for one.
    for name, d in declarations(kind).items():
        if d.choices is None and d.minimum == 0 and getattr(default, name) == 0:
            switches[name] = 3.0 if d.unit == "ms" else 0.5
    found = [Guise(kind, "default")]
    found += [Guise(kind, f"{n}={c}", {n: c}) for n, choices in options.items() for c in choices]
    found += [Guise(kind, f"{n}={v:g}", {n: v}) for n, v in switches.items() if not isinstance(v, (str, bool))]
    found.append(Guise(kind, "all-options-per-neuron", switches, spread=True))
    found.append(Guise(kind, "all-options-trainable", switches, trains=True))
    return found


GUISES = [guise for kind in LAYERED.values() for guise in guises(kind)]
SPIKING = {name: kind for name, kind in LAYERED.items() if kind.spiking}


def operations(kind: type[Neuron]) -> int:
    """How many lines its step has in a kernel: a thousand take ten seconds to compile."""
    model = kind()
    names = ["x", *kind.state, *kind.constant_names()]
    return len(trace.statements(trace.trace(kind.plain_step(), names, **model.options()))[0])


def _slow_unless(default: Callable[[Any], bool], values: Any) -> list[Any]:
    return [v if default(v) else pytest.param(v, marks=pytest.mark.slow) for v in values]


# A kernel is compiled for each guise, in seconds: the default, and the one with everything in it, stand for the others.
each_guise = pytest.mark.parametrize(
    "guise", _slow_unless(lambda g: g.kind in PLAIN and (g.name == "default" or g.trains), GUISES), ids=str
)
each_neuron = pytest.mark.parametrize("kind", _slow_unless(PLAIN.__contains__, LAYERED.values()), ids=LAYERED.keys())
each_spiking = pytest.mark.parametrize("kind", _slow_unless(PLAIN.__contains__, SPIKING.values()), ids=SPIKING.keys())
# What compiles nothing runs for all neurons, and for all guises of the plain ones.
every_neuron = pytest.mark.parametrize("kind", NEURONS.values(), ids=NEURONS.keys())
every_layered = pytest.mark.parametrize("kind", LAYERED.values(), ids=LAYERED.keys())
every_guise = pytest.mark.parametrize(
    "guise", _slow_unless(lambda g: g.kind in PLAIN or g.name == "default", GUISES), ids=str
)
OTHERS = {name: kind for name, kind in LAYERED.items() if kind not in PLAIN}
every_other = pytest.mark.parametrize("kind", _slow_unless(lambda k: operations(k) < 500, OTHERS.values()), ids=OTHERS)
each_surrogate = pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=SURROGATES.keys())


# --------------------------------------------------------------------------------------------------------------- inputs
def poisson(
    steps: int, samples: int, channels: int = CHANNELS, density: float = 0.15, seed: int = 1, dt: float = DT
) -> Spikes:
    """Random spikes; a few arrive twice in one step."""
    random = np.random.default_rng(seed)
    counts = (random.random((steps, samples, channels)) < density).astype(float)
    counts += counts * (random.random(counts.shape) < 0.1)
    return Spikes.from_dense(counts, dt=dt)


def analog(steps: int, samples: int, channels: int = CHANNELS, seed: int = 2) -> torch.Tensor:
    """A random walk for each channel."""
    walk = np.cumsum(np.random.default_rng(seed).normal(0.05, 0.2, (steps, samples, channels)), axis=0)
    return torch.from_numpy(walk)


def current(steps: int, samples: int, channels: int = CHANNELS, seed: int = 3, dt: float = DT) -> Current:
    """A constant current for each sample and channel."""
    return Current(np.random.default_rng(seed).uniform(-0.5, 1.0, (samples, channels)), steps, dt=dt)


# ------------------------------------------------------------------------------------------------------------- networks
def layer(
    guise: Guise,
    size: int,
    *,
    dtype: torch.dtype = torch.float64,
    gain: float | np.ndarray = 1.0,
    feedback: float = 0.3,
) -> Network:
    """``input -> cells``, recurrent, and ``-> readout``: cells that do not spike have neither.

    All networks of the table are made so that they share their kernels, which differ by the number of projections.
    ``gain`` may be an array, with one for each of the cells.
    """
    net = Network(dt=guise.dt, seed=5, dtype=dtype)
    net.input("input", CHANNELS)
    net.population("cells", guise.model(size), size)
    net.connect("input", "cells", weight=gain * (0.1 + drawn(CHANNELS, size, 1)))
    if guise.kind.spiking:
        net.connect("cells", "cells", weight=feedback * gain * drawn(size, size, 2) / size**0.5)
        net.population("readout", LeakyIntegrator(), 3)
        net.connect("cells", "readout", weight=drawn(size, 3, 3))
    return net


def rich(guise: Guise, *, dtype: torch.dtype = torch.float64, gain: float = 1.0) -> Network:
    """All at once: two recurrent layers, a connection that skips one, and three inputs (spikes, current, analog).

    All three reach the first layer; ``spikes`` and ``analog`` the second, too.
    """
    net = Network(dt=guise.dt, seed=6, dtype=dtype)
    for k, name in enumerate(("spikes", "current", "analog")):
        net.input(name, CHANNELS + k)
    net.population("first", guise.model(17), 17)
    net.population("second", guise.model(9), 9)
    net.population("readout", LeakyIntegrator(), 3)
    for k, (a, b, scale) in enumerate(
        [
            ("spikes", "first", 1.0),
            ("current", "first", 0.3),
            ("analog", "first", 0.3),
            ("first", "first", 0.2),
            ("first", "second", 1.0),
            ("spikes", "second", 0.5),
            ("analog", "second", 0.2),
            ("second", "second", 0.2),
        ]
    ):
        net.connect(a, b, weight=gain * scale * (0.1 * (a != b) + drawn(net.size(a), net.size(b), k)))
    net.connect("second", "readout", weight=drawn(9, 3, 15))
    return net


def rich_inputs(steps: int, samples: int, dt: float = DT) -> dict[str, Any]:
    """What :func:`rich` is given."""
    return {
        "spikes": poisson(steps, samples, dt=dt),
        "current": current(steps, samples, CHANNELS + 1, dt=dt),
        "analog": analog(steps, samples, CHANNELS + 2),
    }


def drawn(sources: int, targets: int, seed: int) -> np.ndarray:
    """Weights with a standard deviation of 0.6 / sqrt(2), the same whenever they are drawn."""
    return np.random.default_rng(seed).normal(0, 0.4, (sources, targets))


def lively(build: Callable[[float], Network], inputs: Any, target: float | None = None) -> Network:
    """The network that ``build`` makes with the smallest gain at which its first population fires often enough."""
    return build(gain_of(build, inputs, target))


def gain_of(build: Callable[[float], Network], inputs: Any, target: float | None = None) -> float:
    """The gain for :func:`lively`; ``target`` is :func:`target_of` the model where none is given."""
    for gain in (2.0**k for k in range(16)):
        net = build(gain)
        name = next(iter(net.populations))
        neuron = net.populations[name].neuron
        if not neuron.spiking:
            return 1.0
        enough = target_of(type(neuron)) if target is None else target
        record = ReferenceEngine().run(net, inputs, record=[f"{name}.spikes"])
        if record[f"{name}.spikes"].density >= enough:
            return gain
    raise AssertionError("this neuron fires at no gain")


# ----------------------------------------------------------------------------------------------------------- comparison
@dataclasses.dataclass
class Answer:
    """What one engine says of a network: a record of everything, and the gradients of one loss of everything."""

    record: Record
    gradients: dict[str, torch.Tensor]


def surrogate_for(net: Network) -> Surrogate:
    """A triangle as wide as the threshold is high: 1, or tens of mV for a membrane of a brain."""
    return Triangle() if all_plain(net) else Triangle(width=40.0)


def all_plain(net: Network) -> bool:
    return all(type(p.neuron) in PLAIN for p in net.populations.values())


def ask(
    engine: Engine,
    net: Network,
    inputs: Any,
    state: Any = None,
    surrogate: Surrogate | None = None,
    samples: torch.Tensor | None = None,
) -> Answer:
    """Run ``net``, and back through a random weighted sum of all that can be recorded (of some ``samples`` only)."""
    net.zero_grad()
    leaves = {n: v for n, v in inputs.items() if isinstance(v, torch.Tensor)} if isinstance(inputs, dict) else {}
    for leaf in leaves.values():
        leaf.requires_grad_(True).grad = None
    record = engine.run(net, inputs, state, record=recordable(net), surrogate=surrogate or surrogate_for(net))
    random = torch.Generator().manual_seed(11)
    loss = torch.zeros((), dtype=torch.float64)
    for value in record.values():
        if isinstance(value, torch.Tensor):
            weight = torch.randn(value.shape, generator=random, dtype=torch.float64)
            if samples is not None:
                weight = weight * samples.reshape(-1, 1)
            loss = loss + (weight.to(value.dtype) * value).sum(dtype=torch.float64)
    loss.backward()
    tensors = [*net.named_parameters(), *((f"input {n}", v) for n, v in leaves.items())]
    gradients = {n: torch.zeros_like(p) if p.grad is None else p.grad.clone() for n, p in tensors}
    return Answer(record, gradients)


def distance(given: torch.Tensor, expected: torch.Tensor) -> float:
    """The norm of the difference relative to that of what was expected; infinite if that is zero and the other not."""
    assert given.shape == expected.shape
    difference, norm = float((given - expected).detach().norm()), float(expected.detach().norm())
    return 0.0 if difference == 0 else difference / norm if norm > 0 else float("inf")


def assert_same_spikes(given: Record, expected: Record) -> None:
    for key, value in expected.items():
        if isinstance(value, Spikes):
            assert given[key] == value, f"{key}: {len(given[key])} events instead of {len(value)}, or other ones"


def assert_close(given: Answer, expected: Answer, tolerance: float) -> None:
    """Everything recorded, the final state and every gradient: within ``tolerance``, relative."""
    assert set(given.record) == set(expected.record)
    for key, value in expected.record.items():
        if isinstance(value, torch.Tensor):
            assert given.record[key].dtype == value.dtype
            assert distance(given.record[key], value) <= tolerance, key
    assert {n: set(v) for n, v in given.record.state.items()} == {n: set(v) for n, v in expected.record.state.items()}
    for name, variables in expected.record.state.items():
        for key, value in variables.items():
            assert distance(given.record.state[name][key], value) <= tolerance, f"final {name}.{key}"
    assert given.gradients.keys() == expected.gradients.keys()
    for name, value in expected.gradients.items():
        assert torch.isfinite(value).all(), f"gradient of {name}"
        assert distance(given.gradients[name], value) <= tolerance, f"gradient of {name}"


def assert_engines_agree(net: Network, inputs: Any, state: Any = None, surrogate: Surrogate | None = None) -> Answer:
    """float64: the same spikes, and everything else within 1e-10, or 1e-8 where a step is hundreds of operations.

    Returns what the reference engine says.
    """
    assert net.dtype == torch.float64
    expected = ask(ReferenceEngine(), net, inputs, state, surrogate)
    given = ask(CpuEngine(threads=2), net, inputs, state, surrogate)
    assert_same_spikes(given.record, expected.record)
    assert_close(given, expected, 1e-10 if all_plain(net) else 1e-8)
    return expected


DEFAULT = Guise(LIF, "default")
