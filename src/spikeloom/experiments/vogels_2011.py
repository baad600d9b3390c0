"""Inhibitory plasticity balances a recurrent network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.analysis import mean_cv
from spikeloom.connections import Sparse
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV, nS, pA, pF, second
from spikeloom.engines import run
from spikeloom.experiments import vogels_2011_cell as one_cell
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Interval, Relative
from spikeloom.network import Network
from spikeloom.neurons import ConductanceLIF
from spikeloom.plasticity import InhibitorySTDP
from spikeloom.synapses import ExponentialConductance

N_E, N_I, PROBABILITY, DT = 8000, 2000, 0.02, 0.1 * ms
CELL: Final = ConductanceLIF(
    c_m=200 * pF,
    g_l=10 * nS,
    e_l=-60 * mV,
    theta=-50 * mV,
    v_reset=-60 * mV,
    t_ref=5 * ms,
    i_e=200 * pA,
)
OPEN: Final = ExponentialConductance(tau=5 * ms, reversal=0 * mV)
SHUT: Final = ExponentialConductance(tau=10 * ms, reversal=-80 * mV)
FROM_E, I_TO_I, LARGEST = 0.3 * nS, 3 * nS, 100 * nS
ETA, TARGET, TAU = 1e-2 * nS, 3 * Hz, 20 * ms
BEFORE: Final = 1 * second
"""How long the network runs before synapses learn."""

BEGIN, FOURTH, TWELFTH = (f"rate of excitatory cells, {k} s [Hz]" for k in ("0 to 1", "3 to 4", "11 to 12"))
CV, WEIGHT = "CV of their intervals, 8 to 12 s", "mean inhibitory weight onto them at 12 s [nS]"
FALLS, ABOVE = "the rate falls from each doubling of time to the next", "it stays above the target rate"
LAST: Final = "rate of excitatory cells in the last 5 s [Hz]"


@final
class VogelsConfig(Model):
    """How long the network learns. It always has the paper's size."""

    duration: float = parameter(default=12 * second, unit="ms", minimum=12 * second, doc="model time, whole seconds")


@final
class Vogels(Experiment[VogelsConfig]):
    r"""8,000 excitatory and 2,000 inhibitory cells that all fire by themselves; nothing inhibits the excitatory ones.

    Each pair of cells is connected with a probability of 2 %. From the second second on the synapses from inhibitory
    onto excitatory cells, which begin at 0, follow :class:`~spikeloom.plasticity.InhibitorySTDP`: they grow until the
    excitatory cells fire irregularly, on the way to 3 Hz. A spike arrives a step after it was fired; potentials begin
    evenly distributed between reset and threshold. And one cell with tuned excitatory inputs, whose inhibitory inputs
    come to be tuned alike.
    """

    name = "vogels-2011"
    title = "Inhibitory plasticity balances excitation and inhibition"
    citation = (
        "T. P. Vogels, H. Sprekeler, F. Zenke, C. Clopath & W. Gerstner (2011). Inhibitory plasticity balances "
        "excitation and inhibition in sensory pathways and memory networks. Science 334, 1569-1573. "
        "doi:10.1126/science.1211095"
    )
    config = VogelsConfig()
    full = VogelsConfig(duration=60 * second)

    def claims(self, config: VogelsConfig) -> list[Claim]:
        again = "Vogels et al. 2011, the published program (ModelDB 143751); recomputed by an independent one"
        paper = "Vogels et al. 2011: inhibition grows until cells fire at the target rate"
        stated = [
            Claim(quantity=BEGIN, published=159.5, source=again, tolerance=Inequality(">", 100)),
            Claim(quantity=FOURTH, published=14.6, source=again, tolerance=Interval(12, 17)),
            Claim(quantity=TWELFTH, published=8.2, source=again, tolerance=Interval(7, 10)),
            Claim(quantity=CV, published=0.87, source=again, tolerance=Inequality(">", 0.8)),
            Claim(quantity=WEIGHT, published=1.53, source=again, tolerance=Relative(0.15)),
            Claim(quantity=FALLS, published=True, source=paper, tolerance=Absolute(0)),
            Claim(quantity=ABOVE, published=True, source=paper, tolerance=Absolute(0)),
        ]
        if config.duration >= 60 * second:
            stated.append(Claim(quantity=LAST, published=3.0, source=paper, tolerance=Interval(3, 6)))
        return stated + one_cell.claims()

    def run(self, config: VogelsConfig, seed: int, progress: Progress) -> Result:
        cell = one_cell.simulate(seed, one_cell.DURATION, part(progress, 0.0, 0.3, "one cell"))
        spikes, weights, steps_rate = simulate(seed, config.duration, progress, 0.3)
        rate = steps_rate.reshape(-1, round(second / DT)).mean(1)  # of each second
        measured: dict[str, Any] = {
            BEGIN: rate[0] / Hz,
            FOURTH: rate[3] / Hz,
            TWELFTH: rate[11] / Hz,
            CV: mean_cv(spikes, start=8 * second, stop=12 * second),
            WEIGHT: weights[12].mean(),
            FALLS: bool((np.diff(doublings(steps_rate)) < 0).all()),
            ABOVE: bool((rate > TARGET).all()),
        }
        if config.duration >= 60 * second:
            measured[LAST] = rate[-5:].mean() / Hz
        data = {"rate": rate / Hz, "spikes": spikes, "weights": weights, "cell": cell}
        return Result(measured=measured | one_cell.measures(cell), data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import raster
        from spikeloom.plots.style import colour, figure, styled

        spikes: Spikes = result.data["spikes"]
        end = spikes.shape[0] * spikes.dt
        with styled():
            drawing = figure(4.4, 2.8)
            axes = drawing.subplots()
            axes.semilogy(0.5 + np.arange(len(result.data["rate"])), result.data["rate"], "o-", color=colour(0))
            axes.axhline(TARGET / Hz, color=colour(1), linestyle="--")
            axes.set_xlabel("time [s]")
            axes.set_ylabel("rate of excitatory cells [Hz]")
            cell, tuned = result.data["cell"], figure(4.4, 2.8)
            axes = tuned.subplots()
            for k, kind in enumerate(("excitatory", "inhibitory")):
                axes.plot(1 + np.arange(one_cell.SIGNALS), cell[kind], "o-", color=colour(k), label=kind)
            axes.legend(frameon=False)
            axes.set_xlabel("signal")
            axes.set_ylabel("mean weight [nS]")
        return {
            "rate": drawing,
            "tuning": tuned,
            "before": raster(spikes, neurons=100, start=BEFORE - 200 * ms, stop=BEFORE),
            "after": raster(spikes, neurons=100, start=end - 1 * second, stop=end),
        }


def network(seed: int, eta: float) -> Network:
    """The network, which learns at the rate ``eta`` [nS]."""
    net = Network(dt=DT, seed=seed)
    exc, inh = net.population("exc", CELL, N_E), net.population("inh", CELL, N_I)
    sparse = Sparse(probability=PROBABILITY)
    rule = InhibitorySTDP(eta=eta, target_rate=TARGET, tau=TAU, w_max=LARGEST)
    net.connect(exc, exc, sparse, weight=FROM_E, synapse=OPEN, delay=DT)
    net.connect(exc, inh, sparse, weight=FROM_E, synapse=OPEN, delay=DT)
    net.connect(inh, inh, sparse, weight=I_TO_I, synapse=SHUT, delay=DT)
    net.connect(inh, exc, sparse, weight=0.0, synapse=SHUT, delay=DT, rule=rule, name="plastic")
    return net


def simulate(
    seed: int, duration: float, progress: Progress, done: float = 0.0
) -> tuple[Spikes, dict[int, NDArray[np.float64]], NDArray[np.float64]]:
    """The spikes of the excitatory cells, the plastic weights by the time [s], and the rate in every step.

    The part ``done`` of the work was over before.
    """
    random = stream(seed, "potentials")
    begin: Any = {
        name: {"v": torch.from_numpy(random.uniform(CELL.v_reset, CELL.theta, (1, size)))}
        for name, size in (("exc", N_E), ("inh", N_I))
    }
    ends = sorted({min(end, duration) for end in (BEFORE, 12 * second, duration)})
    parts, rates, weights, now = [], [], {}, 0.0
    for end in ends:
        net = network(seed, ETA if now else 0.0)
        edges = [done + (1 - done) * time / duration for time in (now, end)]
        tell = part(progress, *edges, "learning" if now else "before learning")
        record = run(net, None, begin, duration=end - now, record=["exc.spikes", "exc.rate"], progress=tell)
        parts.append(record["exc.spikes"])
        rates.append(record["exc.rate"].numpy())
        weights[round(end / second)] = record.state["plastic"]["weight"].numpy()
        begin, now = record.state, end
    return joined(parts), weights, np.concatenate(rates)


def joined(parts: list[Spikes]) -> Spikes:
    """Recordings one after the other, as one."""
    shift = np.cumsum([0, *(p.shape[0] for p in parts)])
    step = np.concatenate([p.step + first for p, first in zip(parts, shift, strict=False)])
    neuron = np.concatenate([p.neuron for p in parts])
    return Spikes.from_events(step, neuron, shape=(int(shift[-1]), 1, parts[0].shape[2]), dt=parts[0].dt)


def doublings(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean rate from 1.5 s to 3 s, 3 s to 6 s, and so on, as long as there is a whole one."""
    edges, found = [1.5 * second], []
    while 2 * edges[-1] <= rate.size * DT + DT / 2:
        edges.append(2 * edges[-1])
        first, last = (round(edge / DT) for edge in edges[-2:])
        found.append(rate[first:last].mean())
    return np.array(found)
