"""A step that leaves the language is refused with the words that it may use."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.trace import trace


@pytest.mark.parametrize(
    "step",
    [
        lambda x: x**2,
        lambda x: math.exp(x),
        lambda x: np.exp(x),
        lambda x: torch.exp(x),
        lambda x: x.clamp(0),
        lambda x: x % 1.0,
    ],
    ids=["power", "math", "numpy", "torch", "method", "modulo"],
)
def test_what_is_not_in_the_language(step: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"cannot be compiled: .*Allowed: .*where, exp, expm1, log"):
        trace(step, ["x"])
