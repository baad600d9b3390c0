"""The model of Mackintosh: the best predictor is attended to."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.conditioning.base import Array, Associations
from spikeloom.core.parameters import parameter


@final
class Mackintosh(Associations):
    r"""Every cue has an error of its own; a cue that predicts better than all others together gains attention.

    .. math:: \Delta V_i &= \theta\, \alpha_i (\lambda - V_i) \\
              \alpha_i &\leftarrow \begin{cases} \alpha_i + \kappa (1 - \alpha_i) & |\lambda - V_i| <
              |\lambda - \sum_{j \ne i} V_j| \\ \alpha_i - \kappa\,\alpha_i & \text{otherwise} \end{cases}

    Mackintosh (1975), doi:10.1037/h0076778, who gives the direction in which alpha goes, and leaves its size open: here
    it is a fixed part kappa of what is left. A cue that is followed by nothing predicts no better than none: its
    alpha falls to (1 - kappa)^n, which is latent inhibition.
    """

    rate: float = parameter(default=0.2, positive=True, maximum=1, doc="theta")
    kappa: float = parameter(default=0.1, minimum=0, maximum=1, doc="part that attention changes by in a trial")
    alpha: float = parameter(default=0.5, minimum=0, maximum=1, doc="attention to a new cue")
    us: float = parameter(default=1.0, doc="lambda, what a US is worth")

    def begin(self, cues: int) -> dict[str, Array]:
        return {"V": np.zeros(cues), "alpha": np.full(cues, self.alpha)}

    def learn(self, state: dict[str, Array], present: NDArray[np.bool_], reinforced: bool) -> dict[str, Array]:
        strength, alpha = state["V"], state["alpha"]
        outcome = self.us if reinforced else 0.0
        others = strength[present].sum() - strength
        better = np.abs(outcome - strength) < np.abs(outcome - others)
        changed = np.where(better, alpha + self.kappa * (1 - alpha), alpha - self.kappa * alpha)
        learned = strength + self.rate * alpha * (outcome - strength) * present
        return {"V": learned, "alpha": np.where(present, changed, alpha)}
