"""What a trial of conditioning is to whoever goes through it: stimuli that come and go at certain times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

from spikeloom.core.errors import InvalidValueError
from spikeloom.protocols import Trial

US: Final = "US"
"""The name of the unconditioned stimulus."""


@final
@dataclass(frozen=True, kw_only=True)
class TimedTrial:
    """One trial: what is on from when to when, in ms from its beginning.

    Attributes:
        stimuli: for each stimulus, ``"US"`` among them, the times at which it comes and goes.
        duration: how long the trial lasts [ms].
        name: what the protocol calls it.
        prevented: whether responses are prevented, and count for nothing.
    """

    stimuli: Mapping[str, tuple[float, float]]
    duration: float
    name: str = field(default="")
    prevented: bool = field(default=False)

    def __post_init__(self) -> None:
        for stimulus, (on, off) in self.stimuli.items():
            if not 0 <= on < off <= self.duration:
                raise InvalidValueError(
                    f"TimedTrial: {stimulus} is on from {on} to {off} ms of {self.duration} ms; allowed: 0 <= on < off "
                    "<= duration"
                )

    @classmethod
    def of(cls, trial: Trial, *, cs: float, us_onset: float, us: float, after: float) -> TimedTrial:
        """A ``trial`` of the notation, with these times.

        Args:
            trial: as :func:`~spikeloom.protocols.protocol` gives them.
            cs: how long each stimulus lasts [ms].
            us_onset: when the unconditioned stimulus comes, from the onset of the last one before it [ms].
            us: how long that lasts [ms].
            after: how long a trial goes on when all is over [ms].

        Raises:
            InvalidValueError: a cue comes a second time.

        >>> TimedTrial.of(Trial(("B", "A"), True), cs=1000, us_onset=1000, us=100, after=400).stimuli
        {'B': (0, 1000), 'A': (1000, 2000), 'US': (2000, 2100)}
        """
        stimuli: dict[str, tuple[float, float]] = {}
        for k, cues in enumerate(trial.stimuli):
            for cue in cues:
                if cue in stimuli:
                    raise InvalidValueError(
                        f"{cue} comes a second time in the trial '{trial}'; allowed: once, so that it has one time; "
                        "use another letter"
                    )
            stimuli |= dict.fromkeys(cues, (k * cs, (k + 1) * cs))
        many = len(trial.stimuli)
        begin = max(many - 1, 0) * cs + us_onset
        if trial.reinforced:
            stimuli[US] = (begin, begin + us)
        duration = max(many * cs, begin + us) + after
        return cls(stimuli=stimuli, duration=duration, name=str(trial), prevented=trial.prevented)

    def describe(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        stimuli = {name: list(times) for name, times in self.stimuli.items()}
        return {"stimuli": stimuli, "duration": self.duration, "name": self.name, "prevented": self.prevented}
