"""The engine for waves of first spikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.base import Engine
from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.inputs import check_inputs
from spikeloom.engines.record import Record, State, check_record
from spikeloom.engines.waves.kernels import SILENT, arranged, convolved, pooled
from spikeloom.engines.waves.stack import Layer, Stack, refuses_stack
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate

Times = NDArray[np.int16]


@final
class WaveEngine(Engine):
    """Runs stacks of convolutions and poolings whose neurons do not leak and fire at most once in a sample.

    Then a layer is known when the step of each neuron's spike is known, and is computed at once from the layer before:
    much faster than step by step, with the same spikes. Rules of plasticity do not act here: the weights stay as they
    are. What learns on such a stack is :class:`~spikeloom.learning.Competitive`.

    It is only taken where it is asked for, ``sl.run(net, spikes, engine="waves")``, and has no gradients.
    """

    name: ClassVar[str] = "waves"
    own_threads: ClassVar[bool] = True
    learns: ClassVar[bool] = False

    def refuses(self, net: Network) -> str | None:
        device = next((p.device.type for p in net.parameters()), "cpu")
        return f"its weights are on {device!r}" if device != "cpu" else refuses_stack(net)

    def run(
        self,
        net: Network,
        inputs: Any,
        state: State | None = None,
        *,
        record: Sequence[str] = (),
        surrogate: Surrogate | None = None,
    ) -> Record:
        stack = Stack.of(net)
        if state is not None:
            raise UnsupportedError("engine 'waves' always begins at rest; leave out state, or take engine='steps'")
        keys = check_record(net, record)
        sources, steps, samples = check_inputs(net, inputs)
        spikes = sources[stack.source]
        if not isinstance(spikes, Spikes):
            raise InvalidValueError("engine 'waves' takes spikes; encode the samples first, or take engine='steps'")
        stack.check_steps(steps)
        wave = Wave(net, stack, steps)
        wanted = {key.split(".")[0]: [] for key in keys}
        for key in keys:
            wanted[key.split(".")[0]].append(key)
        readout = None if stack.readout is None else stack.readout.target

        def one(sample: int) -> dict[str, Any]:
            found: dict[str, Any] = {}
            passed: Times = first_spikes(spikes, sample, stack.shape)
            for layer in stack.layers:
                before, passed = passed, wave.through(layer, passed)[0]
                for key in wanted.get(layer.name, ()):
                    found[key] = _seen(key.split(".", 1)[1], layer, before, passed, wave)
            if readout in wanted:
                found[f"{readout}.v"] = wave.read(passed)
            return found

        parts = in_threads(one, range(samples), torch.get_num_threads())
        return Record(
            {key: _joined(key, [p[key] for p in parts], steps, net) for key in keys}, engine="waves", state={}
        )


@final
class Wave:
    """The layers of a stack at work, with the weights that they have now."""

    def __init__(self, net: Network, stack: Stack, steps: int) -> None:
        self.net, self.stack, self.steps = net, stack, steps
        self.weights: dict[str, NDArray[np.float64]] = {}
        for layer in stack.layers:
            self.renew(layer)

    def renew(self, layer: Layer) -> None:
        """Take the weights of a layer from the network again."""
        name = layer.projection.name
        if name in self.net.weights:
            self.weights[name] = arranged(self.net.weights[name].detach().numpy())

    def through(self, layer: Layer, times: Times) -> tuple[Times, NDArray[np.float64]]:
        """First spikes of ``layer`` from those of the layer before, and the membranes at that time."""
        connection, weight = layer.connection, self.weights.get(layer.projection.name)
        if weight is None:
            fired = pooled(times, connection)  # pyright: ignore[reportArgumentType]
            return fired, np.where(fired < SILENT, layer.theta, 0.0)
        return convolved(times, weight, connection, layer.theta, self.steps)  # pyright: ignore[reportArgumentType]

    def read(self, times: Times) -> torch.Tensor:
        """The membranes (T, classes) of the read-out."""
        assert self.stack.readout is not None
        weight = self.net.weights[self.stack.readout.name].detach().double()
        flat = times.reshape(-1)
        fired = np.flatnonzero(flat < self.steps)
        jumps = torch.zeros(self.steps, weight.shape[1], dtype=torch.float64)
        jumps.index_add_(0, torch.from_numpy(flat[fired].astype(np.int64)), weight[torch.from_numpy(fired)])
        return jumps.cumsum(0)


def first_spikes(spikes: Spikes, sample: int, shape: tuple[int, int, int]) -> Times:
    """The step of the first spike of each channel of one sample, laid out as ``shape``."""
    steps = spikes.shape[0]
    rows = spikes.offsets[sample * steps : (sample + 1) * steps + 1]
    times = np.full(spikes.shape[2], SILENT, np.int16)
    neurons = spikes.indices[rows[0] : rows[-1]]
    step = np.repeat(np.arange(steps, dtype=np.int16), np.diff(rows))
    if np.unique(neurons).size < neurons.size:
        raise InvalidValueError(
            f"engine 'waves': a channel of sample {sample} fires more than once; take an encoder that fires once, such "
            "as Latency or DifferenceOfGaussians, or engine='steps'"
        )
    times[neurons] = step
    return times.reshape(shape)


def _seen(what: str, layer: Layer, before: Times, after: Times, wave: Wave) -> Any:
    """What is recorded of one layer in one sample."""
    flat = after.reshape(-1)
    steps = wave.steps
    if what == "count":
        return torch.from_numpy(flat < steps).to(wave.net.dtype)
    if what in ("spikes", "train"):
        return flat
    if what != "v":
        raise UnsupportedError(f"engine 'waves' cannot record {layer.name}.{what}; take engine='steps'")
    since = torch.from_numpy(np.arange(steps)[:, None] - flat.astype(np.int64))
    arriving = torch.from_numpy((before == np.arange(steps)[:, None, None, None]).astype(np.float64))
    connection = layer.connection
    weight = _kernel(layer, wave.net)
    y = torch.nn.functional.conv2d(
        arriving, weight, stride=connection.stride or connection.kernel, padding=connection.padding,
        groups=arriving.shape[1] if layer.projection.name not in wave.weights else 1,
    )  # fmt: skip
    v = y.reshape(steps, -1).cumsum(0)
    return torch.where(since >= 0, 0.0, v).to(wave.net.dtype)


def _kernel(layer: Layer, net: Network) -> torch.Tensor:
    name = layer.projection.name
    if name in net.weights:
        return net.weights[name].detach().double()
    side = layer.connection.kernel
    return torch.full((layer.shape[0], 1, side, side), float(layer.projection.weight), dtype=torch.float64)  # pyright: ignore[reportArgumentType]


def _joined(key: str, parts: list[Any], steps: int, net: Network) -> Any:
    """The samples of a recorded quantity as one."""
    name, what = key.split(".", 1)
    if what == "count":
        return torch.stack(parts)
    if what in ("spikes", "train"):
        times = np.stack(parts)
        sample, neuron = np.nonzero(times < steps)
        shape = (steps, len(parts), net.size(name))
        spikes = Spikes.from_events(times[sample, neuron], neuron, sample, shape=shape, dt=net.dt, sort=True)
        return spikes if what == "spikes" else spikes.dense(dtype=net.dtype)
    return torch.stack(parts, dim=1).to(net.dtype)
