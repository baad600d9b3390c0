"""The model of Rescorla and Wagner."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.conditioning.base import Array, Associations
from spikeloom.core.parameters import parameter


@final
class RescorlaWagner(Associations):
    r"""All cues of a trial share one error: the US less what they predict together.

    .. math:: \Delta V_i = \alpha\beta\,\Big(\lambda - \sum_{j \text{ present}} V_j\Big) \qquad i \text{ present}

    Rescorla & Wagner (1972), A theory of Pavlovian conditioning, in Black & Prokasy (eds.), Classical Conditioning II,
    64-99. One cue that is always followed: :math:`V_n = \lambda (1 - (1 - \alpha\beta)^n)`. It has no place for what
    happens within a trial (second order conditioning), nor for a cue that taught nothing (latent inhibition).

    >>> after = RescorlaWagner().run("blocking").after()
    >>> {cue: round(v, 5) for cue, v in after.items()}
    {'A': 0.99261, 'B': 0.00739}
    """

    rate: float = parameter(default=0.1, positive=True, maximum=1, doc="alpha beta, of cue and US together")
    us: float = parameter(default=1.0, doc="lambda, what a US is worth")

    def begin(self, cues: int) -> dict[str, Array]:
        return {"V": np.zeros(cues)}

    def learn(self, state: dict[str, Array], present: NDArray[np.bool_], reinforced: bool) -> dict[str, Array]:
        strength = state["V"]
        error = (self.us if reinforced else 0.0) - strength[present].sum()
        return {"V": strength + self.rate * error * present}
