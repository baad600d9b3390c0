"""The NMDA receptor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import exp
from spikeloom.core.numerics import exponential, exponential_difference
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV
from spikeloom.synapses.base import Synapse


@final
class NMDA(Synapse):
    r"""A slow conductance that opens only where the membrane is depolarised: magnesium blocks it near rest.

    .. math:: \tau_r \dot r = -r, \quad r \leftarrow r + w, \qquad \tau_d \dot g = -g + r, \qquad
              i = \frac{g\,(E - v)}{1 + [\mathrm{Mg}]\,e^{-\gamma v} / \beta}

    The weight [nS] is the charge-like area of the rising variable: an isolated event raises g by
    :math:`w\,\tau_r / (\tau_d - \tau_r)\,(e^{-t/\tau_d} - e^{-t/\tau_r})`. Block after Jahr & Stevens (1990,
    doi:10.1523/JNEUROSCI.10-09-03178.1990) with :math:`\gamma` = 0.062 / mV and :math:`\beta` = 3.57 mM.
    """

    tau_rise: Parameter = parameter(default=2 * ms, unit="ms", positive=True, doc="time constant of the rise")
    tau_decay: Parameter = parameter(default=100 * ms, unit="ms", positive=True, doc="time constant of the decay")
    reversal: Parameter = parameter(default=0 * mV, unit="mV", doc="reversal potential E")
    magnesium: Parameter = parameter(default=1.0, unit="mM", minimum=0, doc="concentration of magnesium outside")
    slope: Parameter = parameter(default=0.062, unit="1/mV", positive=True, doc="gamma, steepness of the block")
    half_block: Parameter = parameter(default=3.57, unit="mM", positive=True, doc="beta, of the block at 0 mV")

    unit: ClassVar[str] = "nS"
    state: ClassVar[Mapping[str, str]] = {"rise": "nS", "g": "nS"}
    needs_potential: ClassVar[bool] = True

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        early, late = dt / self.tau_rise, dt / self.tau_decay
        return {
            "decay_rise": exponential(-early),
            "decay": exponential(-late),
            "over": late * exponential_difference(late, early),
            "half": exponential(-late / 2),
            "over_half": late / 2 * exponential_difference(late / 2, early / 2),
            "reversal": self.reversal,
            "block": self.magnesium / self.half_block,
            "slope": self.slope,
        }

    @staticmethod
    def arrive(arrived, rise, g, decay_rise, decay, over, half, over_half, reversal, block, slope):
        return decay_rise * rise + arrived, decay * g + over * rise

    @staticmethod
    def current(v, s, rise, g, decay_rise, decay, over, half, over_half, reversal, block, slope):
        now = g if s == 0.0 else decay * g + over * rise if s == 1.0 else half * g + over_half * rise
        return now * (reversal - v) / (1.0 + block * exp(-(slope * v)))
