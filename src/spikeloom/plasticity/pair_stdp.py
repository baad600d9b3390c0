"""Spike-timing dependent plasticity of pairs of spikes."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.plasticity.base import Filtered, Trace
from spikeloom.plasticity.bounds import grow, shrink
from spikeloom.plasticity.pairs import Pairs


@final
class PairSTDP(Pairs):
    r"""Pairs of spikes: before the target's, a synapse grows; after it, it shrinks.

    .. math:: \Delta w = \begin{cases} A_+ f_+(w)\, e^{-s / \tau_+} & s = t_{post} - t_{pre} > 0 \\
                                       -A_- f_-(w)\, e^{s / \tau_-} & s < 0 \end{cases}

    ``bounds`` says what f is: with ``"hard"`` w_max - w_min (additive: Song, Miller & Abbott 2000, doi:10.1038/78829),
    with ``"soft"`` w_max - w and w - w_min (multiplicative: van Rossum, Bi & Turrigiano 2000,
    doi:10.1523/JNEUROSCI.20-23-08812.2000), with ``"power"`` (w_max - w_min) u**mu of the part u of the range that is
    left (Gutig et al. 2003, doi:10.1523/JNEUROSCI.23-09-03697.2003; NEST's ``stdp_synapse`` with lambda = a_plus and
    alpha = a_minus / a_plus), with ``"none"`` 1. ``pairing``: ``"all"`` spikes, or the ``"nearest"`` ones: a spike of
    the target pairs with the last of the source, and the other way round (Morrison, Diesmann & Gerstner 2008,
    doi:10.1007/s00422-008-0233-1). Negative amplitudes turn the window round: anti-Hebbian; a negative ``a_minus``
    alone makes it symmetric.
    """

    pairing: str = parameter(default="all", choices=("all", "nearest"), doc="which spikes make pairs")

    def traces(self) -> dict[str, Trace | Filtered]:
        nearest = self.pairing == "nearest"
        return {
            "pre": Trace("pre", self.tau_plus, nearest),
            "post": Trace("post", self.tau_minus, nearest),
        }

    @staticmethod
    def on_pre(w, post, a_minus, low, high, mu_minus, *, bounds):
        return shrink(w, a_minus * post, low, high, mu_minus, bounds=bounds)

    @staticmethod
    def on_post(w, pre, a_plus, low, high, mu_plus, *, bounds):
        return grow(w, a_plus * pre, low, high, mu_plus, bounds=bounds)
