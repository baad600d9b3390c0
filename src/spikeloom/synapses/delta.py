"""The delta synapse."""

from __future__ import annotations

from typing import Any, ClassVar, final

from spikeloom.synapses.base import Synapse


@final
class Delta(Synapse):
    r"""A weight arrives all at once: a jump of the membrane potential [mV], or a current held over one step [pA].

    .. math:: v \leftarrow v + w

    Which of both it is, the neuron says (``LIF(input="delta")`` or ``input="current"``).
    """

    unit: ClassVar[str] = "mV"

    def constants(self, dt: float, tau_m: Any) -> dict[str, Any]:
        return {}

    @staticmethod
    def arrive(arrived):
        return ()

    @staticmethod
    def average(arrived):
        return arrived
