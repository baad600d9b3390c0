"""One pair of spikes, and a step of dopamine a hundred milliseconds later: what a synapse gains, in closed form."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from spikeloom.connections import OneToOne
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import Modulated, PairSTDP

PRE, POST, DOPAMINE = 1501, 1504, 1601
"""When [ms] the source's spike is at the synapse, the target fires, and dopamine comes."""
TAU_PLUS, TAU_C, TAU_D = 10 * ms, 1000 * ms, 200 * ms
AMOUNT: Final = 0.1
AFTER: Final = (800, 1399, 20_000)
"""How long [ms] after the dopamine the weight is read; the last one is for ever."""


def gained(after: float) -> float:
    r"""The closed form, for a weight that moves by eligibility times dopamine and an amplitude of 1.

    .. math:: \Delta w = e^{-3 / \tau_+} e^{-97 / \tau_c} \frac{d_0}{1 / \tau_c + 1 / \tau_d}
              \big(1 - e^{-T (1 / \tau_c + 1 / \tau_d)}\big)
    """
    eligibility = math.exp(-(POST - PRE) / TAU_PLUS - (DOPAMINE - POST) / TAU_C)
    rate = 1 / TAU_C + 1 / TAU_D
    return eligibility * AMOUNT / rate * -math.expm1(-after * rate)


def simulated(after: int) -> float:
    """The same in the engine, where nothing happens between these three events but the passing of time."""
    steps = DOPAMINE + after
    pair = PairSTDP(a_plus=1.0, a_minus=0.0, tau_plus=TAU_PLUS, bounds="none")
    net = Network(dt=1 * ms)
    net.input("source", 1)
    net.input("kick", 1)
    net.population("target", LIF(theta=15.0), 1)
    net.modulator("dopamine", tau=TAU_D)
    net.connect("source", "target", OneToOne(), weight=0.0, rule=Modulated(rule=pair, by="dopamine", tau_e=TAU_C))
    net.connect("kick", "target", OneToOne(), weight=1000.0)
    at = {"source": PRE, "kick": POST}
    given = {k: Spikes.from_times([t], [0], shape=(steps, 1, 1), dt=1 * ms) for k, t in at.items()}
    dopamine = np.zeros(steps)
    dopamine[DOPAMINE] = AMOUNT
    record = run(net, given, released={"dopamine": dopamine}, record=["target.spikes"])
    assert record["target.spikes"].step.tolist() == [POST]
    return float(record.state["source->target"]["weight"][0])
