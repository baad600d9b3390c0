"""A network as a stack of layers through which one wave of spikes runs, if it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import torch

from spikeloom.connections import Convolution, Dense, Pooling
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.network import Network
from spikeloom.network.parts import Projection
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.synapses import Delta

LEAK = 1e-9
"""The part of its potential that a neuron may lose in a step, and count as one that does not leak."""

WRITE = "LIF(tau_m=1e9 * second, theta=10, t_ref=1e9 * second)"


@final
@dataclass(frozen=True)
class Layer:
    """One layer: a population and the projection onto it. ``theta`` is its threshold, ``shape`` how it is laid out."""

    projection: Projection
    connection: Convolution | Pooling
    theta: float

    @property
    def name(self) -> str:
        """The population."""
        return self.projection.target

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns of the population."""
        return self.connection.target_shape

    @property
    def plastic(self) -> bool:
        """Whether its weights learn."""
        return self.projection.rule is not None


@final
@dataclass(frozen=True)
class Stack:
    """All layers in order, and the projection onto the read-out, if there is one.

    Attributes:
        source: the input.
        shape: how it is laid out: channels, rows and columns.
        longest: for how many steps no neuron fires twice.
    """

    source: str
    shape: tuple[int, int, int]
    layers: tuple[Layer, ...]
    readout: Projection | None
    longest: float

    @classmethod
    def of(cls, net: Network) -> Stack:
        """``net`` as a stack.

        Raises:
            UnsupportedError: it is none; the message says why.
        """
        reason, found = _read(net)
        if found is None:
            raise UnsupportedError(f"this network is no stack of layers whose neurons fire once: {reason}")
        return found

    def check_steps(self, steps: int) -> None:
        """Raises if a neuron could fire twice within so many steps."""
        if steps > self.longest:
            raise InvalidValueError(
                f"a sample lasts for {steps} steps, but neurons fire again after {self.longest:g}; make them "
                f"refractory for longer, as in {WRITE}"
            )


def refuses_stack(net: Network) -> str | None:
    """Why ``net`` is no stack, or ``None`` if it is one."""
    return _read(net)[0]


def _read(net: Network) -> tuple[str | None, Stack | None]:
    if len(net.inputs) != 1 or net.drives or net.gains:
        return "it needs one input, and neither drives nor gains", None
    at = source = next(iter(net.inputs))
    layers: list[Layer] = []
    readout: Projection | None = None
    left = dict(net.projections)
    longest = float("inf")
    while left:
        onward = [p for p in left.values() if p.source == at]
        if len(onward) != 1 or len(net.incoming(onward[0].target)) != 1 or readout is not None:
            return f"its layers are not one after the other; {at!r} is the source of {len(onward)} projections", None
        (p,) = onward
        del left[p.name]
        neuron = net.neuron(p.target)
        if p.delay is not None or p.short_term is not None or not isinstance(p.synapse, Delta):
            return f"the projection {p.name!r} has delays, or synapses with a time course", None
        if isinstance(p.connection, Dense) and not neuron.spiking:
            reason, readout = _refuses_readout(p.target, neuron, net.dt), p
        else:
            reason = _refuses_layer(p, neuron, net)
            longest = min(longest, float(getattr(neuron, "t_ref", 0.0)) / net.dt) if reason is None else longest
            if reason is None and isinstance(p.connection, (Convolution, Pooling)):
                layers.append(Layer(p, p.connection, float(getattr(neuron, "theta", 0.0))))
        if reason is not None:
            return reason, None
        at = p.target
    if not layers or len(layers) + (readout is not None) != len(net.populations):
        return "it needs a convolution or a pooling, and no population beside the stack", None
    return None, Stack(source, layers[0].connection.shape, tuple(layers), readout, longest)


def _refuses_layer(p: Projection, neuron: Any, net: Network) -> str | None:
    if not isinstance(p.connection, (Convolution, Pooling)):
        return f"the projection {p.name!r} is a {type(p.connection).__name__}, not a Convolution or a Pooling"
    if not isinstance(neuron, LIF) or neuron.input != "delta" or neuron.reset != "value":
        return f"the neurons of {p.target!r} are {type(neuron).__name__}; write {WRITE}"
    if any(torch.as_tensor(v).dim() for v in neuron.values().values() if not isinstance(v, str)):
        return f"the neurons of {p.target!r} are not all alike"
    if net.dt > LEAK * float(neuron.tau_m) or neuron.i_e != 0 or neuron.v_rest != 0 or neuron.v_reset != 0:
        return f"the neurons of {p.target!r} leak, are driven, or do not begin at 0; write {WRITE}"
    if isinstance(p.connection, Pooling) and not _one_weight(p) >= neuron.theta:
        return f"one spike must be enough for {p.target!r}: give {p.name!r} a weight of at least theta = {neuron.theta}"
    return None


def _one_weight(p: Projection) -> float:
    return float(p.weight) if isinstance(p.weight, (int, float)) else float("nan")


def _refuses_readout(name: str, neuron: Any, dt: float) -> str | None:
    still = isinstance(neuron, LeakyIntegrator) and neuron.input == "delta" and neuron.v_rest == 0 and neuron.i_e == 0
    if still and bool(torch.all(dt <= LEAK * torch.as_tensor(neuron.tau_m).detach())):
        return None
    return f"the read-out {name!r} leaks, or is driven; write LeakyIntegrator(tau_m=1e9 * second)"
