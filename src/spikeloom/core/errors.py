"""Errors that teach: each says what was given, what is allowed and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SpikeloomError(Exception):
    """Base of every error that Spikeloom raises on purpose; catch it to catch them all."""


class InvalidValueError(SpikeloomError, ValueError):
    """A value that no computation could use: out of range, not finite, of the wrong shape."""


class UnknownNameError(SpikeloomError, LookupError):
    """A name that nothing answers to; the message suggests the nearest known one."""


class UnsupportedError(SpikeloomError, TypeError):
    """An engine was asked for what it cannot do; the message names the engine that can."""


class FormatError(SpikeloomError, ValueError):
    """A file is not what its name or header claims: truncated, of another format, or damaged."""


class CheckpointError(SpikeloomError):
    """A checkpoint is damaged, or belongs to another network or another training."""


class RunFolderError(SpikeloomError, OSError):
    """A run folder cannot be used: already occupied, not writable, or incomplete."""


class TaskError(SpikeloomError, RuntimeError):
    """The environment of an agent raised, hung, or gave a reward that is no number."""


class MissingPackageError(SpikeloomError, ImportError):
    """A package is needed that is not installed; the message says how to install it."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """An error for ``name``, which is none of the ``known`` names of this ``kind``, with the nearest one.

    >>> print(unknown_name("neuron", "LIFF", ["LIF", "ALIF"]))
    there is no neuron named 'LIFF'; did you mean 'LIF'? Known: ALIF, LIF
    """
    names = sorted(known)
    lowered = {n.lower(): n for n in names}
    wanted = str(name).lower()
    begun = [n for n in lowered if wanted and n.startswith(wanted)]  # half a name is no mistake in spelling
    near = begun[:1] or difflib.get_close_matches(wanted, lowered, n=1, cutoff=0.5)
    hint = f"; did you mean {lowered[near[0]]!r}?" if near else "."
    return UnknownNameError(f"there is no {kind} named {name!r}{hint} Known: {', '.join(names) or 'none'}")
