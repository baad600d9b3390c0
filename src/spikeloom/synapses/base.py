"""What a synapse is: a small text about one neuron's receptors of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from spikeloom.core.parameters import Model


class Synapse(Model):
    """Base of the synapses, each one final subclass in a file of its own.

    All arriving weights of one kind add up at a neuron; their sum in a step is ``arrived``. A subclass declares its
    parameters, its ``state``, its ``constants(dt, tau_m)``, and in the step language (:mod:`spikeloom.core.language`):

    - ``arrive(arrived, <state>, <constants>)``: the state after the step, a tuple. What arrives in a step acts from its
      end on, as in Rotter & Diesmann (1999, doi:10.1007/s004220050570).
    - ``current(v, s, <state>, <constants>)``: the current [pA] into the neuron at membrane potential ``v`` [mV] when
      the fraction ``s`` (0, 0.5 or 1) of the step has passed.
    - ``average(arrived, <state>, <constants>)``: for linear membranes, the constant input that moves the membrane in
      this step exactly as the synapse does. A synapse whose current depends on ``v`` has none.
    """

    unit: ClassVar[str]
    """Of a weight: mV, pA or nS."""

    state: ClassVar[Mapping[str, str]] = {}
    """The state variables with their units."""

    arrive: ClassVar[Callable[..., Any]]
    current: ClassVar[Callable[..., Any]]
    average: ClassVar[Callable[..., Any]]

    needs_potential: ClassVar[bool] = False
    """Whether its current depends on the membrane potential."""

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        """The constants of its text for a step of ``dt`` ms onto a membrane of time constant ``tau_m`` [ms].

        ``tau_m`` is ``None`` for neurons that are not linear: they ask for the current at points within the step.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define constants(dt, tau_m)")
