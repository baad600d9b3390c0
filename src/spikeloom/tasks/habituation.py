"""A stimulus that comes again and again and means nothing."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.tasks.base import Observation, Task, flags
from spikeloom.tasks.picture import AGENT, INK, LIGHT, WALL, WRONG, Picture, mix


class HabituationSettings(Model):
    """The stimulus, how often it comes, and what comes after."""

    interval: float = parameter(default=100 * ms, unit="ms", positive=True, doc="time of a step")
    intensity: float = parameter(default=0.5, minimum=0, maximum=1, doc="intensity of the stimulus")
    every: float = parameter(default=10 * second, unit="ms", positive=True, doc="time from one stimulus to the next")
    width: float = parameter(default=500 * ms, unit="ms", positive=True, doc="how long a stimulus lasts")
    stimuli: float = parameter(default=20, minimum=1, smooth=False, doc="stimuli, one after the other")
    rest: float = parameter(default=60 * second, unit="ms", minimum=0, doc="time without any, before the tests")
    tests: float = parameter(default=1, minimum=0, smooth=False, doc="stimuli after the rest")
    startle: float = parameter(default=0.0, minimum=0, maximum=1, doc="intensity of another one, half-way through rest")
    danger: float = parameter(default=0.0, minimum=0, maximum=1, doc="chance that a stimulus hurts")
    effort: float = parameter(default=0.1, minimum=0, doc="what a full response costs, in each step")

    def check(self) -> None:
        if self.width < self.interval or self.every < self.width:
            raise InvalidValueError(
                f"HabituationSettings(interval={self.interval:g}, width={self.width:g}, every={self.every:g}) is not "
                "possible; allowed: interval <= width <= every [ms]"
            )


@final
class Habituation(Task):
    """A reflex and a stimulus that comes again and again: how strong is the response?

    ``stimuli`` of one ``intensity``, ``every`` so often; then a ``rest``, in the middle of which another stimulus may
    ``startle``; then ``tests`` of the first. This is the protocol behind the hallmarks of habituation (Rankin et al.
    2009, doi:10.1016/j.nlm.2008.09.012): decrement, recovery, the roles of frequency and intensity, dishabituation.
    Nothing has to be learned by reward; but a response costs, and a stimulus that hurts (by chance, with ``danger``)
    does so the less, the stronger the response is.

    - Action: ``Box(0, 1, (1,))``, the strength of the response.
    - Observation: ``Box(0, 1, (2,))``: intensities of the stimulus and of the other one.
    - Reward: -``effort`` times the response, and -(1 - response) at the end of a stimulus that hurts.
    - End: ``every`` after the last stimulus. ``info["number"]`` counts stimuli, ``info["on"]`` says whether it is on.

    If nothing hurts, not to respond is best, with a return of 0.
    """

    Settings = HabituationSettings
    changing: ClassVar[tuple[str, ...]] = ("response", "hurts")
    settings: HabituationSettings

    def prepare(self) -> None:
        s = self.settings
        every, width = self.in_steps(s.every), self.in_steps(s.width)
        begin = [k * every for k in range(round(s.stimuli))]
        after = begin[-1] + every + self.in_steps(s.rest)
        begin += [after + k * every for k in range(round(s.tests))]
        self.steps_in_all = begin[-1] + every if s.tests else after
        self.onsets = np.array(begin)
        self.shown = np.zeros((self.steps_in_all + 1, 2), np.float32)
        for first in begin:
            self.shown[first : first + width, 0] = s.intensity
        half = begin[round(s.stimuli) - 1] + every + self.in_steps(s.rest) // 2
        self.shown[half : half + width, 1] = s.startle
        self.ends = set((self.onsets + width - 1).tolist())
        self.response, self.hurts = 0.0, False

    def limit(self) -> int:
        return self.steps_in_all

    def spaces(self) -> tuple[spaces.Box, spaces.Box]:
        return flags(2), flags(1)

    def begin(self) -> None:
        self.response, self.hurts = 0.0, False

    def act(self, action: Observation) -> tuple[float, bool]:
        self.response = float(action[0])
        self.hurts = self.steps - 1 in self.ends and bool(self.np_random.random() < self.settings.danger)
        reward = -self.settings.effort * self.response - self.hurts * (1 - self.response)
        return reward, self.steps >= self.steps_in_all

    def observe(self) -> Observation:
        return self.shown[self.steps].copy()

    def info(self) -> dict[str, Any]:
        return {"number": int((self.onsets <= self.steps).sum()), "on": bool(self.shown[self.steps, 0] > 0)}

    def picture(self) -> NDArray[np.uint8]:
        """Both stimuli as lamps, and the response as a bar; it is red when the stimulus hurt."""
        drawn = Picture(96, 64)
        for k, intensity in enumerate(self.observe()):
            drawn.disc(20 + 28 * k, 20, 10, mix(WALL, LIGHT, float(intensity)))
        drawn.rectangle(72, 56 - 48 * self.response, 88, 56, WRONG if self.hurts else AGENT)
        drawn.rectangle(8, 56, 88, 58, INK)
        return drawn.pixels
