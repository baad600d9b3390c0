"""Brunel's sparse random network: four states, in simulation and in mean-field theory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

from spikeloom.connections import Sparse
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import run
from spikeloom.experiments import brunel_2000_states as published
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.sources import Poisson


@final
class BrunelConfig(Model):
    """How long each state is watched. The network always has the paper's size."""

    duration: float = parameter(default=1200 * ms, unit="ms", minimum=500, doc="model time of each state")
    transient: float = parameter(default=200 * ms, unit="ms", minimum=0, doc="left out at the beginning")


@final
class Brunel(Experiment[BrunelConfig]):
    r"""12,500 leaky integrate-and-fire cells, 10,000 excitatory and 2,500 inhibitory, at random connected.

    Each has 1,000 excitatory inputs of J = 0.1 mV and 250 inhibitory ones of -g J, after 1.5 ms, and Poisson events of
    excitatory strength at the rate :math:`\eta\,\theta / (J \tau)`. Where g and eta lie decides what the network does:
    regular and synchronous, irregular and asynchronous, fast or slow oscillations.
    """

    name = "brunel-2000"
    title = "States of a sparse random network of excitatory and inhibitory cells"
    citation = (
        "N. Brunel (2000). Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons. "
        "J Comput Neurosci 8, 183-208. doi:10.1023/A:1008925309027"
    )
    config = BrunelConfig()

    def claims(self, config: BrunelConfig) -> list[Claim]:
        return [*published.theory_claims(), *published.network_claims()]

    def run(self, config: BrunelConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "mean-field theory")
        measured: dict[str, Any] = dict(published.theory())
        runs: dict[str, Spikes] = {}
        states = list(published.STATES.values())
        for k, state in enumerate(states):
            tell = part(progress, k / len(states), (k + 1) / len(states), f"state {state.key} ({state.name})")
            runs[state.key] = simulate(state.g, state.eta, seed, config.duration, tell)
        measured |= published.measures(runs, config.transient)
        return Result(measured=measured, data=runs)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import raster

        return {
            f"state_{key}": raster(spikes, neurons=50, start=stop - 200 * ms, stop=stop)
            for key, spikes in result.data.items()
            for stop in [spikes.shape[0] * spikes.dt]
        }


def network(g: float, eta: float, seed: int) -> Network:
    """The network; its populations ``exc`` and ``inh`` differ only in what they do to others."""
    net = Network(dt=published.DT, seed=seed)
    cell = LIF(**published.CELL)
    exc, inh = net.population("exc", cell, published.N_E), net.population("inh", cell, published.N_I)
    rate = eta * published.THETA / (published.J * published.TAU_M)
    for target in (exc, inh):
        net.connect(exc, target, Sparse(indegree=published.C_E), weight=published.J, delay=published.DELAY)
        net.connect(inh, target, Sparse(indegree=published.C_I), weight=-g * published.J, delay=published.DELAY)
        net.drive(target, Poisson(rate=rate), weight=published.J)
    return net


def simulate(
    g: float, eta: float, seed: int, duration: float, progress: bool | Callable[[float], None] = False
) -> Spikes:
    """The spikes of the excitatory cells."""
    return run(network(g, eta, seed), duration=duration, record=["exc.spikes"], progress=progress)["exc.spikes"]
