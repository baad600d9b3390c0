"""An environment that may fail, and then says so, in time."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, SupportsFloat, final

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from spikeloom.core.errors import InvalidValueError, TaskError

_STOP: Final = object()


@final
class Guarded(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """An environment around which a run is safe: what it raises, and where it hangs, becomes a :class:`TaskError`.

    Each call is made in a thread of its own, and waited for as long as ``seconds``. Who hangs is left behind, since
    no thread can be stopped from outside: all later calls raise the same error at once, and the process can still
    end. A reward that is not a finite number is refused as well: no modulator could take it. After an exception
    :meth:`reset` begins anew. A call costs some 20 us more.

    Args:
        env: any environment of Gymnasium.
        seconds: how long one call may take.

    Raises:
        TaskError: the environment raised, hung, or gave no finite reward; the message says in which step.
        InvalidValueError: ``seconds`` is not a number > 0.

    >>> env = Guarded(gymnasium.make("spikeloom/LinearTrack-v0"), seconds=30)
    >>> env.reset(seed=0)[0]
    array([0.], dtype=float32)
    >>> env.close()
    """

    def __init__(self, env: gymnasium.Env[Any, Any], *, seconds: float = 60.0) -> None:
        RecordConstructorArgs.__init__(self, seconds=seconds)
        super().__init__(env)
        if not (isinstance(seconds, int | float) and math.isfinite(seconds) and seconds > 0):
            raise InvalidValueError(f"Guarded(seconds={seconds!r}) is not possible; allowed: a number > 0 [s]")
        self.seconds = seconds
        self.steps = 0
        self.hangs: str | None = None
        """What was said when it hung; from then on all calls raise it."""
        self._asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None
        self._number = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self.steps = 0
        return self._call("in reset()", lambda: self.env.reset(seed=seed, options=options))

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        self.steps += 1
        answer = self._call(f"in step {self.steps} of an episode", lambda: self.env.step(action))
        if not math.isfinite(answer[1]):
            raise TaskError(
                f"{self._name()} gave the reward {answer[1]} in step {self.steps} of an episode, with action "
                f"{action!r}; allowed: a finite number. Its state before the episode is still good"
            )
        return answer

    def render(self) -> Any:
        return self._call("in render()", self.env.render)

    def close(self) -> None:
        """Close the environment, unless it hangs, and end the thread."""
        if self.hangs is None:
            self._call("in close()", self.env.close)
        self._asked.put((0, _STOP))
        self._worker = None

    def _name(self) -> str:
        spec = self.env.spec
        return f"the environment {type(self.unwrapped).__name__ if spec is None else spec.id}"

    def _call(self, where: str, work: Callable[[], Any]) -> Any:
        if self.hangs is not None:
            raise TaskError(self.hangs)
        if self._worker is None:
            arguments = (self._asked, self._answers)
            self._worker = threading.Thread(target=_work, args=arguments, daemon=True, name="environment")
            self._worker.start()
        self._number += 1
        self._asked.put((self._number, work))
        number, answer, error = 0, None, None
        while number != self._number:  # an older answer is that of a call that the user interrupted
            try:
                number, answer, error = self._answers.get(timeout=self.seconds)
            except queue.Empty:
                self.hangs = (
                    f"{self._name()} hangs {where}: no answer within {self.seconds:g} s. Go on with another one, in a "
                    "new process if it holds resources; Guarded(env, seconds=...) allows more time"
                )
                raise TaskError(self.hangs) from None
        if error is not None:
            raise TaskError(
                f"{self._name()} raised {type(error).__name__} {where}: {error}. Its state before the episode is still "
                "good; mend it, and go on from there"
            ) from error
        return answer


def _work(asked: queue.SimpleQueue[Any], answers: queue.SimpleQueue[Any]) -> None:
    """Answer calls until told to stop."""
    while True:
        number, work = asked.get()
        if work is _STOP:
            return
        try:
            answers.put((number, work(), None))
        except BaseException as error:  # SystemExit too: the run decides when it ends
            answers.put((number, None, error))
        work = None  # while it waits, a thread keeps no environment alive
