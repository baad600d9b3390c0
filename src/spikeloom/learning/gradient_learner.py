"""Gradient descent on the cross-entropy of a decoder's scores, one batch at a time."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from torch.nn.functional import cross_entropy

from spikeloom.engines import Engine
from spikeloom.learning.decoders import Decoder
from spikeloom.learning.learner import Batch, Learner, Outcome
from spikeloom.learning.optimizers import restore
from spikeloom.learning.regularisers import Regulariser
from spikeloom.learning.regularisers.base import regularised
from spikeloom.learning.threads import SMALL, one_thread
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate


@final
class GradientLearner(Learner):
    """What :class:`~spikeloom.learning.rules.surrogate_gradient.SurrogateGradient` makes; see there."""

    def __init__(
        self,
        net: Network,
        engine: Engine,
        optimizer: torch.optim.Optimizer,
        *,
        surrogate: Surrogate,
        decoder: Decoder,
        regularisers: Sequence[Regulariser],
        label_smoothing: float,
        rate: Callable[[int], float],
        held: Sequence[torch.Tensor] = (),
    ) -> None:
        self.held = held
        self.net, self.engine, self.optimizer = net, engine, optimizer
        self.surrogate, self.decoder, self.regularisers = surrogate, decoder, tuple(regularisers)
        self.label_smoothing, self.rate = label_smoothing, rate
        self.base_rates = [group["lr"] for group in optimizer.param_groups]
        self.counts = tuple(f"{name}.count" for name, p in net.populations.items() if p.neuron.spiking)
        self.penalised = tuple(f"{name}.count" for name in regularised(net))
        self.record = (*decoder.record(net), *self.counts)
        closure = inspect.signature(optimizer.step).parameters.get("closure")
        self.needs_closure = closure is not None and closure.default is inspect.Parameter.empty
        self.small = sum(p.numel() for p in net.parameters()) < SMALL
        self.on_host = all(p.device.type == "cpu" for p in net.parameters())

    def step(self, batch: Batch, step: int) -> Outcome:
        for group, base in zip(self.optimizer.param_groups, self.base_rates, strict=True):
            group["lr"] = base * self.rate(step)
        if not self.needs_closure:
            outcome = self._gradients(batch)
            with one_thread(self.small):
                self.optimizer.step()
            return outcome
        seen: list[Outcome] = []

        def closure() -> torch.Tensor:  # some optimisers (LBFGS) ask for the gradients several times in a step
            seen.append(self._gradients(batch))
            return seen[-1].loss

        self.optimizer.step(closure)  # pyright: ignore[reportCallIssue, reportArgumentType]
        return seen[0]

    def _gradients(self, batch: Batch) -> Outcome:
        """Put the gradients of the loss into the parameters."""
        self.optimizer.zero_grad(set_to_none=True)
        record = self.engine.run(self.net, batch.inputs, record=self.record, surrogate=self.surrogate)
        with one_thread(self.on_host and self.engine.own_threads):
            scores = self.decoder.read(record, self.net.output, self.net.dt)
            loss = cross_entropy(scores, batch.labels, label_smoothing=self.label_smoothing)
            for regulariser in self.regularisers:
                for count in self.penalised:
                    loss = loss + regulariser.penalty(record[count])
            # On a GPU each step would wait for this number; there the running sums are checked now and then instead.
            if self.on_host and not math.isfinite(loss.item()):
                raise FloatingPointError("the loss")
            loss.backward()
            for weight in self.held:
                weight.grad = None  # an optimiser leaves alone what has no gradient
            with torch.no_grad():
                spikes = torch.zeros((), dtype=torch.float64, device=loss.device)
                for count in self.counts:
                    spikes += record[count].sum(dtype=torch.float64)
                return Outcome(loss.detach(), (scores.argmax(1) == batch.labels).sum(), spikes)

    def state(self) -> Any:
        return {"optimizer": self.optimizer.state_dict(), "base_rates": self.base_rates}

    def restore(self, state: Any) -> None:
        restore(self.optimizer, state["optimizer"])
        self.base_rates = state["base_rates"]
