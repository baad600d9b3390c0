"""The model of Pearce and Hall: what surprises is attended to."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.conditioning.base import Array, Associations
from spikeloom.core.parameters import parameter


@final
class PearceHall(Associations):
    r"""A cue is learned about as much as what followed it was a surprise, of late.

    .. math:: \epsilon &= \lambda - \sum_{j \text{ present}} V_j, \qquad V = E - I \\
              \Delta E_i &= S \alpha_i \lambda \text{ if } \epsilon > 0, \qquad
              \Delta I_i = S \alpha_i |\epsilon| \text{ if } \epsilon < 0 \\
              \alpha_i &\leftarrow \gamma |\epsilon| + (1 - \gamma) \alpha_i

    Pearce & Hall (1980), doi:10.1037/0033-295X.87.6.532; the running mean of the associability alpha is that of Kaye &
    Pearce (1984), doi:10.1037/0097-7403.10.1.90. A trial is learned with the alpha from before it. n trials that are
    followed by nothing leave alpha (1 - gamma)^n: latent inhibition.
    """

    salience: float = parameter(default=0.1, positive=True, doc="S, of a cue")
    gamma: float = parameter(default=0.1, minimum=0, maximum=1, doc="part of alpha that the last trial makes")
    alpha: float = parameter(default=1.0, minimum=0, doc="associability of a new cue")
    us: float = parameter(default=1.0, minimum=0, doc="lambda, what a US is worth")

    def begin(self, cues: int) -> dict[str, Array]:
        zero = np.zeros(cues)
        return {"V": zero, "E": zero, "I": zero, "alpha": np.full(cues, self.alpha)}

    def learn(self, state: dict[str, Array], present: NDArray[np.bool_], reinforced: bool) -> dict[str, Array]:
        outcome = self.us if reinforced else 0.0
        error = outcome - state["V"][present].sum()
        step = self.salience * state["alpha"] * present
        excitation = state["E"] + (step * outcome if error > 0 else 0.0)
        inhibition = state["I"] + (step * -error if error < 0 else 0.0)
        alpha = state["alpha"] + self.gamma * present * (abs(error) - state["alpha"])
        return {"V": excitation - inhibition, "E": excitation, "I": inhibition, "alpha": alpha}
