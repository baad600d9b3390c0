"""The reference engine: one torch operation after another, as plain as the equations; it judges every other engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import torch

from spikeloom.core.current import Current
from spikeloom.core.language import surrogate_in_use
from spikeloom.core.spikes import Spikes
from spikeloom.engines.base import Engine, refuses_graph
from spikeloom.engines.inputs import check_inputs, initial_state
from spikeloom.engines.record import Record, State, check_record
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate


@final
class ReferenceEngine(Engine):
    """Runs any network with torch, densely, step by step; gradients by autograd, on the device of the weights."""

    name: ClassVar[str] = "reference"

    def refuses(self, net: Network) -> str | None:
        return refuses_graph(net)

    def run(
        self,
        net: Network,
        inputs: Any,
        state: State | None = None,
        *,
        record: Sequence[str] = (),
        surrogate: Surrogate | None = None,
    ) -> Record:
        keys = check_record(net, record)
        sources, steps, samples = check_inputs(net, inputs)
        device = next((p.device for p in net.parameters()), torch.device("cpu"))
        given = {name: _dense(value, net.dtype, device) for name, value in sources.items()}
        now = initial_state(net, state, samples, device)
        neurons = {name: net.neuron(name) for name in net.populations}
        constants = {
            n: {k: _at(v, net.dtype, device) for k, v in m.constants(net.dt).items()} for n, m in neurons.items()
        }
        order = net.layers()
        wanted = {
            k.rsplit(".", 1)[0] + "." + ("train" if k.endswith((".spikes", ".count")) else k.rsplit(".", 1)[1])
            for k in keys
        }
        traces: dict[str, list[torch.Tensor]] = {key: [] for key in wanted}
        derivative = None if surrogate is None or not torch.is_grad_enabled() else surrogate.derivative
        with surrogate_in_use(derivative), torch.set_grad_enabled(derivative is not None):
            for t in range(steps):
                active = {name: value[t] if value.dim() == 3 else value for name, value in given.items()}
                for name in order:
                    neuron = neurons[name]
                    x = torch.zeros((), dtype=net.dtype, device=device)
                    for p in net.incoming(name):
                        before = now[name]["spike"] if p.recurrent else active[p.source]
                        x = x + p.connection.apply(before, net.weights[p.name])
                    before = [now[name][k] for k in neuron.state]
                    out = neuron.plain_step()(x, *before, **constants[name], **neuron.options())
                    shape = (samples, net.size(name))
                    out = [torch.as_tensor(v, dtype=net.dtype, device=device).expand(shape) for v in out]
                    spike, states = (out[0], out[1:]) if neuron.spiking else (None, out)
                    after = dict(zip(neuron.state, states, strict=True))
                    if spike is not None:
                        active[name] = spike
                        if "spike" in now[name]:
                            after["spike"] = spike
                        if f"{name}.train" in traces:
                            traces[f"{name}.train"].append(spike)
                    now[name] = after
                    for key in neuron.state:
                        if f"{name}.{key}" in traces:
                            traces[f"{name}.{key}"].append(after[key])
        stacked = {key: torch.stack(values) for key, values in traces.items()}
        values: dict[str, Any] = {}
        for key in keys:
            name, what = key.rsplit(".", 1)
            if what == "spikes":
                values[key] = Spikes.from_dense(stacked[f"{name}.train"].detach().cpu(), dt=net.dt)
            elif what == "count":
                values[key] = stacked[f"{name}.train"].sum(0)
            else:
                values[key] = stacked[key]
        final = {name: {k: v.detach().clone() for k, v in variables.items()} for name, variables in now.items()}
        return Record(values, engine=self.name, state=final)


def _dense(value: Any, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    if isinstance(value, Spikes):
        return value.dense(dtype=dtype, device=device)
    if isinstance(value, Current):
        return torch.tensor(value.values, dtype=dtype, device=device)  # copies: the array is read-only
    return value.to(device)


def _at(value: Any, dtype: torch.dtype, device: torch.device) -> Any:
    return value.to(dtype=dtype, device=device) if isinstance(value, torch.Tensor) else value
