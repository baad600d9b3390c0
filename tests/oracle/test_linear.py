"""Models that both simulators integrate exactly: the same spikes, and traces within 1e-9 mV, over a second."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from spikeloom.neurons import LIF
from spikeloom.synapses import AlphaCurrent, Delta, ExponentialCurrent
from spikeloom.units import GOhm, mV, pA
from tests.oracle.both import Receptor, apart, both
from tests.oracle.conftest import Nest

TOLERANCE = 1e-9  # [mV], and [pA] for synaptic currents
C = 250.0  # [pF]: R = tau_m / C


@dataclasses.dataclass(frozen=True)
class Case:
    """A neuron and what arrives at it; ``fires`` says how often at least."""

    model: str
    receptors: Sequence[Receptor]
    syn: Mapping[str, float] = dataclasses.field(default_factory=dict)
    tau_m: float = 10.0
    t_ref: float = 2.0
    v_reset: float = -65.0
    i_e: float = 0.0
    dt: float = 0.1
    fires: int = 10

    def __str__(self) -> str:
        return f"{self.model} {self.tau_m:g} {self.t_ref:g} {self.dt:g}"

    @property
    def neuron(self) -> LIF:
        return LIF(
            tau_m=self.tau_m,
            resistance=self.tau_m / C * GOhm,
            theta=-55 * mV,
            v_rest=-70 * mV,
            v_reset=self.v_reset * mV,
            t_ref=self.t_ref,
            i_e=self.i_e * pA,
            input="delta" if self.model == "iaf_psc_delta" else "current",
        )

    @property
    def parameters(self) -> dict[str, float]:
        mine = {"C_m": C, "tau_m": self.tau_m, "t_ref": self.t_ref, "V_reset": self.v_reset, "I_e": self.i_e}
        return {**mine, "E_L": -70.0, "V_m": -70.0, "V_th": -55.0, **self.syn}


def jumps(most: float) -> list[Receptor]:
    return [Receptor(Delta(), 0.1, most), Receptor(Delta(), -0.8 * most, 0.0)]


def currents(kind: type[ExponentialCurrent] | type[AlphaCurrent], ex: float, inh: float, most: float) -> list[Receptor]:
    return [Receptor(kind(tau=ex), 0.0, most), Receptor(kind(tau=inh), -0.6 * most, 0.0)]


def taus(ex: float, inh: float) -> dict[str, float]:
    return {"tau_syn_ex": ex, "tau_syn_in": inh}


CASES = [
    Case("iaf_psc_delta", jumps(2.0), i_e=280.0),
    Case("iaf_psc_delta", jumps(3.0), tau_m=20.0, t_ref=0.0, v_reset=-70.0, i_e=100.0),
    Case("iaf_psc_delta", jumps(2.0), t_ref=5.0, i_e=310.0, dt=1.0),
    Case("iaf_psc_exp", currents(ExponentialCurrent, 2.0, 5.0, 400.0), taus(2.0, 5.0), i_e=450.0),
    Case("iaf_psc_exp", currents(ExponentialCurrent, 0.5, 10.0, 900.0), taus(0.5, 10.0), t_ref=0.0, i_e=2500.0),
    Case("iaf_psc_exp", currents(ExponentialCurrent, 3.0, 7.0, 400.0), taus(3.0, 7.0), tau_m=15.0, i_e=400.0, dt=0.5),
    Case("iaf_psc_alpha", currents(AlphaCurrent, 2.0, 5.0, 150.0), taus(2.0, 5.0), i_e=550.0),
    Case("iaf_psc_alpha", currents(AlphaCurrent, 0.5, 10.0, 400.0), taus(0.5, 10.0), t_ref=0.0, i_e=2900.0),
    Case("iaf_psc_alpha", currents(AlphaCurrent, 3.0, 7.0, 150.0), taus(3.0, 7.0), tau_m=15.0, i_e=450.0, dt=0.5),
]
"""In the middle ones of both kinds of current the time constant of inhibition is that of the membrane."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_spikes_and_the_same_membrane(nest: Nest, case: Case) -> None:
    """With a step of current besides, where the model takes currents."""
    record, current = {"v": "V_m"}, None
    if case.syn:
        kind = "exponential_current" if case.model == "iaf_psc_exp" else "alpha_current"
        record |= {f"{kind}.i": "I_syn_ex", f"{kind}2.i": "I_syn_in"}
        current = (60.0, 200.0, 400.0)
    ours, theirs = both(
        nest, case.neuron, case.model, case.parameters, case.receptors, record, dt=case.dt, current=current
    )
    assert len(theirs.spikes) >= case.fires
    np.testing.assert_array_equal(ours.spikes, theirs.spikes)
    for name in record:
        assert apart(ours, theirs, name) <= TOLERANCE
