"""Signalled avoidance: an actor and a critic, and Mowrer's two factors to compare them with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.conditioning.base import Array, check_steps
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream


@final
@dataclass
class Animals:
    """What animals have learned, and the random numbers they go on with.

    Attributes:
        value: V of each step of the signal: (animals, steps).
        preference: for staying and for responding, in each step: (animals, steps, 2).
        random: a generator of numpy's.
    """

    value: Array
    preference: Array
    random: np.random.Generator

    @property
    def fear(self) -> float:
        """The V of the step that is feared most, mean over animals."""
        return float(self.value.mean(axis=0).min())


@final
class Avoider(Model):
    r"""In each step of a warning signal it responds or stays; a response ends the signal and the threat.

    .. math:: \delta &= r + \gamma V(s') - V(s), \qquad V(s) \mathrel{+}= \alpha_c \delta, \qquad
              m(s, a) \mathrel{+}= \alpha_a \delta \\
              P(\text{respond} | s) &= 1 / (1 + e^{-(b + m(s, respond) - m(s, stay))})

    r is -1 for a shock, which follows the last step if nobody responded, and minus ``cost`` for a response. These are
    the actor and the critic of Maia (2010), doi:10.3758/LB.38.1.50, over the steps of the signal (a serial compound).
    Fear goes while avoidance stays: preferences only change by errors, and whoever responds early never meets the later
    steps, whose value stays what it was (conservation of anxiety: Solomon & Wynne 1954, Psychol Rev 61, 353-385).
    ``motive="fear"`` is the older idea of Mowrer (1947, Harv Educ Rev 17, 102-148) as Hull would have it: habit counts
    times the fear of the moment, -V(s). The numbers are those of this library; the paper's claims do not hang on them.
    """

    steps: float = parameter(default=5, minimum=1, smooth=False, doc="steps of the warning signal")
    critic: float = parameter(default=0.2, positive=True, maximum=1, doc="alpha_c, learning rate of the critic")
    actor: float = parameter(default=1.0, positive=True, doc="alpha_a, learning rate of the actor")
    gamma: float = parameter(default=0.95, minimum=0, maximum=1, doc="discount in a step")
    cost: float = parameter(default=0.2, minimum=0, doc="effort of a response, part of a shock")
    bias: float = parameter(default=-3.0, doc="b: 1 in 20 new animals responds in a step")
    motive: str = parameter(default="preference", choices=("preference", "fear"), doc="what makes it respond")

    def check(self) -> None:
        check_steps(self, self.steps)

    def begin(self, animals: int, seed: int = 0) -> Animals:
        """So many animals that have learned nothing."""
        shape = (animals, int(self.steps))
        return Animals(np.zeros(shape), np.zeros((*shape, 2)), stream(seed, "avoidance"))

    def chance(self, animals: Animals, step: int) -> Array:
        """The chance that each animal responds in a step of the signal."""
        habit = animals.preference[:, step, 1] - animals.preference[:, step, 0]
        drive = 1.0 if self.motive == "preference" else np.maximum(-animals.value[:, step], 0.0)
        return 1 / (1 + np.exp(-np.clip(self.bias + habit * drive, -50, 50)))

    def trials(self, animals: Animals, times: int, *, shock: bool, prevented: bool = False) -> NDArray[np.bool_]:
        """Go through trials: which animals avoided, (times, animals). ``animals`` is changed.

        Args:
            animals: who learns.
            times: how many trials.
            shock: whether one follows the signal.
            prevented: whether responses are prevented: all stay, to the end of the signal.
        """
        return np.array([self._trial(animals, shock, prevented) for _ in range(times)])

    def _trial(self, animals: Animals, shock: bool, prevented: bool) -> NDArray[np.bool_]:
        value, last = animals.value, int(self.steps) - 1
        who = np.arange(len(value))
        there = np.ones(len(value), bool)
        for step in range(last + 1):
            drawn = animals.random.random(len(value))
            act = np.zeros(len(value), bool) if prevented else there & (drawn < self.chance(animals, step))
            reward = np.where(act, -self.cost, -1.0 if shock and step == last else 0.0)
            after = np.where(act | (step == last), 0.0, value[:, min(step + 1, last)])
            error = np.where(there, reward + self.gamma * after - value[:, step], 0.0)
            value[:, step] += self.critic * error
            animals.preference[who, step, act.astype(int)] += self.actor * error
            there &= ~act
        return ~there

    def exposure(self, times: int) -> Array:
        r"""What so many prevented trials without a shock do to the values of the steps: :math:`V \to V M`, exactly.

        Each step moves by alpha_c towards gamma times the next one, as that was before the trial.
        """
        size = int(self.steps)
        once = (1 - self.critic) * np.eye(size) + self.critic * self.gamma * np.eye(size, k=-1)
        return np.linalg.matrix_power(once, times)
