"""Calcium: how much a neuron fired of late, and what its synaptic elements make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second

if TYPE_CHECKING:
    from spikeloom.plasticity.structure.curves import GrowthCurve
    from spikeloom.plasticity.structure.elements import Elements


@final
class Calcium(Model):
    r"""A low-pass of a neuron's spikes.

    .. math:: \dot{Ca} = -Ca / \tau, \qquad \text{at a spike } Ca \leftarrow Ca + \beta

    so that a rate r settles at :math:`\beta \tau r`: with the defaults 0.01 for each Hz. (Butz & van Ooyen 2013,
    doi:10.1371/journal.pcbi.1003259.)
    """

    tau: float = parameter(default=10 * second, unit="ms", positive=True, doc="time constant")
    beta: float = parameter(default=0.001, positive=True, doc="what a spike brings in")


def advance(
    rule: Calcium,
    calcium: NDArray[np.float64],
    elements: Mapping[Any, tuple[Elements, NDArray[np.float64]]],
    neuron: NDArray[Any],
    time: NDArray[np.float64],
    duration: float,
) -> None:
    r"""Move calcium and elements of a population on over ``duration`` ms, in place, through its spikes.

    Between two spikes of a neuron both are exact: :math:`Ca\, e^{-t/\tau}`, and the integral of the growth curve along
    it. Elements stay at 0 or above.

    Args:
        rule: of calcium.
        calcium: of each neuron.
        elements: their declarations and their numbers at each neuron.
        neuron: the neuron of each spike.
        time: when it fired [ms], from 0 to ``duration``, ascending.
        duration: [ms].
    """
    order = np.argsort(neuron, kind="stable")
    cell, when = np.asarray(neuron)[order], np.asarray(time, np.float64)[order]
    first = np.searchsorted(cell, cell)
    rank = np.arange(cell.size) - first  # how many spikes of the same neuron came before
    last = np.zeros(calcium.size)
    alike: dict[Any, tuple[GrowthCurve, list[tuple[float, NDArray[np.float64]]]]] = {}  # those of one curve
    for declared, number in elements.values():
        curve = declared.curve
        alike.setdefault((type(curve), *curve.values().values()), (curve, []))[1].append((declared.rate, number))

    def silent(which: Any, until: Any) -> None:
        before, passed = calcium[which], until - last[which]
        for curve, numbers in alike.values():
            grown = curve.integral(before, passed, rule.tau)
            for rate, number in numbers:
                number[which] = np.maximum(number[which] + rate * grown, 0.0)
        calcium[which] = before * np.exp(-passed / rule.tau)
        last[which] = until

    for k in range(int(rank.max(initial=-1)) + 1):
        now = rank == k
        silent(cell[now], when[now])
        calcium[cell[now]] += rule.beta
    silent(np.arange(calcium.size), np.full(calcium.size, float(duration)))
