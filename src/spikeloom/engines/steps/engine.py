"""The step-by-step engine: populations move on together, and spikes take their time between them."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.base import Engine
from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.inputs import check_inputs
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps.batch import joined, sample_of, state_of
from spikeloom.engines.steps.checks import enough_memory, warn_of_silence
from spikeloom.engines.steps.modulators import Released
from spikeloom.engines.steps.plan import Cells, cells
from spikeloom.engines.steps.plastic import one_thread
from spikeloom.engines.steps.progress import Wanted
from spikeloom.engines.steps.recorders import wanted_of
from spikeloom.engines.steps.runner import Runner
from spikeloom.engines.steps.setting import LONGEST, Setting
from spikeloom.engines.steps.shards import Shard, delay_steps, shard
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate

WORTH = 20_000
"""Updates of neurons between two meetings, below which one thread is faster than several."""

_built: weakref.WeakKeyDictionary[Network, tuple[Any, list[Shard]]] = weakref.WeakKeyDictionary()
"""The synapses of networks that ran: made in seconds, and needed again by the next run."""


@final
class StepEngine(Engine):
    """Runs any graph of populations, with delays, step by step; cost follows the spikes. In double precision.

    The result does not depend on ``threads`` (by default as many as torch uses where that is faster). It has no
    gradients: training through time needs an engine that runs layer by layer. Rules of plasticity act here.
    """

    name: ClassVar[str] = "steps"
    own_threads: ClassVar[bool] = True
    learns: ClassVar[bool] = False

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads

    def refuses(self, net: Network) -> str | None:
        device = next((p.device.type for p in net.parameters()), "cpu")
        if device != "cpu":
            return f"its weights are on {device!r}"
        return None

    def run(
        self,
        net: Network,
        inputs: Any,
        state: State | None = None,
        *,
        record: Sequence[Any] = (),
        surrogate: Surrogate | None = None,
        duration: float | None = None,
        dt: float | None = None,
        progress: Wanted = False,
        released: Released = None,
    ) -> Record:
        """Run ``net`` for ``duration`` ms, or as long as its ``inputs`` last, in steps of ``dt`` ms (the network's)."""
        dt = net.dt if dt is None else float(dt)
        sources, steps, samples = sources_of(net, inputs, duration, dt)

        def one(sample: int, threads: int, begun: State | None) -> Runner:
            mine = {n: sample_of(v, sample) for n, v in sources.items()}
            plan, shards = self._made(net, mine, dt, record, threads, sample)
            return Runner(
                Setting(net, plan, shards, mine, steps, dt, begun, record, sample, released, samples > 1), threads
            )

        if samples == 1:
            return one(0, self._threads(net, dt), state).run(progress)
        parts = [state_of(net, state, b, samples) for b in range(samples)]
        begun = one(0, 1, parts[0]).setting.weights()  # also makes the synapses and the kernels, once
        together = self.threads or torch.get_num_threads()
        records = in_threads(lambda b: one(b, 1, parts[b]).run(False), range(samples), together)
        return joined(net, records, begun)

    def open(
        self,
        net: Network,
        sources: dict[str, Any],
        steps: int,
        dt: float,
        state: State | None,
        record: Sequence[Any],
        released: Mapping[str, Any],
    ) -> Runner:
        """A runner for stretches of up to ``steps`` steps, fed by its setting; ``released`` are buffers of as many.

        ``sources`` tell of which kind each input is.
        """
        threads = self._threads(net, dt)
        plan, shards = self._made(net, sources, dt, record, threads, 0)
        made = Setting(net, plan, shards, sources, steps, dt, state, record, 0, released, stretches=True)
        warn_of_silence(net, made.given)
        return Runner(made, threads)

    def _made(
        self, net: Network, sources: dict[str, Any], dt: float, record: Any, threads: int, sample: int
    ) -> tuple[dict[str, Cells], list[Shard]]:
        """The populations and the synapses of a run."""
        analog = frozenset(n for n, v in sources.items() if not isinstance(v, Spikes))
        recorded = {n: frozenset(wanted_of(record, n)) for n in net.populations}
        plan = {name: cells(net, name, dt, analog, recorded[name], sample) for name in net.populations}
        return plan, self._shards(net, plan, dt, threads)

    def _threads(self, net: Network, dt: float) -> int:
        """How many threads a run of one sample takes."""
        alone = any(p.rule is not None and one_thread(p) for p in net.projections.values())
        worth = self.threads or _worth_threads(net, dt)
        return 1 if alone or not worth else self.threads or torch.get_num_threads()

    def _shards(self, net: Network, plan: dict[str, Cells], dt: float, threads: int) -> list[Shard]:
        signature = (
            dt,
            threads,
            tuple((n, c.size, tuple(r.key for r in c.receptors)) for n, c in plan.items()),
            tuple((n, id(p)) for n, p in net.projections.items()),
            tuple((n, w._version, w.data_ptr()) for some in (net.weights, net.learned) for n, w in some.items()),
        )
        if net in _built and _built[net][0] == signature:
            return _built[net][1]
        enough_memory(net)
        made = in_threads(lambda k: shard(net, plan, dt, k, threads), range(threads), threads)
        _built[net] = (signature, made)
        return made


def built(net: Network) -> list[Shard]:
    """The synapses of a network that has run; none if it has not."""
    return _built[net][1] if net in _built else []


def _worth_threads(net: Network, dt: float) -> bool:
    """Whether a block is long enough for threads to meet after it."""
    delays = [delay_steps(net, p, dt) for p in net.projections.values() if p.rule or p.source in net.populations]
    block = 1 if net.gains else min((d if isinstance(d, int) else 1 for d in delays), default=LONGEST)
    return sum(p.size for p in net.populations.values()) * max(1, min(block, LONGEST)) >= WORTH


def sources_of(net: Network, inputs: Any, duration: float | None, dt: float) -> tuple[dict[str, Any], int, int]:
    """The inputs by name, the number of steps and of samples."""
    wanted: int | None = None
    if duration is not None:
        wanted = round(float(duration) / dt)
        if not np.isfinite(duration) or wanted < 1 or abs(wanted * dt - duration) > 1e-6 * dt * max(1, wanted):
            raise InvalidValueError(
                f"duration={duration!r} ms is not possible; allowed: a whole number of steps of {dt:g} ms, at least one"
            )
    if not net.inputs:
        if inputs is not None:
            raise InvalidValueError("this network has no input; give none: sl.run(net, duration=1 * second)")
        if wanted is None:
            raise InvalidValueError("say how long this network is to run: sl.run(net, duration=1 * second)")
        return {}, wanted, 1
    if inputs is None:
        raise InvalidValueError(f"this network has the inputs {list(net.inputs)}; give what arrives at them")
    sources, steps, samples = check_inputs(net, inputs, dt)
    if wanted is not None and wanted > steps:
        raise InvalidValueError(f"the inputs last for {steps * dt:g} ms; a duration of {duration:g} ms is too long")
    return sources, steps if wanted is None else wanted, samples
