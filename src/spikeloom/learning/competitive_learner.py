"""A stack of convolutions that learns layer after layer, one sample after the other, and then its read-out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, final

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from spikeloom.connections import Convolution
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.cpu.pool import in_threads
from spikeloom.engines.waves import Layer, Stack, Wave, first_spikes
from spikeloom.learning.competition import inhibited, winners
from spikeloom.learning.growing import Growing
from spikeloom.learning.learner import Batch, Learner, Outcome
from spikeloom.learning.linear_readout import linear_readout
from spikeloom.learning.threads import one_thread
from spikeloom.learning.winning import check_rule, learn, spread
from spikeloom.network import Network
from spikeloom.plasticity import Plasticity


@final
class CompetitiveLearner(Learner):
    """What :class:`~spikeloom.learning.rules.competitive.Competitive` makes; see there.

    Args:
        net, stack: the network, and how it is read as a stack with a read-out.
        winners, radius, passes, double_every: one number for each layer that learns.
        fastest: up to where amplitudes double.
        strength: of the read-out.
        steps: of the whole training.
    """

    def __init__(
        self,
        net: Network,
        stack: Stack,
        *,
        winners: Sequence[int],
        radius: Sequence[int],
        passes: Sequence[int],
        double_every: Sequence[int],
        fastest: float,
        strength: float,
        steps: int,
    ) -> None:
        self.net, self.stack, self.steps = net, stack, steps
        self.k, self.radius, self.double_every, self.fastest = winners, radius, double_every, fastest
        self.strength = strength
        self.plastic = [i for i, layer in enumerate(stack.layers) if layer.plastic]
        for layer in self.layers:
            check_rule(self.rule(layer), layer.projection.name)
        one = steps // (sum(passes) + 1)  # steps of a pass
        self.ends = [sum(passes[: i + 1]) * one for i in range(len(passes))]
        self.seen = [0] * len(self.plastic)
        self.growing = Growing(net)
        self.features: list[torch.Tensor] = []
        self.labels: list[torch.Tensor] = []

    @property
    def layers(self) -> list[Layer]:
        """The layers that learn."""
        return [self.stack.layers[i] for i in self.plastic]

    @staticmethod
    def rule(layer: Layer) -> Plasticity:
        """The rule by which a layer learns."""
        return cast(Plasticity, layer.projection.rule)

    def step(self, batch: Batch, step: int) -> Outcome:
        spikes = batch.inputs
        if not isinstance(spikes, Spikes):
            raise InvalidValueError("Competitive learns from spikes; give train an encoder that fires, such as Latency")
        self.stack.check_steps(spikes.shape[0])
        wave = Wave(self.net, self.stack, spikes.shape[0])
        turn = next((i for i, end in enumerate(self.ends) if step < end), None)
        return self._collect(wave, batch, step) if turn is None else self._learn(wave, spikes, turn)

    # --- features ---------------------------------------------------------------------------------------------------
    def _learn(self, wave: Wave, spikes: Spikes, turn: int) -> Outcome:
        layer = self.layers[turn]
        name, before = layer.projection.name, self.seen[turn]
        fired = sum(self._present(wave, spikes, sample, turn) for sample in range(spikes.shape[1]))
        weight = self.net.weights[name].data
        self.growing.look(name, before, self.seen[turn], {name: weight})
        return Outcome(torch.tensor(spread(weight, self.rule(layer))), torch.tensor(0), torch.tensor(float(fired)))

    def _present(self, wave: Wave, spikes: Spikes, sample: int, turn: int) -> int:
        """Show one sample to the layers up to the one whose turn it is, which learns; how many spikes there were."""
        times, fired = first_spikes(spikes, sample, self.stack.shape), 0
        layer = self.layers[turn]
        for below in self.stack.layers[: self.plastic[turn]]:
            times, height = wave.through(below, times)
            if isinstance(below.connection, Convolution):
                times = inhibited(times, height)
            fired += int(np.count_nonzero(times < wave.steps))
        source = times
        times, height = wave.through(layer, source)
        times = inhibited(times, height)
        won = winners(times, height, self.k[turn], radius=self.radius[turn])
        connection = cast(Convolution, layer.connection)
        weight = self.net.weights[layer.projection.name].data
        learn(self._rule_now(turn), weight, connection, source, [(p, int(times[p])) for p in won], self.net.dt)
        wave.renew(layer)
        self.seen[turn] += 1
        return fired + int(np.count_nonzero(times < wave.steps))

    def _rule_now(self, turn: int) -> Plasticity:
        """The rule with the amplitudes that it has by now."""
        rule: Any = self.rule(self.layers[turn])
        doublings = self.seen[turn] // self.double_every[turn] if self.double_every[turn] else 0
        if not doublings:
            return rule
        first = max(abs(rule.a_plus), abs(rule.a_minus))
        factor = max(1.0, min(2.0 ** min(doublings, 60), self.fastest / first))
        return rule.replace(a_plus=factor * rule.a_plus, a_minus=factor * rule.a_minus) if factor > 1 else rule

    # --- read-out ---------------------------------------------------------------------------------------------------
    def _collect(self, wave: Wave, batch: Batch, step: int) -> Outcome:
        def one(sample: int) -> tuple[Any, int]:
            times, fired = first_spikes(batch.inputs, sample, self.stack.shape), 0
            for layer in self.stack.layers:
                times = wave.through(layer, times)[0]
                fired += int(np.count_nonzero(times < wave.steps))
            return np.packbits(times.reshape(-1) < wave.steps), fired

        found = in_threads(one, range(len(batch)), torch.get_num_threads())
        self.features.append(torch.from_numpy(np.stack([bits for bits, _ in found])))
        self.labels.append(batch.labels.cpu())
        spikes = torch.tensor(float(sum(fired for _, fired in found)))
        if step < self.steps - 1:
            return Outcome(torch.tensor(0.0), torch.tensor(0), spikes)
        loss, correct = self._fit()
        # The pass is judged when it is over: what its last step says makes the mean of all its steps right.
        return Outcome(torch.tensor(loss * sum(map(len, self.labels)) / len(batch)), torch.tensor(correct), spikes)

    def _fit(self) -> tuple[float, int]:
        """Find the read-out: mean cross-entropy and how many of its samples are right."""
        from scipy.sparse import csr_matrix

        assert self.stack.readout is not None
        weight = self.net.weights[self.stack.readout.name].data
        labels = torch.cat(self.labels)
        bits = np.concatenate([part.numpy() for part in self.features])
        features: Any = csr_matrix(np.unpackbits(bits, axis=1, count=weight.shape[0]), dtype=np.float64)
        found = linear_readout(features, labels.numpy(), weight.shape[1], self.strength)
        weight.copy_(torch.from_numpy(found))
        scores = torch.from_numpy(features @ found)
        with one_thread():  # sums over several threads have another order
            return float(cross_entropy(scores, labels)), int((scores.argmax(1) == labels).sum())

    # --- state ------------------------------------------------------------------------------------------------------
    def growth(self) -> dict[str, torch.Tensor]:
        return self.growing.shown()

    def state(self) -> Any:
        kept = {"features": torch.cat(self.features), "labels": torch.cat(self.labels)} if self.features else {}
        return {"seen": list(self.seen), "growing": self.growing.kept, **kept}

    def restore(self, state: Any) -> None:
        self.seen = list(state["seen"])
        self.growing.restore(state["growing"])
        self.features = [state["features"]] if "features" in state else []
        self.labels = [state["labels"]] if "labels" in state else []
