"""Spike-timing dependent plasticity whose depression grows with the weight."""

from __future__ import annotations

from typing import final

from spikeloom.core.language import normal
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity, Trace


@final
class VanRossumSTDP(Plasticity):
    r"""Growth is the same for all synapses, depression in proportion to the weight: stable without competition.

    .. math:: \Delta w = \begin{cases} (c_p + \nu w)\, e^{-s / \tau_+} & s = t_{post} - t_{pre} > 0 \\
                                       (-c_d w + \nu w)\, e^{s / \tau_-} & s < 0 \end{cases}

    where nu is drawn at each event from a normal distribution of mean 0 and deviation ``noise``: one number for all
    the pairs that a spike makes (van Rossum, Bi & Turrigiano 2000, doi:10.1523/JNEUROSCI.20-23-08812.2000).
    Independent Poisson spikes move a weight towards c_p tau_plus / (c_d tau_minus), whatever their rates, and weights
    lie around it in one hump. The bounds w_min and w_max cut off what noise may do; keep w_max well above. ``c_p`` is
    in the unit of the weight.
    """

    c_p: float = parameter(default=0.0015, minimum=0, doc="growth by a pair, in the unit of the weight")
    c_d: float = parameter(default=0.003, minimum=0, maximum=1, doc="shrinking by a pair, as a part of the weight")
    noise: float = parameter(default=0.015, minimum=0, doc="deviation of the noise, as a part of the weight")
    tau_plus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of growth")
    tau_minus: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of shrinking")

    def traces(self) -> dict[str, Trace]:
        return {"pre": Trace("pre", self.tau_plus), "post": Trace("post", self.tau_minus)}

    def constants(self, dt: float) -> dict[str, float]:
        return {"c_p": self.c_p, "c_d": self.c_d, "noise": self.noise}

    @staticmethod
    def on_pre(w, post, c_d, noise):
        return w + (noise * normal() - c_d) * w * post

    @staticmethod
    def on_post(w, pre, c_p, noise):
        return w + (c_p + noise * normal() * w) * pre
