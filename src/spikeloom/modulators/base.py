"""What a signal is: what happened goes in, an amount to release comes out, and its memory goes in and comes out too."""

from __future__ import annotations

import abc
import dataclasses
import math
import numbers
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model

Memory: TypeAlias = Mapping[str, Any]
"""What a signal remembers: plain numbers by name, or mappings of them, as JSON can hold."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What happened since the outcome before, in the task and in the animal's own judgement.

    Args:
        reward: what was received; punishment is below 0.
        value: what the critic expects from here on.
        ended: whether nothing follows: then the value from here on is 0.
        stimulus: what was seen: a number, a word, an array; what is equal is the same stimulus.
        elapsed: time since the outcome before [ms].

    Raises:
        InvalidValueError: a number that is not finite.
    """

    reward: float = 0.0
    value: float = 0.0
    ended: bool = False
    stimulus: Any = None
    elapsed: float = 1.0

    def __post_init__(self) -> None:
        for name in ("reward", "value", "elapsed"):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, numbers.Real) or not math.isfinite(given):
                raise InvalidValueError(f"Outcome({name}={given!r}) is not possible; allowed: a finite number")
            object.__setattr__(self, name, float(given))
        if self.elapsed <= 0:
            raise InvalidValueError(f"Outcome(elapsed={self.elapsed:g}) is not possible; allowed: a time > 0 ms")


class ModulatorSignal(Model, abc.ABC):
    """Base of the signals, each one final subclass in a file of its own.

    ``amount, memory = signal.release(outcome, memory)`` says how much of a modulator an outcome releases, for
    ``sl.run(..., released=...)`` or ``live.advance(..., released={"dopamine": amount})``; below 0 it is a dip.
    A signal is declared by its parameters and remembers nothing itself: ``memory`` begins as :meth:`initial`.
    """

    def release(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        """The amount that ``outcome`` releases, and the memory from now on.

        Raises:
            InvalidValueError: a memory of another signal, or an amount that is not finite.
        """
        if memory.keys() != self.initial().keys():
            raise InvalidValueError(
                f"{type(self).__name__} was given a memory of {sorted(memory)}; its own has {sorted(self.initial())}: "
                "begin with initial()"
            )
        amount, after = self.respond(outcome, memory)
        if not math.isfinite(amount):
            raise InvalidValueError(
                f"{type(self).__name__} would release {amount} after {outcome} with {dict(memory)}; give smaller "
                "numbers"
            )
        return amount, after

    @abc.abstractmethod
    def initial(self) -> dict[str, Any]:
        """The memory before anything happened."""

    @abc.abstractmethod
    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        """What :meth:`release` gives, unchecked."""


def name_of(stimulus: Any, where: str) -> str:
    """The name under which a memory has a stimulus.

    Raises:
        InvalidValueError: there is none, or it holds what is no number.
    """
    if stimulus is None:
        raise InvalidValueError(f"{where} asks for a stimulus: Outcome(stimulus=...)")
    if isinstance(stimulus, str):
        return stimulus
    values = np.asarray(stimulus)
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise InvalidValueError(f"{where}: stimulus={stimulus!r}; allowed: a word, or finite numbers")
    return repr((values.astype(np.float64) + 0.0).tolist())
