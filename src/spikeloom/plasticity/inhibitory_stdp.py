"""Inhibitory plasticity, which keeps the target at a rate."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import Hz, ms
from spikeloom.plasticity.base import Plasticity, Trace


@final
class InhibitorySTDP(Plasticity):
    r"""Spikes that come close strengthen an inhibitory synapse in either order, and each one of the source weakens it.

    .. math:: \text{pre:} \quad w &\mathrel{+}= \eta (x_{post} - \alpha), \qquad \alpha = 2 \rho_0 \tau \\
              \text{post:} \quad w &\mathrel{+}= \eta\, x_{pre}

    With independent spikes this is at rest where the target fires at ``target_rate``: there inhibition balances
    excitation (Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, doi:10.1126/science.1211095; NEST's
    ``vogels_sprekeler_synapse``, which cuts off at w_max once more before alpha is taken off). w is the magnitude, so
    it serves a conductance (w_max > 0) and a negative current (w_max < 0) alike.
    """

    eta: float = parameter(default=0.01, minimum=0, doc="learning rate, in the unit of the weight")
    target_rate: float = parameter(default=3 * Hz, unit="Hz", minimum=0, doc="rate of the target at rest, rho_0")
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of both traces")

    def traces(self) -> dict[str, Trace]:
        return {"pre": Trace("pre", self.tau), "post": Trace("post", self.tau)}

    def constants(self, dt: float) -> dict[str, float]:
        return {"eta": self.eta, "alpha": self.alpha}

    @property
    def alpha(self) -> float:
        """What the spikes of the target must leave on the average for the weight to stay."""
        return 2 * self.target_rate * self.tau

    @staticmethod
    def on_pre(w, post, eta, alpha):
        return w + eta * (post - alpha)

    @staticmethod
    def on_post(w, pre, eta):
        return w + eta * pre
