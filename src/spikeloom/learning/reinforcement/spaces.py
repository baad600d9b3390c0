"""Spaces of Gymnasium: what kind one is, and what to say where it is none that can be used."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeloom.core.errors import UnsupportedError

INSTALL = 'pip install "spikeloom[rl]"'
"""What to do without Gymnasium."""


def kind(space: Any) -> str:
    """The kind of a space: the name of the class of ``gymnasium.spaces`` that it is, such as ``"Box"``."""
    for parent in type(space).__mro__:
        if parent.__module__.startswith("gymnasium.spaces"):
            return parent.__name__
    return type(space).__name__


def check_kind(who: object, space: Any, what: str, allowed: tuple[str, ...], hint: str) -> str:
    """The kind of ``space``, if it is one of those ``allowed``.

    Raises:
        UnsupportedError: it is another; the message lists the supported and ends with ``hint``.
    """
    found = kind(space)
    if found not in allowed:
        raise UnsupportedError(
            f"{type(who).__name__} does not support the {what} space {space}; supported: {', '.join(allowed)}. {hint}"
        )
    return found


def shape_of(space: Any) -> tuple[int, ...]:
    """The shape of an element of a Box, MultiBinary or MultiDiscrete space; ``()`` of a Discrete one."""
    return tuple(int(n) for n in (space.shape or ()))


def choices(space: Any) -> np.ndarray:
    """How many values each entry of a Discrete, MultiDiscrete or MultiBinary space may take."""
    if kind(space) == "Discrete":
        return np.array([int(space.n)])
    if kind(space) == "MultiDiscrete":
        return np.asarray(space.nvec, np.int64).reshape(-1)
    return np.full(int(np.prod(shape_of(space))), 2)


def start(space: Any) -> np.ndarray:
    """The least value of each entry of a Discrete, MultiDiscrete or MultiBinary space."""
    given = getattr(space, "start", 0)
    return np.broadcast_to(np.asarray(given, np.int64).reshape(-1), choices(space).shape)
