"""What a user sees while an agent learns: a line that changes on a terminal, some plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from contextlib import AbstractContextManager
from typing import final

from rich.console import Console
from rich.live import Live
from rich.text import Text

INTERVAL = 0.1
"""Seconds between two updates of the line that changes."""

LINES = 20
"""Plain lines in a whole training, about."""


@final
class Episodes:
    """How a training by reward is shown, on standard error. Used as a context manager.

    Args:
        shown: whether anything is.
        episodes: how many there will be at most.
    """

    def __init__(self, shown: bool, episodes: int) -> None:
        self._console = Console(file=sys.stderr) if shown else None
        self._moving = self._console is not None and self._console.is_terminal
        self._episodes, self._every = episodes, max(1, episodes // LINES)
        self._live: Live | None = None
        self._last = 0.0
        self._line = ""

    def __enter__(self) -> Episodes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def say(self, text: str) -> None:
        """A line about the training as a whole."""
        if self._console is not None:
            self._console.print(Text(text, style="dim" if self._moving else ""), soft_wrap=True)

    def waiting(self, text: str) -> AbstractContextManager[None]:
        """Show ``text``, such as while kernels are compiled."""
        self.say(text)
        return contextlib.nullcontext()

    def step(self, episode: int, step: int) -> None:
        """Step ``step`` of ``episode`` is done."""
        if self._moving and time.monotonic() - self._last >= INTERVAL:
            self._show(f"episode {episode}/{self._episodes}  step {step}  {self._line}")

    def episode(self, episode: int, total: float, mean: float, over: int, speed: float, *, last: bool) -> None:
        """Episode number ``episode`` (from 1) is over, with the return ``total``."""
        if self._console is None:
            return
        self._line = f"return {total:.4g}  mean of {over} {mean:.4g}  {speed:,.0f} steps/s"
        line = f"episode {episode:>{len(str(self._episodes))}}/{self._episodes}  {self._line}"
        if last or episode == 1 or episode % self._every == 0:
            self._console.print(Text(line), soft_wrap=True)
        elif self._moving and time.monotonic() - self._last >= INTERVAL:
            self._show(line)

    def _show(self, line: str) -> None:
        self._last = time.monotonic()
        if self._live is None:  # no thread of its own: the kernels have the cores
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(Text(line, style="bold"), refresh=True)
