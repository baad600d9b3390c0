"""A control: what is released is that of a random earlier time, so that it says nothing about what was done."""

from __future__ import annotations

from typing import Any

import numpy as np

KEPT = 1000
"""So many of the last errors one is drawn from."""

FEW = 10
"""With fewer nothing is released: it would be the error itself."""


def numbers() -> dict[str, Any]:
    """What an agent has to keep for it, among its own numbers."""
    return {"errors": np.zeros(KEPT), "kept": 0}


def drawn(mine: dict[str, Any], error: float, chance: np.random.Generator) -> float:
    """Keep ``error`` in the agent's numbers ``mine``, and take any of those that are there."""
    mine["errors"][mine["kept"] % KEPT] = error
    mine["kept"] += 1
    many = min(mine["kept"], KEPT)
    return float(mine["errors"][int(chance.integers(many))]) if many >= FEW else 0.0
