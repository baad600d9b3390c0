"""Ready-made networks."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from spikeloom.connections import Dense
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.units import ms
from spikeloom.network.network import Network
from spikeloom.neurons import LIF, LeakyIntegrator, Neuron


def feedforward(
    sizes: Sequence[int],
    *,
    neuron: Neuron | None = None,
    readout: Neuron | None = None,
    recurrent: bool = False,
    dt: float = 1 * ms,
    gain: float | Sequence[float] = 1.0,
    recurrent_gain: float = 0.3,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Network:
    """A network of layers: ``input``, hidden layers (``hidden``, or ``hidden1``, ``hidden2`` ...), and ``readout``.

    Args:
        sizes: channels of the input, neurons of each hidden layer, and read-out neurons.
        neuron: model of the hidden layers; ``LIF()`` if not given.
        readout: model of the last layer; ``LeakyIntegrator()`` if not given.
        recurrent: each hidden layer also projects onto itself, with one step of delay.
        dt: length of a step [ms].
        gain: standard deviation of a target's summed weights [mV], one number or one for each layer.
        recurrent_gain: the same for the recurrent projections.
        seed: of the random streams from which the weights are drawn.
        dtype: ``torch.float32`` or ``torch.float64``.

    Raises:
        InvalidValueError: fewer than two sizes, a size below 1, or a number of gains that does not fit.
    """
    if len(sizes) < 2:
        raise InvalidValueError(
            f"feedforward({list(sizes)}) needs at least an input and a read-out, such as feedforward([64, 128, 10])"
        )
    gains = [float(gain)] * (len(sizes) - 1) if isinstance(gain, (int, float)) else [float(g) for g in gain]
    if len(gains) != len(sizes) - 1:
        raise InvalidValueError(f"feedforward: {len(sizes) - 1} layers of weights, but gain has {len(gains)} values")
    net = Network(dt=dt, seed=seed, dtype=dtype)
    before = net.input("input", sizes[0])
    for k, size in enumerate(sizes[1:], start=1):
        last = k == len(sizes) - 1
        name = "readout" if last else "hidden" if len(sizes) == 3 else f"hidden{k}"
        layer = net.population(name, (readout or LeakyIntegrator()) if last else (neuron or LIF()), size)
        net.connect(before, layer, Dense(gain=gains[k - 1]))
        if recurrent and not last:
            net.connect(layer, layer, Dense(gain=recurrent_gain))
        before = layer
    return net
