"""A network that learns by its own rules, sample after sample, in time that goes on."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from spikeloom.core.spikes import Spikes
from spikeloom.engines import Engine
from spikeloom.engines.record import State
from spikeloom.learning.growing import Growing
from spikeloom.learning.learner import Batch, Learner, Outcome
from spikeloom.learning.presentation import Presentation, responses, sequence
from spikeloom.learning.readouts import Readout
from spikeloom.network import Network
from spikeloom.network.parts import Projection

MORE = 1.2
"""The read-out that scores training samples is found anew when it has seen so many times as many as the last one: what
finding it costs (a system of equations for the linear one) stays a small part of what learning costs.
"""


@final
class LocalLearner(Learner):
    """What :class:`~spikeloom.learning.rules.local.Local` makes; see there. What was learned is in the state of the
    run, and goes into the network when somebody wants to see it there (:meth:`settle`).
    """

    def __init__(
        self, net: Network, engine: Engine, read: Projection, *, rest: int, presentation: Presentation, readout: Readout
    ) -> None:
        self.net, self.engine, self.read, self.rest = net, engine, read, rest
        self.presentation, self.readout = presentation, readout
        self.run: State | None = None
        others = [n for n, p in net.populations.items() if p.neuron.spiking and n != read.source]
        self.counts = tuple(f"{n}.count" for n in others)
        self.spikes = f"{read.source}.spikes"
        self.seen, self.growing = 0, Growing(net)
        self.found, self.found_at = readout.weights(), 0

    def step(self, batch: Batch, step: int) -> Outcome:
        found = np.zeros((len(batch), self.net.size(self.read.source)))
        total = 0.0

        def once(inputs: Spikes, which: NDArray[np.int64]) -> NDArray[Any]:
            nonlocal total
            with torch.no_grad():
                record = self.engine.run(
                    self.net, sequence(inputs, self.rest), self.run, record=(self.spikes, *self.counts)
                )
            self.run = record.state
            total += len(record[self.spikes]) + sum(float(record[c].sum()) for c in self.counts)
            found[which] = responses(record[self.spikes], inputs.shape[0], self.rest)
            return found[which].sum(1)

        self.presentation.show(batch, once)
        response, labels = torch.from_numpy(found), batch.labels.cpu()
        scores = response @ self.found
        self.readout.learn(response, labels)
        if self.seen + len(batch) >= MORE * self.found_at:
            self.found, self.found_at = self.readout.weights(), self.seen + len(batch)
        self._watch(len(batch))
        return Outcome(
            cross_entropy(scores, labels),
            (scores.argmax(1) == labels).sum(),
            torch.tensor(total, dtype=torch.float64),
        )

    def _watch(self, samples: int) -> None:
        """Keep some weights as they are by now."""
        before, self.seen = self.seen, self.seen + samples
        if self.run is not None:
            weights = {p.name: self.run[p.name]["weight"] for p in self.net.projections.values() if p.rule is not None}
            for name in self.growing.kept:
                self.growing.look(name, before, self.seen, weights)

    def growth(self) -> dict[str, torch.Tensor]:
        return self.growing.shown()

    def settle(self) -> None:
        if self.run is None:
            return
        with torch.no_grad():
            for p in self.net.projections.values():
                if p.rule is not None:
                    self.net.keep(p, self.run[p.name]["weight"])
            for name, population in self.net.populations.items():
                for variable, parameter in population.neuron.remembers.items():
                    where = self.net.trained[f"{name}:{parameter}"]
                    where.copy_(self.run[name][variable].reshape(where.shape))
            self.net.weights[self.read.name].copy_(self.readout.weights())

    def state(self) -> Any:
        return {
            "run": self.run, "readout": self.readout.sums, "seen": self.seen, "growing": self.growing.kept,
            "found": self.found, "found_at": self.found_at,
        }  # fmt: skip

    def restore(self, state: Any) -> None:
        self.run = state["run"]
        self.readout.restore(state["readout"])
        self.seen = state["seen"]
        self.growing.restore(state["growing"])
        self.found, self.found_at = state["found"].clone(), state["found_at"]
