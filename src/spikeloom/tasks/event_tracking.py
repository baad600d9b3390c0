"""A moving target, seen by a simulated event camera that can be turned."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import Hz, ms, second
from spikeloom.tasks.base import Observation, Task
from spikeloom.tasks.picture import AGENT, INK, PAPER, WRONG, Picture

MOVES: Final = np.array([(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)], np.float64)
"""What the actions do to the camera: x to the right, y down."""

_EDGE: Final = 0.5
"""Width of the target's edge, in pixels."""


class TrackingSettings(Model):
    """The camera, the target and how it moves."""

    interval: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time of a step")
    duration: float = parameter(default=4 * second, unit="ms", positive=True, doc="length of an episode")
    pixels: float = parameter(default=16, minimum=6, maximum=256, smooth=False, doc="pixels along each side")
    radius: float = parameter(default=2.0, unit="pixels", positive=True, doc="radius of the target")
    contrast: float = parameter(default=2.0, doc="log intensity of the target over that of the background")
    threshold: float = parameter(default=0.25, positive=True, doc="change of log intensity that makes an event")
    speed: float = parameter(default=15.0, unit="pixels/s", minimum=0, doc="speed of the target along each axis, RMS")
    tau: float = parameter(default=400 * ms, unit="ms", positive=True, doc="time over which it keeps its velocity")
    pan: float = parameter(default=1.0, unit="pixels", positive=True, doc="how far an action turns the camera")
    noise: float = parameter(default=0.1 * Hz, unit="Hz", minimum=0, doc="events of a pixel by chance")

    def check(self) -> None:
        if self.radius > self.pixels / 2:
            raise InvalidValueError(
                f"TrackingSettings(radius={self.radius:g}) does not fit into {self.pixels:g} pixels; allowed: "
                f"at most {self.pixels / 2:g}"
            )


@final
class EventTracking(Task):
    r"""A moving target seen by an event camera; the agent turns the camera to keep it in the middle.

    A pixel of an event camera remembers the log intensity L at its last event, and makes an ON (or OFF) event for each
    ``threshold`` by which it has risen (or fallen) since (Lichtsteiner, Posch & Delbruck 2008,
    doi:10.1109/JSSC.2007.914337). A target at rest in the picture cannot be seen. It is a disc with a soft edge, and
    its velocity u along each axis is an Ornstein-Uhlenbeck process:

    .. math:: L = c\, \Big/ \left(1 + e^{(r - R) / 0.5}\right), \qquad
       du = -\frac{u}{\tau}\, dt + s \sqrt{2 / \tau}\, dW

    - Action: ``Discrete(5)``: 0 stay, then turn the camera left, right, up, down by ``pan`` pixels.
    - Observation: ``Box(0, 255, (2, pixels, pixels), uint8)``: ON events, then OFF events, in this step; [row, column].
    - Reward: 1 - d / (pixels / 2), with d the distance of the target from the middle.
    - End: when d reaches pixels / 2, and the target is lost; cut off after ``duration``. ``info["offset"]`` is where
      the target is, from the middle (x, y) [pixels].

    The return is at most the number of steps, 200.
    """

    Settings = TrackingSettings
    changing: ClassVar[tuple[str, ...]] = ("offset", "velocity", "memory", "events")
    settings: TrackingSettings

    def prepare(self) -> None:
        self.size = round(self.settings.pixels)
        centre = (np.arange(self.size) + 0.5) - self.size / 2
        self._rows, self._columns = centre[:, None], centre[None, :]
        self._keep = math.exp(-self.interval / self.settings.tau)
        self._kick = self.settings.speed / 1000 * math.sqrt(1 - self._keep**2)  # pixels/ms
        self.offset, self.velocity = np.zeros(2), np.zeros(2)
        self.memory = np.zeros((self.size, self.size))
        self.events = np.zeros((2, self.size, self.size), np.uint8)

    def spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        return spaces.Box(0, 255, self.events.shape, np.uint8), spaces.Discrete(len(MOVES))

    def begin(self) -> None:
        self.offset = self.np_random.uniform(-self.size / 8, self.size / 8, 2)
        self.velocity = self.settings.speed / 1000 * self.np_random.standard_normal(2)
        self.memory = self.log_intensity()
        self.events[:] = 0

    def log_intensity(self) -> NDArray[np.float64]:
        """What falls on the pixels: log intensity over that of the background."""
        distance = np.hypot(self._columns - self.offset[0], self._rows - self.offset[1])
        return self.settings.contrast / (1 + np.exp((distance - self.settings.radius) / _EDGE))

    def act(self, action: int) -> tuple[float, bool]:
        self.velocity = self._keep * self.velocity + self._kick * self.np_random.standard_normal(2)
        self.offset = self.offset + self.velocity * self.interval - self.settings.pan * MOVES[int(action)]
        crossed = np.trunc((self.log_intensity() - self.memory) / self.settings.threshold)
        self.memory += crossed * self.settings.threshold
        stray = self.np_random.poisson(self.settings.noise * self.interval / 2, self.events.shape)
        self.events = np.minimum(np.stack([crossed, -crossed]).clip(0) + stray, 255).astype(np.uint8)
        distance = float(np.hypot(*self.offset)) / (self.size / 2)
        return max(1 - distance, 0.0), distance >= 1

    def observe(self) -> Observation:
        return self.events.copy()

    def info(self) -> dict[str, Any]:
        return {"offset": self.offset.copy()}

    def picture(self) -> NDArray[np.uint8]:
        """What the camera gives: ON events blue, OFF events red; a ring of dots around the middle."""
        zoom = max(128 // self.size, 1)
        drawn = Picture(self.size * zoom, self.size * zoom, PAPER)
        for events, colour in zip(self.events, (AGENT, WRONG)):
            drawn.pixels[np.kron(events, np.ones((zoom, zoom), np.uint8)) > 0] = colour
        for k in range(12):
            x, y = (self.size / 2 + 3 * f(math.pi * k / 6) for f in (math.cos, math.sin))
            drawn.disc(x * zoom, y * zoom, 1, INK)
        return drawn.pixels
