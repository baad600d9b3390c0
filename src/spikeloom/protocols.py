"""Protocols of conditioning in the notation of the literature, and the classical ones by name.

Models of what is learned go through them (:mod:`spikeloom.analysis.conditioning`), and so do agents
(:class:`spikeloom.tasks.Conditioning`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from spikeloom.core.errors import InvalidValueError, unknown_name

_TRIAL: Final = re.compile(r"((?:[A-Z]+(?:>[A-Z]+)*)?)([+-])(!?)")
_PHASE: Final = re.compile(r"\s*(\d+)\s+(\S+)\s*")
_HELP: Final = (
    "write phases between ';', each as a number and a kind of trial: '40 A+; 40 AB+'. A kind is cues (capital letters, "
    "together as in AB, one after the other as in B>A; none for the US alone), + or - for followed by the US or not, "
    "and ! if responses are prevented; kinds in turn are separated by '/': '40 A+/AB-'"
)


@final
@dataclass(frozen=True)
class Trial:
    """One kind of trial.

    Attributes:
        stimuli: one after the other, each of the cues that come together.
        reinforced: whether the US follows, the unconditioned stimulus.
        prevented: whether responses are prevented, and count for nothing.

    >>> print(Trial(("B", "A"), True), Trial((), False, prevented=True))
    B>A+ -!
    """

    stimuli: tuple[str, ...]
    reinforced: bool
    prevented: bool = False

    @property
    def cues(self) -> str:
        """All cues of the trial, in alphabetical order.

        >>> Trial(("B", "A"), False).cues
        'AB'
        """
        return "".join(sorted(set("".join(self.stimuli))))

    def __str__(self) -> str:
        return f"{'>'.join(self.stimuli)}{'+' if self.reinforced else '-'}{'!' if self.prevented else ''}"


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


def classical(trials: int = 40, few: int = 10, late: int = 5) -> dict[str, str]:
    """The classical protocols by name, as texts.

    Args:
        trials: of each kind in a phase.
        few: of extinction, and of a cue that comes before one that was followed.
        late: with the US, after a cue came without it.

    >>> classical(trials=12)["blocking"]
    '12 A+; 12 AB+'
    """
    n = trials
    return {
        # Pavlov 1927: one cue, and what is left when it is no longer followed
        "acquisition": f"{n} A+",
        "extinction": f"{n} A+; {few} A-",
        # Kamin 1969: a cue that adds nothing to what is expected is not learned; the control has not seen A before
        "blocking": f"{n} A+; {n} AB+",
        "blocking control": f"{n} C+; {n} AB+",
        # Rescorla 1970: two cues that expect too much together lose
        "overexpectation": f"{n} A+; {n} B+; {n} AB+",
        # Pavlov 1927: B announces that A will not be followed
        "conditioned inhibition": f"{n} A+/AB-",
        # Rizley & Rescorla 1972: B comes before a cue that was followed
        "second order": f"{n} A+; {few} B>A-",
        # Lubow & Moore 1959: a cue that was followed by nothing is slow to become one that is
        "latent inhibition": f"{n} A-; {late} A+",
        "latent inhibition control": f"{n} C-; {late} A+",
        # Schultz, Dayan & Montague 1997: what was expected is left out once
        "omission": f"{n} A+; 1 A-",
        # Baum 1970: the cue stays, nothing follows, and nobody can leave before it shows
        "response prevention": f"{n} A+; {n} A-!",
    }


PROTOCOLS: Final[Mapping[str, str]] = classical()
"""The classical protocols with the usual number of trials."""


def protocol(text: str) -> Protocol:
    """The protocol that ``text`` writes down, or the classical one of this name (:data:`PROTOCOLS`).

    Phases follow each other after ``;``. A phase is a number and the kinds of trials that are given so many times in
    turn, with ``/`` between them. A kind is written with capital letters for cues that are on together, ``>`` where
    others follow on them, ``+`` with and ``-`` without the unconditioned stimulus (US), and ``!`` if responses are
    prevented.

    >>> blocking = protocol("40 A+; 40 AB+")
    >>> blocking == protocol("blocking"), blocking.cues, len(blocking)
    (True, 'AB', 80)
    >>> [str(trial) for trial in protocol("2 A+/AB-; 1 B>A-!; 1 +")]
    ['A+', 'AB-', 'A+', 'AB-', 'B>A-!', '+']

    Raises:
        UnknownNameError: a name that is none of them.
        InvalidValueError: a text that cannot be read; the message says how one is written.
    """
    written = PROTOCOLS.get(text, text)
    if not re.search(r"[\d+-]", written):
        raise unknown_name("protocol", text, PROTOCOLS)
    return Protocol(tuple(_phase(part, written) for part in written.split(";")))


def _phase(part: str, text: str) -> Phase:
    found = _PHASE.fullmatch(part)
    if found is None:
        raise InvalidValueError(f"protocol({text!r}): cannot read {part.strip()!r}; {_HELP}")
    kinds = []
    for written in found[2].split("/"):
        trial = _TRIAL.fullmatch(written)
        stimuli = tuple(trial[1].split(">")) if trial and trial[1] else ()
        if trial is None or any(len(set(stimulus)) < len(stimulus) for stimulus in stimuli):
            raise InvalidValueError(f"protocol({text!r}): cannot read the trial {written!r}; {_HELP}")
        kinds.append(Trial(stimuli, trial[2] == "+", bool(trial[3])))
    return Phase(tuple(kinds), int(found[1]))
