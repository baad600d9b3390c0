"""An environment under watch: what it raises and where it hangs becomes an error that names it."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, final

from spikeloom.core.errors import TaskError

ALARM: Any = getattr(signal, "SIGURG", None)
"""The signal that wakes the main thread out of an environment that hangs; nothing else is done by it by default."""


@final
class Watched:
    """The environment, each call of which may take ``patience`` seconds. Used as a context manager.

    A thread looks at the clock once in a while and interrupts the call that takes too long; this costs a call nothing,
    where :class:`~spikeloom.tasks.Guarded` makes it in a thread of its own. Python runs signal handlers in the main
    thread alone, so elsewhere, and on systems without such signals, the environment is guarded in that way. A call
    that never returns to Python cannot be interrupted by anyone; a run folder can be resumed all the same.

    Args:
        env: an environment of Gymnasium.
        patience: how long one call may take [s]; ``None`` waits.
    """

    def __init__(self, env: Any, patience: float | None) -> None:
        self.env, self.patience = env, patience
        self.observation_space, self.action_space = env.observation_space, env.action_space
        self.before: Callable[[], None] = _nothing
        """Called before each step; it may raise."""
        self.episode, self.steps = 0, 0
        self._doing = ""
        self._since = math.inf
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._handler: Any = None

    def __enter__(self) -> Watched:
        if self.patience is None:
            return self
        if ALARM is None or threading.current_thread() is not threading.main_thread():
            from spikeloom.tasks import Guarded

            self.env = self.env if isinstance(self.env, Guarded) else Guarded(self.env, seconds=self.patience)
            return self
        self._handler = signal.signal(ALARM, self._late)
        self._thread = threading.Thread(target=self._look, args=(threading.get_ident(),), daemon=True, name="watch")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            self._thread = None
            signal.signal(ALARM, signal.SIG_DFL if self._handler is None else self._handler)

    def reset(self, **options: Any) -> Any:
        """Begin an episode."""
        self.steps = 0
        return self._call("reset()", lambda: self.env.reset(**options))

    def step(self, action: Any) -> Any:
        """One step."""
        self.before()
        self.steps += 1
        answer = self._call(f"step {self.steps}", lambda: self.env.step(action))
        if not math.isfinite(answer[1]):
            raise TaskError(f"{self} gave the reward {answer[1]} in {self._place}; allowed: a finite number")
        return answer

    def __str__(self) -> str:
        spec = self.env.spec
        return f"the environment {type(self.env.unwrapped).__name__ if spec is None else spec.id}"

    @property
    def _place(self) -> str:
        return f"{self._doing} of episode {self.episode + 1}"

    def _call(self, doing: str, work: Callable[[], Any]) -> Any:
        self._doing = doing
        self._since = time.monotonic()
        try:
            return work()
        except TaskError:
            raise
        except Exception as error:
            raise TaskError(f"{self} raised {type(error).__name__} in {self._place}: {error}") from error
        finally:
            self._since = math.inf

    def _late(self, number: int, frame: FrameType | None) -> None:
        if self.patience is not None and time.monotonic() - self._since > self.patience:
            self._since = math.inf
            raise TaskError(
                f"{self} hangs in {self._place}: no answer within {self.patience:g} s; patience=... allows more time"
            )

    def _look(self, main: int) -> None:
        assert self.patience is not None
        while not self._over.wait(min(1.0, self.patience / 4)):
            if time.monotonic() - self._since > self.patience:
                signal.pthread_kill(main, ALARM)


def _nothing() -> None:
    pass
