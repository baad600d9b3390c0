"""A network that grows its own synapses until neurons fire at their target rates, and mends itself after a lesion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.connections import Pairs
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import kHz, ms, mV, pA, second
from spikeloom.engines import Grown, grow
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Interval, Relative
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity.structure import Calcium, Elements, GaussianGrowth, Growing, LinearGrowth, Structure
from spikeloom.plasticity.structure.calcium import advance
from spikeloom.sources import Poisson
from spikeloom.synapses import AlphaCurrent

CELLS: Final = {"exc": 640, "deprived": 160, "inh": 200}
"""Two populations of excitatory cells, alike but that the second, a fifth, will lose its input."""

TARGET: Final = {"exc": 0.05, "deprived": 0.05, "inh": 0.2}
"""Calcium at which elements stay: 5 Hz and 20 Hz."""

SETTLED: Final = 140 * second
"""From here on the calcium is at its target."""

LAST: Final = 20 * second
"""At the end of the time after the lesion, when the network is asked whether it has mended."""

GROWTH: Final = "growth curve integrated through 5 spikes: largest error of the elements"


@final
class ButzVanOoyenConfig(Model):
    """How long the network grows, and how long it mends."""

    duration: float = parameter(default=160 * second, unit="ms", minimum=145_000, doc="model time of growth")
    after: float = parameter(default=100 * second, unit="ms", minimum=30_000, doc="model time after the lesion")
    interval: float = parameter(default=1 * second, unit="ms", positive=True, doc="time between updates of synapses")

    def check(self) -> None:
        for name in ("duration", "after"):
            updates = getattr(self, name) / self.interval
            if abs(updates - round(updates)) > 1e-9:
                raise InvalidValueError(
                    f"ButzVanOoyenConfig({name}={getattr(self, name):g}) is no whole number of intervals of "
                    f"{self.interval:g} ms"
                )


@final
class ButzVanOoyen(Experiment[ButzVanOoyenConfig]):
    r"""800 excitatory and 200 inhibitory cells without a single synapse grow elements, pair them, and prune.

    Each cell has Poisson events of its own. Calcium, a low-pass of its spikes, tells it how many axonal and dendritic
    elements to grow; vacant ones are paired once a second. Excitatory cells come to fire at 5 Hz, inhibitory ones at
    20 Hz. Then a fifth of the excitatory cells lose their input. What these sent is missing elsewhere, and the other
    cells grow new synapses until they are back at their targets; with eta = 0 the deprived ones stay silent, since
    without calcium nothing grows.

    The network is that of NEST's example ``structural_plasticity.py``, with the parameters that it really runs with:
    those of ``iaf_psc_alpha`` by default (its own ``model_params`` are never applied), and updates every second (its
    interval of 10000 counted steps of 0.1 ms; read as milliseconds the network overshoots and diverges).
    """

    name = "butz-van-ooyen-2013"
    title = "Synapses grow until calcium is at its target, and again after a lesion"
    citation = (
        "M. Butz & A. van Ooyen (2013). A simple rule for dendritic spine and axonal bouton formation can account for "
        "cortical reorganization after focal retinal lesions. PLoS Comput Biol 9, e1003259. "
        "doi:10.1371/journal.pcbi.1003259"
    )
    config = ButzVanOoyenConfig()
    full = ButzVanOoyenConfig(duration=240 * second)

    def claims(self, config: ButzVanOoyenConfig) -> list[Claim]:
        when = f"{SETTLED / second:g} to {config.duration / second:g} s"
        after = f"{(config.after - LAST) / second:g} to {config.after / second:g} s after the lesion"
        grown = (
            (f"calcium of excitatory cells, {when}", 0.05, Absolute(0.002)),
            (f"calcium of inhibitory cells, {when}", 0.2, Absolute(0.008)),
            (f"excitatory synapses, {when}", "1590 to 1810", Interval(1400, 2100)),
            (f"inhibitory synapses, {when}", "907 to 951", Interval(800, 1100)),
        )
        mended = (
            (f"calcium of excitatory cells with input, {after}", 0.05),
            (f"calcium of inhibitory cells, {after}", 0.2),
        )
        example, target = "NEST, pynest/examples/structural_plasticity.py, recomputed", "the target eps of the model"
        return [
            Claim(quantity=GROWTH, published=0.0, source="NEST, test_growth_curves.py", tolerance=Absolute(1e-8)),
            *(Claim(quantity=q, published=p, source=example, tolerance=t) for q, p, t in grown),
            *(Claim(quantity=q, published=p, source=target, tolerance=Relative(0.1)) for q, p in mended),
        ]

    def run(self, config: ButzVanOoyenConfig, seed: int, progress: Progress) -> Result:
        whole, rule = config.duration + config.after, structure(config.interval)
        tell = part(progress, 0.0, config.duration / whole, "growing")
        grown = grow(network(seed), rule, duration=config.duration, progress=tell)
        tell = part(progress, config.duration / whole, 1.0, "mending")
        mended = grow(network(seed, lesion=True), rule, None, grown.state, duration=config.after, progress=tell)
        late, last = grown.times > SETTLED, mended.times > whole - LAST
        values = [
            error_of_growth(),
            float(excitatory(grown)[late].mean()),
            float(grown.calcium["inh"][late].mean()),
            *(float(synapses(grown, kind)[late].mean()) for kind in ("excitatory", "inhibitory")),
            *(float(mended.calcium[name][last].mean()) for name in ("exc", "inh")),
        ]
        quantities = [claim.quantity for claim in self.claims(config)]
        return Result(measured=dict(zip(quantities, values, strict=True)), data={"grown": grown, "mended": mended})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import growth

        parts = [result.data[name] for name in ("grown", "mended")]
        times = np.concatenate([g.times for g in parts])
        calcium = {name: np.concatenate([g.calcium[name] for g in parts]) for name in CELLS}
        kinds = {k: np.concatenate([synapses(g, k) for g in parts]) for k in ("excitatory", "inhibitory")}
        return {"growth": growth(times, calcium, kinds, targets=TARGET, lesion=float(parts[0].times[-1]))}


def network(seed: int, lesion: bool = False) -> Network:
    """Cells with their input, and without synapses; after the ``lesion`` some of them are without input."""
    net = Network(dt=0.1 * ms, seed=seed)
    cell = LIF(
        tau_m=10 * ms, theta=-55 * mV, v_rest=-70 * mV, v_reset=-70 * mV, t_ref=2 * ms, resistance=0.04, input="current"
    )  # 250 pF
    current = AlphaCurrent(tau=2 * ms)
    for name, size in CELLS.items():
        net.population(name, cell, size)
        if not (lesion and name == "deprived"):
            net.drive(name, Poisson(rate=10 * kHz), weight=6.2 * pA, synapse=current)
    for source in CELLS:
        weight = -585 * pA if source == "inh" else 585 * pA
        for target in CELLS:
            none = Pairs(source=[], target=[])
            net.connect(source, target, none, weight=weight, delay=1 * ms, synapse=current)
    return net


def structure(interval: float = 1 * second) -> Structure:
    """What grows: excitatory and inhibitory synapses onto all cells."""
    slow = {name: Elements(curve=GaussianGrowth(eta=0.0, eps=TARGET[name]), rate=1e-4, loss=0.1) for name in CELLS}
    axons = {name: elements for name, elements in slow.items() if name != "inh"}
    return Structure(
        kinds={
            "excitatory": Growing(axons=axons, dendrites={**slow, "inh": slow["inh"].replace(rate=4e-4)}),
            "inhibitory": Growing(axons={"inh": slow["inh"]}, dendrites=slow),
        },
        interval=interval,
        calcium=Calcium(tau=10 * second, beta=0.001),
    )


def excitatory(grown: Grown) -> Any:
    """The mean calcium of all excitatory cells."""
    return (CELLS["exc"] * grown.calcium["exc"] + CELLS["deprived"] * grown.calcium["deprived"]) / 800


def synapses(grown: Grown, kind: str) -> Any:
    """How many synapses of a kind there are, at each update."""
    return np.sum([grown.synapses[name] for name in structure().kinds[kind].projections()], axis=0)


def error_of_growth() -> float:
    """The linear curve through a few spikes, against the sum of its closed forms."""
    tau, beta, eps, nu, spikes, end = 10_000.0, 0.001, 0.05, 1e-4, [300.0, 310.0, 1700.0, 9000.0, 9001.0], 10_000.0
    declared, number, calcium = Elements(curve=LinearGrowth(eps=eps), rate=nu), np.array([2.0]), np.array([0.03])
    advance(Calcium(tau=tau, beta=beta), calcium, {0: (declared, number)}, np.zeros(5, int), np.array(spikes), end)
    area = 0.03 * tau * -np.expm1(-end / tau) + sum(beta * tau * -np.expm1((t - end) / tau) for t in spikes)
    return float(abs(number[0] - (2.0 + nu * (end - area / eps))))
