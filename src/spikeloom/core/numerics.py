"""Elementary functions that take plain floats and tensors alike, for the propagators of models."""

from __future__ import annotations

import math
from typing import Any

import torch

from spikeloom.core.language import abs, minimum


def exponential(x: Any) -> Any:
    """e to the ``x``; a float gives a float, a tensor a tensor (with its gradient)."""
    return torch.exp(x) if isinstance(x, torch.Tensor) else math.exp(x)


def exponential_difference(a: Any, b: Any) -> Any:
    """(e^-a - e^-b) / (b - a), continued to e^-a where a = b; accurate, and differentiable, for all a, b > 0.

    It is what one exponential makes of another: the response of a membrane to a synaptic current, whose time constants
    may be equal. There the textbook form 0/0 fails (Rotter & Diesmann 1999, doi:10.1007/s004220050570, treat the limit
    as a case of its own).
    """
    # The smaller of both stands outside, so that nothing overflows however different they are.
    return exponential(-minimum(a, b)) * expm1_ratio(-abs(a - b))


def expm1_ratio(z: Any) -> Any:
    """(e^z - 1) / z, continued to 1 at z = 0; accurate, and differentiable, everywhere."""
    if not isinstance(z, torch.Tensor):
        return math.expm1(z) / z if not -1e-5 < z < 1e-5 else 1 + z / 2 + z * z / 6
    small = z.abs() < 1e-5
    safe = torch.where(small, torch.ones_like(z), z)
    return torch.where(small, 1 + z / 2 + z * z / 6, torch.expm1(safe) / safe)
