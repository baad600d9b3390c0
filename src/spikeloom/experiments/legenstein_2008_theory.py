r"""What reward-modulated STDP does to a synapse on average, in steps of time, without anything left out.

.. math:: \langle\dot w\rangle = \int\!\!\int f_c(s)\, W(r)\, \langle D(s, r)\, \nu(s, r)\rangle\, ds\, dr

W(r) is the window of the rule for a pair of spikes r apart, nu(r) how often there is one, f_c(s) what is left of its
trace after s, and D(s, r) the reward s after the later spike of the pair (Legenstein, Pecevski & Maass 2008, eq. 9).
Neurons fire by chance in each step, so nu and D are known: a spike of the source makes one of the target more likely in
the same step, and each spike of the rewarded target adds e**(-s / tau_d) to the reward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis import drift
from spikeloom.core.units import Hz, ms

DT: Final = 1 * ms
TAU_E: Final = 400 * ms
"""Of the eligibility."""
TAU_D: Final = 200 * ms
"""Of what a spike of the rewarded neuron adds to the reward."""
A_PLUS, A_MINUS, TAU = 1.0, 1.05, 30 * ms
KERNELS: Final = ("alpha", "exponential")


def remaining(eligibility: str) -> float:
    """The integral of f_c(s) e**(-s / tau_d) [ms]."""
    rate = 1 / TAU_E + 1 / TAU_D
    return {"alpha": 1 / TAU_E / rate**2, "exponential": 1 / rate}[eligibility]


def window(r: NDArray[np.float64]) -> NDArray[np.float64]:
    """W: what a pair adds to the eligibility, r = t_post - t_pre [ms]; in one step the source comes first."""
    return np.where(r >= 0, A_PLUS, -A_MINUS) * np.exp(-np.abs(r) / TAU)


@final
@dataclass(frozen=True)
class Firing:
    """How often neurons fire: ``inputs`` of a rate [Hz] onto a target that has a rate of its own.

    Each spike of a source adds ``weight`` [Hz] to the target's rate in its step. Probabilities are those of a step.
    """

    inputs: int
    input_rate: float
    own_rate: float
    weight: float

    @property
    def source(self) -> float:
        """Probability of a spike of one source."""
        return -math.expm1(-self.input_rate * Hz * DT)

    def target(self, silent: int = 0, firing: int = 0) -> float:
        """Probability of a spike of the target, where of so many sources it is known what they do."""
        without = math.exp(-self.own_rate * Hz * DT)
        left = math.exp(-self.weight * Hz * DT)
        unknown = (1 - self.source + self.source * left) ** (self.inputs - silent - firing)
        return 1 - without * unknown * left**firing

    @property
    def rates(self) -> tuple[float, float]:
        """Of a source and of the target [Hz]."""
        return self.source / DT / Hz, self.target() / DT / Hz

    def correlogram(self, causal: bool = True) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lags [ms] and the rate of the target [Hz] at each, after a spike of a source."""
        lags = np.arange(-400.0, 401.0) * DT
        rate = np.full(lags.size, self.rates[1])
        if causal:
            rate[lags == 0] = self.target(firing=1) / DT / Hz
        return lags, rate

    def pairs(self, causal: bool = True) -> float:
        """What pairs add to the eligibility in a second: the drift of the rule alone."""
        return drift(window, self.correlogram(causal), rates=self.rates, grid=True)

    def rewarded(self, eligibility: str, causal: bool = True) -> float:
        """The drift [1/s], where spikes of the target are the reward, less its mean, and the learning rate is 1/ms."""
        alone, after = self.target(), self.target(firing=1)
        left = remaining(eligibility)

        def of_pair(r: NDArray[np.float64]) -> NDArray[np.float64]:  # reward for the spike of the pair itself
            return window(r) * (1 - alone) * left * np.exp(-np.maximum(-r, 0) / TAU_D)

        def of_source(r: NDArray[np.float64]) -> NDArray[np.float64]:  # for the one that the source may have caused
            caused = np.where(r == 0, 0.0, after - alone)
            return window(r) * caused * left * np.exp(-np.maximum(r, 0) / TAU_D)

        found = drift(of_pair, self.correlogram(causal), rates=self.rates, grid=True)
        return found + (drift(of_source, self.correlogram(False), rates=self.rates, grid=True) if causal else 0.0)

    def biased(self, mean: float) -> float:
        """The drift [1/s] under a reward that has a mean and knows nothing of the pairs."""
        return mean * TAU_E * self.pairs()  # both kernels have the area tau_e
