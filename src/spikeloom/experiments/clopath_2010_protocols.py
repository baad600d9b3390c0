"""The protocols of the voltage rule: pairs of spikes on the authors' cell, and on the two cells of NEST's own test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch

from spikeloom.connections import OneToOne
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, mV, pA
from spikeloom.engines import Trace, run
from spikeloom.experiments.clopath_2010_cells import AuthorsCell, ClopathOfCell, NestCell, as_euler
from spikeloom.network import Network
from spikeloom.neurons import HodgkinHuxley, Neuron
from spikeloom.plasticity import Clopath, Plasticity
from spikeloom.synapses import AlphaCurrent

RATES: Final = (0.1, 10, 20, 40, 50)
BEGIN = 0.5
UNIT: Final = 1e-9 * pA  # of a weight on the authors' cell, whose synapse moves nothing
FIRST_STEP = 4  # their program's loop begins at its fourth step, after the first spike of the target

PRE: Final = (
    (29.0, 129.0, 229.0, 329.0, 429.0), (29.0, 62.3, 95.7, 129.0, 162.3), (29.0, 49.0, 69.0, 89.0, 109.0),
    (129.0, 229.0, 329.0, 429.0, 529.0, 629.0), (62.3, 95.6, 129.0, 162.3, 195.6, 229.0),
    (49.0, 69.0, 89.0, 109.0, 129.0, 149.0),
)  # fmt: skip
POST: Final = (
    (19.0, 119.0, 219.0, 319.0, 419.0), (19.0, 52.3, 85.7, 119.0, 152.3), (19.0, 39.0, 59.0, 79.0, 99.0),
    (139.0, 239.0, 339.0, 439.0, 539.0, 639.0), (72.3, 105.6, 139.0, 172.3, 205.6, 239.0),
    (59.0, 79.0, 99.0, 119.0, 139.0, 159.0),
)  # fmt: skip
"""Spike times [ms] of NEST's test: three frequencies with the target first, three with the source first."""


def authors_trains(rate: float, lag: int) -> tuple[list[int], list[int]]:
    """The steps (from 1 on) of the source's and the target's spikes in ``VoTri.m``, and nothing that it leaves out.

    In a burst in which the target is first it has a sixth spike.
    """
    gap = round(1000 / rate)
    length, repeats = 5 * gap + abs(lag) + 1, 10 if rate == 0.1 else 15
    period = max(length, 10_000)
    pre, post = range(abs(lag) + 1, length, gap), range(abs(lag) + 1 + lag, length + 1, gap)
    begins = range(0, repeats * period, period)
    return [b + t for b in begins for t in pre], [b + t for b in begins for t in post if b + t >= FIRST_STEP]


def on_authors_cell(lag: int) -> list[float]:
    """The weight after the protocol over that before [%], at each of the ``RATES``.

    The library's rule in the steps of their program. Its decays become those of Euler steps by time constants whose
    exponential is the same factor. Their trace of the source counts a spike from the next step on: so the source
    fires one step later, and what depression reads is as late.
    """
    dt, trains = 1 * ms, [authors_trains(rate, lag) for rate in RATES]
    tau_x = as_euler(15 * ms, dt)
    rule = Clopath(
        a_ltd=14e-5 * UNIT, a_ltp=8e-5 * UNIT * tau_x / (15 * ms), tau_x=tau_x, tau_minus=as_euler(10 * ms, dt),
        tau_plus=as_euler(7 * ms, dt), late_plus=4 * ms, late_minus=5 * ms, bounds="none",
    )  # fmt: skip
    net = Network(dt=dt, dtype=torch.float64)
    cell = net.population("cell", AuthorsCell(), len(RATES))
    net.connect(net.input("pre", len(RATES)), cell, OneToOne(), weight=BEGIN * UNIT, rule=rule)
    net.connect(net.input("kick", len(RATES)), cell, OneToOne(), weight=1e6 * pA)
    pre = [[t + 1 - FIRST_STEP for t in own] for own, _ in trains]
    post = [[t - FIRST_STEP for t in own] for _, own in trains]
    steps = max(own[-1] for own in (*pre, *post)) + 100
    given = {"pre": _spikes(pre, steps, dt), "kick": _spikes(post, steps, dt)}
    after = run(net, given, engine="steps").state["pre->cell"]["weight"]
    return [100 * float(w) / (BEGIN * UNIT) for w in after]


def rule_for_nest(kind: type[Any], late: float, **changed: Any) -> Plasticity:
    """A rule as NEST's ``clopath_synapse`` with a delay of one step, 0.1 ms, of which what depression reads is later.

    There the trace of the source has decayed for a step more when it meets the potential.
    """
    return kind(a_ltp=8e-5 * math.exp(-0.1 / 15), late_minus=late + 0.1 * ms, late_plus=late, **changed)


def on_nest_cell(kind: type[Any]) -> list[float]:
    """What NEST's test looks at, with the rule ``kind``, on the cell of ``aeif_psc_delta_clopath``."""
    return _as_nest(NestCell(), rule_for_nest(kind, 4 * ms), {}, 80 * mV)


def on_hodgkin_huxley() -> list[float]:
    """The same on ``HodgkinHuxley``, for ``hh_psc_alpha_clopath``: there u_minus and u_plus begin at 0 mV."""
    rule = rule_for_nest(Clopath, 5 * ms, theta_minus=-64.9 * mV, theta_plus=-35 * mV, tau_plus=114 * ms)
    return _as_nest(HodgkinHuxley(), rule, {"synapse": AlphaCurrent(tau=0.2 * ms)}, 2000 * pA, v=-64.9, filters=0.0)


def _as_nest(
    neuron: Neuron, rule: Plasticity, synapse: Any, kick: float, *, v: float | None = None, filters: float | None = None
) -> list[float]:
    dt, n = 0.1 * ms, len(PRE)
    net = Network(dt=dt, dtype=torch.float64)
    cell = net.population("cell", neuron, n)
    net.connect(net.input("pre", n), cell, OneToOne(), weight=BEGIN, delay=dt, rule=rule, **synapse)
    net.connect(net.input("kick", n), cell, OneToOne(), weight=kick, **synapse)
    pre, post = ([[round(t / dt) for t in own] for own in some] for some in (PRE, POST))
    steps = max(own[-1] for own in (*pre, *post)) + 10
    given = {"pre": _spikes(pre, steps, dt), "kick": _spikes(post, steps, dt)}
    state: Any = None
    if v is not None:
        state = {"cell": {k: torch.full((1, n), float(x), dtype=torch.float64) for k, x in neuron.initial().items()}}
        state["cell"]["v"][:] = v
    if filters is not None:
        shapes = run(net, {k: _spikes([[]] * n, 1, dt) for k in given}, engine="steps").state["pre->cell"]
        own = {k: torch.full_like(x, filters) for k, x in shapes.items() if k.startswith(("filter_", "late_"))}
        state = {**(state or {}), "pre->cell": own}
    record = run(net, given, state, record=[Trace("pre->cell.weight", every=1)], engine="steps")
    seen = [float(record["pre->cell.weight"][own[-1]].flatten()[k]) for k, own in enumerate(pre)]
    return [100 * (1 + 15 * (w - BEGIN) / BEGIN) for w in seen]


def on_own_filters() -> list[float]:
    """As :func:`on_nest_cell`, where the cell integrates the low-passed potentials, as in NEST."""
    return on_nest_cell(ClopathOfCell)


def _spikes(steps: Sequence[Sequence[int]], length: int, dt: float) -> Spikes:
    """Spikes of each channel at these steps."""
    channel = np.repeat(np.arange(len(steps)), [len(own) for own in steps])
    at = np.array([t for own in steps for t in own], np.int64)
    return Spikes.from_events(at, channel, shape=(length, 1, len(steps)), dt=dt, sort=True)
