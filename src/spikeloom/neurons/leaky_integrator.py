"""The leaky integrator that never fires: the usual read-out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import expm1
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import GOhm, ms, mV, pA
from spikeloom.neurons.base import Neuron


@final
class LeakyIntegrator(Neuron):
    r"""Leaky integrator without threshold: a membrane to be read, not to fire.

    .. math:: \tau_m \dot v = v_{rest} - v + R\,(i + i_e)

    An arriving weight is a jump of ``v`` [mV], or with ``input="current"`` a current [pA] held over the step.
    Integrated exactly (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
    """

    tau_m: Parameter = parameter(default=20 * ms, unit="ms", positive=True, doc="membrane time constant")
    v_rest: Parameter = parameter(default=0 * mV, unit="mV", doc="resting potential")
    resistance: Parameter = parameter(default=1 * GOhm, unit="GOhm", positive=True, doc="membrane resistance R")
    i_e: Parameter = parameter(default=0 * pA, unit="pA", doc="constant external current")
    input: str = parameter(default="delta", choices=("delta", "current"), doc="what an arriving weight is")

    state: ClassVar[Mapping[str, str]] = {"v": "mV"}
    spiking: ClassVar[bool] = False

    def initial(self) -> dict[str, Any]:
        return {"v": self.v_rest}

    def constants(self, dt: float) -> dict[str, Any]:
        exponent = -dt / self.tau_m
        return {
            "decay": exponential(exponent),
            "gain": 1.0 if self.input == "delta" else self.resistance * -expm1(exponent),
            "rest": self.v_rest + self.resistance * self.i_e,
        }

    @staticmethod
    def step(x, v, decay, gain, rest):
        v = rest + decay * (v - rest) + gain * x
        return (v,)
