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


def slope_of_exponential_difference(a: Any, b: Any) -> Any:
    """The integral of s e^(-(1 - s) a - s b) over s from 0 to 1: minus the derivative of the difference above in b.

    With d = b - a it is e^-a (1 - e^-d (1 + d)) / d^2; near d = 0, where that is 0/0, e^-a times its series.
    """
    d = b - a
    if not isinstance(d, torch.Tensor):
        ratio = (-math.expm1(-d) - d * math.exp(-d)) / (d * d) if not -1e-2 < d < 1e-2 else _slope_near_zero(d)
        return exponential(-a) * ratio
    small = d.abs() < 1e-2
    safe = torch.where(small, torch.ones_like(d), d)
    far = (-torch.expm1(-safe) - safe * torch.exp(-safe)) / (safe * safe)
    return exponential(-a) * torch.where(small, _slope_near_zero(d), far)


def _slope_near_zero(d: Any) -> Any:
    """Sum over k of (-d)^k / (k! (k + 2)), to the accuracy of double precision for |d| < 0.01."""
    return 1 / 2 - d * (1 / 3 - d * (1 / 8 - d * (1 / 30 - d * (1 / 144 - d * (1 / 840 - d / 5760)))))
