"""What the models with a membrane and a threshold share: firing and reset, checks, the refractory period in steps."""

from __future__ import annotations

import math
from typing import Any, Final

import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import maximum, spike, where

ROUNDING: Final = 1e-3
"""Part of a step by which a refractory period may miss the grid: more than single precision makes of it."""


def fire(
    v: Any, integrated: Any, held: Any, theta: Any, v_reset: Any, hold: Any, subtract: bool, refractory: bool
) -> Any:
    """Fire at ``theta``, reset, and keep still for ``hold`` steps: (spike, v, held) of the step, in the step language.

    ``v`` is the membrane potential before the step and ``integrated`` the one after it if the neuron is not refractory.
    With ``subtract`` the reset takes ``theta - v_reset`` off, else it sets ``v_reset``.
    """
    if refractory:
        v = where(held > 0, v, integrated)
        s = where(held > 0, 0.0, spike(v - theta))
        held = where(s > 0, hold, maximum(held - 1.0, 0.0))
    else:
        v = integrated
        s = spike(v - theta)
    return s, after_spike(s, v, theta, v_reset, subtract), held


def fire_within(argument: Any, v: Any, below: Any, after: Any, held: Any, hold: Any, refractory: bool) -> Any:
    """Fire where ``argument >= 0``: (spike, v, held) of a step within which a spike is followed by a reset.

    ``v`` is the membrane potential before the step, ``below`` the one after it without a spike, ``after`` with one.
    """
    s = spike(argument)
    if refractory:
        s = where(held > 0, 0.0, s)
        below = where(held > 0, v, below)
        held = where(s > 0, hold, maximum(held - 1.0, 0.0))
    return s, where(s > 0, after, below), held


def after_spike(s: Any, v: Any, theta: Any, v_reset: Any, subtract: bool) -> Any:
    """The membrane potential after the reset, where ``s`` is a spike; no gradient flows through ``s`` itself."""
    return where(s > 0, v - (theta - v_reset) if subtract else v_reset, v)


def check_threshold(neuron: Any) -> None:
    """Refuse a threshold at or below the resting or the reset potential: the neuron would fire for ever on its own.

    Raises:
        InvalidValueError: ``theta <= v_rest`` or ``theta <= v_reset`` for some neuron.
    """
    check_above(neuron, "theta", ("v_rest", "v_reset"))


def check_above(neuron: Any, name: str, others: tuple[str, ...], what: str = "threshold") -> None:
    """Refuse a parameter ``name`` (the threshold, or ``what`` it is) that does not lie above each of the ``others``.

    Raises:
        InvalidValueError: it lies at or below one of them, for some neuron.
    """
    theta = torch.as_tensor(getattr(neuron, name)).detach()
    model = type(neuron).__name__
    for below in others:
        level = torch.as_tensor(getattr(neuron, below)).detach()
        if theta.dim() and level.dim() and theta.shape != level.shape:
            raise InvalidValueError(
                f"{model}: {name} has {len(theta)} values and {below} has {len(level)}; give one per neuron in both"
            )
        if bool((theta <= level).any()):
            raise InvalidValueError(
                f"{model}({name}={_number(theta)}, {below}={_number(level)}) would fire for ever: the {what} must "
                f"lie above {below}, "
                f"for example {name}={float(level.max()) + 1:g}"
            )


def refractory_steps(t_ref: Any, dt: float) -> Any:
    """The refractory period in whole steps, rounded up: a neuron rests for ``t_ref`` at least, as in NEST.

    NEST 3.10 takes ``t_ref`` to the nearest microsecond and then up to the next step (``nest::Time::get_steps``);
    Brian2 rounds it down. None of them warns: spikes lie on the grid, too. What lies less than :data:`ROUNDING` of a
    step above a whole number is rounding of ``t_ref / dt`` itself.

    >>> [refractory_steps(t_ref, 0.1) for t_ref in (0.0, 0.01, 0.3, 1.96, 2.0)]
    [0.0, 1.0, 3.0, 20.0, 20.0]
    """
    if isinstance(t_ref, torch.Tensor):
        return torch.ceil(t_ref.detach() / dt - ROUNDING) + 0.0  # no -0.0
    return float(math.ceil(t_ref / dt - ROUNDING))


def _number(value: torch.Tensor) -> str:
    return f"{float(value):g}" if value.dim() == 0 else f"<{len(value)} values>"
