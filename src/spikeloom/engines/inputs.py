"""What a run is given, checked before anything is computed: inputs that fit the network, and a state that fits both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import torch

from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.core.spikes import Spikes
from spikeloom.engines.record import State
from spikeloom.network import Network

Source: TypeAlias = Spikes | Current | torch.Tensor
"""One input of a run: spikes, a constant current, or an analog tensor (T, B, N)."""


def check_inputs(net: Network, inputs: Any, dt: float | None = None) -> tuple[dict[str, Source], int, int]:
    """The inputs by name, with the number of steps and of samples.

    One object stands for the only input; several are given by name.

    Raises:
        InvalidValueError: wrong channels, steps or samples, another dt, or values that are not finite.
        UnknownNameError: an input that the network does not have.
    """
    if not net.populations:
        raise InvalidValueError("this network has no population yet; add one with net.population(name, neuron, size)")
    if not isinstance(inputs, Mapping):
        if len(net.inputs) != 1:
            raise InvalidValueError(
                f"this network has {len(net.inputs)} inputs; give them by name: "
                f"{{{', '.join(f'{n!r}: ...' for n in net.inputs)}}}"
            )
        inputs = {next(iter(net.inputs)): inputs}
    for name in inputs:
        if name not in net.inputs:
            raise unknown_name("input", name, net.inputs)
    missing = [n for n in net.inputs if n not in inputs]
    if missing:
        raise InvalidValueError(f"no spikes given for the input {', '.join(map(repr, missing))}")
    sources = {name: _source(net, name, value, net.dt if dt is None else dt) for name, value in inputs.items()}
    shapes = {name: tuple(value.shape) for name, value in sources.items()}
    lengths = {shape[:2] for shape in shapes.values()}
    if len(lengths) != 1:
        raise InvalidValueError(f"all inputs must have the same steps and samples; given (T, B, N): {shapes}")
    steps, samples = lengths.pop()
    if steps < 1 or samples < 1:
        raise InvalidValueError(
            f"there is nothing to run: {steps} steps of {samples} samples; give at least one of each"
        )
    return sources, steps, samples


def _source(net: Network, name: str, value: Any, dt: float) -> Source:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise InvalidValueError(f"input {name!r} is an array of {value.dtype}; allowed: numbers")
        value = np.ascontiguousarray(value, value.dtype.newbyteorder("="))
        value = torch.from_numpy(value if value.flags.writeable else value.copy())  # torch warns of what is read-only
    if not isinstance(value, (Spikes, Current, torch.Tensor)):
        raise InvalidValueError(
            f"input {name!r}: {type(value).__name__} given; allowed: Spikes, Current, or an array of shape (T, B, N)"
        )
    shape = tuple(value.shape)
    if len(shape) != 3 or shape[2] != net.inputs[name].size:
        raise InvalidValueError(
            f"input {name!r} has {net.inputs[name].size} channels, so shape (T, B, {net.inputs[name].size}); given "
            f"{shape}"
        )
    if isinstance(value, torch.Tensor):
        value = value.to(net.dtype)
        if not bool(torch.isfinite(value).all()):
            first = torch.nonzero(~torch.isfinite(value))[0].tolist()
            raise InvalidValueError(
                f"input {name!r} is not finite at (step, sample, channel) = {tuple(first)}; allowed: finite numbers"
            )
    elif abs(value.dt - dt) > 1e-9 * dt:
        raise InvalidValueError(
            f"input {name!r} has dt = {value.dt:g} ms and the network dt = {dt:g} ms; make them equal"
        )
    return value


def initial_state(net: Network, state: State | None, samples: int, device: torch.device) -> State:
    """The state to begin with: the one given, if it fits, else every population at its initial values.

    Gradients flow into it, and through initial values into trainable parameters; not into spikes of the past.

    Raises:
        InvalidValueError: a state of other variables or shapes, or not finite.
        UnknownNameError: a state of a population that the network does not have.
    """
    for name in state or {}:
        if name not in net.populations:
            raise unknown_name("population", name, net.populations)
    begin: State = {}
    for name, population in net.populations.items():
        shape = (samples, population.size)
        wanted = dict(net.neuron(name).initial())
        if any(p.recurrent for p in net.incoming(name)):
            wanted["spike"] = 0.0
        if state is None:
            begin[name] = {
                k: torch.as_tensor(v, dtype=net.dtype, device=device).expand(shape).clone() for k, v in wanted.items()
            }
            continue
        given = state.get(name, {})
        if set(given) != set(wanted):
            raise InvalidValueError(
                f"the state of population {name!r} has {sorted(given)}; this network needs {sorted(wanted)}"
            )
        for key, value in given.items():
            if not isinstance(value, torch.Tensor) or tuple(value.shape) != shape:
                found = tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
                raise InvalidValueError(
                    f"the state {name}.{key} is {found}; allowed: a tensor (samples, neurons) = {shape}"
                )
            if not bool(torch.isfinite(value).all()):
                raise InvalidValueError(f"the state {name}.{key} is not finite; allowed: finite numbers")
        begin[name] = {k: v.to(dtype=net.dtype, device=device) for k, v in given.items()}
        if "spike" in wanted:
            begin[name]["spike"] = begin[name]["spike"].detach()
    return begin
