"""Telling a person who waits what is being done, once, without a word where nobody looks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager


@contextlib.contextmanager
def _spinner(text: str) -> Generator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


_shown: list[Callable[[str], AbstractContextManager[None]]] = [_spinner]


def waiting(text: str) -> AbstractContextManager[None]:
    """Show ``text`` as long as the context lasts: with a spinner on a terminal, or as :func:`shown_by` says."""
    return _shown[-1](text)


@contextlib.contextmanager
def shown_by(show: Callable[[str], AbstractContextManager[None]]) -> Generator[None]:
    """Within this context ``show`` is how :func:`waiting` shows its text: for those who have a display of their own."""
    _shown.append(show)
    try:
        yield
    finally:
        _shown.remove(show)
