"""Protocols of conditioning in the notation of the field, and the trials they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

from spikeloom.core.errors import InvalidValueError

US: Final = "US"
"""The name of the unconditioned stimulus."""

PROTOCOLS: Final[Mapping[str, str]] = {
    "acquisition": "40 A+",
    "extinction": "40 A+; 40 A-",
    "blocking": "40 A+; 40 AB+",
    "overexpectation": "40 A+ B+; 40 AB+",
    "conditioned inhibition": "40 A+ AB-",
    "second order": "40 A+; 40 B>A-",
    "latent inhibition": "40 A-; 40 A+",
    "omission": "40 A+; 1 A-",
    "response prevention": "40 A+; 40 A-!",
}
"""Protocols that have a name."""

_PHASE: Final = re.compile(r"(\d+)((?:\s+\S+)+)")
_TRIAL: Final = re.compile(r"((?:[A-Z](?:>?[A-Z])*)?)([+-])(!?)")


@final
@dataclass(frozen=True, kw_only=True)
class Trial:
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
                    f"Trial: {stimulus} is on from {on} to {off} ms of {self.duration} ms; allowed: 0 <= on < off <= "
                    "duration"
                )

    def describe(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        stimuli = {name: list(times) for name, times in self.stimuli.items()}
        return {"stimuli": stimuli, "duration": self.duration, "name": self.name, "prevented": self.prevented}


def trials(protocol: str, *, cs: float, us_onset: float, us: float, after: float) -> list[Trial]:
    """The trials that a ``protocol`` means.

    Phases follow each other after ``;``. A phase is a number and the trials that are given so many times in turn:
    letters for the stimuli that are on together, ``>`` where one follows on another, ``+`` with and ``-`` without the
    unconditioned stimulus, and ``!`` if responses are prevented. A name of :data:`PROTOCOLS` stands for its text.

    Args:
        protocol: such as ``"40 A+; 40 AB+"``.
        cs: how long each stimulus lasts [ms].
        us_onset: when the unconditioned stimulus comes, from the onset of the last one before it [ms].
        us: how long that lasts [ms].
        after: how long a trial goes on when all is over [ms].

    Raises:
        InvalidValueError: a text that is no protocol; the message says what one looks like.

    >>> [t.name for t in trials("2 A+ AB-; 1 B>A-", cs=1000, us_onset=1000, us=100, after=400)]
    ['A+', 'AB-', 'A+', 'AB-', 'B>A-']
    >>> trials("1 B>A+", cs=1000, us_onset=1000, us=100, after=400)[0].stimuli
    {'B': (0, 1000), 'A': (1000, 2000), 'US': (2000, 2100)}
    """
    text = PROTOCOLS.get(protocol, protocol)
    found: list[Trial] = []
    for phase in text.split(";"):
        match = _PHASE.fullmatch(phase.strip())
        kinds = [_TRIAL.fullmatch(word) for word in match[2].split()] if match else []
        if match is None or not all(kinds) or int(match[1]) == 0:
            raise InvalidValueError(
                f"the protocol {protocol!r} cannot be read at {phase.strip()!r}; allowed: phases such as '40 A+; 40 "
                f"AB+ C-' (B>A: one after the other; !: responses prevented), or one of {', '.join(PROTOCOLS)}"
            )
        made: list[Trial] = []
        for kind in kinds:
            assert kind is not None
            stimuli: dict[str, tuple[float, float]] = {}
            parts = kind[1].split(">") if kind[1] else []
            for k, part in enumerate(parts):
                stimuli |= dict.fromkeys(part, (k * cs, (k + 1) * cs))
            begin = max(len(parts) - 1, 0) * cs + us_onset
            if kind[2] == "+":
                stimuli[US] = (begin, begin + us)
            duration = max(len(parts) * cs, begin + us) + after
            made.append(Trial(stimuli=stimuli, duration=duration, name=kind[0], prevented=bool(kind[3])))
        found += made * int(match[1])
    return found
