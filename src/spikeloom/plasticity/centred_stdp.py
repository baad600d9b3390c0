"""Spike-timing dependent plasticity of neighbours, centred on the spikes of the source."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity, Trace
from spikeloom.plasticity.bounds import BOUNDS, grow, shrink


@final
class CentredSTDP(Plasticity):
    r"""Each spike of the source pairs with the last spike of the target before it, and with the next one after it.

    So a spike of the target pairs with all those of the source since its own last one:

    .. math:: \text{pre:} \quad w &\mathrel{-}= A_- f_-(w)\, e^{-(t - t_{post}) / \tau_-} \\
              \text{post:} \quad w &\mathrel{+}= A_+ f_+(w) \sum_{t'_{post} \le t_{pre} < t} e^{-(t - t_{pre}) / \tau_+}

    Of the trace of all spikes, the synapse takes off what it was at t'_post, decayed since. Presynaptic-centred pairing
    of Morrison, Diesmann & Gerstner 2008, doi:10.1007/s00422-008-0233-1, figure 7B; NEST's
    ``stdp_nn_pre_centered_synapse``. ``bounds`` and amplitudes as in :class:`PairSTDP`, which has all pairs, and
    symmetric neighbours.
    """

    a_plus: float = parameter(default=0.01, doc="amplitude of growth; of the range, or of the weight's unit")
    a_minus: float = parameter(default=0.0105, doc="amplitude of shrinking")
    tau_plus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of growth")
    tau_minus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of shrinking")
    mu_plus: float = parameter(default=1.0, minimum=0, doc="power of growth, for bounds='power'")
    mu_minus: float = parameter(default=1.0, minimum=0, doc="power of shrinking, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")

    synapse: ClassVar = {"paired": "1"}

    def traces(self) -> dict[str, Trace]:
        return {
            "pre": Trace("pre", self.tau_plus),
            "post": Trace("post", self.tau_minus, nearest=True),
            "since": Trace("post", self.tau_plus, nearest=True),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return {"a_plus": self.a_plus, "a_minus": self.a_minus, "mu_plus": self.mu_plus, "mu_minus": self.mu_minus}

    @staticmethod
    def on_pre(w, post, a_minus, low, high, mu_minus, *, bounds):
        return shrink(w, a_minus * post, low, high, mu_minus, bounds=bounds)

    @staticmethod
    def on_post(w, pre, since, paired, a_plus, low, high, mu_plus, *, bounds):
        return grow(w, a_plus * (pre - paired * since), low, high, mu_plus, bounds=bounds), pre
