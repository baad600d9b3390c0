"""The spike response model with escape noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import exp, expm1, maximum, minimum, spike, uniform
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import Hz, ms, mV
from spikeloom.neurons.base import Neuron


@final
class EscapeRate(Neuron):
    r"""Spike response model with escape noise: a membrane that no spike resets, and a threshold crossed by chance.

    .. math:: u = v + a, \qquad \tau_m \dot v = v_{rest} - v, \quad v \leftarrow v + w \text{ with an arriving weight},
              \qquad \tau_a \dot a = -a, \quad a \leftarrow a - A \text{ at a spike}

    .. math:: P(\text{spike in } dt) = p = 1 - e^{-\rho\,dt}, \qquad \rho = \rho_\theta\,e^{(u - \theta) / \Delta}

    (SRM0; Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, sections 6.4 and 9.1,
    doi:10.1017/CBO9781107447615; the neuron of Fremaux, Sprekeler & Gerstner 2013, doi:10.1371/journal.pcbi.1003024.)
    As v is linear in the weights, the logarithm of the probability of what the neuron did has a gradient in closed
    form. Its part in u is the state variable ``score``,

    .. math:: \frac{\partial}{\partial u} \log P = \frac{\rho\,dt}{\Delta} \Big(\frac{s}{p} - 1\Big) \approx
              \frac{s - \rho\,dt}{\Delta}, \qquad s = 1 \text{ in a step with a spike, else } 0

    (Pfister, Toyoizumi, Barber & Gerstner 2006, doi:10.1162/neco.2006.18.6.1318), which
    :class:`~spikeloom.plasticity.ScoreFunction` learns from.
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    theta: Parameter = parameter(default=1 * mV, unit="mV", doc="potential at which the rate is rate_theta")
    softness: Parameter = parameter(default=0.1 * mV, unit="mV", positive=True, doc="Delta, width of the threshold")
    rate_theta: Parameter = parameter(default=100 * Hz, unit="Hz", positive=True, doc="rate at the threshold")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    tau_a: Parameter = parameter(default=10 * ms, unit="ms", positive=True, doc="how long a spike leaves it refractory")
    drop: Parameter = parameter(default=0.5 * mV, unit="mV", doc="A, what a spike takes from u")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "after": "mV", "score": "1/mV"}
    random: ClassVar[bool] = True

    def initial(self) -> dict[str, Any]:
        return {"v": self.v_rest, "after": 0.0, "score": 0.0}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "decay": exponential(-dt / self.tau_m),
            "forget": exponential(-dt / self.tau_a),
            "rest": self.v_rest,
            "drop": self.drop,
            "theta": self.theta,
            "sharp": 1 / self.softness,
            "hazard": self.rate_theta * dt,
        }

    @staticmethod
    def step(x, v, after, score, decay, forget, rest, drop, theta, sharp, hazard):
        v = rest + decay * (v - rest) + x
        after = forget * after
        # e^50 times any rate is a spike: beyond it exp could only overflow.
        expected = hazard * exp(minimum(sharp * (v + after - theta), 50.0))
        chance = -expm1(-expected)
        s = spike(chance - uniform())
        return s, v, after - drop * s, sharp * expected * (s / maximum(chance, 1e-300) - 1.0)
