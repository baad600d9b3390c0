"""The gill-withdrawal reflex of Aplysia as a spiking circuit: what a touch does, and what shocks make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import Dense
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, minute, ms, mV, pA, second
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import SensoryTerminal
from spikeloom.synapses import ExponentialCurrent

Array = NDArray[np.float64]

DT: Final = 2 * ms
PLACES: Final = "ABC"
EACH: Final = 12
"""Sensory neurons of each place: siphon, mantle and another."""

FIBRES, CELLS = 10, 20
"""Nociceptors of the tail; cells of each other population."""

VOLLEYS: Final = 6
"""A touch makes its sensory neurons fire so often, every 50 ms."""

WINDOW: Final = 450 * ms
"""So long after a touch spikes of motor neurons are its response; a shock that it announces comes later."""

TERMINAL: Final = SensoryTerminal(
    use_fast=0.05, tau_fast=3 * minute, use_slow=0.002, tau_slow=60 * minute,
    mobilised=1e-2, facilitated=1e-4, tau_f=30 * minute, enhanced=1e-3, tau_c=500 * ms,
)  # fmt: skip
"""All terminals of sensory neurons."""


class Event(NamedTuple):
    """A touch of a place, or a shock (``"tail"``) to so many ``fibres`` of 10 over ``length`` ms."""

    time: float
    place: str
    fibres: int = 6
    length: float = 500 * ms


class Found(NamedTuple):
    """What a session shows: spikes of a motor neuron for each touch, and E of the terminals of each place after it."""

    responses: Array
    enhancement: dict[str, float]


@final
@dataclass(frozen=True)
class Animal:
    r"""Sensory neurons, motor neurons, and three kinds of interneurons; thresholds are drawn for each ``seed``.

    ==================  ============================================================================================
    facilitators        excited by the tail; release serotonin, which reaches all terminals of sensory neurons
    predictors          excited by sensory neurons, through terminals of the same kind; inhibit the facilitators for
                        half a second: a shock that is expected releases less (Hawkins & Kandel 1984)
    inhibitors          excited by the tail; inhibit motor neurons for a minute
    ==================  ============================================================================================

    So what serotonin a shock releases is that of the shock less what was predicted, :math:`\lambda - \sum V`.
    """

    seed: int
    terminal: SensoryTerminal = TERMINAL

    def network(self) -> Network:
        """The circuit of a naive and rested animal."""
        draw = stream(self.seed, "animal")

        def cells(name: str, low: float, high: float) -> Any:
            thresholds = np.sort(draw.uniform(low, high, CELLS))
            return net.population(name, LIF(tau_m=20 * ms, theta=thresholds, input="current"), CELLS)

        net = Network(dt=DT, seed=self.seed, dtype=torch.float64)
        many = EACH * len(PLACES)
        skin, tail = net.input("skin", len(PLACES)), net.input("tail", FIBRES)
        sensory = net.population("sensory", LIF(tau_m=10 * ms, theta=1 * mV), many)
        motor, predictors = cells("motor", 4 * mV, 50 * mV), cells("predictors", 8 * mV, 68 * mV)
        facilitators, inhibitors = cells("facilitators", 8 * mV, 22 * mV), cells("inhibitors", 8 * mV, 22 * mV)
        net.modulator("serotonin", tau=200 * ms)
        net.release(facilitators, "serotonin", amount=4e-3)
        net.connect(skin, sensory, Dense(), weight=np.repeat(np.eye(len(PLACES)), EACH, axis=1) * 2 * mV)

        def excite(source: Any, target: Any, weight: float, rule: Any = None) -> None:
            spread = weight * (1 + 0.2 * draw.standard_normal((net.size(source.name), CELLS)).clip(-2, 2))
            net.connect(source, target, Dense(), weight=spread, synapse=ExponentialCurrent(tau=5 * ms), rule=rule)

        def inhibit(source: Any, target: Any, weight: float, tau: float) -> None:
            matrix = np.full((CELLS, CELLS), -weight / CELLS)
            net.connect(source, target, Dense(), weight=matrix, synapse=ExponentialCurrent(tau=tau))

        excite(sensory, motor, 12 * pA, self.terminal)
        excite(sensory, predictors, 3 * pA, self.terminal)
        excite(tail, facilitators, 20 * pA)
        excite(tail, inhibitors, 20 * pA)
        inhibit(predictors, facilitators, 20 * pA, 500 * ms)
        inhibit(inhibitors, motor, 0.2 * pA, 60 * second)
        return net

    def session(self, events: Sequence[Event]) -> Found:
        """What touches and shocks at these times do to a naive animal."""
        ordered = sorted(events)
        steps = round((ordered[-1].time + 2 * second) / DT)
        record = run(self.network(), self._inputs(ordered, steps), record=["motor.spikes"], engine="steps")
        times = record["motor.spikes"].step * DT
        begins = np.array([e.time for e in ordered if e.place != "tail"])
        responses = (np.searchsorted(times, begins + WINDOW) - np.searchsorted(times, begins)) / CELLS
        state = record.state["sensory->motor"]["synapse_p0__enhancement"].reshape(len(PLACES), -1).mean(1)
        return Found(responses, dict(zip(PLACES, state.tolist(), strict=True)))

    def _inputs(self, events: Sequence[Event], steps: int) -> dict[str, Spikes]:
        touches: list[tuple[Any, int]] = []
        shocks: list[tuple[Any, Any]] = []
        for k, event in enumerate(events):
            begin = round(event.time / DT)
            if event.place == "tail":
                length = round(event.length / DT)
                fired = stream(self.seed, "shock", k).random((length, event.fibres)) < 40 * Hz * DT
                step, fibre = np.nonzero(fired)
                shocks.append((begin + step, fibre))
            else:
                touches.append((begin + np.arange(VOLLEYS) * round(50 * ms / DT), PLACES.index(event.place)))
        return {
            "skin": _spikes([(at, np.full(at.size, place)) for at, place in touches], (steps, 1, len(PLACES))),
            "tail": _spikes(shocks, (steps, 1, FIBRES)),
        }


def _spikes(parts: Sequence[tuple[Any, Any]], shape: tuple[int, int, int]) -> Spikes:
    step, fibre = (np.concatenate([np.zeros(0, np.int64), *(p[k] for p in parts)]) for k in (0, 1))
    return Spikes.from_events(step, fibre, shape=shape, dt=DT, sort=True)
