"""The cpu engine: compiled kernels whose work with weights follows the spikes, forwards and backwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from spikeloom.core.spikes import Spikes
from spikeloom.engines.base import Engine, refuses_graph
from spikeloom.engines.cpu import chunks
from spikeloom.engines.cpu.chunks import Buffers, Cotangents, Events
from spikeloom.engines.cpu.plan import Plan, make
from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.inputs import check_inputs, initial_state
from spikeloom.engines.record import Record, State, check_record
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate


@final
class CpuEngine(Engine):
    """Runs feed-forward layers, each with optional recurrence of its own, layer by layer with compiled kernels.

    Forwards, weights are read for the spikes that occur; backwards, for spikes and for neurons within the support of
    the surrogate (all of them, if its support is unbounded). Any neuron model runs and trains: its derivative is
    derived from its step. The result does not depend on ``threads`` (by default as many as torch uses).
    """

    name: ClassVar[str] = "cpu"
    own_threads: ClassVar[bool] = True

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads
        self._room: dict[str, int] = {}

    def refuses(self, net: Network) -> str | None:
        device = next((p.device.type for p in net.parameters()), "cpu")
        if device != "cpu":
            return f"its weights are on {device!r}"
        reason = refuses_graph(net)
        if reason is not None:
            return reason
        for p in net.projections.values():
            if p.connection.shared:
                kind = type(p.connection).__name__
                return f"synapses of {p.name!r} share weights ({kind}), which engine='reference' runs and trains"
        return None

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
        begin = initial_state(net, state, samples, torch.device("cpu"))
        training = surrogate is not None and torch.is_grad_enabled()
        with torch.set_grad_enabled(training):
            plan = make(net, sources, steps, samples, begin, surrogate if training else None)
            call = _Call(plan, begin, keys, self.threads or torch.get_num_threads(), self._room)
            projections = [
                p for layer in plan.layers for p in (*(p for p, _ in layer.events), layer.recurrent) if p is not None
            ]
            tensors = [net.weights[p] for p in projections]
            analog = [
                (layer.name, kind)
                for layer in plan.layers
                for kind in ("base", "drive")
                if getattr(layer, kind) is not None
            ]
            tensors += [getattr(plan.layer(name), kind) for name, kind in analog]
            wanted = [(layer.name, k) for layer in plan.layers for k in layer.wanted]
            tensors += [plan.layer(name).wanted[k] for name, k in wanted]
            starts = [(layer.name, k) for layer in plan.layers for k in layer.start]
            tensors += [plan.layer(name).start[k] for name, k in starts]
            call.names(projections, analog, wanted, starts)
            outputs = _Run.apply(call, *tensors)
        values: dict[str, Any] = dict(zip(call.differentiable, outputs, strict=True))
        values |= {key: call.spikes(key.rsplit(".", 1)[0]) for key in keys if key.endswith(".spikes")}
        return Record({key: values[key] for key in keys}, engine=self.name, state=call.final(), dense=plan.dense)


class _Call:
    """One run: its plan, its buffers, and after it the events that the backward pass visits."""

    def __init__(self, plan: Plan, begin: State, keys: tuple[str, ...], threads: int, room: dict[str, int]) -> None:
        self.plan, self.keys, self.threads, self.room = plan, keys, threads, room
        self.chunks = chunks.divide(plan.samples)
        self.differentiable = [key for key in keys if not key.endswith(".spikes")]
        self.begin = {
            n: {k: v.detach().contiguous().numpy() for k, v in variables.items()} for n, variables in begin.items()
        }
        self.events: list[dict[str, Events]] = []

    def names(
        self,
        projections: list[str],
        analog: list[tuple[str, str]],
        wanted: list[tuple[str, str]],
        starts: list[tuple[str, str]],
    ) -> None:
        """What the tensors of the call are, in their order."""
        self.projections, self.analog, self.wanted, self.starts = projections, analog, wanted, starts

    def forward(self, weights: dict[str, np.ndarray]) -> list[torch.Tensor]:
        plan = self.plan
        full, flat = (plan.samples, plan.steps), (plan.samples,)
        layers = plan.layers
        asked = {tuple(key.rsplit(".", 1)) for key in self.keys}
        self.buffers = Buffers(
            begin=self.begin,
            end={n: {k: np.empty_like(v) for k, v in variables.items()} for n, variables in self.begin.items()},
            count={x.name: np.empty((*flat, x.size), plan.real) for x in layers if x.shape.neuron.spiking},
            trace={
                x.name: {k: np.empty((*full, x.size), plan.real) for k in x.traced.live if (x.name, k) in asked}
                for x in layers
            },
            keep={
                x.name: {k: np.empty((*full, x.size), plan.real) for k in x.traced.kept} if plan.surrogate else {}
                for x in layers
            },
        )
        self.weights = weights
        self.events = in_threads(
            lambda c: chunks.forward(plan, weights, self.buffers, self.room, c), self.chunks, self.threads
        )
        return [self._output(*key.rsplit(".", 1)) for key in self.differentiable]

    def _output(self, name: str, what: str) -> torch.Tensor:
        if what == "count":
            return torch.from_numpy(self.buffers.count[name])
        if what == "train":
            return self.spikes(name).dense(dtype=torch.from_numpy(self.buffers.count[name]).dtype)
        trace = self.buffers.trace[name].get(what)
        if trace is None:  # a state variable that this model, with these options, never changes
            trace = np.broadcast_to(
                self.begin[name][what][:, None], (self.plan.samples, self.plan.steps, self.plan.layer(name).size)
            ).copy()
        return torch.from_numpy(trace).transpose(0, 1)

    def spikes(self, name: str) -> Spikes:
        """The spikes of a population over all samples."""
        parts = [e[name] for e in self.events]
        lengths = [int(p.offsets[-1]) for p in parts]
        before = np.cumsum([0, *lengths])
        offsets = np.concatenate([[0], *(p.offsets[1:] + b for p, b in zip(parts, before[:-1], strict=True))])
        indices = np.concatenate([p.index[:n] for p, n in zip(parts, lengths, strict=True)])
        return Spikes(
            offsets, indices, (self.plan.steps, self.plan.samples, self.plan.layer(name).size), dt=self.plan.dt
        )

    def final(self) -> State:
        """The state after the run."""
        live = {x.name: {*x.traced.live, "spike"} for x in self.plan.layers}
        return {
            n: {k: torch.from_numpy(self.buffers.end[n][k] if k in live[n] else v.copy()) for k, v in variables.items()}
            for n, variables in self.begin.items()
        }

    def backward(self, grads: Sequence[torch.Tensor | None], needs: Sequence[bool]) -> list[torch.Tensor | None]:
        plan, real = self.plan, self.plan.real
        cotangents = {x.name: Cotangents(None, None, {}) for x in plan.layers}
        for key, grad in zip(self.differentiable, grads, strict=True):
            if grad is None:
                continue
            name, what = key.rsplit(".", 1)
            value = (grad if what == "count" else grad.transpose(0, 1)).contiguous().numpy()
            if what in ("count", "train"):
                setattr(cotangents[name], what, value)
            else:
                cotangents[name].trace[what] = value
        needed = {p for p, need in zip(self.projections, needs, strict=False) if need}
        active = chunks.active_layers(plan, needed)
        work = (plan, active, self.weights, needed, self.buffers)
        full = (plan.samples, plan.steps)
        g_base = {
            n: np.zeros((plan.samples, plan.layer(n).size), real)
            for n, kind in self.analog
            if kind == "base" and n in active
        }
        passing = {x.name for x in plan.layers if x.name in active and any(s in active for _, s in x.events)}
        passing |= {n for n, kind in self.analog if kind == "drive" and n in active}
        g_drive = {n: np.empty((*full, plan.layer(n).size), real) for n in passing}
        g_begin = {(n, k): np.empty((plan.samples, plan.layer(n).size), real) for n, k in self.starts}
        task = lambda i: chunks.backward(  # noqa: E731
            *work, self.events[i], cotangents, g_base, g_drive, g_begin, self.chunks[i]
        )
        sums = in_threads(task, range(len(self.chunks)), self.threads)
        found: list[torch.Tensor | None] = []
        for p in self.projections:
            targets = self.weights[p].shape[1]
            found.append(_total([s.weights[p] for s in sums])[:, :targets].contiguous() if p in needed else None)
        for name, kind in self.analog:
            source = (g_base if kind == "base" else g_drive).get(name)
            found.append(None if source is None else torch.from_numpy(source))
        for name, constant in self.wanted:
            total = _total([s.constants[name, constant] for s in sums])
            found.append(total if plan.layer(name).wanted[constant].dim() else total.sum())
        return found + [torch.from_numpy(g_begin[start]) for start in self.starts]


def _total(parts: list[np.ndarray]) -> torch.Tensor:
    """The sum of the chunks' gradients, in their order."""
    total = parts[0]
    for part in parts[1:]:
        total += part
    return torch.from_numpy(total)


class _Run(torch.autograd.Function):
    """A whole run as one operation of autograd."""

    @staticmethod
    def forward(ctx: Any, call: _Call, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        ctx.call = call
        ctx.save_for_backward(*tensors)  # nothing is read from them: autograd refuses if one was changed in between
        ctx.set_materialize_grads(False)
        return tuple(
            call.forward({p: w.detach().contiguous().numpy() for p, w in zip(call.projections, tensors, strict=False)})
        )

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        _ = ctx.saved_tensors
        return (None, *ctx.call.backward(grads, ctx.needs_input_grad[1:]))
