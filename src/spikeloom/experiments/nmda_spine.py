"""The NMDA receptor as a coincidence detector: both sides must be active, and only the spine that was changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import numpy as np
import torch

from spikeloom.connections import Dense, OneToOne
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, mV
from spikeloom.engines import run
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import NMDASpine
from spikeloom.plasticity.nmda_spine import unblocked

OPEN: Final = {-70: 0.04447, -40: 0.23016, 0: 0.78118, 40: 0.97708}
"""The part of the receptors that 1 mM of magnesium leaves open, by potential [mV]."""

HELD: Final = (-70, -40, 0)
ACTIVE, SILENT = 0, 1
BEGIN, FEEBLE = 0.5, 1e-6 * mV
BURST: Final = (5 * ms, 15 * ms, 25 * ms)
"""When the target fires after the source's spike, where it fires."""

JAHR: Final = "Jahr & Stevens 1990, equation 4a"
BLISS: Final = "Bliss & Collingridge 1993, doi:10.1038/361031a0: input specificity and associativity"
ARTOLA: Final = "Artola, Brocher & Singer 1990, doi:10.1038/347069a0: less depolarised, depression"
COAN: Final = "Coan & Collingridge 1985, doi:10.1016/0304-3940(85)90091-6: without magnesium open at rest"
MATSUZAKI: Final = "Matsuzaki et al. 2004, doi:10.1038/nature02617: confined to the spine that was stimulated"


@final
class NMDASpineConfig(Model):
    """How often the two sides are paired."""

    dt: float = parameter(default=0.1 * ms, unit="ms", positive=True, maximum=0.5, doc="length of a step")
    pairings: int = parameter(default=60, minimum=10, doc="once a second")


@final
class NMDACoincidence(Experiment[NMDASpineConfig]):
    r"""Potentiation needs glutamate and depolarisation, at the same time and in the same spine.

    Cells are held at three potentials (they rest there), and each has two synapses on the same dendrite: one whose
    source fires once a second, and its silent neighbour. In a second series the cells rest at -70 mV, and a burst of
    their own spikes runs back into the spines. The rule is ``NMDASpine`` with its defaults,
    but that the few open receptors at rest count too. What magnesium leaves open
    is read off the calcium that enters a spine in one step, divided by the driving force.
    """

    name = "nmda-spine"
    title = "The NMDA receptor as a detector of coincidence, in spines of their own"
    citation = (
        "C. E. Jahr & C. F. Stevens (1990). Voltage dependence of NMDA-activated macroscopic conductances predicted by "
        "single-channel kinetics. Journal of Neuroscience 10, 3178-3182. doi:10.1523/JNEUROSCI.10-09-03178.1990"
    )
    config = NMDASpineConfig()

    def claims(self, config: NMDASpineConfig) -> list[Claim]:
        found = [
            Claim(quantity=opened(v), published=value, source=JAHR, tolerance=Absolute(1e-4))
            for v, value in OPEN.items()
        ]
        found += [
            Claim(quantity=what, published=True, source=source, tolerance=Absolute(0))
            for what, source in (
                ("source active, cell held at 0 mV: potentiated", BLISS),
                ("source active, cell held at -40 mV: depressed", ARTOLA),
                ("source active, without magnesium, cell at -70 mV: potentiated", COAN),
                ("source's spike, then a burst of the cell: potentiated", BLISS),
            )
        ]
        found += [
            Claim(quantity=what, published=0.0, source=source, tolerance=Absolute(0))
            for what, source in (
                ("source active, cell held at -70 mV: change of weight", BLISS),
                ("source active, cell at -70 mV without spikes: change of weight", BLISS),
                ("silent neighbour, cell held at 0 mV: change of weight", MATSUZAKI),
                ("silent neighbour, cell held at 0 mV: calcium", MATSUZAKI),
                ("silent neighbour, cell held at -40 mV: change of weight", MATSUZAKI),
                ("silent neighbour, bursts of the cell: change of weight", MATSUZAKI),
            )
        ]
        return found

    def run(self, config: NMDASpineConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "the block by magnesium")
        measured: dict[str, Any] = {opened(v): value for v, value in zip(OPEN, block(tuple(OPEN), config), strict=True)}
        progress(0.1, "cells held at a potential")
        rule = NMDASpine(w_max=FEEBLE, u_open=-100 * mV)  # it is magnesium that blocks, not the rule's short cut
        held, calcium = paired(rule, HELD, (), config)
        free, _ = paired(dataclasses.replace(rule, magnesium=0.0), HELD[:1], (), config)
        progress(0.7, "cells that fire")
        spiked, _ = paired(dataclasses.replace(rule, bap=100 * mV), (-70, -70), BURST, config)
        at = {v: held[:, k] for k, v in enumerate(HELD)}
        measured |= {
            "source active, cell held at 0 mV: potentiated": at[0][ACTIVE] > 0,
            "source active, cell held at -40 mV: depressed": at[-40][ACTIVE] < 0,
            "source active, without magnesium, cell at -70 mV: potentiated": free[ACTIVE, 0] > 0,
            "source's spike, then a burst of the cell: potentiated": spiked[ACTIVE, 0] > 0,
            "source active, cell held at -70 mV: change of weight": at[-70][ACTIVE],
            "source active, cell at -70 mV without spikes: change of weight": spiked[ACTIVE, 1],
            "silent neighbour, cell held at 0 mV: change of weight": at[0][SILENT],
            "silent neighbour, cell held at 0 mV: calcium": calcium[SILENT, HELD.index(0)],
            "silent neighbour, cell held at -40 mV: change of weight": at[-40][SILENT],
            "silent neighbour, bursts of the cell: change of weight": spiked[SILENT, 0],
        }
        return Result(measured=measured, data={"held": held, "spiked": spiked, "without magnesium": free})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.2, 2.8)
            left, right = drawing.subplots(1, 2)
            potentials = np.linspace(-90, 60, 200)
            left.plot(potentials, [unblocked(float(v)) for v in potentials], color=colour(0))
            left.plot(list(OPEN), list(OPEN.values()), "o", color=colour(1), markersize=4)
            left.set(xlabel="membrane potential [mV]", ylabel="receptors left open by 1 mM Mg")
            changes = [*result.data["held"].T, result.data["spiked"][:, 0]]
            places = np.arange(len(changes))
            for i, name in ((ACTIVE, "source active"), (SILENT, "silent neighbour")):
                right.bar(places + 0.4 * i - 0.2, [float(c[i]) for c in changes], 0.38, color=colour(i), label=name)
            right.axhline(0, color="grey", linewidth=0.6)
            right.set(xticks=places, xticklabels=[*(f"{v} mV" for v in HELD), "bursts"])
            right.set(xlabel="cell held at, or firing", ylabel="change of weight / its range")
            right.legend()
        return {"coincidence": drawing}


def opened(v: float) -> str:
    """How the claims call the part of the receptors that is open."""
    return f"part of the receptors left open at {v:g} mV"


def block(potentials: Sequence[float], config: NMDASpineConfig) -> list[float]:
    """What the engine lets enter in the step of a spike, over the driving force."""
    rule = NMDASpine(w_max=FEEBLE, u_open=-200 * mV)
    net = dendrite(rule, potentials, config)
    state = run(
        net, {"source": spikes([[0], []], 1, config), "kick": spikes([[] for _ in potentials], 1, config)}
    ).state
    calcium = state["source->cell"]["synapse_p0__calcium"][ACTIVE].tolist()
    return [c / (rule.influx * config.dt * (rule.e_ca - v)) for c, v in zip(calcium, potentials, strict=True)]


def paired(
    rule: NMDASpine, potentials: Sequence[float], burst: Sequence[float], config: NMDASpineConfig
) -> tuple[np.ndarray, np.ndarray]:
    """The changes of weight, as a part of its range, and the calcium at the end: (active or silent, cell).

    Where there is a ``burst`` the first cell fires so long after each spike of the source.
    """
    second = round(1000 * ms / config.dt)
    begins = [second * k + second // 10 for k in range(int(config.pairings))]
    steps = second * int(config.pairings)
    own = [b + round(t / config.dt) for b in begins for t in burst]
    given = {
        "source": spikes([begins, []], steps, config),
        "kick": spikes([own if k == 0 else [] for k in range(len(potentials))], steps, config),
    }
    state = run(dendrite(rule, potentials, config), given, engine="steps").state["source->cell"]
    return state["weight"].numpy() / FEEBLE - BEGIN, state["synapse_p0__calcium"].numpy()


def dendrite(rule: NMDASpine, potentials: Sequence[float], config: NMDASpineConfig) -> Network:
    """Cells that rest at ``potentials`` [mV], each with two synapses too feeble to move it; and input that fires it."""
    n = len(potentials)
    net = Network(dt=config.dt, dtype=torch.float64)
    rest = np.array(potentials, float)
    cell = net.population("cell", LIF(v_rest=rest, v_reset=rest, theta=100 * mV), n)
    net.connect(net.input("source", 2), cell, Dense(), weight=BEGIN * FEEBLE, rule=rule)
    net.connect(net.input("kick", n), cell, OneToOne(), weight=1000 * mV)
    return net


def spikes(steps: Sequence[Sequence[int]], length: int, config: NMDASpineConfig) -> Spikes:
    """Spikes of each channel at these steps."""
    channel = np.repeat(np.arange(len(steps)), [len(own) for own in steps])
    at = np.array([t for own in steps for t in own], np.int64)
    return Spikes.from_events(at, channel, shape=(length, 1, len(steps)), dt=config.dt, sort=True)
