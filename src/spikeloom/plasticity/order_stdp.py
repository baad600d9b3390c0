"""Plasticity by the order of spikes alone."""

from __future__ import annotations

import math
from typing import final

from spikeloom.core.language import where
from spikeloom.core.parameters import parameter
from spikeloom.core.units import second
from spikeloom.plasticity.base import Filtered, Plasticity, Shaped, Trace


@final
class OrderSTDP(Plasticity):
    r"""At a spike of the target all of its synapses change: by which of them had fired, not by how long ago.

    .. math:: \Delta w = \begin{cases} a_+\, f(w) & t_{pre} \le t_{post} \\ a_-\, f(w) & \text{else} \end{cases},
              \qquad f(w) = \frac{(w - w_{min})(w_{max} - w)}{w_{max} - w_{min}}

    With weights from 0 to 1, f is w (1 - w): no weight that begins in between ever leaves, as long as both amplitudes
    are below 1. A source counts as having fired if it did so at most ``window`` before the target, or in the same
    step; by default at any time since the state began, which is that of one image. (Masquelier & Thorpe 2007,
    doi:10.1371/journal.pcbi.0030031, eq. 5; Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018,
    doi:10.1016/j.neunet.2017.12.005, eq. 3.) Amplitudes of the opposite signs make it anti-STDP.

    A spike of the source that is on its way (a delay in the axon), or of the target on its way back (in the dendrite)
    has not arrived, and does not count.
    """

    a_plus: float = parameter(default=0.004, minimum=-1, maximum=1, doc="amplitude where the source had fired")
    a_minus: float = parameter(
        default=-0.003, minimum=-1, maximum=1, doc="amplitude where it had not; below 0: shrinks"
    )
    window: float = parameter(
        default=1e9 * second, unit="ms", positive=True, doc="how long before the target a source may have fired"
    )

    def traces(self) -> dict[str, Trace | Shaped | Filtered]:
        return {"pre": Trace("pre", self.window, nearest=True)}

    def constants(self, dt: float) -> dict[str, float]:
        # A trace that was set to 1 and has decayed for a window stands at 1/e; half a step keeps clear of rounding.
        last = math.exp(-1 - 0.5 * dt / self.window)
        return {"a_plus": self.a_plus, "a_minus": self.a_minus, "last": last}

    @staticmethod
    def on_post(w, pre, a_plus, a_minus, last, low, high):
        return w + where(pre >= last, a_plus, a_minus) * (w - low) * (high - w) / (high - low)
