"""What learns: it is given batch after batch, and changes the network."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True)
class Batch:
    """What a learner is given: ``inputs`` of B samples, their ``labels`` (B,), and the numbers of the
    ``samples`` in the data. ``again(which, strength)`` encodes some of them anew, so many times as strong; ``None``
    where that cannot be done.
    """

    inputs: Any
    labels: torch.Tensor
    samples: NDArray[np.int64]
    again: Callable[[NDArray[np.int64], float], Any] | None = None

    def __len__(self) -> int:
        return len(self.samples)


@dataclass(frozen=True)
class Outcome:
    """What a step of learning saw, before it changed anything: mean ``loss``, samples that were ``correct``, all
    ``spikes`` (0-d).
    """

    loss: torch.Tensor
    correct: torch.Tensor
    spikes: torch.Tensor


class Learner(abc.ABC):
    """A rule at work on a network. All that it remembers between steps goes through :meth:`state` and
    :meth:`restore`.
    """

    @abc.abstractmethod
    def step(self, batch: Batch, step: int) -> Outcome:
        """Learn from ``batch``, in ``step`` (from 0) of the whole training.

        Raises:
            FloatingPointError: the loss is not finite; the network is as it was before the step.
        """

    def settle(self) -> None:  # noqa: B027 (most learn in the network itself)
        """Put what was learned into the network, if it is kept elsewhere while learning."""

    def growth(self) -> dict[str, torch.Tensor]:
        """What is to be seen of how it learned, for the report: by projection, ``<projection>.fields``, what some
        neurons listen to, (times, neurons, channels) or, of maps, (times, maps, channels, rows, columns), and
        ``<projection>.samples`` (times,), after how many samples; nothing if there is none.
        """
        return {}

    @abc.abstractmethod
    def state(self) -> Any:
        """What it remembers: nested dicts, lists, tuples, numbers and tensors."""

    @abc.abstractmethod
    def restore(self, state: Any) -> None:
        """Go on from what :meth:`state` gave."""
