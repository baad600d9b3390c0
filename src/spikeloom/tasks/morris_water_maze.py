"""The water maze: a platform hidden in a round pool, found again from any side."""

from __future__ import annotations

import math
from typing import Any, ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.tasks.base import Observation, Task
from spikeloom.tasks.picture import AGENT, GOAL, WALL, WATER, Picture


class MazeSettings(Model):
    """The pool, the platform and the swimmer."""

    interval: float = parameter(default=100 * ms, unit="ms", positive=True, doc="time of a step")
    duration: float = parameter(default=120 * second, unit="ms", positive=True, doc="longest search")
    diameter: float = parameter(default=2.0, unit="m", positive=True, doc="diameter of the pool")
    platform: float = parameter(default=0.2, unit="m", positive=True, doc="diameter of the platform")
    x: float = parameter(default=0.4, unit="m", doc="the platform, east of the centre")
    y: float = parameter(default=0.4, unit="m", doc="the platform, north of the centre")
    speed: float = parameter(default=0.3, unit="m/s", positive=True, doc="speed of swimming")
    momentum: float = parameter(default=0.5, minimum=0, maximum=0.99, doc="share of the velocity that a step keeps")
    steering: str = parameter(default="compass", choices=("compass", "angle"), doc="what an action is")
    directions: float = parameter(default=8, minimum=3, smooth=False, doc="directions of the compass")

    def check(self) -> None:
        if math.hypot(self.x, self.y) + self.platform / 2 > self.diameter / 2:
            raise InvalidValueError(
                f"MazeSettings(x={self.x:g}, y={self.y:g}) puts a platform of {self.platform:g} m outside the pool; "
                f"allowed: at most {(self.diameter - self.platform) / 2:g} m from the centre"
            )


@final
class MorrisWaterMaze(Task):
    r"""The Morris water maze: swim until a hidden platform is found.

    A pool with a platform just below the surface, which nothing marks; who starts from another side each time must
    know where they are (Morris 1984, doi:10.1016/0165-0270(84)90007-4). Models give the agent its coordinates through
    place cells (Foster, Morris & Dayan 2000, Hippocampus 10, 1-16; Vasilaki et al. 2009,
    doi:10.1371/journal.pcbi.1000586; Fremaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024). A step
    keeps a share ``momentum`` of the velocity; at the wall the swimmer slides along it.

    .. math:: v \leftarrow \mu v + (1 - \mu)\, s\, (\cos \varphi, \sin \varphi), \qquad x \leftarrow x + v\, \Delta t

    - Action: ``Discrete(directions)``, the direction :math:`\varphi` (0 east, then counterclockwise); with
      ``steering="angle"`` ``Box(-pi, pi, (1,))``, the angle itself.
    - Observation: ``Box(-r, r, (2,))``: the place, x to the east and y to the north of the centre [m].
    - Reward: 1 on the platform, 0 before.
    - End: on the platform; cut off after ``duration``. ``info["latency"]`` is the time so far [ms], ``info["path"]``
      the way [m].

    A search begins at one of the four points of the compass, at the wall, drawn at random.
    """

    Settings = MazeSettings
    changing: ClassVar[tuple[str, ...]] = ("place", "velocity", "path")
    settings: MazeSettings

    def prepare(self) -> None:
        self.radius = self.settings.diameter / 2
        self.goal = np.array([self.settings.x, self.settings.y])
        self.place, self.velocity, self.path = np.zeros(2), np.zeros(2), 0.0

    def spaces(self) -> tuple[spaces.Box, spaces.Space[Any]]:
        compass = spaces.Discrete(round(self.settings.directions))
        angle = spaces.Box(-np.pi, np.pi, (1,), np.float32)
        seen = spaces.Box(-self.radius, self.radius, (2,), np.float32)
        return seen, compass if self.settings.steering == "compass" else angle

    def begin(self) -> None:
        side = math.pi / 2 * int(self.np_random.integers(4))
        self.place = self.radius * np.array([math.cos(side), math.sin(side)])
        self.velocity, self.path = np.zeros(2), 0.0

    def act(self, action: Any) -> tuple[float, bool]:
        if self.settings.steering == "compass":
            angle = 2 * math.pi * int(action) / round(self.settings.directions)
        else:
            angle = float(action[0])
        keep, speed = self.settings.momentum, self.settings.speed / 1000  # m/ms
        aim = speed * np.array([math.cos(angle), math.sin(angle)])
        self.velocity = keep * self.velocity + (1 - keep) * aim
        moved = self.place + self.velocity * self.interval
        distance = float(np.hypot(*moved))
        if distance > self.radius:
            normal = moved / distance
            moved = normal * self.radius
            self.velocity = self.velocity - max(float(self.velocity @ normal), 0.0) * normal
        self.path += float(np.hypot(*(moved - self.place)))
        self.place = moved
        found = float(np.hypot(*(self.place - self.goal))) <= self.settings.platform / 2
        return float(found), found

    def observe(self) -> Observation:
        limit = np.float32(self.radius)
        return self.place.astype(np.float32).clip(-limit, limit)

    def info(self) -> dict[str, Any]:
        return {"latency": self.steps * self.interval, "path": self.path}

    def picture(self) -> NDArray[np.uint8]:
        """The pool from above, north up."""
        drawn = Picture(128, 128, WALL)
        scale = 60 / self.radius
        drawn.disc(64, 64, 62, WATER)
        drawn.disc(64 + scale * self.goal[0], 64 - scale * self.goal[1], scale * self.settings.platform / 2, GOAL)
        drawn.disc(64 + scale * self.place[0], 64 - scale * self.place[1], 4, AGENT)
        return drawn.pixels
