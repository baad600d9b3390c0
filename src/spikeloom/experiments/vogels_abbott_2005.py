"""The networks of Vogels & Abbott, whose activity sustains itself: with currents and with conductances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
import torch

from spikeloom.connections import Sparse
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import run
from spikeloom.experiments import vogels_abbott_2005_networks as published
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.network import Network
from spikeloom.neurons import LIF, ConductanceLIF, Neuron
from spikeloom.synapses import ExponentialConductance, ExponentialCurrent, Synapse


@final
class VogelsAbbottConfig(Model):
    """What is left out at the beginning of a run."""

    transient: float = parameter(default=200 * ms, unit="ms", minimum=0, doc="left out at the beginning")


@final
class VogelsAbbott(Experiment[VogelsAbbottConfig]):
    """4,000 cells, each pair connected with a probability of 2 %, that keep each other active without any input.

    Benchmarks 1 (conductances) and 2 (currents) of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), with the weights
    and the initial values of the scripts that are published with them. A spike arrives a step after it was fired.
    """

    name = "vogels-abbott-2005"
    title = "Networks whose irregular activity sustains itself"
    citation = (
        "T. P. Vogels & L. F. Abbott (2005). Signal propagation and logic gating in networks of integrate-and-fire "
        "neurons. J Neurosci 25, 10786-10795. doi:10.1523/JNEUROSCI.3508-05.2005"
    )
    config = VogelsAbbottConfig()

    def claims(self, config: VogelsAbbottConfig) -> list[Claim]:
        return [claim for name in published.WINDOWS for claim in published.claims(name)]

    def run(self, config: VogelsAbbottConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for k, (name, window) in enumerate(published.WINDOWS.items()):
            progress(k / len(published.WINDOWS), f"{name}, {window.duration:g} ms")
            net, state = (cuba if name == "CUBA" else coba)(seed)
            found = run(net, None, state, duration=window.duration, record=["exc.spikes", "inh.spikes"], progress=False)
            measured |= published.measures(name, found["exc.spikes"], found["inh.spikes"], config.transient)
            data[name] = found["exc.spikes"]
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import raster

        def last(spikes: Spikes) -> float:
            return spikes.shape[0] * spikes.dt

        return {
            name.lower(): raster(spikes, neurons=200, start=last(spikes) - 500 * ms, stop=last(spikes))
            for name, spikes in result.data.items()
        }


def _network(cell: Neuron, synapses: tuple[Synapse, Synapse], weights: tuple[float, float], seed: int) -> Network:
    net = Network(dt=published.DT, seed=seed)
    exc, inh = net.population("exc", cell, published.N_E), net.population("inh", cell, published.N_I)
    for source, synapse, weight in zip((exc, inh), synapses, weights, strict=True):
        for target in (exc, inh):
            sparse = Sparse(probability=published.PROBABILITY)
            net.connect(source, target, sparse, weight=weight, synapse=synapse, delay=published.DT)
    return net


def cuba(seed: int) -> tuple[Network, Any]:
    """The network with currents, and how it begins. Its rest, above threshold, is that of a constant current."""
    own = published.CUBA
    below = published.V_RESET
    cell = LIF(
        tau_m=published.TAU_M,
        theta=published.THETA,
        v_rest=below,
        v_reset=published.V_RESET,
        t_ref=published.T_REF,
        i_e=own["rest"] - below,  # through 1 GOhm
        input="current",
    )
    synapses = ExponentialCurrent(tau=published.TAU_E), ExponentialCurrent(tau=published.TAU_I)
    net = _network(cell, synapses, (own["weight_e"], own["weight_i"]), seed)
    random = stream(seed, "initial values")
    return net, {n: {"v": _tensor(random.uniform(*own["start"], size=net.size(n)))} for n in net.populations}


def coba(seed: int) -> tuple[Network, Any]:
    """The network with conductances, and how it begins."""
    own = published.COBA
    cell = ConductanceLIF(
        c_m=own["c_m"],
        g_l=own["g_l"],
        e_l=own["e_l"],
        theta=published.THETA,
        v_reset=published.V_RESET,
        t_ref=published.T_REF,
    )
    synapses = (
        ExponentialConductance(tau=published.TAU_E, reversal=own["e_e"]),
        ExponentialConductance(tau=published.TAU_I, reversal=own["e_i"]),
    )
    net = _network(cell, synapses, (own["weight_e"], own["weight_i"]), seed)
    random = stream(seed, "initial values")
    state = {}
    for n in net.populations:
        v, g_e, g_i = (random.normal(*own[k], size=net.size(n)) for k in ("v", "g_e", "g_i"))
        state[n] = {
            "v": _tensor(v),
            "exponential_conductance.g": _tensor(np.maximum(g_e, 0)),
            "exponential_conductance2.g": _tensor(np.maximum(g_i, 0)),
        }
    return net, state


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values)[None]
