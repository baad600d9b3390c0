"""Protocols of conditioning in the notation of the literature, and the classical ones as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from spikeloom.core.errors import InvalidValueError, unknown_name

PROTOCOLS: Final[Mapping[str, str]] = {
    # Pavlov 1927: one cue, and what is left when it is no longer followed
    "acquisition": "40 A+",
    "extinction": "40 A+; 10 A-",
    # Kamin 1969: a cue that adds nothing to what is expected is not learned; the control has not seen A before
    "blocking": "40 A+; 40 AB+",
    "blocking control": "40 C+; 40 AB+",
    # Rescorla 1970: two cues that expect too much together lose
    "overexpectation": "40 A+; 40 B+; 40 AB+",
    # Pavlov 1927: B announces that A will not be followed
    "conditioned inhibition": "40 A+/AB-",
    # Rizley & Rescorla 1972: B comes before a cue that was followed
    "second order": "40 A+; 10 B>A-",
    # Lubow & Moore 1959: a cue that was followed by nothing is slow to become one that is
    "latent inhibition": "40 A-; 5 A+",
    "latent inhibition control": "40 C-; 5 A+",
}
"""Trials of each classical protocol, with 40 (10 of extinction and of second order) as the usual number."""

_TRIAL: Final = re.compile(r"([A-Z]+(?:>[A-Z]+)*)([+-])")
_PHASE: Final = re.compile(r"\s*(\d+)\s+(\S+)\s*")
_HELP: Final = (
    "write phases between ';', each as a number and a kind of trial: '40 A+; 40 AB+'. A kind is cues (capital letters, "
    "together as in AB, one after the other as in B>A) and + or - for followed by the US or not; kinds in turn are "
    "separated by '/': '40 A+/AB-'"
)


@final
@dataclass(frozen=True)
class Trial:
    """One kind of trial: stimuli one after the other, each of cues that come together, and whether the US follows."""

    stimuli: tuple[str, ...]
    reinforced: bool

    @property
    def cues(self) -> str:
        """All cues of the trial, in alphabetical order.

        >>> Trial(("B", "A"), False).cues
        'AB'
        """
        return "".join(sorted(set("".join(self.stimuli))))


@final
@dataclass(frozen=True)
class Phase:
    """Kinds of trials in turn, each of them ``times`` times."""

    kinds: tuple[Trial, ...]
    times: int

    def __iter__(self) -> Iterator[Trial]:
        for _ in range(self.times):
            yield from self.kinds

    def __len__(self) -> int:
        return self.times * len(self.kinds)


@final
@dataclass(frozen=True)
class Protocol:
    """Phases one after the other."""

    phases: tuple[Phase, ...]

    @property
    def cues(self) -> str:
        """All cues, in alphabetical order."""
        return "".join(sorted({cue for phase in self.phases for kind in phase.kinds for cue in kind.cues}))

    def __iter__(self) -> Iterator[Trial]:
        for phase in self.phases:
            yield from phase

    def __len__(self) -> int:
        return sum(len(phase) for phase in self.phases)


def protocol(text: str) -> Protocol:
    """The protocol that ``text`` writes down, or the classical one of this name (:data:`PROTOCOLS`).

    >>> blocking = protocol("40 A+; 40 AB+")
    >>> blocking == protocol("blocking"), blocking.cues, len(blocking)
    (True, 'AB', 80)
    >>> [(kind.stimuli, kind.reinforced) for kind in protocol("1 A+/B>A-")]
    [(('A',), True), (('B', 'A'), False)]

    Raises:
        UnknownNameError: a name that is none of them.
        InvalidValueError: a text that cannot be read; the message says how one is written.
    """
    written = PROTOCOLS.get(text, text)
    if not any(character.isdigit() for character in written):
        raise unknown_name("protocol", text, PROTOCOLS)
    return Protocol(tuple(_phase(part, written) for part in written.split(";")))


def _phase(part: str, text: str) -> Phase:
    found = _PHASE.fullmatch(part)
    if found is None:
        raise InvalidValueError(f"protocol({text!r}): cannot read {part.strip()!r}; {_HELP}")
    kinds = []
    for written in found[2].split("/"):
        trial = _TRIAL.fullmatch(written)
        if trial is None or any(len(set(stimulus)) < len(stimulus) for stimulus in trial[1].split(">")):
            raise InvalidValueError(f"protocol({text!r}): cannot read the trial {written!r}; {_HELP}")
        kinds.append(Trial(tuple(trial[1].split(">")), trial[2] == "+"))
    return Phase(tuple(kinds), int(found[1]))
