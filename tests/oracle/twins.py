"""A network in both simulators: built here, and described for NEST, part by part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import spikeloom as sl
from spikeloom.neurons import LIF
from spikeloom.synapses import Synapse, TsodyksMarkram
from spikeloom.units import mV
from tests.oracle.conftest import Nest

DT = 0.1
RELAY = LIF(theta=0.5 * mV, tau_m=1.0)
"""With weights of 1 mV: whatever arrives makes it fire."""
LEAKY = {"E_L": 0.0, "V_m": 0.0, "V_reset": 0.0, "t_ref": 0.0}
RELAYS = {**LEAKY, "V_th": 0.5, "tau_m": 1.0}


class Twins:
    """A network that is built here and described for NEST, with the same parts."""

    def __init__(self, given: NDArray[np.bool_]) -> None:
        self.given = given
        self.net = sl.Network(dt=DT)
        self.net.input("in", given.shape[1])
        self.described: dict[str, Any] = {
            "dt": DT,
            "duration": len(given) * DT,
            # A spike of our step k has the time stamp k + 1 in NEST (see both.py).
            "generators": {"in": [(np.flatnonzero(row) + 1).tolist() for row in given.T]},
            "neurons": {},
            "connections": [],
        }

    def population(self, name: str, neuron: LIF, size: int, model: str, parameters: dict[str, float]) -> None:
        self.net.population(name, neuron, size)
        self.described["neurons"][name] = {"model": model, "size": size, "parameters": parameters, "record": ["V_m"]}

    def connect(
        self,
        source: str,
        target: str,
        pairs: Any,
        weight: Any,
        delay: Any,
        synapse: Synapse | None = None,
        short_term: TsodyksMarkram | None = None,
    ) -> None:
        connection = sl.connections.Pairs(source=pairs[0], target=pairs[1])
        name = f"{source} to {target} {len(self.net.projections)}"
        self.net.connect(
            source, target, connection, weight=weight, delay=delay, synapse=synapse, short_term=short_term, name=name
        )
        lists = {k: np.asarray(v).tolist() for k, v in (("pairs", pairs), ("weight", weight), ("delay", delay))}
        if short_term is not None:
            given = {"U": short_term.u, "u": short_term.u, "tau_rec": short_term.tau_rec, "tau_fac": short_term.tau_fac}
            lists |= {"model": "tsodyks2_synapse", "parameters": given}
        self.described["connections"].append({"source": source, "target": target, **lists})

    def run(self, nest: Nest) -> tuple[Any, dict[str, Any]]:
        """What both find; the steps of NEST's spikes are ours."""
        names = list(self.net.populations)
        record = [f"{n}.{what}" for n in names for what in ("spikes", "v")]
        ours = sl.run(self.net, sl.Spikes.from_dense(self.given[:, None], dt=DT), record=record, engine="steps")
        return ours, nest(self.described)


def pairs(draw: np.random.Generator, sources: int, targets: int, many: int) -> Any:
    return draw.integers(0, sources, many), draw.integers(0, targets, many)


def events(found: dict[str, Any]) -> set[tuple[int, int]]:
    return set(zip((np.array(found["step"]) - 1).tolist(), found["neuron"], strict=True))


def own_events(spikes: sl.Spikes) -> set[tuple[int, int]]:
    return set(zip(spikes.step.tolist(), spikes.neuron.tolist(), strict=True))
