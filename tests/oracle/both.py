"""One neuron in both simulators: the same spikes arrive, through the same delays and with the same weights.

Time: a state or a spike of step k (from k dt to (k + 1) dt) carries the time stamp (k + 1) dt in NEST, the end of the
step. So an input spike of our step k is given to a ``spike_generator`` at (k + 1) dt; with that, delays, output
spikes and traces mean the same in both: what arrives in a step moves the membrane at its end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spikeloom as sl
from spikeloom.neurons import Neuron
from spikeloom.synapses import Synapse
from tests.oracle.conftest import Nest

CHANNELS = 40


@dataclasses.dataclass(frozen=True)
class Receptor:
    """Input through one synapse: each channel has a weight of its own and a delay of its own."""

    synapse: Synapse
    lowest: float
    highest: float
    rate: float = 25.0  # of each channel [Hz]

    def nest_weight(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """NEST knows inhibition by the sign, for conductances too; here their reversal potential says it."""
        inhibits = self.synapse.needs_potential and getattr(self.synapse, "reversal", 0.0) < -60.0
        return -weight if inhibits else weight


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one simulator found: the steps of its spikes, and traces by our names; and the sum of what arrived."""

    spikes: NDArray[np.int64]
    traces: dict[str, NDArray[np.float64]]
    arrived: NDArray[np.float64]


def both(
    nest: Nest,
    neuron: Neuron,
    model: str,
    parameters: Mapping[str, float],
    receptors: Sequence[Receptor],
    record: Mapping[str, str],
    *,
    dt: float = 0.1,
    duration: float = 1000.0,
    seed: int = 1,
    current: tuple[float, float, float] | None = None,
) -> tuple[Outcome, Outcome]:
    """Run ``neuron`` here and ``model`` in NEST; ``record`` maps our names of state variables to NEST's.

    ``current`` is (amplitude [pA], start, stop [ms]) of a current step.
    """
    draw = np.random.default_rng(seed)
    steps, size = round(duration / dt), CHANNELS * len(receptors)
    rates = np.repeat([r.rate for r in receptors], CHANNELS)
    given = draw.random((steps, size)) < rates * dt / 1000.0
    net = sl.Network(dt=dt)
    channels, cell = net.input("channels", size), net.population("cell", neuron, 1)
    arrived, connections = np.zeros(steps + 100), []
    for k, r in enumerate(receptors):
        source = np.arange(k * CHANNELS, (k + 1) * CHANNELS)
        weight = draw.uniform(r.lowest, r.highest, CHANNELS)
        late = draw.integers(1, 100, CHANNELS)
        delay = late * dt
        for i, w, steps_late in zip(source, weight, late, strict=True):
            arrived[steps_late : steps_late + steps] += w * given[:, i]
        pairs = sl.connections.Pairs(source=source, target=np.zeros_like(source))
        net.connect(channels, cell, pairs, weight=weight, delay=delay, synapse=r.synapse, name=f"receptor {k}")
        connections.append(
            {
                "source": "channels",
                "target": "cell",
                "pairs": [source.tolist(), [0] * CHANNELS],
                "weight": r.nest_weight(weight).tolist(),
                "delay": delay.tolist(),
            }
        )
    description: dict[str, Any] = {
        "dt": dt,
        "duration": duration,
        "generators": {"channels": [(np.flatnonzero(given[:, i]) + 1).tolist() for i in range(size)]},
        "neurons": {"cell": {"model": model, "size": 1, "parameters": dict(parameters), "record": [*record.values()]}},
        "connections": connections,
    }
    if current is not None:
        amplitude, start, stop = current
        net.drive(cell, sl.sources.Step(amplitude=amplitude, start=start, stop=stop))
        # A dc_generator acts from the step after `start` on, and its connection delays it by the step that it must.
        description["currents"] = [{"target": "cell", "amplitude": amplitude, "start": start - dt, "stop": stop - dt}]
    ours = sl.run(
        net,
        sl.Spikes.from_dense(given[:, None], dt=dt),
        record=["cell.spikes", *(f"cell.{name}" for name in record)],
        engine="steps",
    )
    theirs = nest(description)["cell"]
    return (
        Outcome(
            ours["cell.spikes"].step.astype(np.int64),
            {name: ours[f"cell.{name}"][:, 0, 0].numpy() for name in record},
            arrived[:steps],
        ),
        Outcome(
            np.array(theirs["step"], np.int64) - 1,
            {name: np.array(theirs[key])[:, 0] for name, key in record.items()},
            arrived[:steps],
        ),
    )


def apart(ours: Outcome, theirs: Outcome, name: str = "v") -> float:
    """The largest difference of a trace."""
    return float(np.abs(ours.traces[name] - theirs.traces[name]).max())
