"""The estimate that reports show: synaptic events of the spiking network beside multiply-accumulates of a dense one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spikeloom.core.errors import InvalidValueError
from spikeloom.energy.horowitz_2014 import horowitz_2014
from spikeloom.energy.table import Table


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Energy of the synaptic arithmetic of one sample, pJ, three ways; see :func:`estimate`."""

    table: Table
    synaptic_events: float
    dense_macs: int
    steps: int

    @property
    def spiking_pj(self) -> float:
        """The spiking network, work following spikes."""
        return self.synaptic_events * self.table.pj_per_synaptic_event

    @property
    def dense_pj(self) -> float:
        """A conventional network of the same shape, evaluated once."""
        return self.dense_macs * self.table.pj_per_mac

    @property
    def dense_every_step_pj(self) -> float:
        """The same spiking network, computed with dense products in each of its time steps."""
        return self.dense_pj * self.steps

    def describe(self) -> dict[str, Any]:
        """The estimate as plain JSON values."""
        return {
            "table": self.table.citation,
            "pj_per_synaptic_event": self.table.pj_per_synaptic_event,
            "pj_per_mac": self.table.pj_per_mac,
            "spiking_pj": self.spiking_pj,
            "dense_pj": self.dense_pj,
            "dense_every_step_pj": self.dense_every_step_pj,
        }


def estimate(synaptic_events: float, dense_macs: int, steps: int, table: Table = horowitz_2014) -> Estimate:
    r"""Energy of the synaptic arithmetic of one sample.

    .. math:: E_{spiking} = n_{events} E_{add}, \qquad E_{dense} = n_{MAC} (E_{multiply} + E_{add})

    It counts arithmetic only: not the update of membranes, not the memory traffic, which on real chips dominates
    both sides (Dampfhoffer et al. 2023, doi:10.1109/TETCI.2022.3214509). So it compares numbers of operations,
    weighted by their cost; it is no prediction of what a chip draws.

    Args:
        synaptic_events: spikes times fan-out, of one sample.
        dense_macs: multiply-accumulates of one evaluation of all connections.
        steps: time steps of the spiking network.
        table: energies per operation.

    Raises:
        InvalidValueError: a negative count, or no step.

    >>> estimate(1000, 500, steps=10).spiking_pj
    900.0
    """
    if not (synaptic_events >= 0 and dense_macs >= 0 and steps >= 1):
        raise InvalidValueError(
            "an estimate needs synaptic_events >= 0, dense_macs >= 0 and steps >= 1; "
            f"given {synaptic_events}, {dense_macs}, {steps}"
        )
    return Estimate(table=table, synaptic_events=synaptic_events, dense_macs=dense_macs, steps=steps)
