"""Running sums over an epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from spikeloom.learning.learner import Outcome


@dataclass
class Sums:
    """Sums over the samples of an epoch so far: ``loss``, ``correct`` and ``spikes`` of ``samples``, and the
    ``seconds`` they took.

    Outcomes are kept as tensors until somebody asks (:meth:`settle`), since a number on a GPU has to be waited for;
    they are then added one by one, so that it does not matter when somebody asked.
    """

    loss: float = 0.0
    correct: int = 0
    spikes: float = 0.0
    samples: int = 0
    seconds: float = 0.0
    _waiting: list[tuple[Outcome, int]] = field(default_factory=list, repr=False)

    def add(self, outcome: Outcome, samples: int) -> None:
        """Count a batch of so many samples."""
        self._waiting.append((outcome, samples))

    def settle(self) -> None:
        """Bring the sums up to date."""
        if not self._waiting:
            return
        names = ("loss", "correct", "spikes")
        table = torch.stack(
            [torch.stack([getattr(o, n).to(o.loss.device, torch.float64) for n in names]) for o, _ in self._waiting]
        )
        for (loss, correct, spikes), (_, samples) in zip(table.tolist(), self._waiting, strict=True):
            self.loss += loss * samples
            self.correct += int(correct)
            self.spikes += spikes
            self.samples += samples
        self._waiting.clear()

    def means(self) -> dict[str, float]:
        """Per sample: ``train_loss``, ``train_accuracy``, ``spikes_per_sample``; and ``samples_per_second``."""
        self.settle()
        n = max(self.samples, 1)
        return {
            "train_loss": self.loss / n,
            "train_accuracy": self.correct / n,
            "spikes_per_sample": self.spikes / n,
            "samples_per_second": self.samples / max(self.seconds, 1e-9),
            "seconds": self.seconds,
        }

    def state(self) -> dict[str, Any]:
        """The sums as plain JSON values, which keep every bit."""
        self.settle()
        return {k: getattr(self, k) for k in ("loss", "correct", "spikes", "samples", "seconds")}
