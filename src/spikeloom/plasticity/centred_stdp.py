"""Spike-timing dependent plasticity of neighbours, centred on the spikes of the source."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.plasticity.base import Trace
from spikeloom.plasticity.bounds import grow, shrink
from spikeloom.plasticity.pairs import Pairs


@final
class CentredSTDP(Pairs):
    r"""Each spike of the source pairs with the last spike of the target before it, and with the next one after it.

    So a spike of the target pairs with all those of the source since its own last one:

    .. math:: \text{pre:} \quad w &\mathrel{-}= A_- f_-(w)\, e^{-(t - t_{post}) / \tau_-} \\
              \text{post:} \quad w &\mathrel{+}= A_+ f_+(w) \sum_{t'_{post} \le t_{pre} < t} e^{-(t - t_{pre}) / \tau_+}

    Of the trace of all spikes, the synapse takes off what it was at t'_post, decayed since. Presynaptic-centred pairing
    of Morrison, Diesmann & Gerstner 2008, doi:10.1007/s00422-008-0233-1, figure 7B; NEST's
    ``stdp_nn_pre_centered_synapse``. ``bounds`` and amplitudes as in :class:`PairSTDP`, which has all pairs, and
    symmetric neighbours.
    """

    synapse: ClassVar = {"paired": "1"}

    def traces(self) -> dict[str, Trace]:
        return {
            "pre": Trace("pre", self.tau_plus),
            "post": Trace("post", self.tau_minus, nearest=True),
            "since": Trace("post", self.tau_plus, nearest=True),
        }

    @staticmethod
    def on_pre(w, post, a_minus, low, high, mu_minus, *, bounds):
        return shrink(w, a_minus * post, low, high, mu_minus, bounds=bounds)

    @staticmethod
    def on_post(w, pre, since, paired, a_plus, low, high, mu_plus, *, bounds):
        return grow(w, a_plus * (pre - paired * since), low, high, mu_plus, bounds=bounds), pre
