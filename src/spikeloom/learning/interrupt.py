"""Ctrl-C and a polite kill: the training ends at the next step, after its checkpoint."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class InterruptedTraining(KeyboardInterrupt):
    """A training was ended by the user; the message says where it stands and how to go on.

    Like any other Ctrl-C it passes through ``except Exception``.

    Attributes:
        signal: the number of the signal that ended it, such as ``signal.SIGINT``.
    """

    def __init__(self, message: str, number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.signal = number


class Interrupt:
    """While it is entered, the first SIGINT or SIGTERM only sets :attr:`requested`; the next one ends the program
    as usual.

    Python runs signal handlers in the main thread alone; in any other thread this does nothing.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.requested = number
        self._restore()

    def _restore(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
