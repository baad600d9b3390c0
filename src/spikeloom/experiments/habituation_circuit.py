"""The reflex circuit of the experiment on habituation: touch in, spikes of motor neurons out."""

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
from spikeloom.core.units import minute, ms, mV, second
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import SensoryTerminal
from spikeloom.synapses import TsodyksMarkram

Array = NDArray[np.float64]

DT: Final = 5 * ms
FIBRES: Final = 10
"""Nerve fibres of each place: so many strengths a touch can have."""

SENSORY, MOTOR, FACILITATORS = 60, 40, 10
PLACES: Final = {"A": range(30), "B": range(15, 45), "C": range(30, 60)}
"""Which sensory neurons a place on the skin has: A and B share half of theirs, A and C none."""

VOLLEYS: Final = 4
"""A touch makes its sensory neurons fire so often, every 25 ms."""

WINDOW: Final = 500 * ms
"""So long after a touch spikes of motor neurons are its response."""

TERMINAL: Final = SensoryTerminal(enhanced=0.0)
"""Sensory neurons to motor neurons: resources of 20 s and 20 min; serotonin mobilises and facilitates."""


class Stimulus(NamedTuple):
    """A touch, or where the place is ``"tail"`` a shock; ``strength`` of 10 fibres."""

    time: float
    place: str = "A"
    strength: int = 6


@final
@dataclass(frozen=True)
class Circuit:
    """Sensory neurons excite motor neurons, and if many fire also facilitatory interneurons, as shocks do.

    The interneurons release serotonin, which reaches all terminals. Weights and thresholds are drawn for each
    ``seed``. The synapses of the shock onto the interneurons tire as well.
    """

    seed: int
    terminal: SensoryTerminal = TERMINAL

    def network(self) -> Network:
        """The circuit, rested."""
        draw = stream(self.seed, "circuit")
        net = Network(dt=DT, seed=self.seed, dtype=torch.float64)
        thresholds = np.concatenate([draw.permutation(np.linspace(0.5, 9.5, 15)) for _ in range(SENSORY // 15)])
        sensory = net.population("sensory", LIF(tau_m=10 * ms, theta=thresholds), SENSORY)
        motor = net.population("motor", LIF(tau_m=20 * ms, theta=draw.uniform(5 * mV, 18 * mV, MOTOR)), MOTOR)
        rising = np.linspace(30 * mV, 80 * mV, FACILITATORS)
        facilitators = net.population("facilitators", LIF(tau_m=20 * ms, theta=rising), FACILITATORS)
        skin = net.input("skin", FIBRES * len(PLACES))
        reach = np.zeros((FIBRES * len(PLACES), SENSORY))
        for k, cells in enumerate(PLACES.values()):
            reach[k * FIBRES : (k + 1) * FIBRES, cells] = 1 * mV
        net.connect(skin, sensory, Dense(), weight=reach)
        net.modulator("serotonin", tau=5 * second)
        net.release(facilitators, "serotonin", amount=0.01)
        spread = 1 * mV * (1 + 0.2 * draw.standard_normal((SENSORY, MOTOR)).clip(-2, 2))
        net.connect(sensory, motor, Dense(), weight=spread, rule=self.terminal)
        net.connect(sensory, facilitators, Dense(), weight=np.full((SENSORY, FACILITATORS), 1 * mV))
        tail, tired = net.input("tail", FIBRES), TsodyksMarkram(u=0.3, tau_rec=5 * minute)
        weight = np.full((FIBRES, FACILITATORS), 40 * mV)
        net.connect(tail, facilitators, Dense(), weight=weight, short_term=tired)
        return net

    def respond(self, stimuli: Sequence[Stimulus]) -> Array:
        """Spikes of a motor neuron, on average, in response to each touch; shocks have no entry."""
        ordered = sorted(stimuli)
        steps = round((ordered[-1].time + WINDOW) / DT) + 1
        record = run(self.network(), self._inputs(ordered, steps), record=["motor.spikes"], engine="steps")
        times = record["motor.spikes"].step * DT
        begins = np.array([s.time for s in ordered if s.place != "tail"])
        return (np.searchsorted(times, begins + WINDOW) - np.searchsorted(times, begins)) / MOTOR

    def _inputs(self, stimuli: Sequence[Stimulus], steps: int) -> dict[str, Any]:
        step: dict[str, list[Any]] = {"skin": [], "tail": []}
        fibre: dict[str, list[Any]] = {"skin": [], "tail": []}
        for one in stimuli:
            name = "tail" if one.place == "tail" else "skin"
            first = 0 if name == "tail" else FIBRES * list(PLACES).index(one.place)
            at = round(one.time / DT) + 5 * np.arange(VOLLEYS)
            step[name].append(np.repeat(at, one.strength))
            fibre[name].append(np.tile(first + np.arange(one.strength), VOLLEYS))
        many = {"skin": FIBRES * len(PLACES), "tail": FIBRES}
        return {name: _spikes(step[name], fibre[name], (steps, 1, n)) for name, n in many.items()}


def _spikes(step: list[Any], fibre: list[Any], shape: tuple[int, int, int]) -> Spikes:
    empty = [np.zeros(0, np.int64)]
    return Spikes.from_events(
        np.concatenate([*empty, *step]), np.concatenate([*empty, *fibre]), shape=shape, dt=DT, sort=True
    )
