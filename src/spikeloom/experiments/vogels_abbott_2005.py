"""Networks after Vogels & Abbott whose activity sustains itself: with currents, conductances, channels and jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np
import torch

from spikeloom.analysis import rates
from spikeloom.connections import Sparse
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import ExactEngine, run
from spikeloom.experiments import vogels_abbott_2005_networks as published
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.network import Network
from spikeloom.neurons import LIF, ConductanceLIF, HodgkinHuxley, Neuron
from spikeloom.synapses import Delta, ExponentialConductance, ExponentialCurrent, Synapse


@final
class VogelsAbbottConfig(Model):
    """What is left out at the beginning of a run."""

    transient: float = parameter(default=200 * ms, unit="ms", minimum=0, doc="left out at the beginning")


@final
class VogelsAbbott(Experiment[VogelsAbbottConfig]):
    """4,000 cells, each pair connected with a probability of 2 %, that keep each other active without any input.

    Benchmarks 1 (conductances), 2 (currents), 3 (conductances and Hodgkin-Huxley cells) and 4 (jumps of the potential)
    of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), with the weights and the initial values of the scripts that
    are published with them. A spike arrives a step after it was fired. The fourth runs from event to event, and once
    more in steps.
    """

    name = "vogels-abbott-2005"
    title = "Networks whose irregular activity sustains itself"
    citation = (
        "T. P. Vogels & L. F. Abbott (2005). Signal propagation and logic gating in networks of integrate-and-fire "
        "neurons. J Neurosci 25, 10786-10795. doi:10.1523/JNEUROSCI.3508-05.2005"
    )
    config = VogelsAbbottConfig()

    def claims(self, config: VogelsAbbottConfig) -> list[Claim]:
        return [claim for name in published.WINDOWS for claim in published.claims(name)] + [published.GRID]

    def run(self, config: VogelsAbbottConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        parts = len(published.WINDOWS)
        for k, (name, window) in enumerate(published.WINDOWS.items()):
            tell = part(progress, k / parts, (k + 1) / parts, f"{name}, {window.duration:g} ms")
            excitatory, inhibitory = simulate(name, seed, window.duration, window.engine, tell)
            measured |= published.measures(name, excitatory, inhibitory, config.transient)
            data[name] = excitatory
        in_steps, _ = simulate("CUBADV", seed, published.WINDOWS["CUBADV"].duration, "steps")
        ratio = rates(in_steps, start=config.transient).mean() / measured["CUBADV: rate of excitatory cells [Hz]"]
        measured[published.GRID.quantity] = ratio
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import raster

        def last(spikes: Spikes) -> float:
            return spikes.shape[0] * spikes.dt

        return {
            name.lower(): raster(spikes, neurons=200, start=last(spikes) - 500 * ms, stop=last(spikes))
            for name, spikes in result.data.items()
        }


def simulate(
    name: str, seed: int, duration: float, engine: str, progress: bool | Callable[[float], None] = False
) -> tuple[Spikes, Spikes]:
    """The spikes of excitatory and inhibitory cells in ``duration`` ms, in ``"steps"`` or (``"exact"``) without."""
    net, state = NETWORKS[name](seed)
    if engine == "exact":
        times = ExactEngine().run(net, None, state, duration=duration)
        return times["exc"].on_grid(net.dt, duration), times["inh"].on_grid(net.dt, duration)
    found = run(
        net, None, state, duration=duration, record=["exc.spikes", "inh.spikes"], engine=engine, progress=progress
    )
    return found["exc.spikes"], found["inh.spikes"]


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
    synapses = ExponentialCurrent(tau=published.TAU_E), ExponentialCurrent(tau=published.TAU_I)
    net = _network(_leaky(own, input="current"), synapses, (own["weight_e"], own["weight_i"]), seed)
    return net, _evenly(net, own, seed)


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
    return _with_conductances(cell, own, seed)


def cobahh(seed: int) -> tuple[Network, Any]:
    """The network with conductances and cells with channels, and how it begins."""
    own = published.COBAHH
    channels = ("c_m", "g_l", "e_l", "g_na", "e_na", "g_k", "e_k", "v_t", "theta", "t_ref")
    net, state = _with_conductances(HodgkinHuxley(kinetics="traub-miles", **{k: own[k] for k in channels}), own, seed)
    return net, {n: part | {k: torch.zeros_like(part["v"]) for k in "mhn"} for n, part in state.items()}


def cubadv(seed: int) -> tuple[Network, Any]:
    """The network with jumps of the potential, and how it begins. It rests above threshold, as that with currents."""
    own = published.CUBADV
    net = _network(_leaky(own, input="delta"), (Delta(), Delta()), (own["weight_e"], own["weight_i"]), seed)
    return net, _evenly(net, own, seed)


NETWORKS = {"COBA": coba, "CUBA": cuba, "COBAHH": cobahh, "CUBADV": cubadv}


def _leaky(own: Mapping[str, Any], **options: Any) -> LIF:
    below = published.V_RESET
    return LIF(
        tau_m=published.TAU_M,
        theta=published.THETA,
        v_rest=below,
        v_reset=published.V_RESET,
        t_ref=published.T_REF,
        i_e=own["rest"] - below,  # through 1 GOhm
        **options,
    )


def _evenly(net: Network, own: Mapping[str, Any], seed: int) -> Any:
    random = stream(seed, "initial values")
    return {n: {"v": _tensor(random.uniform(*own["start"], size=net.size(n)))} for n in net.populations}


def _with_conductances(cell: Neuron, own: Mapping[str, Any], seed: int) -> tuple[Network, Any]:
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
