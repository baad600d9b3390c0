"""Izhikevich's neuron, which NEST steps with the same scheme: the same spikes, and the same numbers but for rounding.

The model under noise is chaotic, the fast-spiking one most: within half a second, rounding grows to other spikes. So
each single step of NEST is held to 1e-11 (mV, mV/ms), begun from its own state; and the regular neuron's whole course
of 500 ms to 1e-9, but for the 2 ms before a spike, where the upswing multiplies any difference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.neurons import Izhikevich
from spikeloom.synapses import Delta
from tests.oracle.both import Outcome, Receptor, both
from tests.oracle.conftest import Nest

KINDS: dict[str, dict[str, float]] = {"regular": {}, "fast": {"a": 0.1, "d": 2.0}, "chattering": {"c": -50.0, "d": 2.0}}
steps = pytest.mark.parametrize("dt", [0.1, 0.5, 1.0])
schemes = pytest.mark.parametrize("consistent", [True, False], ids=["euler", "half-steps"])


def cell(kind: str, consistent: bool) -> Izhikevich:
    """With NEST's ``consistent_integration`` a weight is a jump at the end of a step, without it a current in it."""
    scheme = {"scheme": "euler", "input": "delta"} if consistent else {"scheme": "half-steps", "input": "current"}
    given: dict[str, Any] = {"i_e": 5.0, **KINDS[kind], **scheme}
    return Izhikevich(**given)


def outcomes(nest: Nest, kind: str, dt: float, consistent: bool, **more: Any) -> tuple[Outcome, Outcome]:
    strength = 1.0 if consistent else 1.0 / dt
    receptors = [Receptor(Delta(), 0.0, 4.0 * strength), Receptor(Delta(), -3.0 * strength, 0.0)]
    parameters = {"V_m": -70.0, "U_m": -14.0, "I_e": 5.0, "consistent_integration": consistent, **KINDS[kind]}
    record = {"v": "V_m", "u": "U_m"}
    return both(nest, cell(kind, consistent), "izhikevich", parameters, receptors, record, dt=dt, **more)


@steps
@schemes
@pytest.mark.parametrize("kind", KINDS)
def test_each_step_is_the_same(nest: Nest, kind: str, dt: float, consistent: bool) -> None:
    """As many neurons as steps: each is put where NEST was before one of its steps, and makes this one."""
    _, theirs = outcomes(nest, kind, dt, consistent)
    assert len(theirs.spikes) >= 10
    many = len(theirs.arrived) - 1
    net = sl.Network(dt=dt)
    arriving, cells = net.input("arriving", many), net.population("cells", cell(kind, consistent), many)
    net.connect(
        arriving, cells, sl.connections.Pairs(source=np.arange(many), target=np.arange(many)), weight=theirs.arrived[1:]
    )
    before = {name: torch.from_numpy(trace[:-1].copy())[None] for name, trace in theirs.traces.items()}
    found = sl.run(
        net,
        sl.Spikes.from_dense(np.ones((1, 1, many)), dt=dt),
        {"cells": before},
        record=["cells.spikes", "cells.v", "cells.u"],
        engine="steps",
    )
    np.testing.assert_array_equal(found["cells.spikes"].neuron + 1, theirs.spikes)
    for name, trace in theirs.traces.items():
        assert np.abs(found[f"cells.{name}"][0, 0].numpy() - trace[1:]).max() <= 1e-11


@steps
@schemes
def test_the_regular_neuron_takes_the_same_course(nest: Nest, dt: float, consistent: bool) -> None:
    current = None if consistent else (3.0, 50.0, 400.0)
    ours, theirs = outcomes(nest, "regular", dt, consistent, duration=500.0, current=current)
    assert len(theirs.spikes) >= 6
    np.testing.assert_array_equal(ours.spikes, theirs.spikes)
    away = np.ones(len(ours.arrived), bool)
    for spike in theirs.spikes:
        away[max(0, spike - round(2 / dt)) : spike] = False
    for name in ("v", "u"):
        assert np.abs(ours.traces[name] - theirs.traces[name])[away].max() <= 1e-9
