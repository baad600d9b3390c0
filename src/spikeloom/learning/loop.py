"""The training loop: epochs of batches, validation, early stop; its whole state goes into a checkpoint and comes
out again.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from typing import Any, final

import torch

from spikeloom.core.random import stream
from spikeloom.engines import Engine
from spikeloom.learning.decoders import Decoder
from spikeloom.learning.diverged import diverged
from spikeloom.learning.evaluation import Respond, measure, plainly
from spikeloom.learning.feed import Feed
from spikeloom.learning.interrupt import Interrupt, InterruptedTraining
from spikeloom.learning.learner import Learner
from spikeloom.learning.progress import Progress
from spikeloom.learning.sums import Sums
from spikeloom.learning.trees import flatten, unflatten
from spikeloom.network import Network
from spikeloom.network.checkpoint import NETWORK, Checkpoint, load_parameters, network_tensors

LEARNER, BEST, GROWTH = "learner", "best/", "growth/"


@final
class Loop:
    """A training under way. Between two steps its state is: the network, the learner, and the fields below.

    The order of the samples in an epoch is looked up by seed and epoch, so the position in the data is two numbers.

    Args:
        net, learner, engine, decoder: what learns, and how its output is read.
        feed: the samples to learn from.
        validation: the samples set aside, or ``None``.
        epochs: passes over ``feed``.
        batch_size: samples of a step; the last one of an epoch may have fewer.
        patience: end after so many epochs without a better validation accuracy (equal accuracy: a lower loss),
            and take the weights of the best; ``None`` goes on to the end and keeps the last weights.
        seed: of the order of the samples.
        respond: how samples are shown in validation.
    """

    def __init__(
        self,
        net: Network,
        learner: Learner,
        engine: Engine,
        decoder: Decoder,
        feed: Feed,
        validation: Feed | None,
        *,
        epochs: int,
        batch_size: int,
        patience: int | None,
        seed: int,
        respond: Respond = plainly,
    ) -> None:
        self.respond = respond
        self.net, self.learner, self.engine, self.decoder = net, learner, engine, decoder
        self.feed, self.validation = feed, validation
        self.epochs, self.batch_size, self.patience, self.seed = epochs, batch_size, patience, seed
        self.steps = math.ceil(len(feed) / batch_size)
        self.epoch, self.step, self.finished = 1, 0, False
        self.sums = Sums()
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Any] | None = None
        self.best_weights: dict[str, torch.Tensor] = {}
        self._grown: dict[str, torch.Tensor] = {}
        self.seconds_before, self._begun = 0.0, time.monotonic()

    # --- state ------------------------------------------------------------------------------------------------------
    @property
    def seconds(self) -> float:
        """Seconds of training, also in the processes before this one."""
        return self.seconds_before + time.monotonic() - self._begun

    def growth(self) -> dict[str, torch.Tensor]:
        """What is to be seen of how the network learned, also in the processes before this one."""
        return self.learner.growth() or self._grown

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """All that is needed to go on, as tensors and JSON values. Once finished, the network is all that is needed.

        Raises:
            DivergedError: a weight is not finite, and nobody could go on from here.
        """
        if not self.finished:
            self.learner.settle()
        for parameter in self.net.parameters():
            if not bool(torch.isfinite(parameter).all()):
                raise diverged("a weight", self.epoch, self.step)
        tensors = network_tensors(self.net) | {GROWTH + name: tensor for name, tensor in self.growth().items()}
        state: dict[str, Any] = {
            "position": {"epoch": self.epoch, "step": self.step, "finished": self.finished},
            "sums": self.sums.state(),
            "history": self.history,
            "best": self.best,
            "seconds": self.seconds,
        }
        if not self.finished:
            state["learner"], more = flatten(self.learner.state(), LEARNER)
            tensors |= more | {BEST + name: tensor for name, tensor in self.best_weights.items()}
        return tensors, state

    def restore(self, saved: Checkpoint) -> None:
        """Go on from ``saved``, to the bit.

        Raises:
            CheckpointError: it belongs to another network.
        """
        load_parameters(self.net, saved.under(NETWORK), "the checkpoint")
        state = saved.state
        self.epoch, self.step, self.finished = (state["position"][k] for k in ("epoch", "step", "finished"))
        self.sums = Sums(**state["sums"])
        self.history, self.best = state["history"], state["best"]
        self.best_weights = saved.under(BEST)
        self._grown = saved.under(GROWTH)
        self.seconds_before, self._begun = state["seconds"], time.monotonic()
        if not self.finished:
            self.learner.restore(unflatten(state["learner"], saved.tensors))

    # --- running ----------------------------------------------------------------------------------------------------
    def run(self, progress: Progress, interrupt: Interrupt, save: Callable[[], None], every: float) -> None:
        """Train to the end, calling ``save`` after the first step, then every so many seconds, on interruption, and
        at the end.

        Raises:
            InterruptedTraining: the user ended it.
            DivergedError: the loss or a weight is not finite.
        """
        saved = -math.inf

        def pause() -> None:
            if interrupt.requested is not None:
                save()
                raise InterruptedTraining(
                    f"interrupted in epoch {self.epoch} of {self.epochs}, after step {self.step} of {self.steps}",
                    interrupt.requested,
                )

        while not self.finished:
            order = stream(self.seed, "shuffle", self.epoch).permutation(len(self.feed))
            before = time.monotonic()
            while self.step < self.steps:
                self._step(order)
                now = time.monotonic()
                self.sums.seconds += now - before
                if progress.due():
                    progress.step(self.epoch, self.epochs, self.step, self.steps, self._means())
                pause()
                if now - saved >= every:
                    save()
                    saved = time.monotonic()
                before = now
            self._end_of_epoch(progress, pause)
        save()

    def _step(self, order: Any) -> None:
        rows = order[self.step * self.batch_size : (self.step + 1) * self.batch_size]
        try:
            outcome = self.learner.step(self.feed.batch(rows, self.epoch), (self.epoch - 1) * self.steps + self.step)
        except FloatingPointError as error:
            raise diverged(str(error), self.epoch, self.step + 1) from None
        self.sums.add(outcome, len(rows))
        self.step += 1

    def _means(self) -> dict[str, float]:
        means = self.sums.means()
        if not math.isfinite(means["train_loss"]):
            raise diverged("the loss", self.epoch, self.step)
        return means

    def _end_of_epoch(self, progress: Progress, pause: Callable[[], None]) -> None:
        entry: dict[str, Any] = {
            "epoch": self.epoch,
            **self._means(),
            "validation_loss": None,
            "validation_accuracy": None,
        }
        self.learner.settle()
        if self.validation is not None:
            found = measure(self.net, self.validation, self.decoder, self.engine, self.batch_size, pause, self.respond)
            entry |= {"validation_loss": found.loss, "validation_accuracy": found.accuracy}
        if not entry["spikes_per_sample"] and any(p.neuron.spiking for p in self.net.populations.values()):
            warnings.warn(
                f"no neuron fired in epoch {self.epoch}, so nothing can be learned; give the network larger weights "
                "(a larger gain), lower "
                "thresholds, more input spikes, or the regulariser RateBelow with a wide surrogate derivative",
                RuntimeWarning,
                stacklevel=4,
            )
        self.history.append(entry)
        stop = self._early_stop(entry)
        progress.epoch(self.epochs, entry)
        self.epoch, self.step, self.sums = self.epoch + 1, 0, Sums()
        if stop or self.epoch > self.epochs:
            if self.best_weights:
                load_parameters(self.net, self.best_weights, "the best epoch")
            self.finished, self.best_weights = True, {}

    def _early_stop(self, entry: dict[str, Any]) -> bool:
        if self.patience is None:
            return False
        accuracy, loss = entry["validation_accuracy"], entry["validation_loss"]
        if self.best is None or (accuracy, -loss) > (self.best["validation_accuracy"], -self.best["validation_loss"]):
            self.best = {"epoch": self.epoch, "validation_accuracy": accuracy, "validation_loss": loss}
            self.best_weights = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}
            return False
        return self.epoch - self.best["epoch"] >= self.patience
