"""The linear rate unit: what arrives in a step is what it says in that step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.parameters import Parameter, parameter
from spikeloom.neurons.base import Neuron


@final
class Linear(Neuron):
    r"""A unit whose activity is the sum of its inputs, at once: it remembers nothing and does not fire.

    .. math:: v = gain \cdot x, \qquad x = \sum_j w_j x_j

    The neuron of the theory of learning rates (Oja 1982, doi:10.1007/BF00275687): each step is one sample.
    """

    gain: Parameter = parameter(default=1.0, doc="activity for an input of 1")

    state: ClassVar[Mapping[str, str]] = {"v": "mV"}
    spiking: ClassVar[bool] = False

    def constants(self, dt: float) -> dict[str, Any]:
        return {"gain": self.gain}

    @staticmethod
    def step(x, v, gain):
        return (gain * x,)
