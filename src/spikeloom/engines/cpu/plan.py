"""What a run of the cpu engine is about to do, worked out before anything is computed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from spikeloom.core.current import Current
from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu.kernels import Kernels, kernels
from spikeloom.engines.cpu.products import by_sample, of_spikes, split
from spikeloom.engines.cpu.template import Shape, Traced, traced
from spikeloom.engines.inputs import Source
from spikeloom.engines.record import State
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate, Triangle


@dataclasses.dataclass
class Layer:
    """One population with its kernels and everything about it that stays the same during a run."""

    name: str
    size: int
    shape: Shape
    traced: Traced
    kernels: Kernels
    events: list[tuple[str, str]]  # (projection, source) whose spikes arrive as events
    recurrent: str | None  # the projection onto itself
    outgoing: list[tuple[str, str]]  # (projection, target)
    constants: list[Any]  # as the kernel takes them: a scalar, or an array with one for each neuron
    wanted: dict[str, torch.Tensor]  # constants that want a gradient
    start: dict[str, torch.Tensor]  # state variables whose values at the beginning want one
    base: torch.Tensor | None  # (B, N) constant input
    drive: torch.Tensor | None  # (B, T, N) analog input


@dataclasses.dataclass
class Plan:
    """All layers in order, with what they share."""

    layers: list[Layer]
    steps: int
    samples: int
    real: type[np.floating[Any]]
    sources: dict[str, Source]
    surrogate: Surrogate | None
    bump: list[Any]
    dt: float
    dense: dict[str, int]  # for each input, how many samples went through dense products instead of events

    def layer(self, name: str) -> Layer:
        """The layer of that name."""
        return next(x for x in self.layers if x.name == name)


def make(
    net: Network, sources: dict[str, Source], steps: int, samples: int, begin: State, surrogate: Surrogate | None
) -> Plan:
    """The plan of a run."""
    real = np.float64 if net.dtype == torch.float64 else np.float32
    bump_of = surrogate or Triangle()
    dense: dict[str, tuple[Spikes, np.ndarray]] = {}
    for name, given in sources.items():
        if isinstance(given, Spikes):
            sparse, numbers = split(given)
            if len(numbers):
                sources = {**sources, name: sparse}
                dense[name] = (given, numbers)
    layers = [
        _layer(net, name, sources, dense, real, begin[name], bump_of, surrogate is not None) for name in net.layers()
    ]
    bump = [real(v) for v in bump_of.values().values()]
    return Plan(
        layers,
        steps,
        samples,
        real,
        sources,
        surrogate,
        bump,
        net.dt,
        {k: len(numbers) for k, (_, numbers) in dense.items()},
    )


def _layer(
    net: Network,
    name: str,
    sources: dict[str, Source],
    dense: dict[str, tuple[Spikes, np.ndarray]],
    real: Any,
    begin: dict[str, torch.Tensor],
    surrogate: Surrogate,
    training: bool,
) -> Layer:
    population = net.populations[name]
    with torch.enable_grad():  # what is trainable is so in every run: a trained network is used with the same kernels
        neuron = net.neuron(name)
        constants = neuron.constants(net.dt)
    wanted = {k: v for k, v in constants.items() if isinstance(v, torch.Tensor) and v.requires_grad}
    events: list[tuple[str, str]] = []
    recurrent: str | None = None
    base: torch.Tensor | None = None
    drive: torch.Tensor | None = None
    for p in net.incoming(name):
        given, weight = sources.get(p.source), net.weights[p.name]
        if p.recurrent:
            recurrent = p.name
        elif isinstance(given, Current):
            x = by_sample(p.connection, torch.tensor(given.values, dtype=net.dtype), weight)
            base = x if base is None else base + x
        elif isinstance(given, torch.Tensor):
            x = by_sample(p.connection, given.transpose(0, 1), weight)
            drive = x if drive is None else drive + x
        else:
            events.append((p.name, p.source))
            if p.source in dense:
                x = of_spikes(p.connection, *dense[p.source], weight)
                drive = x if drive is None else drive + x
    shape = Shape(
        neuron=type(neuron),
        options=tuple(neuron.options().items()),
        per_neuron=tuple(k for k, v in constants.items() if isinstance(v, torch.Tensor) and v.dim() == 1),
        inputs=len(events),
        outputs=sum(1 for p in net.projections.values() if p.source == name and not p.recurrent),
        recurrent=recurrent is not None,
        surrogate=type(surrogate) if neuron.spiking else Triangle,  # without spikes it is all the same: one kernel
        wanted=tuple(wanted),
        real=real.__name__,
    )
    return Layer(
        name=name,
        size=population.size,
        shape=shape,
        traced=traced(shape),
        kernels=kernels(shape),
        events=events,
        recurrent=recurrent,
        outgoing=[(p.name, p.target) for p in net.projections.values() if p.source == name and not p.recurrent],
        constants=[_constant(constants[k], real) for k in neuron.constant_names()],
        wanted=wanted if training else {},
        start={k: begin[k] for k in traced(shape).smooth if begin[k].requires_grad} if training else {},
        base=None if base is None else base.contiguous(),
        drive=None if drive is None else drive.contiguous(),
    )


def _constant(value: Any, real: Any) -> Any:
    if isinstance(value, torch.Tensor):
        array = value.detach().cpu().numpy().astype(real)
        return array if array.ndim else real(array)
    return real(value)
