"""The dual process of Groves & Thompson in its linear form: run by the library, and in closed form."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from spikeloom.engines import Trace, run
from spikeloom.experiments.habituation_circuit import Array
from spikeloom.network import Network
from spikeloom.neurons import LeakyIntegrator
from spikeloom.plasticity import DualProcess
from spikeloom.sources import Step

RULE: Final = DualProcess(tau_h=20 * second, tau_s=3 * second, c=0.03, d=0.1)
"""Sensitisation grows faster than habituation and is gone sooner: a, b = 1 / tau_h, 1 / tau_s."""

DT: Final = 10 * ms
LENGTH: Final = 60 * second
STIMULI: Final = 25
HELD: Final = (5 * second, 30 * second)
"""When a stimulus is held, of intensity 1 for each second."""


def spiking(seed: int) -> dict[str, Any]:
    """A synapse under stimuli at times of chance in the first half: what it is worth, and should be.

    ``times`` [ms] and ``response`` (in units of R_0) after each step, the same in ``closed`` form, and the ``rate`` [1
    / tau_h] at which a synapse that only habituates recovers after the last one.
    """
    steps = round(LENGTH / DT)
    at = np.sort(stream(seed, "stimuli").choice(np.arange(steps // 2), STIMULI, replace=False))
    inputs = Spikes.from_events(at, np.zeros(STIMULI, np.int64), shape=(steps, 1, 1), dt=DT)
    net = Network(dt=DT, dtype=torch.float64)
    net.input("stimulus", 1)
    net.population("reflex", LeakyIntegrator(), 1)
    net.connect("stimulus", "reflex", weight=1.0, rule=RULE, name="pathway")
    net.connect("stimulus", "reflex", weight=1.0, rule=RULE.replace(d=0.0), name="habituation alone")
    watched = [Trace(f"{name}.weight", neurons=[0], every=1) for name in net.projections]
    record = run(net, inputs, record=watched)
    response, alone = (record[f"{name}.weight"].numpy().reshape(-1) for name in net.projections)
    times = (np.arange(steps) + 1) * DT
    since = times[:, None] - at * DT
    left = {tau: np.where(since > 0, np.exp(-since / tau), 0.0).sum(1) for tau in (RULE.tau_h, RULE.tau_s)}
    late = times > at[-1] * DT + 1 * second
    lost = np.log(1 - alone[late])
    return {
        "times": times,
        "response": response,
        "closed": 1 - RULE.c * left[RULE.tau_h] + RULE.d * left[RULE.tau_s],
        "stimuli": at * DT,
        "rate": (lost[0] - lost[-1]) / (times[late][-1] - times[late][0]) * RULE.tau_h,
    }


def held() -> dict[str, Array]:
    r"""A stimulus that is held: two integrators of the library, and :math:`R = 1 - H + S` of both, as :func:`spiking`.

    .. math:: \dot H = -a H + c I, \qquad \dot S = -b S + d I
    """
    begin, end = HELD
    net = Network(dt=DT, dtype=torch.float64)
    for name, tau, gain in (("habituation", RULE.tau_h, RULE.c), ("sensitisation", RULE.tau_s, RULE.d)):
        driven = LeakyIntegrator(tau_m=tau, resistance=gain * tau / second, input="current")
        net.drive(net.population(name, driven, 1), Step(amplitude=1.0, start=begin, stop=end))
    record = run(net, duration=LENGTH, record=["habituation.v", "sensitisation.v"])
    taken, added = (record[f"{name}.v"].numpy().reshape(-1) for name in net.populations)
    times = (np.arange(taken.size) + 1) * DT

    def closed(tau: float, gain: float) -> Array:
        on = 1 - np.exp(-np.clip(times - begin, 0, end - begin) / tau)
        return gain * tau / second * on * np.exp(-np.clip(times - end, 0, None) / tau)

    exact = 1 - closed(RULE.tau_h, RULE.c) + closed(RULE.tau_s, RULE.d)
    return {"times": times, "response": 1 - taken + added, "closed": exact}
