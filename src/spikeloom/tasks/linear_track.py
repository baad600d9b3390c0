"""A track with food at its end."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.tasks.base import Observation, Task
from spikeloom.tasks.picture import AGENT, GOAL, PAPER, WALL, Picture


class TrackSettings(Model):
    """The track, how fast it is run, and how long the food takes."""

    interval: float = parameter(default=100 * ms, unit="ms", positive=True, doc="time of a step")
    duration: float = parameter(default=60 * second, unit="ms", positive=True, doc="longest episode")
    length: float = parameter(default=2.0, unit="m", positive=True, doc="length of the track")
    speed: float = parameter(default=0.3, unit="m/s", positive=True, doc="speed of running")
    delay: float = parameter(default=1 * second, unit="ms", minimum=0, doc="time from arrival to food")


@final
class LinearTrack(Task):
    """A linear track: run to its end, and food comes a while later.

    The smallest task with a value that grows towards the goal; Fremaux, Sprekeler & Gerstner (2013,
    doi:10.1371/journal.pcbi.1003024) let a spiking critic learn it. Who has reached the end stays there and waits.

    - Action: ``Discrete(3)``: 0 back, 1 stay, 2 forward, at ``speed``.
    - Observation: ``Box(0, length, (1,))``: the place on the track [m].
    - Reward: 1 when the food comes, ``delay`` after arrival.
    - End: with the food; cut off after ``duration``.

    Running straight ahead takes length / speed + delay = 7.7 s, in whole steps, for a return of 1.
    """

    Settings = TrackSettings
    changing: ClassVar[tuple[str, ...]] = ("place", "waited")
    settings: TrackSettings

    def prepare(self) -> None:
        self.place = 0.0
        self.waited = -1  # steps since arrival

    def spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        return spaces.Box(0.0, self.settings.length, (1,), np.float32), spaces.Discrete(3)

    def begin(self) -> None:
        self.place, self.waited = 0.0, -1

    def act(self, action: int) -> tuple[float, bool]:
        if self.waited < 0:
            moved = self.place + (int(action) - 1) * self.settings.speed * self.interval / 1000
            self.place = min(max(moved, 0.0), self.settings.length)
            arrived = self.place >= self.settings.length * (1 - 1e-9)
            self.waited = 0 if arrived else -1
        else:
            self.waited += 1
        eats = self.waited >= self.in_steps(self.settings.delay)
        return float(eats), eats

    def observe(self) -> Observation:
        return np.array([self.place], np.float32).clip(0, np.float32(self.settings.length))

    def picture(self) -> NDArray[np.uint8]:
        """The track from above; the food lies at its right end."""
        drawn = Picture(200, 32, WALL)
        drawn.rectangle(8, 8, 192, 24, PAPER)
        drawn.disc(184, 16, 5, GOAL)
        drawn.disc(16 + 168 * self.place / self.settings.length, 16, 5, AGENT)
        return drawn.pixels
