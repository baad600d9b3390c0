"""Spike-timing dependent plasticity of immediate neighbours only."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.language import where
from spikeloom.plasticity.base import Trace
from spikeloom.plasticity.bounds import grow, shrink
from spikeloom.plasticity.pairs import Pairs


@final
class ReducedSTDP(Pairs):
    r"""Spikes pair only where one of the source and one of the target follow each other with none in between.

    .. math:: \text{pre:} \quad w &\mathrel{-}= A_- f_-(w)\, e^{-(t - t_{post}) / \tau_-}
                                  & \text{if } t_{post} \ge t_{pre} \\
              \text{post:} \quad w &\mathrel{+}= A_+ f_+(w)\, e^{-(t - t_{pre}) / \tau_+}
                                   & \text{if } t_{pre} \ge t_{post}

    with the last spike of either side before t. Each synapse knows which side was ``last``: 1 for the source, -1 for
    the target. Reduced symmetric pairing of Morrison, Diesmann & Gerstner 2008, doi:10.1007/s00422-008-0233-1, figure
    7C; NEST's ``stdp_nn_restr_synapse``. ``bounds`` and amplitudes as in :class:`PairSTDP`.
    """

    synapse: ClassVar = {"last": "1"}

    def traces(self) -> dict[str, Trace]:
        return {"pre": Trace("pre", self.tau_plus, nearest=True), "post": Trace("post", self.tau_minus, nearest=True)}

    @staticmethod
    def on_pre(w, post, last, a_minus, low, high, mu_minus, *, bounds):
        return shrink(w, a_minus * where(last < 0, post, 0.0), low, high, mu_minus, bounds=bounds), 1.0

    @staticmethod
    def on_post(w, pre, last, a_plus, low, high, mu_plus, *, bounds):
        return grow(w, a_plus * where(last > 0, pre, 0.0), low, high, mu_plus, bounds=bounds), -1.0
