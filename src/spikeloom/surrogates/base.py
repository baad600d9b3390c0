"""What a surrogate derivative is: a bump at the threshold, written once in the step language."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from spikeloom.core.parameters import Model


class Surrogate(Model):
    """Base of the surrogate derivatives: what backpropagation takes for d spike(u) / du, with u = v - threshold.

    The spike itself stays a step (Neftci, Mostafa & Zenke 2019, doi:10.1109/MSP.2019.2931595). A subclass declares its
    parameters and ``bump(u, <parameters ...>)``, a static method in the step language. Where it is zero outside
    ``[-support, support]``, the event-driven engine visits only the neurons inside: work follows the spikes. All have
    the ``height`` 1 at the threshold unless told otherwise: a taller one lets gradients grow from step to step in
    recurrent networks (Zenke & Vogels 2021, doi:10.1162/neco_a_01367).
    """

    bump: ClassVar[Callable[..., Any]]

    @property
    def support(self) -> float:
        """The half-width [mV] outside which the derivative is exactly zero; infinite if it never is."""
        return math.inf

    def derivative(self, u: Any) -> Any:
        """The derivative at ``u`` [mV]; floats and tensors alike."""
        value = type(self).bump(u, *self.values().values())
        return value.to(u.dtype) if isinstance(u, torch.Tensor) else value
