"""Levers of which one brings food, many seconds later, while others are pressed and lights flash."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.tasks.base import Observation, Task, flags
from spikeloom.tasks.picture import AGENT, GOAL, INK, LIGHT, WALL, Picture


class LeverSettings(Model):
    """Levers, lights, and how long the food takes."""

    interval: float = parameter(default=2 * second, unit="ms", positive=True, doc="time of a step: of one press")
    duration: float = parameter(default=600 * second, unit="ms", positive=True, doc="length of an episode")
    levers: float = parameter(default=3, minimum=2, smooth=False, doc="levers, one of which is pressed in each step")
    right: float = parameter(default=0, minimum=0, smooth=False, doc="the lever that brings food, counted from 0")
    delay_min: float = parameter(default=10 * second, unit="ms", minimum=0, doc="shortest time from press to food")
    delay_max: float = parameter(default=30 * second, unit="ms", minimum=0, doc="longest time from press to food")
    lights: float = parameter(default=2, minimum=0, smooth=False, doc="lights that mean nothing")
    flicker: float = parameter(default=0.2, minimum=0, maximum=1, doc="chance that a light is on in a step")

    def check(self) -> None:
        if self.right >= self.levers:
            raise InvalidValueError(
                f"LeverSettings(right={self.right:g}, levers={self.levers:g}) is not possible; allowed: a lever from 0 "
                f"to {self.levers - 1:g}"
            )
        if self.delay_min > self.delay_max:
            raise InvalidValueError(
                f"LeverSettings(delay_min={self.delay_min:g}, delay_max={self.delay_max:g}) is not possible; allowed: "
                "delay_min <= delay_max [ms]"
            )


@final
class DelayedLeverPress(Task):
    r"""Levers of which one brings food 10 to 30 s later, while the agent keeps pressing and lights flash.

    The problem of distal reward (Izhikevich 2007, doi:10.1093/cercor/bhl152), as an instrumental task: what was done
    long ago has to be told from what was done since. Each press of the right lever brings one piece of food, after a
    delay of its own that is uniform between ``delay_min`` and ``delay_max`` (whole steps of ``interval``, here 5 to
    15). Nothing at the levers tells which is right.

    - Action: ``Discrete(levers)``, the lever that is pressed in this step.
    - Observation: ``Box(0, 1, (levers + 1 + lights,))``: the lever of the last step (one of n), whether food is there,
      and the lights, each of which is on by chance.
    - Reward: the pieces of food that come in this step.
    - End: never; cut off after ``duration``.

    An episode of S steps in which the right lever is pressed with probability p has the expected return

    .. math:: p \sum_k P(k)\, (S - k), \qquad k: \text{the delay in steps}

    which is 96.67 of 300 steps for presses at random and 290 if no other lever is pressed, which is optimal. An
    eligibility trace of some 10 s learns it: food correlates with the presses of the right lever 10 to 30 s ago, and
    with those of the others not at all.
    """

    Settings = LeverSettings
    changing: ClassVar[tuple[str, ...]] = ("pending", "lever", "food", "lights")
    settings: LeverSettings

    def prepare(self) -> None:
        self.levers = round(self.settings.levers)
        low, high = (self.in_steps(t) for t in (self.settings.delay_min, self.settings.delay_max))
        self.delays = (low, high)
        self.pending = np.zeros(high + 1, np.int64)
        self.lever, self.food = -1, 0
        self.lights = np.zeros(round(self.settings.lights), np.bool_)

    def spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        return flags(self.levers + 1 + len(self.lights)), spaces.Discrete(self.levers)

    def begin(self) -> None:
        self.pending[:] = 0
        self.lever, self.food = -1, 0
        self._flicker()

    def act(self, action: int) -> tuple[float, bool]:
        self.lever = int(action)
        delay = self.np_random.integers(self.delays[0], self.delays[1], endpoint=True)  # drawn whatever is pressed
        if self.lever == round(self.settings.right):
            self.pending[delay] += 1
        self.food = int(self.pending[0])
        self.pending[:-1] = self.pending[1:]
        self.pending[-1] = 0
        self._flicker()
        return self.food, False

    def _flicker(self) -> None:
        self.lights = self.np_random.random(len(self.lights)) < self.settings.flicker

    def observe(self) -> Observation:
        seen = np.zeros(self.levers + 1 + len(self.lights), np.float32)
        if self.lever >= 0:
            seen[self.lever] = 1
        seen[self.levers] = self.food > 0
        seen[self.levers + 1 :] = self.lights
        return seen

    def picture(self) -> NDArray[np.uint8]:
        """The levers, the lights above them, and the food below."""
        width = 24 * max(self.levers, len(self.lights), 3)
        drawn = Picture(width, 96)
        for k, light in enumerate(self.lights):
            drawn.disc(width * (k + 0.5) / len(self.lights), 14, 6, LIGHT if light else WALL)
        for k in range(self.levers):
            x, pressed = width * (k + 0.5) / self.levers, k == self.lever
            drawn.rectangle(x - 8, 34 + 8 * pressed, x + 8, 40 + 8 * pressed, AGENT if pressed else INK)
            drawn.rectangle(x - 2, 40 + 8 * pressed, x + 2, 58, INK)
        drawn.rectangle(0, 58, width, 60, INK)
        for k in range(self.food):
            drawn.disc(width / 2 + 14 * k, 78, 6, GOAL)
        return drawn.pixels
