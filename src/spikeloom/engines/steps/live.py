"""A run that stays open: for whoever acts between two stretches on what happened in the first."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
import torch

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps.batch import sample_of
from spikeloom.engines.steps.by_hand import room_for
from spikeloom.engines.steps.engine import StepEngine, sources_of
from spikeloom.engines.steps.modulators import Released, released_amounts
from spikeloom.engines.steps.recorders import Trace
from spikeloom.engines.steps.runner import Runner
from spikeloom.engines.steps.setting import KEPT
from spikeloom.engines.steps.state import CLOCK, check_names
from spikeloom.network import Network


@final
class Live:
    """A run step by step that stays open between stretches; see :func:`live`."""

    def __init__(
        self,
        net: Network,
        state: State | None = None,
        *,
        record: Sequence[Any] = (),
        dt: float | None = None,
        threads: int | None = None,
    ) -> None:
        self.net, self.dt = net, net.dt if dt is None else float(dt)
        self.record = record
        self._given = state
        self._engine = StepEngine(threads)
        self._runner: Runner | None = None
        self._kinds: dict[str, bool] = {}

    def advance(self, inputs: Any = None, *, duration: float | None = None, released: Released = None) -> Record:
        """Run the next stretch: ``duration`` ms, or as long as ``inputs`` last.

        Args:
            inputs: as those of :func:`spikeloom.run`, one sample; always of the same kinds, spikes or analog.
            duration: how long to run [ms].
            released: what is released of each modulator by hand, by name: an array with one amount for each step, or
                one number, which is released in the first step. What the first stretch names is open to be released
                in all; a modulator that is not named gets nothing.

        Returns:
            What was recorded in this stretch. Its ``state`` is empty: take ``live.state`` where you want it.

        Raises:
            InvalidValueError: inputs of several samples, of another kind than before; a modulator that is released
                for the first time after the first stretch; and all that :func:`spikeloom.run` refuses.
        """
        with torch.no_grad():
            sources, steps, samples = sources_of(self.net, inputs, duration, self.dt)
            if samples != 1:
                raise UnsupportedError(f"a live run has one sample; the inputs have {samples}: open one for each")
            sources = {name: sample_of(value, 0) for name, value in sources.items()}
            amounts = released_amounts(self.net, _spread(released, steps), steps)
            runner = self._opened(sources, amounts)
            parts = [self._stretch(runner, sources, amounts, a, min(a + KEPT, steps)) for a in range(0, steps, KEPT)]
        values = parts[0] if len(parts) == 1 else {k: _joined(k, [p[k] for p in parts]) for k in parts[0]}
        return Record(values, engine="steps", state={})

    @property
    def state(self) -> State:
        """Where the run is: a state to go on from, in another live run, in a run, after saving and loading."""
        if self._runner is None:
            return self._given or {}
        return self._runner.state()

    @property
    def time(self) -> float:
        """How long the network has run [ms], with what ran before the state that it began with."""
        if self._runner is not None:
            return self._runner.now * self.dt
        clock = (self._given or {}).get(CLOCK)
        return 0.0 if clock is None else int(clock["step"]) * self.dt

    def _opened(self, sources: dict[str, Any], amounts: dict[str, Any]) -> Runner:
        kinds = {name: isinstance(value, Spikes) for name, value in sources.items()}
        if self._runner is None:
            buffers = {name: room_for(a, KEPT) for name, a in amounts.items()}
            self._runner = self._engine.open(self.net, sources, KEPT, self.dt, self._given, self.record, buffers)
            self._kinds, self._given = kinds, None
        if kinds != self._kinds:
            name = next(n for n in kinds if kinds[n] != self._kinds[n])
            before = "spikes" if self._kinds[name] else "analog values"
            raise InvalidValueError(
                f"input {name!r} was given {before} in the first stretch; give the same kind in all"
            )
        for name in amounts:
            if name not in self._runner.setting.released:
                raise InvalidValueError(
                    f"released[{name!r}]: the first stretch did not name it; name there what is released later, with "
                    f"released={{{name!r}: 0.0}}"
                )
        return self._runner

    def _stretch(
        self, runner: Runner, sources: dict[str, Any], amounts: dict[str, Any], first: int, last: int
    ) -> dict[str, Any]:
        runner.setting.feed(runner.now, sources, amounts, first, last)
        found = runner.stretch(last - first)
        return {k: v if isinstance(v, Spikes) else v.clone() for k, v in found.items()}


def live(
    net: Network,
    state: State | None = None,
    *,
    record: Sequence[str | Trace] = (),
    dt: float | None = None,
    threads: int | None = None,
) -> Live:
    """Open a run of ``net`` that goes on stretch by stretch, as agents and devices need it.

    The stretches together are the run in one piece, to the bit; a stretch costs about 0.1 ms and its steps, where
    :func:`spikeloom.run` has to find its state again each time.

    >>> import spikeloom as sl
    >>> net = sl.Network(dt=1.0)
    >>> cells = net.population("cells", sl.neurons.LIF(theta=15.0), 10)
    >>> drive = net.drive(cells, sl.sources.Poisson(rate=2000.0), weight=1.0)
    >>> run = sl.live(net, record=["cells.count"])
    >>> first = run.advance(duration=20.0)["cells.count"]
    >>> second = run.advance(duration=20.0)["cells.count"]
    >>> run.time
    40.0

    Args:
        net: the network.
        state: where to begin; the initial state if not given.
        record: what each stretch records, as in :func:`spikeloom.run`.
        dt: length of a step [ms], if it is not to be the network's.
        threads: how many; the result does not depend on it.
    """
    if state is not None and not isinstance(state, Mapping):
        raise InvalidValueError(f"live(net, {type(state).__name__}): give a state, such as record.state")
    check_names(net, state)
    return Live(net, state, record=record, dt=dt, threads=threads)


def _spread(released: Released, steps: int) -> list[tuple[Any, Any]]:
    """Amounts for each step; one number is released in the first."""
    found: list[tuple[Any, Any]] = []
    for name, amount in released.items() if isinstance(released, Mapping) else released or ():
        if isinstance(amount, numbers.Real):
            found.append((name, np.zeros(steps)))
            found[-1][1][0] = amount
        else:
            found.append((name, amount))
    return found


def _joined(key: str, parts: list[Any]) -> Any:
    """What the parts of a stretch recorded, as one."""
    if isinstance(parts[0], Spikes):
        spans = [p.buffers() for p in parts]
        ends = np.cumsum([0, *(len(index) for _, index in spans)])
        rows = [o[:-1] + end for (o, _), end in zip(spans, ends, strict=False)]
        offsets = np.concatenate([*rows, ends[-1:]]).astype(np.int64)
        shape = (sum(p.shape[0] for p in parts), *parts[0].shape[1:])
        return Spikes(offsets, np.concatenate([index for _, index in spans]), shape, dt=parts[0].dt, check=False)
    if key.endswith(".count"):
        return torch.stack(parts).sum(0)
    return torch.cat(parts)
