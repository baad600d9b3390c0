"""The leaky integrate-and-fire neuron for synaptic conductances, with a threshold that remembers all its spikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import maximum, spike, where
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV, nS, pF
from spikeloom.neurons.base import Neuron
from spikeloom.neurons.membrane import refractory_steps

FOR_EVER = 1e30
"""A time constant [ms] over which nothing decays."""


@final
class ConductanceALIF(Neuron):
    r"""Leaky integrate-and-fire neuron for conductances whose threshold rises with every spike, and hardly sinks.

    .. math:: C \dot v = g_L (E_L - v) + i(v, t), \qquad \tau_a \dot a = -a, \qquad
              v \ge \theta + a \Rightarrow \text{spike},\; v \leftarrow v_{reset},\; a \leftarrow a + \Delta_a

    after which the membrane stays at ``v_reset`` for ``t_ref``, and no spike comes within ``t_silent``. The defaults
    are the excitatory neuron of Diehl & Cook (2015, doi:10.3389/fncom.2015.00099; the published programs measure the
    time without spikes on a clock that is ten times too slow, so that 5 ms became 50 ms: that is ``t_silent``). With a
    time constant of hours the threshold holds all neurons of a population to one rate, and is a part of what they
    learn: training puts it into ``a_0``.

    One step is a linearly implicit one of second order, in which a conductance may be as large as it likes:
    :math:`v \leftarrow v + f(v)\, h\, (1 + z/2) / (1 + z + z^2/2)` for :math:`\dot v = f(v)` and
    :math:`z = -h f'(v)`, with the derivative over 1 mV, and conductances as they are in the middle of the step.
    """

    c_m: Parameter = parameter(default=100 * pF, unit="pF", positive=True, doc="membrane capacitance C")
    g_l: Parameter = parameter(default=1 * nS, unit="nS", positive=True, doc="leak conductance")
    e_l: Parameter = parameter(default=-65 * mV, unit="mV", doc="reversal potential of the leak")
    theta: Parameter = parameter(default=-72 * mV, unit="mV", doc="firing threshold without adaptation")
    v_reset: Parameter = parameter(default=-65 * mV, unit="mV", doc="potential after a spike")
    a_0: Parameter = parameter(default=20 * mV, unit="mV", doc="adaptation at the beginning")
    a_plus: Parameter = parameter(default=0.05 * mV, unit="mV", minimum=0, doc="rise of the threshold at a spike")
    tau_a: Parameter = parameter(default=1e7 * ms, unit="ms", positive=True, doc="time constant of the adaptation")
    t_ref: Parameter = parameter(
        default=5 * ms, unit="ms", minimum=0, smooth=False, doc="time at the reset, rounded up to whole steps"
    )
    t_silent: Parameter = parameter(
        default=50 * ms, unit="ms", minimum=0, smooth=False, doc="time without a spike after one, if longer than t_ref"
    )

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "held": "steps", "a": "mV"}
    remembers: ClassVar[Mapping[str, str]] = {"a": "a_0"}

    def check(self) -> None:
        begins = torch.as_tensor(self.theta).detach() + torch.as_tensor(self.a_0).detach()
        if bool((begins <= torch.as_tensor(self.v_reset).detach()).any()):
            raise InvalidValueError(
                f"ConductanceALIF: theta + a_0 = {float(begins.min()):g} mV must lie above v_reset, or the neuron "
                "would fire for ever; for example theta=-72 * mV, a_0=20 * mV, v_reset=-65 * mV"
            )

    def initial(self) -> dict[str, Any]:
        return {"v": self.e_l, "held": 0.0, "a": self.a_0}

    def threshold(self) -> Any:
        return self.theta + self.a_0

    def frozen(self) -> ConductanceALIF:
        return self.replace(a_plus=0.0, tau_a=FOR_EVER)

    def constants(self, dt: float) -> dict[str, Any]:
        still = torch.as_tensor(refractory_steps(self.t_ref, dt))
        silent = torch.maximum(still, torch.as_tensor(refractory_steps(self.t_silent, dt)))
        return {
            "dt": dt,
            "leak": self.g_l / self.c_m,
            "per_c": 1 / self.c_m,
            "rest": self.e_l,
            "theta": self.theta,
            "v_reset": self.v_reset,
            "rise": self.a_plus,
            "decay_a": exponential(-dt / self.tau_a),
            "silent": silent,
            "free": silent - still,
        }

    @staticmethod
    def step(current, v, held, a, dt, leak, per_c, rest, theta, v_reset, rise, decay_a, silent, free):
        into = current(v, 0.5)
        z = dt * (leak + per_c * (into - current(v + 1.0, 0.5)))
        moved = v + dt * (leak * (rest - v) + per_c * into) * (1.0 + 0.5 * z) / (1.0 + z + 0.5 * z * z)
        v = where(held > free, v, moved)
        a = decay_a * a
        s = where(held > 0, 0.0, spike(v - (theta + a)))
        return s, where(s > 0, v_reset, v), where(s > 0, silent, maximum(held - 1.0, 0.0)), a + rise * s
