"""Two arms that pay by chance, in a world that stands still or changes."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.tasks.base import Observation, Task, flags
from spikeloom.tasks.picture import AGENT, GOAL, INK, WALL, WRONG, Picture, mix

WORLDS = ("stationary", "reversal", "restless")


class BanditSettings(Model):
    """What the arms pay, and how that changes."""

    interval: float = parameter(default=2 * second, unit="ms", positive=True, doc="time of a step: of one choice")
    duration: float = parameter(default=400 * second, unit="ms", positive=True, doc="length of an episode")
    high: float = parameter(default=0.8, minimum=0, maximum=1, doc="chance that the better arm pays")
    low: float = parameter(default=0.2, minimum=0, maximum=1, doc="chance that the other arm pays")
    world: str = parameter(default="stationary", choices=WORLDS, doc="how the chances change")
    hazard: float = parameter(default=0.02, minimum=0, maximum=1, doc="chance of a reversal after a choice")
    drift: float = parameter(default=0.05, minimum=0, doc="step of a restless walk, standard deviation")


@final
class TwoArmedBandit(Task):
    """A two-armed bandit: which arm pays more often has to be found out, and found out again when it changes.

    Which arm is better is drawn at the beginning of each episode. In the world ``"stationary"`` it stays (Robbins
    1952, doi:10.1090/S0002-9904-1952-09620-8); in ``"reversal"`` the arms change places with the chance ``hazard``
    after each choice; in ``"restless"`` both chances walk at random, reflected at 0 and 1 (arms that drift: Daw et
    al. 2006, doi:10.1038/nature04766).

    - Action: ``Discrete(2)``, the arm.
    - Observation: ``Box(0, 1, (3,))``: the last choice (left, right), and whether it paid; zeros before the first.
    - Reward: 1 if the arm pays, else 0.
    - End: never; cut off after ``duration``. ``info["chances"]`` are those of both arms, ``info["better"]`` the arm to
      choose next.

    Of 200 choices in the first two worlds the return is 100 by chance, and 160 for those who always know.
    """

    Settings = BanditSettings
    changing: ClassVar[tuple[str, ...]] = ("chances", "choice", "paid")
    settings: BanditSettings

    def prepare(self) -> None:
        self.chances = np.array([self.settings.high, self.settings.low])
        self.choice, self.paid = -1, False

    def spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        return flags(3), spaces.Discrete(2)

    def begin(self) -> None:
        pair = [self.settings.high, self.settings.low]
        self.chances = np.array(pair if self.np_random.random() < 0.5 else pair[::-1])
        self.choice, self.paid = -1, False

    def act(self, action: int) -> tuple[float, bool]:
        self.choice = int(action)
        self.paid = bool(self.np_random.random() < self.chances[self.choice])
        if self.settings.world == "reversal" and self.np_random.random() < self.settings.hazard:
            self.chances = self.chances[::-1].copy()
        elif self.settings.world == "restless":
            walked = self.chances + self.settings.drift * self.np_random.standard_normal(2)
            self.chances = 1 - np.abs(1 - np.abs(walked) % 2)  # reflected at 0 and at 1
        return float(self.paid), False

    def observe(self) -> Observation:
        return np.array([self.choice == 0, self.choice == 1, self.paid], np.float32)

    def info(self) -> dict[str, Any]:
        return {"chances": self.chances.copy(), "better": int(np.argmax(self.chances))}

    def picture(self) -> NDArray[np.uint8]:
        """Both arms, as high as they pay; the one that was chosen stands out, over a coin if it paid."""
        drawn = Picture(96, 96)
        for k, chance in enumerate(self.chances):
            x = 28 + 40 * k
            drawn.rectangle(x - 12, 72 - 60 * chance, x + 12, 72, mix(AGENT, WALL, 0.0 if k == self.choice else 0.6))
        drawn.rectangle(8, 72, 88, 74, INK)
        if self.choice >= 0:
            drawn.disc(28 + 40 * self.choice, 84, 6, GOAL if self.paid else WRONG)
        return drawn.pixels
