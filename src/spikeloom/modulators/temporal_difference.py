"""The temporal-difference error: better or worse than the critic expected."""

from __future__ import annotations

import math
from typing import Any, final

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome

USUAL = 0.99


@final
class TemporalDifference(ModulatorSignal):
    r"""What came, and what is expected now, less what was expected before.

    .. math:: \delta = r + \gamma V' - V

    V' is the ``value`` of the outcome (0 if it ``ended``) and V that of the outcome before (Sutton & Barto 1998; as
    the response of dopamine neurons: Schultz, Dayan & Montague 1997, doi:10.1126/science.275.5306.1593). With
    ``tau_r`` instead of ``gamma`` time is continuous: the amount is the error gathered over the time since the outcome
    before, at whose end the reward comes,

    .. math:: \delta = e^{-elapsed / \tau_r} (r + V') - V, \qquad \frac{\delta}{elapsed} \to
              \frac{dV}{dt} - \frac{V}{\tau_r} + \frac{r}{elapsed}

    for short times (Doya 2000, doi:10.1162/089976600300015961; Fremaux, Sprekeler & Gerstner 2013,
    doi:10.1371/journal.pcbi.1003024), and 0 whatever the times if the value is the discounted reward to come. Before
    the first outcome and after the last one nothing was expected; begin an episode that is known to be worth V with
    ``{"value": V}``.

    >>> signal = TemporalDifference(gamma=0.5)
    >>> amount, memory = signal.release(Outcome(value=1.0), signal.initial())
    >>> signal.release(Outcome(reward=2.0, ended=True), memory)
    (1.0, {'value': 0.0})
    """

    gamma: float | None = parameter(default=None, minimum=0, maximum=1, optional=True, doc="discount [0.99]")
    tau_r: float | None = parameter(
        default=None, unit="ms", positive=True, optional=True, doc="time constant of the discount in continuous time"
    )
    scale: float = parameter(default=1.0, doc="amount released by an error of 1")

    def check(self) -> None:
        if self.gamma is not None and self.tau_r is not None:
            raise InvalidValueError(
                f"TemporalDifference(gamma={self.gamma:g}, tau_r={self.tau_r:g}): give one of the two, the discount of "
                "an outcome or the time constant of the discount"
            )

    def initial(self) -> dict[str, Any]:
        return {"value": 0.0}

    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        value = 0.0 if outcome.ended else outcome.value
        if self.tau_r is not None:
            worth = math.exp(-outcome.elapsed / self.tau_r) * (outcome.reward + value)
        else:
            worth = outcome.reward + (USUAL if self.gamma is None else self.gamma) * value
        return self.scale * (worth - memory["value"]), {"value": value}
