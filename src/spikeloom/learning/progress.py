"""What a user sees while a network trains: a bar on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import abc
import contextlib
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager
from typing import Any, final

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

INTERVAL = 0.1  # seconds between two updates


class Progress(abc.ABC):
    """How a training is shown. Used as a context manager."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 (most have nothing to close)
        """The training is over, one way or another."""

    @abc.abstractmethod
    def say(self, text: str) -> None:
        """A line about the training as a whole."""

    @abc.abstractmethod
    def waiting(self, text: str) -> AbstractContextManager[None]:
        """Show ``text`` as long as the context lasts, such as while kernels are compiled."""

    @abc.abstractmethod
    def due(self) -> bool:
        """Whether :meth:`step` would show something now; if not, nobody needs to compute what it shows."""

    @abc.abstractmethod
    def step(self, epoch: int, epochs: int, step: int, steps: int, means: Mapping[str, float]) -> None:
        """Step ``step`` of ``steps`` of an epoch is done."""

    @abc.abstractmethod
    def epoch(self, epochs: int, entry: Mapping[str, Any]) -> None:
        """An epoch is over; ``entry`` is its line of the history."""


@final
class Silent(Progress):
    """Shows nothing."""

    def say(self, text: str) -> None:
        pass

    def waiting(self, text: str) -> AbstractContextManager[None]:
        return contextlib.nullcontext()

    def due(self) -> bool:
        return False

    def step(self, epoch: int, epochs: int, step: int, steps: int, means: Mapping[str, float]) -> None:
        pass

    def epoch(self, epochs: int, entry: Mapping[str, Any]) -> None:
        pass


@final
class Lines(Progress):
    """One plain line per epoch, for files and pipes."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)

    def waiting(self, text: str) -> AbstractContextManager[None]:
        self.say(text)
        return contextlib.nullcontext()

    def due(self) -> bool:
        return False

    def step(self, epoch: int, epochs: int, step: int, steps: int, means: Mapping[str, float]) -> None:
        pass

    def epoch(self, epochs: int, entry: Mapping[str, Any]) -> None:
        self.console.print(Text(_summary(epochs, entry)), soft_wrap=True)


@final
class Bar(Progress):
    """One line per epoch, and below them a bar that moves, at most ten times a second."""

    def __init__(self, console: Console) -> None:
        self.console, self._shown = console, 0.0
        self._live: Live | None = None

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def say(self, text: str) -> None:
        self.console.print(Text(text, style="dim"), soft_wrap=True)

    def waiting(self, text: str) -> AbstractContextManager[None]:
        if self._live is None:
            return _as_plain(self.console.status(text))
        self._live.update(Text(text), refresh=True)
        return contextlib.nullcontext()

    def due(self) -> bool:
        return time.monotonic() - self._shown >= INTERVAL

    def step(self, epoch: int, epochs: int, step: int, steps: int, means: Mapping[str, float]) -> None:
        self._shown = time.monotonic()
        if self._live is None:  # no thread of its own: the kernels have the cores
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()
        grid = Table.grid(padding=(0, 1))
        label, measures = f"epoch {epoch}/{epochs}", _measures(means)
        room = self.console.width - len(label) - len(measures) - 2  # beside both, on one line
        bar = ProgressBar(total=steps, completed=step, width=max(3, min(24, room)))
        grid.add_row(Text(label, style="bold"), bar, Text(measures))
        self._live.update(grid, refresh=True)

    def epoch(self, epochs: int, entry: Mapping[str, Any]) -> None:
        self.console.print(Text(_summary(epochs, entry)), soft_wrap=True)


@contextlib.contextmanager
def _as_plain(context: AbstractContextManager[object]) -> Generator[None]:
    with context:
        yield


def progress(shown: bool | Progress) -> Progress:
    """The progress to show: a bar on a terminal, lines elsewhere, nothing if not ``shown``."""
    if isinstance(shown, Progress):
        return shown
    if not shown:
        return Silent()
    console = Console(file=sys.stderr)
    return Bar(console) if console.is_terminal else Lines(console)


def _measures(means: Mapping[str, float]) -> str:
    return (
        f"loss {means['train_loss']:.3f}  accuracy {means['train_accuracy']:.1%}  {means['spikes_per_sample']:.1f} "
        "spikes/sample  "
        f"{means['samples_per_second']:,.0f} samples/s"
    )


def _summary(epochs: int, entry: Mapping[str, Any]) -> str:
    line = f"epoch {entry['epoch']:>{len(str(epochs))}}/{epochs}  {_measures(entry)}"
    if entry.get("validation_accuracy") is not None:
        line += f"  validation loss {entry['validation_loss']:.4f} accuracy {entry['validation_accuracy']:.2%}"
    return line
