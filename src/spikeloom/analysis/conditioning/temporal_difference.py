"""Temporal-difference learning within a trial, with a complete serial compound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from spikeloom.analysis.conditioning.base import Array, Course, check_steps, course
from spikeloom.core.parameters import Model, parameter
from spikeloom.protocols import Protocol, Trial, protocol


@final
@dataclass(frozen=True)
class Steps:
    """One trial, step by step: step 0 is before the first cue, ``us`` is the step of the US, where all cues are over.

    Attributes:
        value: V(t), the sum of the weights of what is there.
        error: delta(t) = r(t) + gamma V(t) - V(t - 1); 0 in step 0, before which there is nothing.
        us: the step in which the US comes, or would have come.
        weights: those after the trial, by cue: one for each step since its onset.
    """

    value: Array
    error: Array
    us: int
    weights: Mapping[str, Array]


@final
class TemporalDifference(Model):
    r"""A value for every step since the onset of each cue: a complete serial compound (CSC).

    .. math:: V(t) &= \sum_i w_i x_i(t), \qquad \delta(t) = r(t) + \gamma V(t) - V(t - 1) \\
              \Delta w_i &= \alpha\, \delta(t)\, e_i(t - 1), \qquad e_i(t) = \gamma \lambda\, e_i(t - 1) + x_i(t)

    Sutton & Barto (1990), in Gabriel & Moore (eds.), Learning and Computational Neuroscience, 497-537; as dopamine's
    message: Montague, Dayan & Sejnowski (1996), doi:10.1523/JNEUROSCI.16-05-01936.1996, and Schultz, Dayan & Montague
    (1997), doi:10.1126/science.275.5306.1593. A stimulus lasts ``steps`` steps, one that follows begins when it is
    over, and so does the US. With ``steps`` = 1 it is the Rescorla-Wagner model. Without traces (lambda = 0) one cue
    that is always followed has a closed form, see :func:`serial_value`.
    """

    rate: float = parameter(default=0.1, positive=True, maximum=1, doc="alpha, learning rate")
    gamma: float = parameter(default=0.98, minimum=0, maximum=1, doc="discount in a step")
    decay: float = parameter(default=0.0, minimum=0, maximum=1, doc="lambda, of the eligibility traces")
    us: float = parameter(default=1.0, doc="what a US is worth")
    steps: float = parameter(default=10, minimum=1, smooth=False, doc="steps that a stimulus lasts")

    def check(self) -> None:
        check_steps(self, self.steps)

    def trial(self, trial: Trial, weights: Mapping[str, Array] | None = None, *, learning: bool = True) -> Steps:
        """Go through one trial; without ``learning`` as a probe, which leaves the weights as they are.

        Args:
            trial: its stimuli, and whether the US follows.
            weights: those before it, by cue; 0 where there are none.
            learning: whether weights change, in every step.
        """
        long = int(self.steps)
        kept = {cue: np.array((weights or {}).get(cue, np.zeros(long)), np.float64) for cue in trial.cues}
        us = 1 + long * len(trial.stimuli)
        value, error = np.zeros(us + 2), np.zeros(us + 2)
        trace = {cue: np.zeros(long) for cue in kept}
        for t in range(1, us + 2):
            stimulus, since = divmod(t - 1, long)
            there = trial.stimuli[stimulus] if stimulus < len(trial.stimuli) else ""
            value[t] = sum(kept[cue][since] for cue in there)
            error[t] = self.us * (trial.reinforced and t == us) + self.gamma * value[t] - value[t - 1]
            for cue in kept:
                if learning:
                    kept[cue] += self.rate * error[t] * trace[cue]
                trace[cue] *= self.gamma * self.decay
                trace[cue][since] += cue in there
        return Steps(value, error, us, {**(weights or {}), **kept})

    def learn(self, trials: Protocol | str) -> tuple[Course, list[Steps]]:
        """Go through a protocol: the course of V at the onset of each cue, and every trial step by step."""
        plan = protocol(trials) if isinstance(trials, str) else trials
        weights: Mapping[str, Array] = {cue: np.zeros(int(self.steps)) for cue in plan.cues}
        strength, seen = [[0.0] * len(plan.cues)], []
        for trial in plan:
            seen.append(self.trial(trial, weights))
            weights = seen[-1].weights
            strength.append([weights[cue][0] for cue in plan.cues])
        return course(plan, np.array(strength)), seen

    def run(self, trials: Protocol | str) -> Course:
        """The course of V at the onset of each cue."""
        return self.learn(trials)[0]


def serial_value(back: int, trials: int, *, rate: float, gamma: float, us: float = 1.0) -> float:
    r"""The value of the step that lies ``back`` steps before the last one of a cue, after so many reinforced trials.

    .. math:: V = \gamma^b\, r\, P(B > b), \qquad B \sim \mathrm{Binomial}(n, \alpha)

    since a trial takes every step the part alpha of the way to gamma times the value of the next one, as it was
    before: what is known moves back by one step with the chance alpha. Own closed form.

    >>> learned = TemporalDifference(steps=4).learn("20 A+")[1][-1].weights["A"][0]
    >>> print(f"{serial_value(3, 20, rate=0.1, gamma=0.98):.6f}, learned {learned:.6f}")
    0.125135, learned 0.125135
    """
    from scipy.stats import binom

    return float(gamma**back * us * binom.sf(back, trials, rate))
