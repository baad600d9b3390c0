"""How far a long run is, and how much faster or slower than the time it simulates."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

Wanted = bool | Callable[[float], None]
"""What a run may be asked for: a bar, nothing, or a function that is told which part of the run is over (0 to 1)."""

OFTEN: Final = 0.1
"""Seconds between two calls of such a function."""


class Progress:
    """A bar on a terminal for runs of more than two seconds, nothing elsewhere; and an ear for Ctrl-C.

    Instead of a bar, a function can be told how far the run is: after the first block, then every :data:`OFTEN`
    seconds, and at the end. Where a bar was asked for, the first interrupt ends the run after the block that is being
    computed, so that what is returned is whole; a second one is Python's own, and so is the first of a run without a
    bar: it is part of something else, which must not go on with half of a record.
    """

    def __init__(self, steps: int, dt: float, wanted: Wanted) -> None:
        self.steps, self.dt = steps, dt
        self._tell = wanted if callable(wanted) else None
        self._hears = wanted is True
        self._wanted = self._tell is None and bool(wanted) and sys.stderr.isatty()
        self._bar: Any = None
        self._begun = self._shown = time.perf_counter()
        self._told = self._begun - OFTEN
        self.interrupted = False
        self._handler: Any = None

    def __enter__(self) -> Self:
        if self._hears and threading.current_thread() is threading.main_thread():
            self._handler = signal.getsignal(signal.SIGINT)
            if self._handler is not None:
                signal.signal(signal.SIGINT, self._interrupt)
        return self

    def _interrupt(self, *_: Any) -> None:
        self.interrupted = True
        signal.signal(signal.SIGINT, self._handler)
        print("interrupted: what was recorded so far is returned", file=sys.stderr)

    def at(self, step: int) -> None:
        """``step`` steps are done."""
        now = time.perf_counter()
        if self._tell is not None and (step == self.steps or now - self._told >= OFTEN):
            self._told = now
            self._tell(step / self.steps)
        if not self._wanted or now - self._begun < 2 or now - self._shown < 0.2:
            return
        self._shown = now
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            text = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[factor]}"),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*text, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("simulating", total=self.steps, factor="")
        factor = (now - self._begun) / (step * self.dt / 1000)
        self._bar.update(self._task, completed=step, factor=f"{factor:.2f} s per model second")

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        if self._bar is not None:
            self._bar.stop()
