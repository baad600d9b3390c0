"""The gradient of what a stochastic neuron does, as a rule."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.language import abs as size
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity, Trace


@final
class ScoreFunction(Plasticity):
    r"""The weight follows the gradient of the logarithm of the probability of the target's spikes.

    .. math:: \Delta w(t) = A\, \frac{\partial \log P(t)}{\partial u}\, \epsilon(t) \approx
              \frac{A}{\Delta_u}\, (S(t) - \rho(t)\, dt)\, \epsilon(t), \qquad
              \tau \dot\epsilon = -\epsilon, \quad \epsilon \leftarrow \epsilon + 1 \text{ at a spike of the source}

    S are the target's spikes, rho their rate, and epsilon what a spike of the source does to its potential: give
    ``tau`` the target's ``tau_m``. The target has to know its ``score``: it is an
    :class:`~spikeloom.neurons.EscapeRate`. Alone the rule drifts nowhere: the expectation of the score is 0. Inside
    :class:`~spikeloom.plasticity.Modulated`, with a signal of success, it is R-max or REINFORCE: the expected change
    is the gradient of the expected reward (Williams 1992, doi:10.1007/BF00992696; Xie & Seung 2004,
    doi:10.1103/PhysRevE.69.041909; Pfister, Toyoizumi, Barber & Gerstner 2006, doi:10.1162/neco.2006.18.6.1318;
    Florian 2007, doi:10.1162/neco.2007.19.6.1468; Vasilaki et al. 2009, doi:10.1371/journal.pcbi.1000586).

    It acts step by step, at targets whose score is not negligible: those that are far below threshold cost nothing.
    """

    a: float = parameter(default=0.01, unit="mV", doc="amplitude A, in the weight's unit for a score of 1")
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant of the target")
    floor: float = parameter(default=1e-6, unit="1/mV", minimum=0, doc="scores of this size and less count as 0")

    reads: ClassVar[tuple[str, ...]] = ("score",)

    def traces(self) -> dict[str, Trace]:
        return {"arrived": Trace("pre", self.tau)}

    def constants(self, dt: float) -> dict[str, float]:
        return {"a": self.a, "floor": self.floor}

    @staticmethod
    def gate(score, floor):
        return size(score) - floor

    @staticmethod
    def on_step(w, arrived, score, a):
        return w + a * score * arrived
