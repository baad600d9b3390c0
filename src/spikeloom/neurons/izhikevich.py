"""The neuron of Izhikevich."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import spike, where
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import mV, pA
from spikeloom.neurons.base import Neuron


@final
class Izhikevich(Neuron):
    r"""Izhikevich's neuron: two equations, and the firing pattern of most cortical neurons (NEST's ``izhikevich``).

    .. math:: \dot v = 0.04 v^2 + 5 v + 140 - u + i + i_e, \qquad \dot u = a\,(b v - u)

    .. math:: v \ge v_{peak} \Rightarrow \text{spike},\; v \leftarrow c,\; u \leftarrow u + d

    with t in ms, v in mV (Izhikevich 2003, doi:10.1109/TNN.2003.820440). With ``input="current"`` an arriving weight is
    a current ``i`` held over the step, with ``"delta"`` a jump of ``v`` at its end. The numbers of the first equation
    are parameters, and so is what drives the second (:math:`\dot u = a\,b\,(v - v_u)` with ``recovery="integrating"``),
    because some of the published patterns need others (Izhikevich 2004, doi:10.1109/TNN.2004.832719). The model is as
    much its scheme as its equations:

    - ``"euler"``: both variables from their values before the step; first order (NEST, ``consistent_integration``).
    - ``"half-steps"``: two half steps of v, then u with the new v (as published in 2003, for a step of 1 ms).
    - ``"staggered"``: one step of v, then u with the new v (as in the figures of 2004, for steps of 0.1 to 0.5 ms).
    """

    a: Parameter = parameter(default=0.02, unit="1/ms", doc="rate of the recovery")
    b: Parameter = parameter(default=0.2, unit="1/ms", doc="how the recovery follows v")
    c: Parameter = parameter(default=-65 * mV, unit="mV", doc="potential after a spike")
    d: Parameter = parameter(default=8.0, unit="mV/ms", doc="rise of the recovery at a spike")
    v_peak: Parameter = parameter(default=30 * mV, unit="mV", doc="potential at which an upswing is a spike")
    quadratic: Parameter = parameter(default=0.04, unit="1/mV/ms", doc="factor of v^2")
    linear: Parameter = parameter(default=5.0, unit="1/ms", doc="factor of v")
    offset: Parameter = parameter(default=140.0, unit="mV/ms", doc="what is added to them")
    v_u: Parameter = parameter(default=0 * mV, unit="mV", doc="potential at which v does not drive the recovery")
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")
    recovery: str = parameter(default="leaky", choices=("leaky", "integrating"), doc="whether u decays by itself")
    scheme: str = parameter(default="euler", choices=("euler", "half-steps", "staggered"), doc="scheme of a step")
    input: str = parameter(default="current", choices=("current", "delta"), doc="what an arriving weight is")

    state: ClassVar[Mapping[str, str]] = {"v": "mV", "u": "mV/ms"}

    def initial(self) -> dict[str, Any]:
        start = -70 * mV
        return {"v": start, "u": self.b * (start - self.v_u)}

    def threshold(self) -> Any:
        return self.v_peak

    def constants(self, dt: float) -> dict[str, Any]:
        return {
            "dt": dt,
            "a": self.a,
            "b": self.b,
            "c": self.c,
            "d": self.d,
            "v_peak": self.v_peak,
            "quadratic": self.quadratic,
            "linear": self.linear,
            "offset": self.offset,
            "v_u": self.v_u,
            "i_e": self.i_e,
        }

    def options(self) -> dict[str, bool]:
        return {
            "halves": self.scheme == "half-steps",
            "euler": self.scheme == "euler",
            "leaky": self.recovery == "leaky",
            "jump": self.input == "delta",
        }

    @staticmethod
    def step(current, v, u, dt, a, b, c, d, v_peak, quadratic, linear, offset, v_u, i_e, *, halves, euler, leaky, jump):
        def onwards(v, h, s):
            x = 0.0 if jump else current(v, s)
            return v + h * (quadratic * v * v + linear * v + offset - u + x + i_e)

        before = v
        v = onwards(onwards(v, 0.5 * dt, 0.0), 0.5 * dt, 0.5) if halves else onwards(v, dt, 0.0)
        seen = before if euler else v
        u = u + dt * a * (b * (seen - v_u) - (u if leaky else 0.0))
        if jump:
            v = v + current(v, 1.0)
        s = spike(v - v_peak)
        return s, where(s > 0, c, v), u + d * s
