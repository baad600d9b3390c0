"""How far a long run is, and how much faster or slower than the time it simulates."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self


class Progress:
    """A bar on a terminal for runs of more than two seconds; nothing elsewhere."""

    def __init__(self, steps: int, dt: float, wanted: bool) -> None:
        self.steps, self.dt = steps, dt
        self._wanted = wanted and sys.stderr.isatty()
        self._bar: Any = None
        self._begun = self._shown = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def at(self, step: int) -> None:
        """``step`` steps are done."""
        now = time.perf_counter()
        if not self._wanted or now - self._begun < 2 or now - self._shown < 0.2:
            return
        self._shown = now
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            text = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[factor]}"), TimeRemainingColumn()
            self._bar = Progress(*text, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("simulating", total=self.steps, factor="")
        factor = (now - self._begun) / (step * self.dt / 1000)
        self._bar.update(self._task, completed=step, factor=f"{factor:.2f} s per model second")

    def interrupted(self) -> None:
        """Say that the run was interrupted."""
        print("interrupted: what was recorded so far is returned", file=sys.stderr)

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
