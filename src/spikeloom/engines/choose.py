"""Choosing an engine, by name or by what the network asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from spikeloom.core.errors import InvalidValueError, UnsupportedError, unknown_name
from spikeloom.engines.base import Engine
from spikeloom.engines.cpu import CpuEngine
from spikeloom.engines.record import Record, State
from spikeloom.engines.reference import ReferenceEngine
from spikeloom.engines.steps import StepEngine
from spikeloom.engines.steps.modulators import Released
from spikeloom.engines.waves import WaveEngine
from spikeloom.network import Network

ENGINES: dict[str, type[Engine]] = {
    "cpu": CpuEngine,
    "steps": StepEngine,
    "reference": ReferenceEngine,
    "waves": WaveEngine,
}
"""All engines: ``auto`` takes the first that can run a network. The last one is for stacks alone, asked for by name."""


def get(engine: str | Engine, net: Network) -> Engine:
    """The engine of that name for ``net``; ``"auto"`` takes the first of :data:`ENGINES` that can run it.

    Raises:
        UnknownNameError: no engine of that name.
        UnsupportedError: the engine cannot run this network; the message says why and which one can.
    """
    if isinstance(engine, Engine):
        chosen = engine
    elif engine == "auto":
        return next(e for e in (kind() for kind in ENGINES.values()) if e.refuses(net) is None)
    elif isinstance(engine, str) and engine in ENGINES:
        chosen = ENGINES[engine]()
    else:
        raise unknown_name("engine", engine, [*ENGINES, "auto"])
    reason = chosen.refuses(net)
    if reason is not None:
        able = get("auto", net).name
        raise UnsupportedError(f"engine {chosen.name!r} cannot run this network: {reason}; engine={able!r} can")
    return chosen


def run(
    net: Network,
    inputs: Any = None,
    state: State | None = None,
    *,
    duration: float | None = None,
    dt: float | None = None,
    record: Sequence[Any] | None = None,
    engine: str | Engine = "auto",
    progress: bool | Callable[[float], None] = True,
    released: Released = None,
) -> Record:
    """Run ``net`` on ``inputs``, or for some ``duration``; returns what was recorded, and where to go on in its state.

    Args:
        net: the network.
        inputs: ``Spikes``, ``Current``, or an array (T, B, N); a dict of them by name if the network has several
            inputs; none if it has no input.
        state: where to begin; the initial state if not given.
        duration: how long to run [ms], step by step; without it as long as the inputs last.
        dt: length of a step [ms] for running step by step, if it is not to be the network's.
        record: what to record: ``"<population>.spikes"``, ``".count"``, ``".train"`` or a state variable such as
        ``".v"``.
            Without it, the spikes of every spiking population, and the ``v`` of a read-out that does not fire.
        engine: ``"auto"``, ``"cpu"``, ``"steps"``, ``"reference"``, ``"waves"``, or an engine object;
            ``record.engine`` says which one ran.
        progress: show a bar with the real-time factor on a terminal, for a run step by step of over two seconds; or a
            function that is told instead which part of the run is over, some ten times a second: from 0 to 1, which it
            is told of a whole run at its end. Another engine only tells the end.
        released: what is released of each modulator by hand, an array with one amount for each step, by name; or
            pairs of a name and an array, of which no two have the same name. Of a field, an array is by how much the
            concentration rises everywhere [nM], and :class:`~spikeloom.engines.At` is for points.

    Raises:
        InvalidValueError, UnknownNameError: inputs, state or record that do not fit the network.
        UnsupportedError: the engine asked for cannot run this network.
    """
    if record is None:
        record = [
            f"{n}.{'spikes' if p.neuron.spiking else next(iter(p.neuron.state))}" for n, p in net.populations.items()
        ]
    chosen = StepEngine() if engine == "auto" and (duration is not None or dt is not None) else get(engine, net)
    with torch.no_grad():
        if isinstance(chosen, StepEngine):
            how: Any = {"duration": duration, "dt": dt, "progress": progress, "released": released}
            return chosen.run(net, inputs, state, record=record, **how)
        if duration is not None or dt is not None:
            raise InvalidValueError(
                f"engine {chosen.name!r} runs as long as its inputs last, in the network's steps; leave out duration "
                "and dt, or take engine='steps'"
            )
        found = chosen.run(net, inputs, state, record=record)
    if callable(progress):
        progress(1.0)
    return found
