"""What noise currents share: they are the neuron's own, and drawn within its step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from spikeloom.core.parameters import parameter
from spikeloom.core.units import pA
from spikeloom.synapses import Synapse


class Noise(Synapse):
    r"""Base of the receptors of noise, at which nothing arrives: a mean current, and how far from it chance leads.

    .. math:: i_k = \mu + n_k

    A subclass says in the step language (:mod:`spikeloom.core.language`) what n is in the step to come, given what it
    was: ``draw(noise, <constants>)``, with the ``scale``, or with the constants of its own that follow on the mean.
    """

    mean: float = parameter(default=0 * pA, unit="pA", doc="mean current")
    scale: float = parameter(default=0 * pA, unit="pA", doc="of what is drawn")

    unit: ClassVar[str] = "pA"
    state: ClassVar[Mapping[str, str]] = {"noise": "pA"}

    draw: ClassVar[Callable[..., Any]]

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        return {"mean": self.mean, "scale": self.scale}

    @classmethod
    def arrive(cls, arrived, noise, mean, *others):
        return (cls.draw(noise, *others),)

    @staticmethod
    def current(v, s, noise, mean, *others):
        return mean + noise

    @staticmethod
    def average(arrived, noise, mean, *others):
        return mean + noise
