"""Running a network whose synapses come and go: stretches of a run, and an update of the synapses after each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.choose import run
from spikeloom.engines.growth import Growth
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps import StepEngine
from spikeloom.engines.steps.progress import Progress
from spikeloom.network import Network
from spikeloom.plasticity.structure import Structure


@final
@dataclasses.dataclass(frozen=True)
class Grown:
    """What :func:`grow` returns.

    Attributes:
        network: the network with the synapses that it has now.
        record: what was asked for, over the whole time.
        state: where to go on.
        times: (updates,) when the synapses were updated, ms from the network's beginning.
        calcium: (updates,) mean calcium of each population at each update.
        synapses: (updates,) how many synapses each projection had after each update.
        elements: (updates,) mean number of elements, by ``"kind.side.population"``, after each update.
    """

    network: Network
    record: Record
    state: State
    times: NDArray[np.float64]
    calcium: dict[str, NDArray[np.float64]]
    synapses: dict[str, NDArray[np.int64]]
    elements: dict[str, NDArray[np.float64]]


def grow(
    net: Network,
    structure: Structure,
    inputs: Any = None,
    state: State | None = None,
    *,
    duration: float,
    record: Sequence[Any] = (),
    engine: StepEngine | None = None,
    progress: bool | Callable[[float], None] = True,
) -> Grown:
    """Run ``net`` step by step for ``duration`` ms, while its synapses grow and are pruned as ``structure`` says.

    The result depends neither on threads nor on what the time is cut into: 100 s are 40 s and then 60 s from
    ``state``, to the bit. ``net`` stays as it is; a state goes with any network of the same populations and
    projections, so that its drives may change in between. All of the state, synapses and elements too, can be written
    to a file: :func:`spikeloom.network.checkpoint.save`.

    Args:
        net: the network; the projections that grow list their synapses (:class:`~spikeloom.connections.Pairs`), have
            one weight and one delay, and no rule of their own.
        structure: what grows.
        inputs: as for :func:`~spikeloom.engines.run`, for the whole time; none if the network has no input.
        state: where to begin: that of an earlier :func:`grow`, or of a run.
        duration: [ms] a whole number of update intervals.
        record: what to record, as for :func:`~spikeloom.engines.run`.
        engine: a :class:`~spikeloom.engines.StepEngine`, to choose threads.
        progress: show a bar on a terminal, or a function that is told which part is over.

    Raises:
        InvalidValueError: a structure, duration or state that does not fit the network.
        UnsupportedError: projections that cannot grow; the message says why.
    """
    growth = Growth(net, structure, state)
    stretch = _steps(structure.interval, net.dt, "interval")
    updates = round(duration / structure.interval) if np.isfinite(duration) else 0
    if updates < 1 or abs(updates * structure.interval - duration) > 1e-6 * net.dt:
        raise InvalidValueError(
            f"duration={duration!r} ms is not possible; allowed: a whole number of update intervals of "
            f"{structure.interval:g} ms, at least one"
        )
    wanted = [f"{name}.spikes" for name in structure.populations()]
    keys = [getattr(one, "key", one) for one in record]
    asked = [*record, *(k for k in wanted if k not in keys)]
    parts: list[dict[str, Any]] = []
    going = growth.engine_state(state)
    with Progress(updates * stretch, net.dt, progress) as bar:
        for k in range(updates):
            if bar.interrupted:
                break
            given = _window(inputs, k * stretch, (k + 1) * stretch)
            part = run(
                growth.network,
                given,
                going,
                duration=structure.interval,
                record=asked,
                engine=engine or "steps",
                progress=False,
            )
            now, before = _clock(part.state), _clock(going)
            if now - before != stretch:  # interrupted on the way: what ends with an update is returned
                break
            growth.update({name: part[f"{name}.spikes"] for name in structure.populations()}, now)
            going = part.state
            parts.append({key: part[key] for key in keys})
            bar.at((k + 1) * stretch)
    if not parts:
        raise KeyboardInterrupt
    values = {key: _joined(key, [part[key] for part in parts]) for key in keys}
    whole = {**(going or {}), **growth.state()}
    return Grown(growth.network, Record(values, engine="steps", state=whole), whole, **growth.history())


def _steps(time: float, dt: float, what: str) -> int:
    steps = round(time / dt)
    if steps < 1 or abs(steps * dt - time) > 1e-6 * dt * max(1, steps):
        raise InvalidValueError(
            f"Structure({what}={time:g}) is not possible in steps of {dt:g} ms; allowed: a whole number of them, "
            f"such as {what}=1 * second"
        )
    return steps


def _clock(state: State | None) -> int:
    """How many steps have passed."""
    return int(state["clock"]["step"]) if state and "clock" in state else 0


def _window(inputs: Any, first: int, last: int) -> Any:
    """The steps ``first`` to ``last`` - 1 of what is given."""
    if inputs is None:
        return None
    if isinstance(inputs, dict):
        return {name: _window(value, first, last) for name, value in inputs.items()}
    if len(inputs.shape) != 3 or inputs.shape[0] < last:
        raise InvalidValueError(
            f"the inputs have shape {tuple(inputs.shape)}; allowed: (T, 1, N) with a step for each of the duration"
        )
    return inputs.window(first, last) if isinstance(inputs, Spikes) else inputs[first:last]


def _joined(key: str, parts: list[Any]) -> Any:
    """What was recorded in one stretch after the other."""
    if isinstance(parts[0], Spikes):
        offsets = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(p.offsets) for p in parts]))])
        index = np.concatenate([p.indices for p in parts])
        steps, (_, samples, neurons) = sum(p.shape[0] for p in parts), parts[0].shape
        return Spikes(offsets.astype(np.int64), index, (steps, samples, neurons), dt=parts[0].dt, check=False)
    return torch.stack(parts).sum(0) if key.endswith(".count") else torch.cat(parts)
