"""The resonate-and-fire neuron."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import torch

from spikeloom.core.language import spike, where
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import Hz, ms
from spikeloom.neurons.base import Neuron


@final
class ResonateAndFire(Neuron):
    r"""Resonate-and-fire neuron: it rings, and spikes come from input that keeps its time.

    .. math:: \dot z = (-1 / \tau + j\,\omega)\,z + i_e + \text{input}, \qquad z = i + j\,v, \qquad
              v \ge \theta \Rightarrow \text{spike},\; i \leftarrow 0,\; v \leftarrow v_{reset}\,\theta

    with :math:`\omega = 2 \pi f`: ``i`` is like a current, ``v`` like a membrane potential, both without dimension
    (Izhikevich 2001, doi:10.1016/S0893-6080(01)00078-8, where b is -1 / tau and the reset goes to z = j). With
    ``input="delta"`` an arriving weight is a jump of ``i`` at the end of the step, with ``"current"`` it is held over
    the step. Integrated exactly, by the propagator of the linear equations.
    """

    tau: Parameter = parameter(default=10 * ms, unit="ms", positive=True, doc="time constant of the decay")
    frequency: Parameter = parameter(default=50 * Hz, unit="kHz", positive=True, doc="frequency f at which it rings")
    theta: Parameter = parameter(default=1.0, positive=True, doc="firing threshold")
    v_reset: Parameter = parameter(default=1.0, maximum=1, doc="v after a spike, as a fraction of theta")
    i_e: Parameter = parameter(default=0.0, unit="1/ms", doc="constant external input")
    input: str = parameter(default="delta", choices=("delta", "current"), doc="what an arriving weight is")

    state: ClassVar[Mapping[str, str]] = {"i": "1", "v": "1"}

    def threshold(self) -> Any:
        return self.theta

    def constants(self, dt: float) -> dict[str, Any]:
        tau, frequency, i_e = (torch.as_tensor(p, dtype=torch.float64) for p in (self.tau, self.frequency, self.i_e))
        damping, omega = -1 / tau, 2 * math.pi * frequency
        decay = torch.exp(damping * dt)
        along, across = decay * torch.cos(omega * dt), decay * torch.sin(omega * dt)
        # What an input of 1 does in a step is (e^(lambda dt) - 1) / lambda, with lambda = damping + j omega.
        size = damping * damping + omega * omega
        held = ((along - 1) * damping + across * omega) / size, (across * damping - (along - 1) * omega) / size
        jump = self.input == "delta"
        return {
            "along": along,
            "across": across,
            "to_i": 1.0 if jump else held[0],
            "to_v": 0.0 if jump else held[1],
            "drift_i": held[0] * i_e,
            "drift_v": held[1] * i_e,
            "theta": self.theta,
            "v_reset": self.v_reset * self.theta,
        }

    @staticmethod
    def step(x, i, v, along, across, to_i, to_v, drift_i, drift_v, theta, v_reset):
        i, v = along * i - across * v + drift_i + to_i * x, across * i + along * v + drift_v + to_v * x
        s = spike(v - theta)
        return s, where(s > 0, 0.0, i), where(s > 0, v_reset, v)
