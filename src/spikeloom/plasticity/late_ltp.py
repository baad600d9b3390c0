"""Growth by pairs of spikes, source before target, that shows a while later."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity, Shaped


@final
class LateLTP(Plasticity):
    r"""Long-term potentiation by pairs of source and then target, expressed a time D after the spike of the source.

    .. math:: \Delta w(t_{pre} + D) = A \sum_{t_{pre} \le t_{post} < t_{pre} + D} e^{-(t_{post} - t_{pre}) / \tau}

    The half of the window of STDP that grows (Fremaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024,
    call it TD-LTP where a temporal-difference error gates it). Two things follow from the delay. What came before a
    decision is in the eligibility when its outcome is known, and what came after it is not: with ``d`` the time
    between two decisions, an error that is released at the beginning of the next-but-one meets the spikes of its own.
    And only spikes of the source act: with sparse senses, and targets that fire much, that is far less work than a
    walk through all sources at each spike of a target.
    """

    a: float = parameter(default=0.01, doc="amplitude A, in the weight's unit")
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="how fast growth falls with the interval")
    reach: float = parameter(default=20 * ms, unit="ms", positive=True, doc="longest interval that counts")
    d: float = parameter(default=20 * ms, unit="ms", positive=True, doc="D, in whole steps")

    @property
    def lag(self) -> float:
        return self.d

    def traces(self) -> dict[str, Shaped]:
        return {"followers": Shaped("post", self._ahead)}

    def constants(self, dt: float) -> dict[str, float]:
        return {"a": self.a}

    @staticmethod
    def on_pre(w, followers, a):
        return w + a * followers

    def _ahead(self, dt: float) -> Any:
        """By the steps since a spike of the target: what it is worth to a spike of the source D ago."""
        since = np.arange(max(round(self.d / dt), 1) + 1)
        interval = (since[-1] - since) * dt
        counts = (since > 0) & (interval < self.reach - 1e-9 * dt)
        return np.where(counts, np.exp(-interval / self.tau), 0.0)
