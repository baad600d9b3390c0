"""The cortical microcircuit of Potjans & Diesmann, at full size or smaller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import torch

from spikeloom.connections import Sparse
from spikeloom.core.distributions import Normal
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import run
from spikeloom.experiments import microcircuit_published
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.microcircuit import Microcircuit, published
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.sources import Poisson
from spikeloom.synapses import ExponentialCurrent


@final
class PotjansDiesmannConfig(Model):
    """How large the circuit is and how long it is watched."""

    scale: float = parameter(default=0.1, unit="1", positive=True, maximum=1.0, doc="part of the cells: 0.1, 0.3 or 1")
    duration: float = parameter(default=5.5 * second, unit="ms", minimum=1000, doc="model time")
    transient: float = parameter(default=500 * ms, unit="ms", minimum=0, doc="left out at the beginning")


@final
class PotjansDiesmann(Experiment[PotjansDiesmannConfig]):
    """A square millimetre of cortex: four layers of excitatory and inhibitory cells, 77,169 with 300 million synapses.

    Made smaller by default, with weights and a current that make up for the inputs that are missing (van Albada, Helias
    & Diesmann 2015, doi:10.1371/journal.pcbi.1004490); ``--full`` runs all of it, in about 3 GiB.
    """

    name = "potjans-diesmann-2014"
    title = "Rates and irregularity of eight populations in a cortical microcircuit"
    citation = (
        "T. C. Potjans & M. Diesmann (2014). The cell-type specific cortical microcircuit. Cereb Cortex 24, 785-806. "
        "doi:10.1093/cercor/bhs358"
    )
    config = PotjansDiesmannConfig()
    full = PotjansDiesmannConfig(scale=1.0, duration=1.5 * second)

    def claims(self, config: PotjansDiesmannConfig) -> list[Claim]:
        return microcircuit_published.claims(config.scale)

    def run(self, config: PotjansDiesmannConfig, seed: int, progress: Progress) -> Result:
        circuit = published() if config.scale == 1 else published().scaled(config.scale)
        doing = f"{int(circuit.cells.sum()):,} cells, {int(circuit.synapses.sum()):,} synapses"
        tell = part(progress, 0.0, 1.0, doing)
        net, state = network(circuit, seed)
        record = [f"{name}.spikes" for name in circuit.populations]
        found = run(net, None, state, duration=config.duration, record=record, progress=tell)
        runs = {name: found[f"{name}.spikes"] for name in circuit.populations}
        return Result(measured=microcircuit_published.measures(runs, config.transient), data=runs)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import raster

        stop = next(iter(result.data.values())).shape[0] * next(iter(result.data.values())).dt
        return {"raster": raster(dict(result.data), start=stop - 300 * ms, stop=stop)}


def network(circuit: Microcircuit, seed: int) -> tuple[Network, Any]:
    """The circuit as a network, and how it begins."""
    net = Network(dt=circuit.dt, seed=seed)
    random = stream(seed, "initial potentials")
    state: dict[str, Any] = {}
    synapse = ExponentialCurrent(tau=circuit.tau_s)
    for i, name in enumerate(circuit.populations):
        cell = LIF(
            tau_m=circuit.tau_m,
            theta=circuit.theta,
            v_rest=circuit.v_rest,
            v_reset=circuit.v_reset,
            t_ref=circuit.t_ref,
            resistance=circuit.tau_m / circuit.c_m,
            i_e=0.0 if circuit.current is None else float(circuit.current[i]),
            input="current",
        )
        size = int(circuit.cells[i])
        net.population(name, cell, size)
        start = random.normal(circuit.v0_mean[i], circuit.v0_spread[i], size)
        state[name] = {"v": torch.from_numpy(start)[None]}
        rate = float(circuit.inputs[i]) * circuit.external_rate * Hz
        net.drive(name, Poisson(rate=rate), weight=circuit.psc, synapse=synapse)
    for i, target in enumerate(circuit.populations):
        for j, source in enumerate(circuit.populations):
            total = int(circuit.synapses[i, j])
            if total == 0:
                continue
            weight, delay = float(circuit.weights[i, j]), float(circuit.delays[j])
            spread = abs(weight) * circuit.weight_spread
            low, high = (0.0, None) if weight > 0 else (None, 0.0)
            net.connect(
                source,
                target,
                Sparse(total=total),
                weight=Normal(weight, spread, low=low, high=high),
                delay=Normal(delay, delay * circuit.delay_spread, low=circuit.dt / 2),
                synapse=synapse,
            )
    return net, state
