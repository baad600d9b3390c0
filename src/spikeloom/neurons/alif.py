"""The leaky integrate-and-fire neuron with an adaptive threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import spike
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV
from spikeloom.neurons.base import Neuron
from spikeloom.neurons.membrane import after_spike, check_threshold


@final
class ALIF(Neuron):
    r"""Leaky integrate-and-fire neuron whose threshold rises with every spike of its own.

    .. math:: \tau_m \dot v = v_{rest} - v, \qquad \tau_a \dot a = -a, \qquad
              v \ge \theta + \beta a \Rightarrow \text{spike},\; a \leftarrow a + 1

    An arriving weight is a jump of ``v`` [mV]. A spike takes ``theta - v_reset`` off (``reset="subtract"``) or sets
    ``v_reset``.
    The adaptation remembers for seconds what the membrane forgets in milliseconds, and gradients flow through it
    (Bellec et al. 2018, "Long short-term memory and learning-to-learn in networks of spiking neurons",
    arXiv:1803.09574; Bellec et al. 2020, doi:10.1038/s41467-020-17236-y).
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    tau_a: Parameter = parameter(default=200 * ms, unit="ms", positive=True, doc="time constant of the adaptation")
    beta: Parameter = parameter(
        default=0.1 * mV, unit="mV", minimum=0, doc="rise of the threshold for each unit of adaptation"
    )
    theta: Parameter = parameter(default=1 * mV, unit="mV", doc="firing threshold without adaptation")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    v_reset: Parameter = parameter(default=0 * mV, unit="mV", doc="potential after a spike")
    reset: str = parameter(default="subtract", choices=("value", "subtract"), doc="how a spike resets the membrane")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "a": "1"}

    def check(self) -> None:
        check_threshold(self)

    def initial(self) -> dict[str, Any]:
        return {"v": self.v_rest, "a": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "decay": exponential(-dt / self.tau_m),
            "decay_a": exponential(-dt / self.tau_a),
            "beta": self.beta,
            "rest": self.v_rest,
            "theta": self.theta,
            "v_reset": self.v_reset,
        }

    def options(self) -> dict[str, bool]:
        return {"subtract": self.reset == "subtract"}

    @staticmethod
    def step(x, v, a, decay, decay_a, beta, rest, theta, v_reset, *, subtract):
        v = rest + decay * (v - rest) + x
        a = decay_a * a
        s = spike(v - (theta + beta * a))
        return s, after_spike(s, v, theta, v_reset, subtract), a + s
