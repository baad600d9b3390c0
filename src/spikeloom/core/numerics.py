"""Elementary functions that take plain floats and tensors alike, for the propagators of models."""

from __future__ import annotations

import math
from typing import Any

import torch


def exponential(x: Any) -> Any:
    """e to the ``x``; a float gives a float, a tensor a tensor (with its gradient)."""
    return torch.exp(x) if isinstance(x, torch.Tensor) else math.exp(x)


def expm1_ratio(z: Any) -> Any:
    """(e^z - 1) / z, continued to 1 at z = 0; accurate, and differentiable, everywhere.

    It is what remains of a difference of two exponentials whose time constants may be equal: there the textbook form
    0/0 fails (Rotter & Diesmann 1999, doi:10.1007/s004220050570, treat the limit as a case of its own).
    """
    if not isinstance(z, torch.Tensor):
        return math.expm1(z) / z if abs(z) > 1e-5 else 1 + z / 2 + z * z / 6
    small = z.abs() < 1e-5
    safe = torch.where(small, torch.ones_like(z), z)
    return torch.where(small, 1 + z / 2 + z * z / 6, torch.expm1(safe) / safe)
