"""Ready-made networks."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from spikeloom.connections import AllButOwn, Dense, OneToOne
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import trainable
from spikeloom.core.random import stream
from spikeloom.core.units import ms, mV, nS, pF
from spikeloom.network.network import Network
from spikeloom.neurons import LIF, ConductanceALIF, ConductanceLIF, LeakyIntegrator, Neuron
from spikeloom.plasticity import DiehlCookSTDP, Normalised, Plasticity
from spikeloom.synapses import ExponentialConductance


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


def diehl_cook(
    features: int,
    neurons: int,
    classes: int,
    *,
    neuron: ConductanceALIF | None = None,
    rule: Plasticity | None = None,
    total: float | None = None,
    interval: float = 500 * ms,
    interneurons: bool = False,
    dt: float = 1 * ms,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Network:
    """Neurons that compete for what they are shown (Diehl & Cook 2015, doi:10.3389/fncom.2015.00099).

    The input excites all neurons of ``exc`` by plastic synapses (:class:`~spikeloom.plasticity.DiehlCookSTDP`,
    normalised); each of them that fires inhibits all others. ``readout`` counts their spikes by class.

    In the paper inhibition goes through as many inhibitory neurons, one to one and back to all others. Each fires once,
    a step after its partner: so they are left out, and inhibition has the delay of one step. With ``interneurons``
    they are there; it then comes a step later, which at a step of 1 ms lets too many neurons fire before they are
    silenced (the paper's program has steps of 0.5 ms).

    Args:
        features: channels of the input.
        neurons: neurons that compete.
        classes: read-out neurons.
        neuron: model of the neurons that compete, with trainable thresholds; that of the paper if not given.
        rule: of the plastic synapses; that of the paper if not given.
        total: sum of a neuron's weights [nS]; a tenth for each feature if not given (78 of 784 in the paper).
        interval: how often weights are normalised: the time for which a sample is shown, with its rest [ms].
        interneurons: whether inhibition goes through neurons.
        dt: length of a step [ms].
        seed: of the random stream from which the weights are drawn.
        dtype: ``torch.float32`` or ``torch.float64``.
    """
    total = 78 / 784 * features if total is None else float(total)
    net = Network(dt=dt, seed=seed, dtype=dtype)
    pixels = net.input("input", features)
    exc = net.population("exc", neuron or ConductanceALIF(a_0=trainable(20 * mV, size=neurons)), neurons)
    weight = stream(seed, "weights input->exc").random((features, neurons)) + 0.01
    excitation = ExponentialConductance(tau=1 * ms, reversal=0 * mV)
    inhibition = ExponentialConductance(tau=2 * ms, reversal=-100 * mV)
    rule = Normalised(rule=rule or DiehlCookSTDP(), total=total, interval=interval)
    net.connect(pixels, exc, weight=weight * (total / weight.sum(0)), synapse=excitation, rule=rule)
    if interneurons:
        cell = ConductanceLIF(c_m=10 * pF, g_l=1 * nS, e_l=-60 * mV, theta=-40 * mV, v_reset=-45 * mV, t_ref=2 * ms)
        inh = net.population("inh", cell, neurons)
        net.connect(exc, inh, OneToOne(), weight=10.4 * nS, synapse=excitation)
        net.connect(inh, exc, AllButOwn(), weight=17 * nS, synapse=inhibition, delay=dt)
    else:
        net.connect(exc, exc, AllButOwn(), weight=17 * nS, synapse=inhibition, delay=dt)
    net.connect(exc, net.population("readout", LeakyIntegrator(tau_m=1e7 * ms), classes), weight=0.0)
    return net
