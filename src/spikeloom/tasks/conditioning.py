"""Conditioning, classical and instrumental: stimuli, what follows on them, and what a response changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.protocols import protocol
from spikeloom.tasks.base import Observation, Task, flags
from spikeloom.tasks.picture import AGENT, GOAL, LIGHT, WALL, WRONG, Picture
from spikeloom.tasks.timed_trial import US, TimedTrial

CONTINGENCIES = ("classical", "reward", "avoidance")


class ConditioningSettings(Model):
    """The protocol and its times."""

    interval: float = parameter(default=100 * ms, unit="ms", positive=True, doc="time of a step")
    protocol: str = parameter(default="40 A+", text=True, doc="phases of trials, or the name of a protocol")
    cs: float = parameter(default=1 * second, unit="ms", positive=True, doc="how long a stimulus lasts")
    us_onset: float = parameter(default=1 * second, unit="ms", minimum=0, doc="US, from the onset of the last stimulus")
    us: float = parameter(default=100 * ms, unit="ms", positive=True, doc="how long the US lasts")
    after: float = parameter(default=500 * ms, unit="ms", minimum=0, doc="rest of a trial, when all is over")
    pause: float = parameter(default=5 * second, unit="ms", minimum=0, doc="shortest pause before a trial")
    jitter: float = parameter(default=2 * second, unit="ms", minimum=0, doc="what chance adds to it, at most")
    value: float = parameter(default=1.0, doc="what the US is worth: > 0 food, < 0 a shock")
    contingency: str = parameter(default="classical", choices=CONTINGENCIES, doc="what a response changes")


@final
class Conditioning(Task):
    """Conditioning: trials of stimuli (CS) and of what they announce (US), by any protocol.

    ``protocol`` is a text in the notation of the field, ``"40 A+; 40 AB+"``, or a name such as ``"blocking"``
    (:func:`~spikeloom.protocols.protocol`); ``trials`` gives trials of any timing instead. ``contingency`` says what a
    response changes: in ``"classical"`` nothing (Pavlov 1927; Rescorla & Wagner 1972); in ``"reward"`` the US comes
    only to those who have responded to a stimulus of its trial; in ``"avoidance"`` a response ends the stimuli and
    prevents the US (two-factor theory: Maia 2010, doi:10.3758/LB.38.1.50). Before a trial there is a pause of
    ``pause``, and of up to ``jitter`` more.

    - Action: ``Discrete(2)``: 0 nothing, 1 respond.
    - Observation: ``Box(0, 1, (n + 1,))``: which of the n stimuli of the protocol are on, in alphabetical order, and
      the US.
    - Reward: ``value`` when the US begins.
    - End: with the last trial. ``info`` has ``"trial"`` (its number), ``"name"``, ``"time"`` (in ms from its beginning,
      < 0 in the pause) and ``"responded"``.

    The return of the default protocol is 40, whatever is done.
    """

    Settings = ConditioningSettings
    changing: ClassVar[tuple[str, ...]] = ("trial", "clock", "responded")
    settings: ConditioningSettings

    def __init__(
        self, *, trials: Sequence[TimedTrial] | None = None, render_mode: str | None = None, **settings: Any
    ) -> None:
        self._given = trials
        super().__init__(render_mode=render_mode, **settings)

    def prepare(self) -> None:
        s = self.settings
        times = {"cs": s.cs, "us_onset": s.us_onset, "us": s.us, "after": s.after}
        written = [TimedTrial.of(trial, **times) for trial in protocol(s.protocol)]
        self.trials = written if self._given is None else list(self._given)
        if not self.trials:
            what = f"protocol={s.protocol!r}" if self._given is None else "trials=[]"
            raise InvalidValueError(f"Conditioning({what}) has no trial; allowed: one or more")
        self.names = sorted({name for trial in self.trials for name in trial.stimuli if name != US})
        self.trial = 0
        self.clock = 0  # steps since the beginning of the trial; below 0 before it
        self.responded = False

    def described(self) -> dict[str, Any]:
        return super().described() | {"trials": [trial.describe() for trial in self._given or ()]}

    def limit(self) -> int:
        s = self.settings
        return sum(self.in_steps(trial.duration) + self.in_steps(s.pause + s.jitter) + 2 for trial in self.trials)

    def spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        return flags(len(self.names) + 1), spaces.Discrete(2)

    def begin(self) -> None:
        self.trial = -1
        self._next()

    def _next(self) -> None:
        self.trial += 1
        jitter = self.settings.jitter * self.np_random.random()
        self.clock, self.responded = -max(self.in_steps(self.settings.pause + jitter), 1), False

    def act(self, action: int) -> tuple[float, bool]:
        trial = self.trials[self.trial]
        stimulus = any(self._on(name) for name in self.names)
        self.responded |= bool(action) and stimulus and not trial.prevented
        self.clock += 1
        reward = self.settings.value if self._us() and self.clock == self.in_steps(trial.stimuli[US][0]) else 0.0
        if self.clock < self.in_steps(trial.duration):
            return reward, False
        if self.trial + 1 == len(self.trials):
            return reward, True
        self._next()
        return reward, False

    def _during(self, name: str) -> bool:
        if name not in self.trials[self.trial].stimuli:
            return False
        on, off = (self.in_steps(time) for time in self.trials[self.trial].stimuli[name])
        return on <= self.clock < max(off, on + 1)

    def _on(self, name: str) -> bool:
        ended = self.responded and self.settings.contingency == "avoidance"
        return not ended and self._during(name)

    def _us(self) -> bool:
        comes = {"classical": True, "reward": self.responded, "avoidance": not self.responded}
        return comes[self.settings.contingency] and self._during(US)

    def observe(self) -> Observation:
        return np.array([*(self._on(name) for name in self.names), self._us()], np.float32)

    def info(self) -> dict[str, Any]:
        name = self.trials[self.trial].name
        return {"trial": self.trial, "name": name, "time": self.clock * self.interval, "responded": self.responded}

    def picture(self) -> NDArray[np.uint8]:
        """A lamp for each stimulus, a larger one for the US, and a bar when the agent has responded."""
        drawn = Picture(28 * (len(self.names) + 2), 48)
        *stimuli, us = self.observe()
        for k, on in enumerate(stimuli):
            drawn.disc(20 + 28 * k, 20, 10, LIGHT if on else WALL)
        drawn.disc(24 + 28 * len(stimuli), 20, 14, (GOAL if self.settings.value > 0 else WRONG) if us else WALL)
        drawn.rectangle(8, 40, 8 + 20 * self.responded, 44, AGENT)
        return drawn.pixels
