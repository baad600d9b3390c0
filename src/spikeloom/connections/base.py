"""What a connection is: how the weights of one projection are shaped, drawn and applied."""

from __future__ import annotations

import numpy as np
import torch

from spikeloom.core.parameters import Model


class Connection(Model):
    """Base of the connections, each linear in its weights, each one final subclass in a file of its own."""

    def weight_shape(self, sources: int, targets: int) -> tuple[int, ...]:
        """The shape of the weights between ``sources`` and ``targets`` neurons; an error if that cannot be."""
        raise NotImplementedError(f"{type(self).__name__} does not define weight_shape")

    def draw(self, sources: int, targets: int, random: np.random.Generator) -> np.ndarray:
        """Initial weights, float64."""
        raise NotImplementedError(f"{type(self).__name__} does not define draw")

    def apply(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """The input of the targets (..., targets) for source activity (..., sources): the meaning of the connection."""
        raise NotImplementedError(f"{type(self).__name__} does not define apply")

    def add_gradient(self, total: torch.Tensor, x: torch.Tensor, g: torch.Tensor) -> None:
        """Add to ``total`` the gradient in the weights of ``(apply(x, weight) * g).sum()``; ``x`` (T, sources)."""
        weight = torch.zeros_like(total).requires_grad_()
        with torch.enable_grad():
            y = self.apply(x, weight)
        total += torch.autograd.grad(y, weight, g)[0]

    def fan_out(self, sources: int, targets: int) -> float:
        """Synapses that one source spike passes, on average."""
        raise NotImplementedError(f"{type(self).__name__} does not define fan_out")
