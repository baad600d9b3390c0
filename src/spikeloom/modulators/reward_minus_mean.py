"""Reward, less what it has been of late."""

from __future__ import annotations

from typing import Any, final

from spikeloom.core.parameters import parameter
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome


@final
class RewardMinusMean(ModulatorSignal):
    r"""Reward less its running mean: what is as usual releases nothing.

    .. math:: S = scale\,(r - \bar r), \qquad \bar r \leftarrow \bar r + (r - \bar r) / \tau

    The mean is that of the outcomes before. Without a baseline of this kind, unsupervised drift hides what the reward
    teaches (Fremaux, Sprekeler & Gerstner 2010, doi:10.1523/JNEUROSCI.6249-09.2010); several tasks need one each.

    >>> signal = RewardMinusMean(tau=2.0)
    >>> signal.release(Outcome(reward=1.0), signal.initial())
    (1.0, {'mean': 0.5})
    """

    tau: float = parameter(default=5.0, unit="outcomes", minimum=1, doc="over how many outcomes the mean runs")
    begin: float = parameter(default=0.0, doc="the mean at the beginning")
    scale: float = parameter(default=1.0, doc="amount released by 1 more than the mean")

    def initial(self) -> dict[str, Any]:
        return {"mean": self.begin}

    def respond(self, outcome: Outcome, memory: Memory) -> tuple[float, dict[str, Any]]:
        error = outcome.reward - memory["mean"]
        return self.scale * error, {"mean": memory["mean"] + error / self.tau}
