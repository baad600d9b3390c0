"""How the weights of a read-out are found from responses and labels, without gradients."""

from __future__ import annotations

import abc
import math
from typing import Any, ClassVar, final

import torch

from spikeloom.learning.threads import one_thread


class Readout(abc.ABC):
    """Sums over the responses to samples; those from longer ago than ``over`` samples count little."""

    def __init__(self, neurons: int, classes: int, over: float) -> None:
        self.over = over
        self.sums = self.begin(neurons, classes)

    @abc.abstractmethod
    def begin(self, neurons: int, classes: int) -> dict[str, torch.Tensor]:
        """All sums, at zero."""

    @abc.abstractmethod
    def add(self, responses: torch.Tensor, labels: torch.Tensor) -> None:
        """Add responses (B, neurons) to samples of some ``labels`` (B,) to the sums, in place."""

    @abc.abstractmethod
    def weights(self) -> torch.Tensor:
        """The weights (neurons, classes) that follow from the sums."""

    def learn(self, responses: torch.Tensor, labels: torch.Tensor) -> None:
        """Take in the responses (B, neurons) to samples of some ``labels`` (B,)."""
        with one_thread():  # sums over several threads have another order
            keep = math.exp(-len(labels) / self.over)
            for total in self.sums.values():
                total.mul_(keep)
            self.add(responses, labels)

    def restore(self, sums: Any) -> None:
        """Go on from the ``sums`` of another."""
        self.sums = {name: value.clone() for name, value in sums.items()}


class ByClass(Readout):
    """Base of the read-outs that follow from how strongly each neuron responds to each class."""

    def begin(self, neurons: int, classes: int) -> dict[str, torch.Tensor]:
        return {
            "responses": torch.zeros(classes, neurons, dtype=torch.float64),
            "samples": torch.zeros(classes, dtype=torch.float64),
        }

    def add(self, responses: torch.Tensor, labels: torch.Tensor) -> None:
        shown = torch.nn.functional.one_hot(labels, len(self.sums["samples"])).double()
        self.sums["responses"] += shown.T @ responses
        self.sums["samples"] += shown.sum(0)

    def mean(self) -> torch.Tensor:
        """Spikes for a sample of each class, (classes, neurons)."""
        return self.sums["responses"] / self.sums["samples"].clamp(min=1e-9)[:, None]


@final
class Labels(ByClass):
    """Each neuron stands for the class to which it responds most on average; the score of a class is the mean number
    of spikes of its neurons. Neurons that never responded stand for none. (Diehl & Cook 2015, section 2.7.)
    """

    def weights(self) -> torch.Tensor:
        mean = self.mean()
        best, label = mean.max(0)
        member = torch.nn.functional.one_hot(label, len(mean)).double() * (best > 0)[:, None]
        return member / member.sum(0).clamp(min=1)


@final
class Proportions(ByClass):
    """Each spike speaks for every class, in proportion to how often its neuron responds to that class; the score of a
    class is the sum over all spikes. (Hazan et al. 2018, doi:10.3389/fninf.2018.00089: proportion weighting.)
    """

    def weights(self) -> torch.Tensor:
        mean = self.mean()
        return (mean / mean.sum(0).clamp(min=1e-9)).T


@final
class Linear(Readout):
    """Ridge regression from numbers of spikes to 1 for the class and -1 for the others."""

    penalty: ClassVar[float] = 0.01
    """In units of the mean of the diagonal."""

    def begin(self, neurons: int, classes: int) -> dict[str, torch.Tensor]:
        return {
            "squares": torch.zeros(neurons, neurons, dtype=torch.float64),
            "products": torch.zeros(neurons, classes, dtype=torch.float64),
        }

    def add(self, responses: torch.Tensor, labels: torch.Tensor) -> None:
        wanted = 2 * torch.nn.functional.one_hot(labels, self.sums["products"].shape[1]).double() - 1
        fired = responses.any(0).nonzero()[:, 0]  # few of many neurons: the others add nothing
        some = responses[:, fired]
        self.sums["squares"][fired[:, None], fired] += some.T @ some
        self.sums["products"][fired] += some.T @ wanted

    def weights(self) -> torch.Tensor:
        squares = self.sums["squares"]
        mean = squares.diagonal().mean().clamp(min=1e-9)
        with one_thread():
            return torch.linalg.solve(
                squares + self.penalty * mean * torch.eye(len(squares), dtype=torch.float64), self.sums["products"]
            )


KINDS: dict[str, type[Readout]] = {"labels": Labels, "proportions": Proportions, "linear": Linear}
"""The read-outs by name."""
