"""A maze in the form of a T: what was seen at the start decides where to turn, and food comes later still."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.tasks.base import Observation, Task, flags
from spikeloom.tasks.picture import AGENT, GOAL, LIGHT, PAPER, WALL, WRONG, Picture

FORWARD, LEFT, RIGHT = range(3)


class TMazeSettings(Model):
    """The maze, the cue, and how long the food takes."""

    interval: float = parameter(default=500 * ms, unit="ms", positive=True, doc="time of a step: of one cell")
    duration: float = parameter(default=50 * second, unit="ms", positive=True, doc="longest episode")
    corridor: float = parameter(default=5, minimum=1, smooth=False, doc="cells from the start to the junction")
    cue_cells: float = parameter(default=1, minimum=1, smooth=False, doc="cells, from the start, that show the cue")
    delay: float = parameter(default=1.5 * second, unit="ms", minimum=0, doc="time from the turn to the end of an arm")
    wrong: float = parameter(default=0.0, doc="reward at the end of the wrong arm")


@final
class TMaze(Task):
    """A T-maze: a light at the start says at which end of the junction the food will be.

    The agent walks along a corridor of ``corridor`` cells and turns at the junction; then it runs by itself to the end
    of the arm, for ``delay``, whatever it does meanwhile. The cue is seen in the first ``cue_cells`` cells only, so
    that it must be remembered; ``cue_cells`` above ``corridor`` shows it up to the junction. After Bakker (2002,
    Advances in Neural Information Processing Systems 14, 1475-1482), here with a reward that is delayed.

    - Action: ``Discrete(3)``: 0 forward, 1 turn left, 2 turn right; who turns in the corridor, or walks on at the
      junction, stays where they are.
    - Observation: ``Box(0, 1, (6,))``: cue left, cue right, place along the corridor (0 at the start, 1 at the
      junction), at the junction, in the left arm, in the right arm.
    - Reward: 1 at the end of the arm of the cue, ``wrong`` at the end of the other, 0 before.
    - End: at the end of an arm; cut off after ``duration``.

    The return is 1 for those who remember, and 0.5 by chance.
    """

    Settings = TMazeSettings
    changing: ClassVar[tuple[str, ...]] = ("cue", "place", "arm", "left")
    settings: TMazeSettings

    def prepare(self) -> None:
        self.corridor = round(self.settings.corridor)
        self.cue = LEFT
        self.place = 0
        self.arm = FORWARD  # none yet
        self.left = 0  # steps to the end of the arm

    def spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        return flags(6), spaces.Discrete(3)

    def begin(self) -> None:
        self.cue = LEFT if self.np_random.random() < 0.5 else RIGHT
        self.place, self.arm, self.left = 0, FORWARD, 0

    def act(self, action: int) -> tuple[float, bool]:
        if self.arm != FORWARD:
            self.left -= 1
        elif action == FORWARD:
            self.place = min(self.place + 1, self.corridor)
        elif self.place == self.corridor:
            self.arm, self.left = int(action), self.in_steps(self.settings.delay)
        if self.arm == FORWARD or self.left > 0:
            return 0.0, False
        return (1.0 if self.arm == self.cue else self.settings.wrong), True

    def observe(self) -> Observation:
        shown = self.arm == FORWARD and self.place < round(self.settings.cue_cells)
        return np.array(
            [
                shown and self.cue == LEFT,
                shown and self.cue == RIGHT,
                self.place / self.corridor,
                self.arm == FORWARD and self.place == self.corridor,
                self.arm == LEFT,
                self.arm == RIGHT,
            ],
            np.float32,
        )

    def picture(self) -> NDArray[np.uint8]:
        """The maze from above, with the start below; the light is the cue, and food lies in the arm it names."""
        cell, arms = 16, 3
        height = (self.corridor + 2) * cell
        middle = (arms + 0.5) * cell
        drawn = Picture((2 * arms + 1) * cell, height, WALL)
        drawn.rectangle(0, cell / 2, (2 * arms + 1) * cell, 1.5 * cell, PAPER)
        drawn.rectangle(middle - cell / 2, cell / 2, middle + cell / 2, height, PAPER)
        drawn.disc((0.5 if self.cue == LEFT else 2 * arms + 0.5) * cell, cell, 5, GOAL)
        if self.observe()[:2].any():
            drawn.disc(middle + (-1 if self.cue == LEFT else 1) * cell, height - cell / 2, 5, LIGHT)
        x, y = middle, height - (self.place + 0.5) * cell
        if self.arm != FORWARD:
            y, total = cell, max(self.in_steps(self.settings.delay), 1)
            x += (-1 if self.arm == LEFT else 1) * arms * cell * (1 - self.left / total)
        drawn.disc(x, y, 5, WRONG if self.arm not in (FORWARD, self.cue) else AGENT)
        return drawn.pixels
