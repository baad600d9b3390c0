"""Models that NEST solves with an adaptive step: spikes within one step, the membrane within 0.01 mV away from them.

Away from a spike is more than 2 ms before or after it: in an upswing of 100 mV/ms a microsecond is 0.1 mV.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from spikeloom.neurons import AdEx, ConductanceLIF, HodgkinHuxley, Neuron
from spikeloom.synapses import AlphaConductance, AlphaCurrent, ExponentialConductance, ExponentialCurrent
from spikeloom.units import ms, mV, nS, pA, pF
from tests.oracle.both import Receptor, both
from tests.oracle.conftest import Nest

TOLERANCE = 0.01  # [mV]
NEAR = 20  # steps of 0.1 ms
SYN = {"tau_syn_ex": 2.0, "tau_syn_in": 6.0}
OPEN, SHUT = {"tau": 2 * ms, "reversal": 0 * mV}, {"tau": 6 * ms, "reversal": -85 * mV}


@dataclasses.dataclass(frozen=True)
class Case:
    """A neuron and what arrives at it."""

    model: str
    neuron: Neuron
    parameters: Mapping[str, float]
    receptors: Sequence[Receptor]
    fires: int = 8

    def __str__(self) -> str:
        return f"{self.model} {getattr(self.neuron, 't_ref', 0.0):g}"


CONDUCTANCE = ConductanceLIF(
    c_m=250 * pF, g_l=16 * nS, e_l=-70 * mV, theta=-55 * mV, v_reset=-62 * mV, t_ref=2 * ms, i_e=180 * pA
)
CONDUCTANCE_IN_NEST = SYN | {
    "C_m": 250.0, "g_L": 16.0, "E_L": -70.0, "V_m": -70.0, "V_th": -55.0, "V_reset": -62.0, "t_ref": 2.0,
    "I_e": 180.0, "E_ex": 0.0, "E_in": -85.0,
}  # fmt: skip
ADEX = SYN | {"I_e": 500.0}
OPENING = [Receptor(ExponentialConductance(**OPEN), 0, 14.0), Receptor(ExponentialConductance(**SHUT), 0, 4.0)]

CASES = [
    Case(
        "iaf_cond_exp",
        CONDUCTANCE,
        CONDUCTANCE_IN_NEST,
        [Receptor(ExponentialConductance(**OPEN), 0, 6.0), Receptor(ExponentialConductance(**SHUT), 0, 4.0)],
    ),
    Case(
        "iaf_cond_alpha",
        CONDUCTANCE,
        CONDUCTANCE_IN_NEST,
        [Receptor(AlphaConductance(**OPEN), 0, 3.0), Receptor(AlphaConductance(**SHUT), 0, 2.0)],
    ),
    Case("aeif_cond_exp", AdEx(i_e=500 * pA), ADEX, OPENING),
    Case("aeif_cond_exp", AdEx(i_e=500 * pA, t_ref=2 * ms), ADEX | {"t_ref": 2.0}, OPENING),
    Case(
        "aeif_psc_exp",
        AdEx(i_e=500 * pA, t_ref=2 * ms),
        ADEX | {"t_ref": 2.0},
        [Receptor(ExponentialCurrent(tau=2 * ms), 0, 800.0), Receptor(ExponentialCurrent(tau=6 * ms), -200.0, 0.0)],
    ),
    Case(
        "hh_psc_alpha",
        HodgkinHuxley(i_e=600 * pA),
        SYN | {"I_e": 600.0},
        [Receptor(AlphaCurrent(tau=2 * ms), 0, 300.0), Receptor(AlphaCurrent(tau=6 * ms), -100.0, 0.0)],
    ),
]


def cases() -> Iterator[Any]:
    for case in CASES:
        for seed in (1, 2, 3, 4):
            yield pytest.param(case, seed, id=f"{case} {seed}")


@pytest.mark.parametrize(("case", "seed"), list(cases()))
def test_the_same_spikes_and_the_same_membrane(nest: Nest, case: Case, seed: int) -> None:
    ours, theirs = both(
        nest,
        case.neuron,
        case.model,
        case.parameters,
        case.receptors,
        {"v": "V_m"},
        seed=seed,
        current=(60.0, 200.0, 400.0),
    )
    assert len(theirs.spikes) >= case.fires
    assert len(ours.spikes) == len(theirs.spikes)
    assert np.abs(ours.spikes - theirs.spikes).max() <= 1
    away = np.ones(len(ours.traces["v"]), bool)
    for spike in theirs.spikes:
        away[max(0, spike - NEAR) : spike + NEAR + 1] = False
    assert away.mean() > 0.5
    assert np.abs(ours.traces["v"] - theirs.traces["v"])[away].max() <= TOLERANCE
