"""How samples are shown to a network that runs on in time: one after the other, and again if they go unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.errors import UnsupportedError
from spikeloom.core.spikes import Spikes
from spikeloom.engines import Record
from spikeloom.learning.learner import Batch


@final
@dataclass(frozen=True)
class Presentation:
    """Samples that make fewer than ``fewest`` spikes are shown again, each time stronger by the part ``stronger`` of
    the first, at most ``tries`` times. It takes an encoder that can do so; without one they are shown once.
    """

    fewest: int
    stronger: float
    tries: int

    def show(self, batch: Batch, once: Callable[[Spikes, NDArray[np.int64]], NDArray[Any]]) -> None:
        """Call ``once(inputs, which)`` with the inputs of the samples ``which`` of the batch: of all, and then of those
        of which it said that they made too few spikes.
        """
        which, inputs = np.arange(len(batch)), batch.inputs
        for turn in range(1 + self.tries):
            if not isinstance(inputs, Spikes):
                raise UnsupportedError(
                    "rules of plasticity follow spikes, and the encoder gives a current; take one such as "
                    "spikeloom.encoding.PoissonRate(steps=350, max_rate=60 * Hz)"
                )
            made = once(inputs, which)
            which = which[made < self.fewest]
            if not which.size or batch.again is None or turn == self.tries:
                return
            inputs = batch.again(which, 1 + self.stronger * (turn + 1))


def sequence(spikes: Spikes, rest: int) -> Spikes:
    """The samples one after the other as a single one, each followed by ``rest`` steps of silence.

    >>> both = sequence(Spikes.from_events([0, 1], [2, 0], [0, 1], shape=(2, 2, 3), dt=1.0), rest=3)
    >>> both, both.step
    (Spikes(T=10, B=1, N=3, dt=1 ms, 2 events, density 6.67 %), array([0, 6]))
    """
    steps, samples, channels = spikes.shape
    rows = np.zeros((samples, steps + rest), np.int64)
    rows[:, :steps] = np.diff(spikes.offsets).reshape(samples, steps)
    offsets = np.zeros(rows.size + 1, np.int64)
    np.cumsum(rows.reshape(-1), out=offsets[1:])
    return Spikes(offsets, spikes.indices, (rows.size, 1, channels), dt=spikes.dt, check=False)


def responses(spikes: Spikes, steps: int, rest: int) -> NDArray[np.float64]:
    """How often each neuron fired in the ``steps`` of each sample of a :func:`sequence`, without the rest: (B, N)."""
    sample, step = np.divmod(spikes.step, steps + rest)
    within = step < steps
    samples, neurons = spikes.shape[0] // (steps + rest), spikes.shape[2]
    place = sample[within] * neurons + spikes.neuron[within]
    return np.bincount(place, minlength=samples * neurons).reshape(samples, neurons).astype(np.float64)


def merged(records: list[tuple[Record, NDArray[np.int64]]], keys: tuple[str, ...]) -> Record:
    """Of several records, each of some samples, the last one of each sample."""
    order = np.concatenate([which for _, which in records])
    last = {int(sample): place for place, sample in enumerate(order)}
    chosen = np.array([last[sample] for sample in sorted(last)])
    values: dict[str, Any] = {}
    for key in keys:
        parts = [record[key] for record, _ in records]
        if isinstance(parts[0], Spikes):
            values[key] = Spikes.concatenate(parts).select(chosen)
            continue
        axis = 1 if parts[0].dim() == 3 else 0
        values[key] = torch.cat(parts, axis).index_select(axis, torch.from_numpy(chosen))
    return Record(values, engine=records[0][0].engine, state={})
