"""The leaky integrate-and-fire neuron that moves its threshold until it fires at a target rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import expm1, maximum, minimum
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import Hz, ms, mV
from spikeloom.neurons.base import Neuron, any_positive
from spikeloom.neurons.membrane import check_above, check_threshold, fire, refractory_steps


@final
class HomeostaticLIF(Neuron):
    r"""Leaky integrate-and-fire neuron with intrinsic plasticity: its threshold moves slowly towards a target rate.

    .. math:: \tau_m \dot v = v_{rest} - v, \qquad v \ge \theta + h \Rightarrow \text{spike},\; v \leftarrow v_{reset},
              \qquad \dot h = \eta \Big( \sum_k \delta(t - t_k) - \nu^* \Big)

    Each spike raises the threshold by eta, and between spikes it sinks at the rate eta nu*: it rests where the neuron
    fires at the target rate, whatever drives it (Lazar, Pipa & Triesch 2009, doi:10.3389/neuro.10.023.2009, after
    Desai, Rutherford & Turrigiano 1999, doi:10.1038/9165). While it moves freely, spikes are counted by it: their
    number in a time T is nu* T + (h(T) - h(0)) / eta. It stays between ``lowest`` and ``highest``. An arriving weight
    is a jump of ``v`` [mV]. Integrated exactly. For conductances see ``HomeostaticConductanceLIF``.
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    theta: Parameter = parameter(default=1 * mV, unit="mV", doc="firing threshold at the beginning")
    lowest: Parameter = parameter(default=0.1 * mV, unit="mV", smooth=False, doc="lowest threshold")
    highest: Parameter = parameter(default=1000 * mV, unit="mV", smooth=False, doc="highest threshold")
    eta: Parameter = parameter(default=0.01 * mV, unit="mV", minimum=0, doc="rise of the threshold at each spike")
    target: Parameter = parameter(default=5 * Hz, unit="Hz", positive=True, doc="target rate nu*")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    v_reset: Parameter = parameter(default=0 * mV, unit="mV", doc="potential after a spike")
    t_ref: Parameter = parameter(
        default=0 * ms, unit="ms", minimum=0, smooth=False, doc="absolute refractory period, rounded up to whole steps"
    )

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "h": "mV", "held": "steps"}

    def check(self) -> None:
        check_threshold(self)
        check_above(self, "lowest", ("v_rest", "v_reset"), what="lowest threshold")
        check_above(self, "highest", ("lowest",), what="highest threshold")

    def initial(self) -> dict[str, Any]:
        return {"v": self.v_rest, "h": 0.0, "held": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "leak": -expm1(-dt / self.tau_m),
            "rest": self.v_rest,
            "theta": self.theta,
            "v_reset": self.v_reset,
            "hold": refractory_steps(self.t_ref, dt),
            "eta": self.eta,
            "sink": self.eta * self.target * dt,
            "least": self.lowest - self.theta,
            "most": self.highest - self.theta,
        }

    def options(self) -> dict[str, bool]:
        return {"refractory": any_positive(self.t_ref)}

    @staticmethod
    def step(x, v, h, held, leak, rest, theta, v_reset, hold, eta, sink, least, most, *, refractory):
        integrated = v + leak * (rest - v) + x
        s, v, held = fire(v, integrated, held, theta + h, v_reset, hold, False, refractory)
        return s, v, moved(h, s, eta, sink, least, most), held


def moved(h: Any, s: Any, eta: Any, sink: Any, least: Any, most: Any) -> Any:
    """The shift ``h`` of the threshold after a step with the spike ``s``, in the step language."""
    return minimum(maximum(h + eta * s - sink, least), most)
