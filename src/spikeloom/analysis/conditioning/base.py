"""What models of conditioning that learn trial by trial share, and the course of learning that comes out."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.core.parameters import Model
from spikeloom.protocols import Protocol, protocol

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Course:
    """What each cue was worth in the course of a protocol.

    Attributes:
        cues: the cues, one letter each.
        strength: associative strength before each trial, and after the last one: (trials + 1, cues).
        ends: the trial after which each phase is over.
    """

    cues: str
    strength: Array
    ends: tuple[int, ...]

    def __getitem__(self, cue: str) -> Array:
        """The strength of one cue: before each trial, and after the last one."""
        if cue not in self.cues or len(cue) != 1:
            raise unknown_name("cue", cue, self.cues)
        return self.strength[:, self.cues.index(cue)]

    def after(self, phase: int = -1) -> dict[str, float]:
        """The strength of every cue after a phase; the last one if not given."""
        return dict(zip(self.cues, self.strength[self.ends[phase]].tolist(), strict=True))


class Associations(Model, abc.ABC):
    """Base of the models in which a trial changes numbers that belong to cues; each one final subclass.

    Only what is there in a trial counts: cues that come one after the other are as good as a compound, and a US
    without any teaches nothing (a place that may announce it is one more letter). Nobody responds here, so that there
    is nothing to prevent.
    """

    @abc.abstractmethod
    def begin(self, cues: int) -> dict[str, Array]:
        """The numbers of cues that nothing was learned of, by name; ``V`` is the associative strength."""

    @abc.abstractmethod
    def learn(self, state: dict[str, Array], present: NDArray[np.bool_], reinforced: bool) -> dict[str, Array]:
        """The numbers after a trial with the cues that are ``present``."""

    def run(self, trials: Protocol | str) -> Course:
        """Go through a protocol, given as such, in its notation, or by its name (:mod:`spikeloom.protocols`)."""
        plan = protocol(trials) if isinstance(trials, str) else trials
        cues = plan.cues
        state = self.begin(len(cues))
        strength = [state["V"]]
        for trial in plan:
            state = self.learn(state, np.array([cue in trial.cues for cue in cues], np.bool_), trial.reinforced)
            strength.append(state["V"])
        return course(plan, np.array(strength))


def course(plan: Protocol, strength: Array) -> Course:
    """The course of a protocol, with its phases."""
    return Course(plan.cues, strength, tuple(np.cumsum([len(phase) for phase in plan.phases]).tolist()))


def check_steps(model: Model, steps: float) -> None:
    """Refuse a stimulus that does not last a whole number of steps."""
    if not float(steps).is_integer():
        raise InvalidValueError(
            f"{type(model).__name__}(steps={steps:g}) is not possible; allowed: a whole number >= 1"
        )
