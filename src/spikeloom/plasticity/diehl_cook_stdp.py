"""The rule with which Diehl & Cook's network learns digits."""

from __future__ import annotations

from typing import final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Filtered, Plasticity, Trace


@final
class DiehlCookSTDP(Plasticity):
    r"""Growth at a spike of the target that follows another one of its own; shrinking at a spike of the source.

    .. math:: \text{at a spike of the source:}\quad & w \leftarrow w - \eta_{pre}\, y_1 \\
              \text{at a spike of the target:}\quad & w \leftarrow w + \eta_{post}\, x\, y_2

    and then cut off at the bounds. The traces x of the source (time constant ``tau_pre``), y_1 and y_2 of the target
    are set to 1 by a spike, and read before that: growth needs three spikes, one of the source and two of the target.
    (Diehl & Cook 2015, doi:10.3389/fncom.2015.00099, the triplet rule of their section 2.3, with the numbers of their
    programs.) It is stable only with weights that are normalised.
    """

    lr_pre: float = parameter(default=1e-4, minimum=0, doc="amplitude of shrinking, in the weight's unit")
    lr_post: float = parameter(default=1e-2, minimum=0, doc="amplitude of growth, in the weight's unit")
    tau_pre: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of the source's trace")
    tau_post1: float = parameter(default=20 * ms, unit="ms", positive=True, doc="of the target's, for shrinking")
    tau_post2: float = parameter(default=40 * ms, unit="ms", positive=True, doc="of the target's, for growth")

    def traces(self) -> dict[str, Trace | Filtered]:
        return {
            "pre": Trace("pre", self.tau_pre, nearest=True),
            "post1": Trace("post", self.tau_post1, nearest=True),
            "post2": Trace("post", self.tau_post2, nearest=True),
        }

    def constants(self, dt: float) -> dict[str, float]:
        return {"lr_pre": self.lr_pre, "lr_post": self.lr_post}

    @staticmethod
    def on_pre(w, post1, lr_pre):
        return w - lr_pre * post1

    @staticmethod
    def on_post(w, pre, post2, lr_post):
        return w + lr_post * pre * post2
